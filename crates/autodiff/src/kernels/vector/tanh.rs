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
                -0.333332819422,
                0.133314422036,
                -0.0537397155531,
                0.0206390887954,
                -0.00570498872745,
            ],
        );
        let far = F::one() - F::of(2.0) / e;
        if near { a + a * (z * series) } else { far }
    } else {
        let p = polynomial(
            z,
            [-1614.6876844170845, -99.28772310019185, -0.9643991794250523],
        );
        let q = polynomial(
            z,
            [
                4844.063053251255,
                2235.4883906010045,
                112.81167849163293,
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
