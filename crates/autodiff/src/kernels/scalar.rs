//! Functions of one number that the standard library does not have, in forms
//! that neither overflow nor cancel.

use super::vector::{exp, ln, log1p};
use crate::dtype::Float;

/// -1, 0, 1, or NaN; the sign of zero is zero.
#[inline(always)]
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

/// The nearest integer; halves go to the even one.
#[inline(always)]
pub fn round_even<F: Float>(x: F) -> F {
    let away = x.round();
    if (away - x).abs() == F::of(0.5) {
        F::of(2.0) * (x / F::of(2.0)).round()
    } else {
        away
    }
}

/// Inverse hyperbolic tangent, odd to the last bit: of the positive side
/// alone is the usual form well conditioned.
#[inline(always)]
pub fn atanh<F: Float>(x: F) -> F {
    let a = x.abs();
    (F::of(0.5) * log1p(F::of(2.0) * a / (F::one() - a))).copysign(x)
}

/// Inverse hyperbolic cosine, exact near 1, where the standard library's
/// `ln(x + …)` loses half of the digits.
#[inline(always)]
pub fn acosh<F: Float>(x: F) -> F {
    let above = x - F::one();
    let near = log1p(above + above.sqrt() * (x + F::one()).sqrt());
    if x > F::of(1e9) {
        ln(x) + F::LN_2()
    } else {
        near
    }
}

/// Error function, computed in f64.
#[inline(always)]
pub fn erf<F: Float>(x: F) -> F {
    F::of(libm::erf(x.as_f64()))
}

/// `1 - erf(x)`, computed in f64.
#[inline(always)]
pub fn erfc<F: Float>(x: F) -> F {
    F::of(libm::erfc(x.as_f64()))
}

/// `ln(e^a + e^b)`; equal infinities are their own sum.
#[inline(always)]
pub fn logaddexp<F: Float>(a: F, b: F) -> F {
    let apart = maximum(a, b) + log1p(exp(-(a - b).abs()));
    if a == b { a + F::LN_2() } else { apart }
}

/// `x ln y`, and 0 at `x = 0` whatever `y` is, but for NaN.
#[inline(always)]
pub fn xlogy<F: Float>(x: F, y: F) -> F {
    let product = x * ln(y);
    if x == F::zero() && !y.is_nan() {
        F::zero()
    } else {
        product
    }
}

/// The larger number; NaN if either is.
#[inline(always)]
pub fn maximum<F: Float>(a: F, b: F) -> F {
    if a > b || a.is_nan() { a } else { b }
}

/// The smaller number; NaN if either is.
#[inline(always)]
pub fn minimum<F: Float>(a: F, b: F) -> F {
    if a < b || a.is_nan() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_to_even() {
        let cases = [
            (0.5, 0.0),
            (1.5, 2.0),
            (2.5, 2.0),
            (-1.5, -2.0),
            (-2.5, -2.0),
            (2.6, 3.0),
        ];
        for (x, y) in cases {
            assert_eq!(round_even(x), y);
        }
        assert_eq!(round_even(0.49999999999999994), 0.0);
        assert!(round_even(-0.5f64).is_sign_negative());
        assert_eq!(round_even(1e300), 1e300);
        assert_eq!(round_even(f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert!(round_even(f64::NAN).is_nan());
    }

    #[test]
    fn logarithms_at_infinity_and_zero() {
        let inf = f64::INFINITY;
        assert_eq!(logaddexp(-inf, -inf), -inf);
        assert_eq!(logaddexp(inf, inf), inf);
        assert_eq!(logaddexp(inf, -inf), inf);
        assert_eq!(logaddexp(-inf, 3.0), 3.0);
        assert_eq!(logaddexp(1e308, -1e308), 1e308);
        assert!(logaddexp(f64::NAN, inf).is_nan() && logaddexp(-inf, f64::NAN).is_nan());
        assert_eq!(xlogy(0.0, 0.0), 0.0);
        assert_eq!(xlogy(0.0, inf), 0.0);
        assert_eq!(xlogy(1.0, 0.0), -inf);
        assert!(xlogy(0.0, f64::NAN).is_nan());
        // Near -1, where the textbook's formula keeps half the digits.
        let exact = -9.010_913_339_828_708;
        assert!((atanh(-1.0 + 2f64.powi(-25)) / exact - 1.0).abs() < 1e-15);
    }

    #[test]
    fn inverse_hyperbolic_functions_at_both_ends() {
        let close = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 1e-15, "{got} {want}");
        close(acosh(1.0 + 2f64.powi(-40)), 1.3486991523485068e-06);
        close(acosh(1e9), 21.416413017506358);
        close(acosh(1e300), 691.4686750787737);
        close(atanh(1.0 - 2f64.powi(-40)), 14.20951720147865);
        close(atanh(-1e-200), -1e-200);
        close(1e300f64.asinh(), 691.4686750787737);
        close((-1e-200f64).asinh(), -1e-200);
        close((-3.0f64).asinh(), -1.8184464592320668);
        assert_eq!(acosh(1.0), 0.0);
        assert_eq!(acosh(f64::INFINITY), f64::INFINITY);
        assert!(acosh(0.5f64).is_nan() && atanh(1.5f64).is_nan() && acosh(f64::NAN).is_nan());
        assert_eq!(acosh(1e30f32), ln(1e30f32) + 2f32.ln());
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
