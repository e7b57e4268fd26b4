//! What is done element by element, with broadcasting spelled out: functions,
//! choices, masks, conversions.

use ndarray::{ArrayD, Dimension, IxDyn};
use wengert_autodiff::DType;
use wengert_autodiff::ops::{Compare, Logic};

use super::{Interpreter, Naive, Real};
use crate::broadcast_at;

pub(super) fn map(x: &ArrayD<Real>, mut f: impl FnMut(Real) -> Real) -> Naive {
    let data = x.iter().map(|&x| f(x)).collect();
    Naive::Real(super::shaped(x.shape(), data))
}

/// NumPy's rule, for shapes that obey it.
pub(crate) fn common(a: &[usize], b: &[usize]) -> Vec<usize> {
    let rank = a.len().max(b.len());
    let length = |s: &[usize], i: usize| match (i + s.len()).checked_sub(rank) {
        Some(at) => s[at],
        None => 1,
    };
    let both = (0..rank).map(|i| (length(a, i), length(b, i)));
    both.map(|(a, b)| if a == 1 { b } else { a }).collect()
}

fn pairs<A: Copy, B: Copy, C>(
    a: &ArrayD<A>,
    b: &ArrayD<B>,
    mut f: impl FnMut(A, B) -> C,
) -> ArrayD<C> {
    ArrayD::from_shape_fn(IxDyn(&common(a.shape(), b.shape())), |i| {
        f(broadcast_at(a, i.slice()), broadcast_at(b, i.slice()))
    })
}

pub(super) fn zip(a: &ArrayD<Real>, b: &ArrayD<Real>, f: impl FnMut(Real, Real) -> Real) -> Naive {
    Naive::Real(pairs(a, b, f))
}

pub(super) fn compare(interpreter: &mut Interpreter, c: Compare, a: &Naive, b: &Naive) -> Naive {
    // Of indices and masks too, the sign of the difference.
    let wide = |x: &Naive| -> ArrayD<Real> {
        match x {
            Naive::Real(a) => a.clone(),
            Naive::Index(a) => a.mapv(|x| Real::exact(x as f64)),
            Naive::Mask(a) => a.mapv(|x| Real::exact(f64::from(u8::from(x)))),
        }
    };
    let decide = |a: Real, b: Real| {
        let d = interpreter.sign(a, b);
        match c {
            Compare::Greater => d > 0.0,
            Compare::GreaterEqual => d >= 0.0,
            Compare::Less => d < 0.0,
            Compare::LessEqual => d <= 0.0,
            Compare::Equal => d == 0.0,
            Compare::NotEqual => d != 0.0,
        }
    };
    Naive::Mask(pairs(&wide(a), &wide(b), decide))
}

pub(super) fn logic(c: Logic, a: &ArrayD<bool>, b: &ArrayD<bool>) -> Naive {
    Naive::Mask(pairs(a, b, |a, b| match c {
        Logic::And => a & b,
        Logic::Or => a | b,
    }))
}

pub(super) fn choose(mask: &ArrayD<bool>, a: &Naive, b: &Naive) -> Naive {
    fn go<T: Copy>(mask: &ArrayD<bool>, a: &ArrayD<T>, b: &ArrayD<T>) -> ArrayD<T> {
        let sides = pairs(a, b, |a, b| (a, b));
        pairs(mask, &sides, |m, (a, b)| if m { a } else { b })
    }
    match (a, b) {
        (Naive::Real(a), Naive::Real(b)) => Naive::Real(go(mask, a, b)),
        (Naive::Index(a), Naive::Index(b)) => Naive::Index(go(mask, a, b)),
        (Naive::Mask(a), Naive::Mask(b)) => Naive::Mask(go(mask, a, b)),
        _ => panic!("two sides of different element types"),
    }
}

pub(super) fn cast(interpreter: &Interpreter, to: DType, x: &Naive) -> Naive {
    // The units of f64 that a rounding to f32 is.
    const NARROW: f64 = (1u64 << 29) as f64;
    let round = |x: Real| match (to, interpreter.unit < 1e-10) {
        (DType::F32, true) => Real {
            value: f64::from(x.value as f32),
            // A number without error is rounded one way only.
            bound: if x.bound == 0.0 {
                0.0
            } else {
                x.bound + NARROW * x.value.abs()
            },
        },
        (DType::F32, false) => Real {
            bound: x.bound + x.value.abs(),
            ..x
        },
        _ => x,
    };
    match (x, to) {
        (Naive::Real(a), DType::F32 | DType::F64) => Naive::Real(a.mapv(round)),
        (Naive::Index(a), DType::F32 | DType::F64) => {
            Naive::Real(a.mapv(|i| Real::exact(i as f64)))
        }
        (Naive::Mask(a), DType::F32 | DType::F64) => {
            Naive::Real(a.mapv(|m| Real::exact(if m { 1.0 } else { 0.0 })))
        }
        (Naive::Index(a), DType::Bool) => Naive::Mask(a.mapv(|i| i != 0)),
        (Naive::Mask(a), DType::Index) => Naive::Index(a.mapv(usize::from)),
        (same @ Naive::Index(_), DType::Index) | (same @ Naive::Mask(_), DType::Bool) => {
            same.clone()
        }
        (Naive::Real(_), DType::Index | DType::Bool) => panic!("floats have no such cast"),
    }
}
