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
        ops: &[
            "var",
            "std",
            "var.unbiased",
            "std.unbiased",
            "var_mean",
            "std_mean",
            "var_mean.unbiased",
            "std_mean.unbiased",
        ],
        what: "a variance with no degrees of freedom is refused, not NaN",
        reason: "it is a mistake in the program, and best found where it was made",
        accepts: Accepts::Refusal("needs more than ddof"),
    },
    Deviation {
        ops: &[
            "mean",
            "nanmean",
            "amax",
            "amin",
            "max.reduction_no_dim",
            "min.reduction_no_dim",
        ],
        what: "a mean or an extreme of no elements is refused, not NaN",
        reason: "nobody wants it, and the NaN would surface far away",
        accepts: Accepts::Refusal("cannot be taken over no elements"),
    },
];

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
    DEVIATIONS.iter().any(|d| {
        d.concerns(&case.op)
            && matches!(d.accepts, Accepts::Number(alike) if alike(miss.field, got, want))
    })
}
