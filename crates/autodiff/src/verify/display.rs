//! How a report reads: a page that a person can act on.

use std::fmt;

use super::report::{Element, InputReport, Kink, Mistake, Report, Verdict, WrongRule};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "passed" } else { "FAILED" };
        let what = match self.order {
            1 => "gradient check".into(),
            n => format!("derivative {n}"),
        };
        let count: usize = self.inputs.iter().map(|i| size(&i.shape)).sum();
        let name = self.name.as_deref().unwrap_or("value");
        let precision = if self.f32 {
            "f32, replayed in f64"
        } else {
            "f64"
        };
        writeln!(
            f,
            "{what} {verdict}   {name} = {}   {precision}\n  {count} {}, {} evaluations, {:.2} s",
            number(self.value),
            if count == 1 { "number" } else { "numbers" },
            self.evaluations,
            self.seconds
        )?;
        if let Some(at) = &self.nondeterministic {
            writeln!(f, "  NON-DETERMINISTIC  {at}")?;
        }
        let names: Vec<String> = self.inputs.iter().map(heading).collect();
        let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
        for (name, input) in names.iter().zip(&self.inputs) {
            write!(f, "  {name:width$}  {}", input.verdict)?;
            if let Some(r) = input.rounding {
                let remark = if r.explained {
                    "f32 rounds to"
                } else {
                    "WRONG IN F32, off by"
                };
                write!(f, "; {remark} {:.0e} of the largest entry", r.relative)?;
                if r.flipped > 0 {
                    write!(f, " ({} decisions fall differently in f32)", r.flipped)?;
                }
            }
            writeln!(f)?;
        }
        for law in &self.broken_laws {
            writeln!(f, "  BROKEN LAW  {law}")?;
        }
        let (shown, more) = self.unexercised.split_at(self.unexercised.len().min(3));
        for node in shown {
            writeln!(
                f,
                "  not exercised: {node} has only seen zero cotangents   {}",
                node.line
            )?;
        }
        if !more.is_empty() {
            writeln!(f, "  not exercised: {} more", more.len())?;
        }
        if let Some(kink) = &self.nearest_kink {
            writeln!(f, "  nearest kink: {kink}")?;
        }
        if let Some(difference) = self.forward_against_reverse {
            writeln!(f, "  forward against reverse: {difference:.0e}")?;
        }
        match &self.next {
            Some(next) => write!(f, "{next}"),
            None => Ok(()),
        }
    }
}

/// Six digits, whatever the magnitude.
fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        size if (1e-3..1e6).contains(&size) => format!("{x:.5}"),
        _ => format!("{x:.5e}"),
    }
}

fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn heading(input: &InputReport) -> String {
    format!("{} {:?}", input.name, input.shape)
}

impl fmt::Display for Kink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} margin {:.1e} at {}, element {}   {}",
            self.node.op, self.margin, self.node.id, self.element, self.node.line
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Ok { agreement: 0.0, .. } => write!(f, "ok     agrees exactly"),
            Verdict::Ok { agreement, .. } => write!(f, "ok     agrees to {agreement:.0e}"),
            Verdict::Wrong(mistake) => write!(f, "{mistake}"),
            Verdict::Inconsistent {
                reverse,
                forward,
                rule,
            } => {
                write!(
                    f,
                    "WRONG  the forward sweep says {forward:.6e}, the gradient {reverse:.6e}"
                )?;
                described(f, rule.as_deref())
            }
            Verdict::Inconclusive { uncertainty } => write!(
                f,
                "INCONCLUSIVE  the derivative is out of reach: differences in f64 are uncertain by \
                 {uncertainty:.0e} of it"
            ),
            Verdict::NonDifferentiable {
                kink,
                slopes,
                analytic,
                kinked,
                unchecked,
            } => {
                write!(
                    f,
                    "NON-DIFFERENTIABLE  {kink}\n      slopes {:.5e} and {:.5e} along a random \
                     direction, the gradient says {analytic:.5e}\n      ",
                    slopes.0, slopes.1
                )?;
                match (kinked, unchecked) {
                    (1, 0) => write!(f, "1 element moves across it; all others are right"),
                    (n, 0) => write!(f, "{n} elements move across it; all others are right"),
                    (_, n) => write!(f, "{n} elements could not be checked"),
                }
            }
            Verdict::NotFinite {
                index,
                value,
                first,
            } => {
                write!(f, "NOT FINITE  {value} at {index:?}\n      {first}")
            }
            Verdict::Absent { reason } => write!(f, "absent {reason}"),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.elements[..] {
            [] => write!(
                f,
                "WRONG  along a random direction: analytic {:.6e}, numeric {:.6e} ± {:.0e}, \
                 ratio {:.6}",
                self.analytic,
                self.numeric,
                self.error,
                self.analytic / self.numeric
            )?,
            [worst, others @ ..] => {
                write!(f, "WRONG  {worst}")?;
                for other in others.iter().take(4) {
                    write!(f, "\n      {other}")?;
                }
                if others.len() > 4 {
                    write!(f, "\n      and {} more", others.len() - 4)?;
                }
            }
        }
        match (self.ratio, self.count) {
            (Some(ratio), _) => write!(f, "\n      all of it, by the factor {ratio:.6}")?,
            (None, n) if n > self.elements.len() => {
                write!(f, "\n      about {n} elements are wrong")?
            }
            _ => {}
        }
        if let Some(cause) = &self.cause {
            write!(f, "\n      likely: {cause}")?;
        }
        described(f, self.rule.as_ref())
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at {:?}   analytic {:.6e}   numeric {:.6e} ± {:.0e}",
            self.index, self.analytic, self.numeric, self.error
        )?;
        // Beside nothing there is no ratio.
        match self.numeric.abs() > self.error {
            true => write!(f, "   ratio {:.6}", self.ratio()),
            false => Ok(()),
        }
    }
}

fn described(f: &mut fmt::Formatter<'_>, rule: Option<&WrongRule>) -> fmt::Result {
    match rule {
        Some(rule) => write!(f, "\n      {rule}"),
        None => Ok(()),
    }
}

impl fmt::Display for WrongRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reverse {
            true => "cotangent",
            false => "tangent",
        };
        write!(
            f,
            "first wrong rule: {}, {what} of operand {}, ratio {:.6}   {}",
            self.node,
            self.operand,
            self.analytic / self.numeric,
            self.node.line
        )?;
        if let Some(cause) = &self.cause {
            write!(f, "\n      which looks like: {cause}")?;
        }
        match self.others {
            0 => Ok(()),
            n => write!(f, "\n      and {n} other instructions"),
        }
    }
}
