//! Functions of one and of two numbers: the textbook's formula, not the
//! stable one, wherever that does not overflow.

use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, LN_2, LN_10, PI};

use wengert_autodiff::ops::{AbsPow, Binary, Unary};

use super::{Interpreter, Real};

const ZERO: Real = number(0.0);
const ONE: Real = number(1.0);
const TWO: Real = number(2.0);

const fn number(value: f64) -> Real {
    Real { value, bound: 0.0 }
}

pub(super) fn unary(interpreter: &mut Interpreter, f: Unary, x: Real) -> Real {
    match f {
        Unary::Neg => ZERO - x,
        Unary::Recip => ONE / x,
        Unary::Exp => x.exp(),
        Unary::Exp2 => (x * Real::rounded(LN_2)).exp(),
        Unary::Ln => x.ln(),
        Unary::Log2 => x.ln() / Real::rounded(LN_2),
        Unary::Log10 => x.ln() / Real::rounded(LN_10),
        Unary::Log1p => (ONE + x).ln(),
        Unary::Expm1 => x.exp() - ONE,
        Unary::Sqrt => x.pow(number(0.5)),
        Unary::Rsqrt => x.pow(number(-0.5)),
        Unary::Square => x * x,
        Unary::OneMinusSquare => ONE - x * x,
        Unary::Abs => x.max(-x),
        Unary::Sign => match interpreter.sign(x, ZERO) {
            d if d > 0.0 => ONE,
            d if d < 0.0 => -ONE,
            d => number(d),
        },
        Unary::Floor => stairs(interpreter, x, 0.0, |x| x - x.rem_euclid(1.0)),
        Unary::Ceil => stairs(interpreter, x, 0.0, |x| x + (-x).rem_euclid(1.0)),
        // Halves go to the even neighbour.
        Unary::Round => stairs(interpreter, x, 0.5, |x| {
            let below = x - x.rem_euclid(1.0);
            let (rest, odd) = (x - below, below.rem_euclid(2.0) == 1.0);
            let up = rest > 0.5 || (rest == 0.5 && odd);
            if up { below + 1.0 } else { below }
        }),
        Unary::Trunc => stairs(interpreter, x, 0.0, |x| x - x % 1.0),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Tan => x.sin() / x.cos(),
        Unary::Asin => (x / (ONE - x * x).sqrt()).atan(),
        Unary::Acos => Real::rounded(FRAC_PI_2) - (x / (ONE - x * x).sqrt()).atan(),
        Unary::Atan => (x / (ONE + x * x).sqrt()).asin(),
        Unary::Sinh => (x.exp() - (-x).exp()) / TWO,
        Unary::Cosh => (x.exp() + (-x).exp()) / TWO,
        Unary::Tanh => ONE - TWO / (ONE + (x + x).exp()),
        // Odd; on the negative side the sum would cancel.
        Unary::Asinh if x.value < 0.0 => -unary(interpreter, f, -x),
        Unary::Asinh => (x + (x * x + ONE).sqrt()).ln(),
        Unary::Acosh => (x + (x * x - ONE).sqrt()).ln(),
        Unary::Atanh => ((ONE + x) / (ONE - x)).ln() / TWO,
        Unary::Erf => erf(x),
        Unary::Erfc => ONE - erf(x),
        Unary::Sigmoid => ONE / (ONE + (-x).exp()),
        Unary::Relu => x.max(ZERO),
        Unary::Softplus => log_add_exp(x, ZERO),
        Unary::LogSigmoid => -log_add_exp(-x, ZERO),
    }
}

/// A function that jumps at the whole numbers, or at `offset` beside them.
fn stairs(interpreter: &mut Interpreter, x: Real, offset: f64, f: impl Fn(f64) -> f64) -> Real {
    let jump = (x.value - offset).round() + offset;
    interpreter.sign(x, number(jump));
    number(f(x.value))
}

/// `2/√π exp(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!`, whose terms have one sign.
fn erf(x: Real) -> Real {
    if x.value.abs() > 6.0 {
        return x.map(f64::signum, 0.0);
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term = term * TWO * x * x / number(f64::from(2 * n + 1));
        sum = sum + term;
    }
    Real::rounded(FRAC_2_SQRT_PI) * (-(x * x)).exp() * sum
}

/// With the larger one taken out, which changes nothing but the range.
fn log_add_exp(a: Real, b: Real) -> Real {
    let top = a.max(b);
    match top.value.is_finite() {
        true => top + ((a - top).exp() + (b - top).exp()).ln(),
        false => top,
    }
}

pub(super) fn binary(f: Binary, a: Real, b: Real) -> Real {
    match f {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => a.pow(b),
        Binary::LogAddExp => log_add_exp(a, b),
        Binary::XLogY if a == ZERO => ZERO,
        Binary::XLogY => a * b.ln(),
        // The cotangent of the angle above, the tangent to the right.
        Binary::Atan2 if a.value > 0.0 => Real::rounded(FRAC_PI_2) - (b / a).atan(),
        Binary::Atan2 if b.value > 0.0 => (a / b).atan(),
        Binary::Atan2 if a.value < 0.0 => -(Real::rounded(FRAC_PI_2) - (b / -a).atan()),
        Binary::Atan2 if b.value < 0.0 => Real::rounded(PI.copysign(a.value)),
        Binary::Atan2 => number(if b.value.is_sign_negative() {
            PI.copysign(a.value)
        } else {
            a.value
        }),
        Binary::Hypot => length(&[a, b], TWO),
        Binary::Maximum => a.max(b),
        Binary::Minimum => a.min(b),
        Binary::AzMul if a == ZERO => ZERO,
        Binary::AzMulBoth if a == ZERO || b == ZERO => ZERO,
        Binary::AzMul | Binary::AzMulBoth => a * b,
    }
}

/// `(Σ |x|^p)^(1/p)`, with the largest magnitude taken out, which changes
/// nothing but the range.
pub(super) fn length(x: &[Real], p: Real) -> Real {
    let top = x.iter().fold(ZERO, |top, x| top.max(x.abs()));
    if top.value == 0.0 || !top.value.is_finite() {
        return top;
    }
    let power = |x: &Real| match x.value {
        0.0 => ZERO,
        _ => (x.abs() / top).pow(p),
    };
    let sum = x.iter().fold(ZERO, |sum, x| sum + power(x));
    top * sum.pow(ONE / p)
}

/// So many factors, one after the other.
pub(super) fn powi(x: Real, n: i32) -> Real {
    let product = (0..n.unsigned_abs()).fold(ONE, |p, _| p * x);
    if n < 0 { ONE / product } else { product }
}

pub(super) fn abs_pow(x: Real, op: &AbsPow) -> Real {
    let power = x.abs().pow(Real::rounded(op.p));
    match op.signed {
        true if x.value == 0.0 => ZERO,
        true if x.value < 0.0 => -power,
        _ => power,
    }
}
