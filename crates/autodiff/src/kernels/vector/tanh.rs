//! Hyperbolic tangent.

use super::exp::exp;
use super::lane::polynomial;
use crate::dtype::Float;

/// `tanh x`, odd to the last bit. Error at most 1.5 ulp.
///
/// `1 - 2 / (e^2x + 1)`; near 0, where that cancels, a rational function. Its
/// coefficients are those of Cephes (S. L. Moshier, 1989), `tanh.c`.
#[inline(always)]
pub fn tanh<F: Float>(x: F) -> F {
    let a = x.abs();
    let z = x * x;
    let near = a < F::of(0.625);
    let e = exp(a + a) + F::one();
    let y = if F::SINGLE {
        let series = polynomial(
            z,
            [
                -3.33332819422e-1,
                1.33314422036e-1,
                -5.37397155531e-2,
                2.06390887954e-2,
                -5.70498872745e-3,
            ],
        );
        let far = F::one() - F::of(2.0) / e;
        if near { a + a * (z * series) } else { far }
    } else {
        let p = polynomial(
            z,
            [
                -1.61468768441708447952e3,
                -9.92877231001918586564e1,
                -9.64399179425052238628e-1,
            ],
        );
        let q = polynomial(
            z,
            [
                4.84406305325125486048e3,
                2.23548839060100448583e3,
                1.12811678491632931402e2,
                1.0,
            ],
        );
        // One division for both.
        let (p, q) = if near { (z * p, q) } else { (F::of(2.0), e) };
        let ratio = p / q;
        if near {
            a + a * ratio
        } else {
            F::one() - ratio
        }
    };
    y.copysign(x)
}
