//! The result of a check, as data and as text.

use std::fmt;

use super::difference::Estimate;
use super::probe::Crossing;
use crate::shape::Shape;

/// What a check found out about the gradient with respect to one input.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It agrees with the differences and with the forward sweep.
    Ok {
        /// The largest disagreement, relative to the derivative.
        agreement: f64,
    },
    /// It does not.
    Wrong {
        /// The worst element, where the search could find one.
        element: Option<Element>,
        /// The derivative along a random direction as the gradient has it.
        analytic: f64,
        /// The same from differences, with its error.
        numeric: f64,
        /// Bound for the error of `numeric`.
        error: f64,
    },
    /// Reverse and forward sweep disagree, so a rule contradicts itself.
    Inconsistent {
        /// The derivative along a random direction, in reverse.
        reverse: f64,
        /// The same, forward.
        forward: f64,
    },
    /// The differences are too uncertain to say anything.
    Inconclusive {
        /// The uncertainty, relative to the derivative.
        uncertainty: f64,
    },
    /// The function has a kink at this very point.
    NonDifferentiable {
        /// The operation that has it.
        op: String,
        /// The element of the operation.
        element: usize,
        /// Slopes to the left and to the right, along a random direction.
        slopes: (f64, f64),
        /// What the gradient says: a convention.
        analytic: f64,
    },
    /// There is no gradient, and the differences agree or the user said so.
    Absent {
        /// Why.
        reason: String,
    },
}

/// One element of a gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Its index.
    pub index: Vec<usize>,
    /// The gradient's number.
    pub analytic: f64,
    /// The number from differences.
    pub numeric: f64,
    /// Bound for the error of `numeric`.
    pub error: f64,
}

impl Element {
    /// `analytic / numeric`: often names the mistake.
    pub fn ratio(&self) -> f64 {
        self.analytic / self.numeric
    }

    /// The mistake that a ratio is typical of.
    fn cause(&self, shape: &Shape) -> Option<String> {
        let ratio = self.ratio();
        let is = |x: f64| (ratio - x).abs() < 1e-4 * x.abs().max(1.0);
        if is(0.0) {
            Some("detached: nothing flows here".into())
        } else if is(-1.0) {
            Some("the sign is wrong".into())
        } else if is(2.0) {
            Some("counted twice, or a missing factor 1/2".into())
        } else if is(0.5) {
            Some("half of it is missing".into())
        } else {
            let n = shape.iter().find(|&&n| n > 2 && is(n as f64));
            n.map(|n| format!("{n} times too large: a mean taken for a sum"))
        }
    }
}

/// The part of a report that is about one input.
#[derive(Clone, Debug, PartialEq)]
pub struct InputReport {
    /// The input's name.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// What was found.
    pub verdict: Verdict,
}

/// The result of [`check_gradients`](super::check_gradients). Printed, it is
/// a page that a person can act on.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The value of the function.
    pub value: f64,
    /// One entry per input.
    pub inputs: Vec<InputReport>,
    /// Where two recordings of the function differ, if they do.
    pub nondeterministic: Option<String>,
    /// How many times the function was evaluated.
    pub evaluations: usize,
    /// Seconds that it took.
    pub seconds: f64,
}

impl Report {
    /// Whether every gradient was found right. Inconclusive is not right.
    pub fn passed(&self) -> bool {
        let right =
            |i: &InputReport| matches!(i.verdict, Verdict::Ok { .. } | Verdict::Absent { .. });
        self.nondeterministic.is_none() && self.inputs.iter().all(right)
    }

    /// Panics with the whole report unless the check has passed.
    ///
    /// # Panics
    /// If it has not.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "{self}");
    }
}

impl Verdict {
    pub(super) fn kink(
        crossing: Option<&Crossing>,
        left: Estimate,
        right: Estimate,
        analytic: f64,
    ) -> Verdict {
        Verdict::NonDifferentiable {
            op: crossing.map_or("an operation".into(), |c| c.op.to_string()),
            element: crossing.map_or(0, |c| c.element),
            slopes: (left.value, right.value),
            analytic,
        }
    }

    fn describe(&self, shape: &Shape) -> String {
        match self {
            Verdict::Ok { agreement: 0.0 } => "ok     agrees exactly".into(),
            Verdict::Ok { agreement } => format!("ok     agrees to {agreement:.0e}"),
            Verdict::Wrong {
                element: Some(e), ..
            } => {
                let cause = e.cause(shape).map_or(String::new(), |c| format!("  ({c})"));
                format!(
                    "WRONG  at {:?}: analytic {:.6e}, numeric {:.6e} ± {:.0e}, ratio {:.6}{cause}",
                    e.index,
                    e.analytic,
                    e.numeric,
                    e.error,
                    e.ratio()
                )
            }
            Verdict::Wrong {
                element: None,
                analytic,
                numeric,
                error,
            } => format!(
                "WRONG  along a random direction: analytic {analytic:.6e}, numeric {numeric:.6e} \
                 ± {error:.0e}, ratio {:.6}",
                analytic / numeric
            ),
            Verdict::Inconsistent { reverse, forward } => {
                format!("WRONG  reverse {reverse:.6e} contradicts forward {forward:.6e}")
            }
            Verdict::Inconclusive { uncertainty } => format!(
                "INCONCLUSIVE  differences are uncertain by {uncertainty:.0e} of the derivative"
            ),
            Verdict::NonDifferentiable {
                op,
                element,
                slopes,
                analytic,
            } => format!(
                "KINK   `{op}`, element {element}: slopes {:.6e} and {:.6e}, the gradient says \
                 {analytic:.6e}",
                slopes.0, slopes.1
            ),
            Verdict::Absent { reason } => format!("absent {reason}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "passed" } else { "FAILED" };
        let count: usize = self.inputs.iter().map(|i| i.shape.size()).sum();
        writeln!(
            f,
            "gradient check {verdict}: value {:.4}, {count} numbers, {} evaluations, {:.2} s",
            self.value, self.evaluations, self.seconds
        )?;
        if let Some(at) = &self.nondeterministic {
            writeln!(f, "  not deterministic: {at}")?;
        }
        let names: Vec<String> = self
            .inputs
            .iter()
            .map(|i| format!("{} {}", i.name, i.shape))
            .collect();
        let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
        for (name, input) in names.iter().zip(&self.inputs) {
            let verdict = input.verdict.describe(&input.shape);
            writeln!(f, "  {name:width$}  {verdict}")?;
        }
        Ok(())
    }
}
