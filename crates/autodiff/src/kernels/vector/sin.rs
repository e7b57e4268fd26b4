//! Sine and cosine: `x = n π/2 + r`, and the sine or cosine of `r`.
//!
//! The reduction (Cody and Waite's) and the polynomials are those of FDLIBM
//! (Sun Microsystems, 1993), `e_rem_pio2.c`, `k_sin.c`, `k_cos.c` and their
//! counterparts for single precision.

use super::lane::{Lane, polynomial};
use crate::dtype::Float;

/// Whether `x` is so large that [`sin`] and [`cos`] do not reduce it.
#[inline(always)]
pub fn far<F: Float>(x: F) -> bool {
    x.abs() > F::of(if F::SINGLE { 1e8 } else { 1e6 })
}

/// `sin x`, for `x` that is not [`far`]. Error at most 1 ulp.
#[inline(always)]
pub fn sin<F: Float>(x: F) -> F {
    let y = F::turned(x, 0.0);
    // Of zero the sign is kept.
    if x == F::zero() { x } else { y }
}

/// `cos x`, for `x` that is not [`far`]. Error at most 1 ulp.
#[inline(always)]
pub fn cos<F: Float>(x: F) -> F {
    F::turned(x, 1.0)
}

/// Sine of an angle so many quarter turns further.
pub trait Turn: Sized {
    /// `sin(x + n π/2)` for `n` 0 or 1.
    fn turned(x: Self, n: f64) -> Self;
}

/// Among sine and cosine of what was reduced, the one of quadrant `n`, with
/// its sign.
#[inline(always)]
fn quadrant(n: f64, sin: f64, cos: f64) -> f64 {
    let y = if n.has_bit(1) { cos } else { sin };
    if n.has_bit(2) { -y } else { y }
}

/// In double precision: all that is lost there does not count.
impl Turn for f32 {
    #[inline(always)]
    fn turned(x: f32, turn: f64) -> f32 {
        // π/2 in two parts, the first of 25 bits.
        const HIGH: f64 = 1.5707963109016418;
        const LOW: f64 = 1.5893254773528196e-08;
        let x = f64::from(x);
        let n = (x * std::f64::consts::FRAC_2_PI).nearest();
        let r = (x - n * HIGH) - n * LOW;
        let z = r * r;
        let sin = r + r
            * z
            * polynomial(
                z,
                [
                    -0.16666666641626524,
                    0.008333329385889463,
                    -0.00019839334836096632,
                    2.718311493989822e-06,
                ],
            );
        let cos = 1.0
            + z * polynomial(
                z,
                [
                    -0.499999997251031,
                    0.04166662332373906,
                    -0.001388676377460993,
                    2.439044879627741e-05,
                ],
            );
        quadrant(n + turn, sin, cos) as f32
    }
}

impl Turn for f64 {
    #[inline(always)]
    fn turned(x: f64, turn: f64) -> f64 {
        let n = (x * std::f64::consts::FRAC_2_PI).nearest();
        let (r, low) = reduced(x, n);
        let z = r * r;
        let s = polynomial(
            z,
            [
                0.00833333333332249,
                -0.0001984126982985795,
                2.7557313707070068e-06,
                -2.5050760253406863e-08,
                1.58969099521155e-10,
            ],
        );
        let v = z * r;
        let sin = r - ((z * (0.5 * low - v * s) - low) - v * -0.16666666666666632);
        let c = polynomial(
            z,
            [
                0.0416666666666666,
                -0.001388888888887411,
                2.480158728947673e-05,
                -2.7557314351390663e-07,
                2.087572321298175e-09,
                -1.1359647557788195e-11,
            ],
        );
        let half = 0.5 * z;
        let w = 1.0 - half;
        let cos = w + (((1.0 - w) - half) + (z * (z * c) - r * low));
        quadrant(n + turn, sin, cos)
    }
}

/// `x - n π/2` as a sum of two numbers, with π/2 in three parts of 33 bits,
/// whose products with `n` are exact, and a rest.
#[inline(always)]
fn reduced(x: f64, n: f64) -> (f64, f64) {
    const PARTS: [f64; 4] = [
        1.5707963267341256,
        6.077100506303966e-11,
        2.0222662487111665e-21,
        8.4784276603689e-32,
    ];
    // Exact: x is near n π/2.
    let a = x - n * PARTS[0];
    let (b, lost_b) = difference(a, n * PARTS[1]);
    let (c, lost_c) = difference(b, n * PARTS[2]);
    let rest = (lost_b + lost_c) - n * PARTS[3];
    let r = c + rest;
    (r, (c - r) + rest)
}

/// `a - b`, and what its rounding has lost.
#[inline(always)]
fn difference(a: f64, b: f64) -> (f64, f64) {
    let d = a - b;
    let back = d - a;
    (d, (a - (d - back)) - (b + back))
}
