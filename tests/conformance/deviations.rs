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
    /// The operations that it shows in; none are named if it is any.
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
    /// A number, told by its field, what we have and what PyTorch has.
    Number(fn(&str, f64, f64) -> bool),
}

/// `f(NaN)` is a number in PyTorch.
const NAN_STAYS: Accepts =
    Accepts::Number(|field, got, want| field == "outputs" && got.is_nan() && want == 0.0);

pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        ops: &["sign", "sgn"],
        what: "the sign of NaN is NaN, not 0",
        reason: "NumPy's choice: a NaN must not look like a result",
        accepts: NAN_STAYS,
    },
    Deviation {
        ops: &["nn.functional.celu", "nn.functional.hardsigmoid"],
        what: "the directional derivative differs by up to 5e-7",
        reason: "PyTorch keeps 1/alpha and 1/6 in single precision; the files widen the \
                 tolerance of `grads` for it and forget `jvp`",
        accepts: Accepts::Number(|field, got, want| {
            field == "jvp" && (got - want).abs() <= 5e-7 * got.abs().max(want.abs())
        }),
    },
    Deviation {
        ops: &[],
        what: "a variance with no degrees of freedom is refused, not NaN",
        reason: "the NaN would surface far from the mistake",
        accepts: Accepts::Refusal("needs more than ddof"),
    },
    Deviation {
        ops: &[],
        what: "a mean or an extreme of no elements is refused, not NaN",
        reason: "the NaN would surface far from the mistake",
        accepts: Accepts::Refusal("cannot be taken over no elements"),
    },
];

impl Deviation {
    /// The operations, for a report.
    pub fn names(&self) -> String {
        match self.ops {
            [] => "any operation".into(),
            ops => ops.join(", "),
        }
    }

    /// Whether it can show in an operation.
    pub fn concerns(&self, op: &str) -> bool {
        self.ops.is_empty() || self.ops.contains(&op)
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
    DEVIATIONS.iter().any(|d| {
        d.concerns(&case.op)
            && matches!(d.accepts, Accepts::Number(alike) if alike(miss.field, got, want))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_by_its_message_and_a_bug_is_not_one() {
        let tape = wengert_autodiff::Tape::new();
        let empty = || tape.constant(ndarray::arr1::<f64>(&[]));
        let message = super::super::quiet::catch(|| empty().mean()).unwrap_err();
        assert!(refusal("mean", &message).is_some(), "{message}");
        let one = || tape.constant(ndarray::arr1(&[1.0]));
        let message = super::super::quiet::catch(|| one().var(1)).unwrap_err();
        assert!(refusal("var", &message).is_some(), "{message}");
        assert!(refusal("var", "index out of bounds").is_none());
    }
}
