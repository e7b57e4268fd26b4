//! `e^x` and `2^x`: `x = k ln 2 + r`, `e^x = 2^k e^r`.

use super::lane::polynomial;
use crate::dtype::Float;

/// `(e^r - 1 - r) / r²` for `|r| <= ln(2)/2`: the series, `Σ r^k / (k+2)!`.
#[inline(always)]
pub(super) fn tail<F: Float>(r: F) -> F {
    const fn inverse_factorials<const N: usize>() -> [f64; N] {
        let (mut c, mut factorial, mut k) = ([0.0; N], 2.0, 0);
        while k < N {
            c[k] = 1.0 / factorial;
            factorial *= (k + 3) as f64;
            k += 1;
        }
        c
    }
    if F::SINGLE {
        polynomial(r, const { inverse_factorials::<7>() })
    } else {
        polynomial(r, const { inverse_factorials::<12>() })
    }
}

/// `k` and `r` with `x = k ln 2 + r`, `r` in two parts of which the first is
/// exact as long as `k` is the exponent of a float.
#[inline(always)]
pub(super) fn reduce<F: Float>(x: F) -> (F, F, F) {
    // The first parts have so few bits that their product with k is exact.
    let (high, low) = match F::SINGLE {
        true => (F::of(0.693359375), F::of(-2.12194440e-4)),
        false => (F::of(0.6931471803691238), F::of(1.9082149292705877e-10)),
    };
    let k = (x * F::LOG2_E()).nearest();
    (k, x - k * high, k * low)
}

/// `2^k y` for `k` twice as large as exponents are, rounded once.
#[inline(always)]
pub(super) fn scale<F: Float>(y: F, k: F) -> F {
    let half = (k * F::of(0.5)).nearest();
    y * F::two_to(half) * F::two_to(k - half)
}

/// `e^x`. Error at most 1 ulp.
#[inline(always)]
pub fn exp<F: Float>(x: F) -> F {
    // Beyond these bounds the result is ∞ or 0.
    let (low, high) = match F::SINGLE {
        true => (F::of(-104.0), F::of(89.0)),
        false => (F::of(-746.0), F::of(710.0)),
    };
    let inside = if x > high { high } else { x };
    let inside = if inside < low { low } else { inside };
    let (k, r, low) = reduce(inside);
    let s = r - low;
    let y = F::one() + (r + (s * s * tail(s) - low));
    scale(y, k)
}

/// `2^x`, exact for integers. Error at most 1.5 ulp.
#[inline(always)]
pub fn exp2<F: Float>(x: F) -> F {
    let (low, high) = match F::SINGLE {
        true => (F::of(-151.0), F::of(129.0)),
        false => (F::of(-1076.0), F::of(1025.0)),
    };
    let inside = if x > high { high } else { x };
    let inside = if inside < low { low } else { inside };
    let k = inside.nearest();
    let r = (inside - k) * F::LN_2();
    let y = F::one() + (r + r * r * tail(r));
    scale(y, k)
}
