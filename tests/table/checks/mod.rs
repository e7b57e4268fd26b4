//! What is checked of every row of the table. No test framework here: the
//! result is data.
//!
//! | file | what |
//! |---|---|
//! | `numbers` | values and derivatives against the naive interpreter, in f64 and f32, and replayed |
//! | `entry` | memory layouts of operands, element types, aliases |
//! | `laws` | derivatives against differences and each other; zero and linear in the cotangent |
//! | `points` | kinks, ties, poles |

use std::collections::BTreeMap;
use std::fmt;

use super::row::{Regime, Row};
use crate::random::Random;

mod entry;
mod laws;
mod numbers;
mod points;

/// One kind of check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The value in f64, against the naive one.
    Value,
    /// vjp and jvp in f64, their tapes interpreted naively.
    Derivative,
    /// Value, vjp and jvp in f32, against the naive ones in f64.
    Single,
    /// The value for the other element types that the operation takes.
    Elements,
    /// Operands in other memory layouts: the same bits.
    Layout,
    /// `Tape::eval`, at the recorded point and at another: the same bits.
    Replay,
    /// The gradient against differences and the forward sweep.
    Gradient,
    /// `<w, J v>` against `<Jᵀ w, v>`.
    Adjoint,
    /// The second derivative, reverse over reverse, against differences.
    ReverseReverse,
    /// The second derivative, reverse over forward, against differences.
    ReverseForward,
    /// A zero cotangent gives zero.
    Zero,
    /// Linear in the cotangent.
    Linear,
    /// Kinks, ties and poles.
    Points,
}

/// What a check has found so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// How often something was compared.
    pub count: usize,
    /// The largest relative error that was accepted.
    pub worst: f64,
}

/// What all checks have found about one row.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The row's name.
    pub name: String,
    /// What was checked.
    pub checks: BTreeMap<Check, Found>,
    /// Comparisons that rounding could have decided either way: not made.
    pub undecided: usize,
    /// What was wrong.
    pub failures: Vec<String>,
}

impl Outcome {
    fn note(&mut self, check: Check, error: f64) {
        let found = self.checks.entry(check).or_default();
        found.count += 1;
        found.worst = found.worst.max(error);
    }

    fn fail(&mut self, check: Check, at: &impl fmt::Debug, what: impl fmt::Display) {
        let name = &self.name;
        self.failures
            .push(format!("{name}, {check:?}: {what}\nat {at:?}\n"));
    }

    fn read(&mut self, check: Check, at: &impl fmt::Debug, result: Result<f64, String>) {
        match result {
            Ok(error) => self.note(check, error),
            Err(what) => self.fail(check, at, what),
        }
    }

    /// Adds what was found elsewhere about the same row.
    pub fn merge(&mut self, other: Outcome) {
        for (check, found) in other.checks {
            let mine = self.checks.entry(check).or_default();
            mine.count += found.count;
            mine.worst = mine.worst.max(found.worst);
        }
        self.undecided += other.undecided;
        self.failures.extend(other.failures);
    }
}

/// Every check of a row that depends on random numbers, under every regime;
/// and, once, its hard points.
pub fn examine(row: &Row, seed: u64) -> Outcome {
    let mut outcome = points::examine(row);
    for regime in Regime::ALL {
        let mut random = Random::new(seed);
        if let Some(case) = row.case(&mut random, regime) {
            outcome.merge(examine_case(row, &case, seed));
        }
    }
    outcome
}

/// Every check of a row at one random point, around an operand of this shape.
pub fn examine_shape(row: &Row, shape: &[usize], regime: Regime, seed: u64) -> Outcome {
    match row.case_of(&mut Random::new(seed), shape, regime) {
        Some(case) => examine_case(row, &case, seed),
        None => Outcome::default(),
    }
}

fn examine_case(row: &Row, case: &super::case::Case, seed: u64) -> Outcome {
    let mut outcome = Outcome {
        name: row.name.clone(),
        ..Outcome::default()
    };
    let random = &mut Random::new(seed ^ 0xC0FFEE);
    numbers::values(&mut outcome, case, random);
    entry::layouts(&mut outcome, case, random);
    if row.generic {
        entry::elements(&mut outcome, case);
    }
    laws::derivatives(&mut outcome, case, seed);
    laws::cotangents(&mut outcome, case, random);
    outcome
}
