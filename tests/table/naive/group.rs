//! What is done along axes: the elements of every group are gathered in a
//! list, and a plain loop runs over it.

use ndarray::{ArrayD, Dimension, IxDyn};
use wengert_autodiff::Axes;
use wengert_autodiff::ops::{ArgExtreme, Norm, Reduce, Reduction};

use super::functions::length;
use super::{Interpreter, Naive, Real};
use crate::indices;

fn resolved(axes: &Axes, rank: usize) -> Vec<usize> {
    match axes {
        Axes::All => (0..rank).collect(),
        Axes::List(list) => {
            let rank = rank as isize;
            list.iter().map(|a| a.rem_euclid(rank) as usize).collect()
        }
    }
}

/// Where an element goes when the axes `gone` are reduced.
fn project(index: &[usize], gone: &[usize], keepdims: bool) -> Vec<usize> {
    let kept = index.iter().enumerate();
    let kept = kept.filter_map(|(i, &at)| match (gone.contains(&i), keepdims) {
        (false, _) => Some(at),
        (true, true) => Some(0),
        (true, false) => None,
    });
    kept.collect()
}

/// `f` of the elements of every group.
fn reduced<T>(
    x: &ArrayD<Real>,
    gone: &[usize],
    keepdims: bool,
    mut f: impl FnMut(&[Real]) -> T,
) -> ArrayD<T> {
    let rank = x.ndim();
    let kept = (0..rank).filter(|i| keepdims || !gone.contains(i));
    let shape: Vec<usize> = kept
        .map(|i| if gone.contains(&i) { 1 } else { x.shape()[i] })
        .collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |at| {
        let group: Vec<Real> = indices(x.shape())
            .filter(|index| project(index, gone, keepdims) == at.slice())
            .map(|index| x[IxDyn(&index)])
            .collect();
        f(&group)
    })
}

fn sum(group: &[Real]) -> Real {
    group.iter().fold(Real::exact(0.0), |s, &x| s + x)
}

fn largest(group: &[Real]) -> Real {
    let nothing = Real::exact(f64::NEG_INFINITY);
    group.iter().fold(nothing, |m, &x| m.max(x))
}

/// The textbook's formula where it does not overflow; otherwise with the
/// maximum taken out, which changes nothing but the range.
fn log_sum_exp(group: &[Real]) -> Real {
    let top = largest(group);
    if top.value.abs() < 100.0 || !top.value.is_finite() {
        return sum(&group.iter().map(|x| x.exp()).collect::<Vec<_>>()).ln();
    }
    let shifted: Vec<Real> = group.iter().map(|&x| (x - top).exp()).collect();
    top + sum(&shifted).ln()
}

pub(super) fn reduce(op: &Reduce, x: &ArrayD<Real>) -> Naive {
    let Reduce {
        reduction,
        axes,
        keepdims,
    } = op;
    let gone = resolved(axes, x.ndim());
    Naive::Real(reduced(x, &gone, *keepdims, |group| match reduction {
        Reduction::Sum => sum(group),
        Reduction::Prod => group.iter().fold(Real::exact(1.0), |p, &x| p * x),
        Reduction::Max => largest(group),
        Reduction::Min => {
            let opposite: Vec<Real> = group.iter().map(|&x| -x).collect();
            -largest(&opposite)
        }
    }))
}

pub(super) fn norm(op: &Norm, x: &ArrayD<Real>) -> Naive {
    let Norm { p, axes, keepdims } = op;
    let gone = resolved(axes, x.ndim());
    let p = Real::rounded(*p);
    Naive::Real(reduced(x, &gone, *keepdims, |group| length(group, p)))
}

/// From the smallest element, like all who want equal elements to give zeros:
/// the rounding errors are those of the distances.
pub(super) fn center(axes: &Axes, x: &ArrayD<Real>) -> Naive {
    let gone = resolved(axes, x.ndim());
    let means = reduced(x, &gone, true, |group| {
        let opposite: Vec<Real> = group.iter().map(|&x| -x).collect();
        let least = -largest(&opposite);
        let above: Vec<Real> = group.iter().map(|&x| x - least).collect();
        (least, sum(&above) / Real::exact(group.len() as f64))
    });
    Naive::Real(ArrayD::from_shape_fn(x.raw_dim(), |i| {
        let (least, mean) = means[IxDyn(&project(i.slice(), &gone, true))];
        (x[&i] - least) - mean
    }))
}

/// `f` of the elements up to each one, or from each one on.
pub(super) fn cumulative(
    axis: isize,
    reverse: bool,
    x: &ArrayD<Real>,
    f: impl Fn(Real, Real) -> Real,
) -> Naive {
    let at = axis.rem_euclid(x.ndim() as isize) as usize;
    Naive::Real(ArrayD::from_shape_fn(x.raw_dim(), |i| {
        let element = |k: usize| {
            let mut from = i.clone();
            from[at] = k;
            x[from]
        };
        let last = x.shape()[at] - 1;
        match reverse {
            false => (1..=i[at]).fold(element(0), |y, k| f(y, element(k))),
            true => (i[at]..last)
                .rev()
                .fold(element(last), |y, k| f(y, element(k))),
        }
    }))
}

pub(super) fn logsumexp(axes: &Axes, keepdims: bool, x: &ArrayD<Real>) -> Naive {
    let gone = resolved(axes, x.ndim());
    Naive::Real(reduced(x, &gone, keepdims, log_sum_exp))
}

/// `f` of every element and the log-sum-exp of its group.
fn along(axes: &Axes, x: &ArrayD<Real>, f: impl Fn(Real, Real) -> Real) -> Naive {
    let gone = resolved(axes, x.ndim());
    let sums = reduced(x, &gone, true, log_sum_exp);
    Naive::Real(ArrayD::from_shape_fn(x.raw_dim(), |i| {
        f(x[&i], sums[IxDyn(&project(i.slice(), &gone, true))])
    }))
}

pub(super) fn softmax(axes: &Axes, x: &ArrayD<Real>) -> Naive {
    along(axes, x, |x, l| (x - l).exp())
}

pub(super) fn log_softmax(axes: &Axes, x: &ArrayD<Real>) -> Naive {
    along(axes, x, |x, l| x - l)
}

/// The first of the best.
pub(super) fn position(interpreter: &mut Interpreter, op: &ArgExtreme, x: &ArrayD<Real>) -> Naive {
    let ArgExtreme { min, axis } = *op;
    let gone = resolved(&Axes::List(vec![axis]), x.ndim());
    Naive::Index(reduced(x, &gone, false, |group| {
        let mut best = 0;
        for i in 1..group.len() {
            let ahead = interpreter.sign(group[i], group[best]);
            if (min && ahead < 0.0) || (!min && ahead > 0.0) {
                best = i;
            }
        }
        best
    }))
}
