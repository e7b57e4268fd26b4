//! Functions of one number that the standard library does not have, in forms
//! that neither overflow nor cancel.

use crate::dtype::Float;

/// `1 / (1 + e^-x)`, from the exponential that does not overflow.
#[inline]
pub fn sigmoid<F: Float>(x: F) -> F {
    let e = (-x.abs()).exp();
    let p = F::one() / (F::one() + e);
    if x >= F::zero() { p } else { e * p }
}

/// `ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)`.
#[inline]
pub fn softplus<F: Float>(x: F) -> F {
    (if x < F::zero() { F::zero() } else { x }) + (-x.abs()).exp().ln_1p()
}

/// -1, 0, 1, or NaN; the sign of zero is zero.
#[inline]
pub fn sign<F: Float>(x: F) -> F {
    if x > F::zero() {
        F::one()
    } else if x < F::zero() {
        -F::one()
    } else if x.is_nan() {
        x
    } else {
        F::zero()
    }
}

/// The larger number; NaN if either is.
#[inline]
pub fn maximum<F: Float>(a: F, b: F) -> F {
    if a > b || a.is_nan() { a } else { b }
}

/// The smaller number; NaN if either is.
#[inline]
pub fn minimum<F: Float>(a: F, b: F) -> F {
    if a < b || a.is_nan() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_at_both_ends() {
        assert_eq!(sigmoid(1000.0), 1.0);
        assert_eq!(sigmoid(-1000.0), 0.0);
        assert_eq!(sigmoid(-700.0), (-700.0f64).exp());
        assert_eq!(sigmoid(0.0), 0.5);
        assert!(sigmoid(f64::NAN).is_nan());
        assert_eq!(softplus(1000.0), 1000.0);
        assert_eq!(softplus(-700.0), (-700.0f64).exp());
        assert_eq!(softplus(0.0), std::f64::consts::LN_2);
        assert!(softplus(f64::NAN).is_nan());
    }

    #[test]
    fn nan_wins() {
        assert!(maximum(f64::NAN, 1.0).is_nan());
        assert!(maximum(1.0, f64::NAN).is_nan());
        assert!(minimum(f64::NAN, 1.0).is_nan());
        assert!(minimum(1.0, f64::NAN).is_nan());
        assert_eq!(maximum(1.0, 2.0), 2.0);
        assert_eq!(minimum(1.0, 2.0), 1.0);
    }
}
