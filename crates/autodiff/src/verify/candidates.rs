//! Which loss a gradient that was derived by hand belongs to.

use std::fmt;
use std::panic::Location;

use ndarray::ArrayD;
use serde::{Deserialize, Serialize};

use super::check::Check;
use super::exact;
use super::report::{Report, Verdict};
use crate::error::{Error, Fault};
use crate::tape::Tape;
use crate::var::Var;

/// A derived gradient held against several losses. Printed, it says in words
/// which one the gradient belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidates {
    /// One entry per loss, in the order given.
    pub losses: Vec<Candidate>,
}

/// A derived gradient held against one loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// What the loss is called.
    pub name: String,
    /// The cosine of the angle between the derived gradient and the loss's.
    #[serde(with = "exact")]
    pub cosine: f64,
    /// By which factor the one is longer than the other: the largest, over
    /// the inputs.
    #[serde(with = "exact")]
    pub factor: f64,
    /// The check of the derived gradient against the loss.
    pub report: Report,
}

impl Candidates {
    /// The losses whose gradient it is.
    pub fn matching(&self) -> impl Iterator<Item = &Candidate> {
        self.losses.iter().filter(|c| c.report.passed())
    }
}

impl Candidate {
    fn agreement(&self) -> f64 {
        let each = self.report.inputs.iter().map(|i| match i.verdict {
            Verdict::Ok { agreement, .. } => agreement,
            _ => f64::NAN,
        });
        each.fold(0.0, f64::max)
    }
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.matching().map(|c| &c.name[..]).collect();
        match names[..] {
            [] => writeln!(f, "the derived gradient belongs to none of these losses")?,
            _ => writeln!(
                f,
                "the derived gradient is that of {}",
                names.join(" and of ")
            )?,
        }
        for c in &self.losses {
            match c.report.passed() {
                true => writeln!(f, "  {}: agrees to {:.0e}", c.name, c.agreement())?,
                false => writeln!(
                    f,
                    "  {}: REFUTED, off by a factor of up to {:.1}, cosine {:.3}",
                    c.name, c.factor, c.cosine
                )?,
            }
        }
        for c in self.losses.iter().filter(|c| !c.report.passed()) {
            write!(f, "against {}:\n{}", c.name, c.report)?;
        }
        Ok(())
    }
}

impl Check<'_> {
    /// Holds gradients that were derived by hand against several losses, of
    /// which they may be the gradient.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, verify::Check};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let (squares, cubes) = (x.square().sum(), x.powi(3).sum());
    /// let derived = [(x, array![2.0, 4.0].into_dyn())];
    /// let found = Check::new().candidates(&tape, &[("Σx²", squares), ("Σx³", cubes)], &derived)?;
    /// assert!(found.to_string().starts_with("the derived gradient is that of Σx²"));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tape::check_derived`]; and if there is no candidate.
    #[track_caller]
    pub fn candidates(
        &self,
        tape: &Tape,
        losses: &[(&str, Var<'_, f64>)],
        derived: &[(Var<'_, f64>, ArrayD<f64>)],
    ) -> Result<Candidates, Error> {
        let here = Location::caller();
        if losses.is_empty() {
            let fault = Fault::Parameter("needs at least one loss to compare with".into());
            return Err(Error::new("candidates", vec![], fault, here));
        }
        let mut found = Vec::new();
        for &(name, y) in losses {
            let report = self.derived(tape, y, derived)?;
            let (cosine, factor) = compared(tape, y, derived)?;
            found.push(Candidate {
                name: name.to_string(),
                cosine,
                factor,
                report,
            });
        }
        Ok(Candidates { losses: found })
    }
}

/// Cosine of the angle between the derived gradient and the tape's, and the
/// largest factor between their lengths.
fn compared(
    tape: &Tape,
    y: Var<'_, f64>,
    derived: &[(Var<'_, f64>, ArrayD<f64>)],
) -> Result<(f64, f64), Error> {
    let ids = derived.iter().map(|(x, _)| x.id()).chain([y.id()]);
    let work = tape.copy(ids);
    let wrt: Vec<Var<'_, f64>> = derived
        .iter()
        .map(|(x, _)| Var::new(&work, x.id()))
        .collect();
    let own = work.grads(Var::new(&work, y.id()), &wrt)?;
    let (mut product, mut squares, mut factor) = (0.0, (0.0, 0.0), 1.0f64);
    for (own, (_, theirs)) in own.iter().zip(derived) {
        let own = own.map_or_else(|| vec![0.0; theirs.len()], |g| g.peek().to_f64());
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            theirs.iter().zip(&own).map(|(&a, &b)| f(a, b)).sum()
        };
        let (a, b) = (sum(&|a, _| a * a), sum(&|_, b| b * b));
        product += sum(&|a, b| a * b);
        squares = (squares.0 + a, squares.1 + b);
        factor = factor.max((a / b).sqrt()).max((b / a).sqrt());
    }
    Ok((product / (squares.0 * squares.1).sqrt(), factor))
}
