//! Where this library differs from PyTorch on purpose: one table, printed
//! with every report. Nothing else may differ.
//!
//! Elements that the files themselves flag (kinks, points that finite
//! differences cannot confirm, derivatives at infinities) need no entry: the
//! comparison rule already counts a difference there as a convention.

use super::case::Case;
use super::compare::{Mismatch, What};

/// A deliberate difference.
pub(super) struct Deviation {
    /// The operations that it shows in.
    pub ops: &'static [&'static str],
    /// What differs.
    pub what: &'static str,
    /// Why.
    pub reason: &'static str,
    accepts: Accepts,
}

enum Accepts {
    /// The operation refuses, with a message that contains this.
    Refusal(&'static str),
    /// A number in a derivative, told by what we have and what PyTorch has.
    #[allow(dead_code)]
    Derivative(fn(f64, f64) -> bool),
}

pub(super) const DEVIATIONS: &[Deviation] = &[];

impl Deviation {
    fn concerns(&self, op: &str) -> bool {
        self.ops.contains(&op)
    }
}

/// The deviation that an operation's refusal is an instance of.
pub(super) fn refusal(op: &str, message: &str) -> Option<&'static Deviation> {
    DEVIATIONS.iter().find(|d| {
        d.concerns(op) && matches!(d.accepts, Accepts::Refusal(part) if message.contains(part))
    })
}

/// Whether a number that differs is one that differs on purpose.
pub(super) fn accepts(case: &Case, miss: &Mismatch) -> bool {
    let What::Number { got, want, .. } = miss.what else {
        return false;
    };
    miss.field != "outputs"
        && DEVIATIONS.iter().any(|d| {
            d.concerns(&case.op)
                && matches!(d.accepts, Accepts::Derivative(alike) if alike(got, want))
        })
}
