//! `ln x` and `ln(1 + x)`: `x = 2^k m`, and for `f = m - 1` with
//! `s = f / (2 + f)`, `ln m = ln(1 + s) - ln(1 - s)`, whose series has odd
//! powers of `s` alone.
//!
//! The splitting and the polynomials are those of FDLIBM (Sun Microsystems,
//! 1993), `e_log.c`.

use super::lane::polynomial;
use crate::dtype::Float;

/// `ln 2` in two parts, the first of which has exact products with exponents.
#[inline(always)]
fn ln_2<F: Float>() -> (F, F) {
    match F::SINGLE {
        true => (F::of(0.69313812256), F::of(9.0580006145e-06)),
        false => (F::of(0.6931471803691238), F::of(1.9082149292705877e-10)),
    }
}

/// `k ln 2 + ln(1 + f) + c` for `1 + f` in `[√½, √2)` and a small `c`.
#[inline(always)]
fn sum<F: Float>(k: F, f: F, c: F) -> F {
    let s = f / (F::of(2.0) + f);
    let z = s * s;
    let series = if F::SINGLE {
        polynomial(
            z,
            [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
        )
    } else {
        polynomial(
            z,
            [
                0.6666666666666735,
                0.3999999999940942,
                0.2857142874366239,
                0.22222198432149784,
                0.1818357216161805,
                0.15313837699209373,
                0.14798198605116586,
            ],
        )
    };
    let half = F::of(0.5) * f * f;
    let (high, low) = ln_2::<F>();
    let rest = s * (half + z * series) + (k * low + c);
    k * high - ((half - rest) - f)
}

/// `ln x`; -∞ at 0 and NaN below. Error at most 1 ulp.
#[inline(always)]
pub fn ln<F: Float>(x: F) -> F {
    // A subnormal number is made normal.
    let tiny = x < F::min_positive_value();
    let up = if F::SINGLE { 25.0 } else { 54.0 };
    let normal = if tiny { x * F::of(f64::exp2(up)) } else { x };
    let (k, m) = normal.parts();
    let k = if tiny { k - F::of(up) } else { k };
    ends(x, sum(k, m - F::one(), F::zero()))
}

/// `ln(1 + x)`, with all digits near 0; -∞ at -1 and NaN below. Error at most
/// 1 ulp.
#[inline(always)]
pub fn log1p<F: Float>(x: F) -> F {
    let u = F::one() + x;
    let (k, m) = u.parts();
    // What the sum 1 + x has lost, over 1 + x.
    let lost = match x > F::one() {
        true => F::one() - (u - x),
        false => x - (u - F::one()),
    };
    // No exponent to split off: nothing needs to be lost.
    let near = k == F::zero();
    let f = if near { x } else { m - F::one() };
    let c = if near { F::zero() } else { lost / u };
    let y = ends(u, sum(k, f, c));
    // Of zero the sign is kept.
    if x == F::zero() { x } else { y }
}

/// `y`, but for the ends of the domain of the logarithm of `x`.
#[inline(always)]
fn ends<F: Float>(x: F, y: F) -> F {
    let y = if x < F::infinity() { y } else { x };
    let y = if x == F::zero() { F::neg_infinity() } else { y };
    if x < F::zero() { F::nan() } else { y }
}
