//! `e^x - 1`.

use super::exp::{reduce, scale, tail};
use crate::dtype::Float;

/// `e^x - 1`, with all digits near 0. Error at most 1.5 ulp.
///
/// `e^x - 1 = 2^k ((1 - 2^-k) + (e^r - 1))`.
#[inline(always)]
pub fn expm1<F: Float>(x: F) -> F {
    // Below the first bound the result is -1, above the second ∞.
    let (low, high) = match F::SINGLE {
        true => (F::of(-20.0), F::of(89.0)),
        false => (F::of(-40.0), F::of(710.0)),
    };
    let inside = if x > high { high } else { x };
    let inside = if inside < low { low } else { inside };
    let (k, r, low) = reduce(inside);
    let s = r - low;
    // Beyond 64 the 1 does not count.
    let most = F::of(64.0);
    let one = F::one() - F::two_to(-if k > most { most } else { k });
    let y = scale((one + r) + (s * s * tail(s) - low), k);
    // Of zero the sign is kept.
    if x == F::zero() { x } else { y }
}
