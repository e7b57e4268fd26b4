//! The logistic function, and its logarithm.

use super::exp::exp;
use super::ln::log1p;
use crate::dtype::Float;

/// `1 / (1 + e^-x)`, from the exponential that does not overflow. Error at
/// most 2.5 ulp.
#[inline(always)]
pub fn sigmoid<F: Float>(x: F) -> F {
    let e = exp(-x.abs());
    let top = if x < F::zero() { e } else { F::one() };
    top / (F::one() + e)
}

/// `ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)`. Error at most 2 ulp.
#[inline(always)]
pub fn softplus<F: Float>(x: F) -> F {
    (if x < F::zero() { F::zero() } else { x }) + log1p(exp(-x.abs()))
}

/// `ln σ(x) = -ln(1 + e^-x)`, finite where `σ(x)` underflows. Error at most
/// 2 ulp.
#[inline(always)]
pub fn log_sigmoid<F: Float>(x: F) -> F {
    -softplus(-x)
}
