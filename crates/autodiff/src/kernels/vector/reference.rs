//! The functions to about 100 bits, in pairs of doubles, by their series.
//!
//! Source of the arithmetic: T. J. Dekker, *A floating-point technique for
//! extending the available precision*, Numerische Mathematik 18 (1971).

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The sum of two doubles, of which the second is a rounding error of the
/// first.
#[derive(Clone, Copy, Debug)]
pub struct Pair(pub f64, pub f64);

const ONE: Pair = Pair(1.0, 0.0);
const TWO: Pair = Pair(2.0, 0.0);
const LN_2: Pair = Pair(std::f64::consts::LN_2, 2.3190468138462996e-17);
/// π/2, to 160 bits.
const QUARTER: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    6.123233995736766e-17,
    -1.4973849048591833e-33,
];

/// `a + b`, exactly.
fn sum(a: f64, b: f64) -> Pair {
    let s = a + b;
    let back = s - a;
    Pair(s, (a - (s - back)) + (b - back))
}

/// `a b`, exactly, as long as nothing overflows.
fn product(a: f64, b: f64) -> Pair {
    let split = |x: f64| {
        let high = 134_217_729.0 * x;
        let high = high - (high - x);
        (high, x - high)
    };
    let (p, (a1, a2), (b1, b2)) = (a * b, split(a), split(b));
    Pair(p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2)
}

impl Add for Pair {
    type Output = Pair;
    fn add(self, other: Pair) -> Pair {
        let Pair(high, e) = sum(self.0, other.0);
        let Pair(low, f) = sum(self.1, other.1);
        let Pair(high, e) = sum(high, e + low);
        sum(high, e + f)
    }
}

impl Neg for Pair {
    type Output = Pair;
    fn neg(self) -> Pair {
        Pair(-self.0, -self.1)
    }
}

impl Sub for Pair {
    type Output = Pair;
    fn sub(self, other: Pair) -> Pair {
        self + -other
    }
}

impl Mul for Pair {
    type Output = Pair;
    fn mul(self, other: Pair) -> Pair {
        let Pair(high, low) = product(self.0, other.0);
        sum(high, low + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Pair {
    type Output = Pair;
    fn div(self, other: Pair) -> Pair {
        let first = self.0 / other.0;
        let rest = self - other * Pair(first, 0.0);
        let second = rest.0 / other.0;
        let rest = rest - other * Pair(second, 0.0);
        sum(first, second) + Pair(rest.0 / other.0, 0.0)
    }
}

/// `Σ term_k` where each term is the one before times `x / d(k)`.
fn series(first: Pair, x: Pair, d: impl Fn(f64) -> f64) -> Pair {
    let (mut term, mut total) = (first, first);
    for k in 1..30 {
        term = term * x / Pair(d(f64::from(k)), 0.0);
        total = total + term;
    }
    total
}

pub fn exp(x: Pair) -> Pair {
    let k = (x.0 / LN_2.0).round();
    let r = x - Pair(k, 0.0) * LN_2;
    let y = series(ONE, r, |k| k);
    let half = (k / 2.0).floor();
    let scale = |y: f64| y * half.exp2() * (k - half).exp2();
    Pair(scale(y.0), scale(y.1))
}

pub fn exp2(x: Pair) -> Pair {
    exp(x * LN_2)
}

pub fn expm1(x: Pair) -> Pair {
    match x.0.abs() < 0.5 {
        true => series(x, x, |k| k + 1.0),
        false => exp(x) - ONE,
    }
}

pub fn log1p(x: Pair) -> Pair {
    if x.0.abs() > 0.1 {
        return ln(ONE + x);
    }
    // ln (1+s)/(1-s)
    let s = x / (TWO + x);
    let (mut power, mut total) = (s, s);
    for k in 1..30 {
        power = power * s * s;
        total = total + power / Pair(f64::from(2 * k + 1), 0.0);
    }
    total + total
}

pub fn ln(x: Pair) -> Pair {
    let off = x - ONE;
    if off.0.abs() <= 0.1 {
        return log1p(off);
    }
    // One step of Halley's method doubles the digits, and more.
    let y = Pair(x.0.ln(), 0.0);
    let z = x * exp(-y);
    y + TWO * (z - ONE) / (z + ONE)
}

pub fn tanh(x: Pair) -> Pair {
    match x.0.abs() > 50.0 {
        true => Pair(x.0.signum(), 0.0),
        false => expm1(x + x) / (expm1(x + x) + TWO),
    }
}

pub fn sigmoid(x: Pair) -> Pair {
    match x.0 < 0.0 {
        true => exp(x) / (ONE + exp(x)),
        false => ONE / (ONE + exp(-x)),
    }
}

pub fn softplus(x: Pair) -> Pair {
    match x.0 < 0.0 {
        true => log1p(exp(x)),
        false => x + log1p(exp(-x)),
    }
}

pub fn log_sigmoid(x: Pair) -> Pair {
    -softplus(-x)
}

/// `sin(x + turn π/2)`.
fn turned(x: Pair, turn: i64) -> Pair {
    let n = (x.0 / QUARTER[0]).round();
    let parts = QUARTER.map(|q| product(n, q));
    let r = parts.into_iter().fold(x, |r, part| r - part);
    let square = -(r * r);
    let y = match (n as i64 + turn).rem_euclid(4) % 2 {
        0 => series(r, square, |k| 2.0 * k * (2.0 * k + 1.0)),
        _ => series(ONE, square, |k| 2.0 * k * (2.0 * k - 1.0)),
    };
    match (n as i64 + turn).rem_euclid(4) {
        0 | 1 => y,
        _ => -y,
    }
}

pub fn sin(x: Pair) -> Pair {
    turned(x, 0)
}

pub fn cos(x: Pair) -> Pair {
    turned(x, 1)
}
