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

/// The nearest integer; halves go to the even one.
#[inline]
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
#[inline]
pub fn atanh<F: Float>(x: F) -> F {
    let a = x.abs();
    (F::of(0.5) * (F::of(2.0) * a / (F::one() - a)).ln_1p()).copysign(x)
}

/// Inverse hyperbolic cosine, exact near 1, where the standard library's
/// `ln(x + …)` loses half of the digits.
#[inline]
pub fn acosh<F: Float>(x: F) -> F {
    if x > F::of(1e9) {
        return x.ln() + F::LN_2();
    }
    let above = x - F::one();
    (above + above.sqrt() * (x + F::one()).sqrt()).ln_1p()
}

/// Error function, computed in f64.
#[inline]
pub fn erf<F: Float>(x: F) -> F {
    F::of(libm::erf(x.as_f64()))
}

/// `1 - erf(x)`, computed in f64.
#[inline]
pub fn erfc<F: Float>(x: F) -> F {
    F::of(libm::erfc(x.as_f64()))
}

/// `ln(e^a + e^b)`; equal infinities are their own sum.
#[inline]
pub fn logaddexp<F: Float>(a: F, b: F) -> F {
    if a == b {
        a + F::LN_2()
    } else {
        maximum(a, b) + (-(a - b).abs()).exp().ln_1p()
    }
}

/// `x ln y`, and 0 at `x = 0` whatever `y` is, but for NaN.
#[inline]
pub fn xlogy<F: Float>(x: F, y: F) -> F {
    if x == F::zero() && !y.is_nan() {
        F::zero()
    } else {
        x * y.ln()
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
        assert_eq!(acosh(1e30f32), 1e30f32.ln() + 2f32.ln());
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
