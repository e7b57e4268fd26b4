//! Elements moved, joined, cut, and picked by number: each result element
//! says where it comes from.

use ndarray::{ArrayD, Dimension, IxDyn};
use wengert_autodiff::ops::{Embed, IndexAdd, ScatterAdd, SliceAxis};

use super::{Naive, Real};
use crate::{broadcast_at, indices};

/// An array of `shape` whose elements come from `from(index)` of `x`.
fn moved(x: &Naive, shape: &[usize], from: impl Fn(&[usize]) -> Vec<usize>) -> Naive {
    fn go<T: Copy>(
        x: &ArrayD<T>,
        shape: &[usize],
        from: impl Fn(&[usize]) -> Vec<usize>,
    ) -> ArrayD<T> {
        ArrayD::from_shape_fn(IxDyn(shape), |i| x[IxDyn(&from(i.slice()))])
    }
    match x {
        Naive::Real(a) => Naive::Real(go(a, shape, from)),
        Naive::Index(a) => Naive::Index(go(a, shape, from)),
        Naive::Mask(a) => Naive::Mask(go(a, shape, from)),
    }
}

fn axis(axis: isize, rank: usize) -> usize {
    axis.rem_euclid(rank as isize) as usize
}

fn with(index: &[usize], at: usize, i: usize) -> Vec<usize> {
    let mut index = index.to_vec();
    index[at] = i;
    index
}

/// The place in row-major order.
fn rank_of(index: &[usize], shape: &[usize]) -> usize {
    index
        .iter()
        .zip(shape)
        .fold(0, |place, (i, n)| place * n + i)
}

pub(super) fn reshape(shape: &[usize], x: &Naive) -> Naive {
    let all: Vec<Vec<usize>> = indices(x.shape()).collect();
    moved(x, shape, |i| all[rank_of(i, shape)].clone())
}

pub(super) fn permute(axes: &[isize], x: &Naive) -> Naive {
    let order: Vec<usize> = axes.iter().map(|&a| axis(a, axes.len())).collect();
    let shape: Vec<usize> = order.iter().map(|&a| x.shape()[a]).collect();
    moved(x, &shape, |i| {
        let mut from = vec![0; i.len()];
        for (&a, &i) in order.iter().zip(i) {
            from[a] = i;
        }
        from
    })
}

pub(super) fn broadcast_to(shape: &[usize], x: &Naive) -> Naive {
    let own = x.shape().to_vec();
    moved(x, shape, |i| {
        let aligned = &i[i.len() - own.len()..];
        let pairs = aligned.iter().zip(&own);
        pairs.map(|(&i, &n)| if n == 1 { 0 } else { i }).collect()
    })
}

/// The position of element `i` of a slice.
fn position(a: &SliceAxis, i: usize) -> usize {
    (a.start as isize + a.step * i as isize) as usize
}

pub(super) fn slice(axes: &[SliceAxis], x: &Naive) -> Naive {
    let shape: Vec<usize> = axes.iter().map(|a| a.len).collect();
    moved(x, &shape, |i| {
        axes.iter().zip(i).map(|(a, &i)| position(a, i)).collect()
    })
}

pub(super) fn embed(op: &Embed, x: &Naive) -> Naive {
    fn go<T: Copy>(op: &Embed, x: &ArrayD<T>, fill: T) -> ArrayD<T> {
        let mut out = ArrayD::from_elem(IxDyn(&op.shape), fill);
        for i in indices(x.shape()) {
            let to: Vec<usize> = op
                .axes
                .iter()
                .zip(&i)
                .map(|(a, &i)| position(a, i))
                .collect();
            out[IxDyn(&to)] = x[IxDyn(&i)];
        }
        out
    }
    match x {
        Naive::Real(a) => Naive::Real(go(op, a, Real::rounded(op.fill))),
        Naive::Index(a) => Naive::Index(go(op, a, op.fill as usize)),
        Naive::Mask(a) => Naive::Mask(go(op, a, op.fill != 0.0)),
    }
}

pub(super) fn concat(along: isize, parts: &[Naive]) -> Naive {
    let at = axis(along, parts[0].shape().len());
    let lengths: Vec<usize> = parts.iter().map(|p| p.shape()[at]).collect();
    let shape = with(parts[0].shape(), at, lengths.iter().sum());
    // Which part, and where in it.
    let place = |i: &[usize]| {
        let (mut part, mut rest) = (0, i[at]);
        while rest >= lengths[part] {
            rest -= lengths[part];
            part += 1;
        }
        (part, IxDyn(&with(i, at, rest)))
    };
    macro_rules! joined {
        ($Kind:ident, $of:ident) => {
            Naive::$Kind(ArrayD::from_shape_fn(IxDyn(&shape), |i| {
                let (part, i) = place(i.slice());
                parts[part].$of()[i]
            }))
        };
    }
    match parts[0] {
        Naive::Real(_) => joined!(Real, real),
        Naive::Index(_) => joined!(Index, index),
        Naive::Mask(_) => joined!(Mask, mask),
    }
}

pub(super) fn split(along: isize, lengths: &[usize], x: &Naive) -> Vec<Naive> {
    let at = axis(along, x.shape().len());
    let starts = lengths.iter().scan(0, |total, n| {
        *total += n;
        Some(*total - n)
    });
    let pieces = lengths.iter().zip(starts);
    let piece = |(&n, start): (&usize, usize)| {
        moved(x, &with(x.shape(), at, n), |i| with(i, at, i[at] + start))
    };
    pieces.map(piece).collect()
}

/// An index of `x`, from one of the selected array: the axes of `numbers`
/// stand in the place of axis `at`.
fn selected(i: &[usize], at: usize, numbers: &ArrayD<usize>) -> Vec<usize> {
    let end = at + numbers.ndim();
    let row = numbers[IxDyn(&i[at..end])];
    [&i[..at], &[row], &i[end..]].concat()
}

pub(super) fn index_select(along: isize, x: &Naive, numbers: &ArrayD<usize>) -> Naive {
    let at = axis(along, x.shape().len());
    let shape = [&x.shape()[..at], numbers.shape(), &x.shape()[at + 1..]].concat();
    moved(x, &shape, |i| selected(i, at, numbers))
}

pub(super) fn gather(along: isize, x: &Naive, numbers: &ArrayD<usize>) -> Naive {
    let at = axis(along, x.shape().len());
    moved(x, numbers.shape(), |i| with(i, at, numbers[IxDyn(i)]))
}

/// Zeros, with every element of `x` added where `to` says.
fn added(x: &ArrayD<Real>, shape: &[usize], to: impl Fn(&[usize]) -> Vec<usize>) -> Naive {
    let mut out = ArrayD::from_elem(IxDyn(shape), Real::exact(0.0));
    for i in indices(x.shape()) {
        let to = IxDyn(&to(&i));
        out[&to] = out[&to] + x[IxDyn(&i)];
    }
    Naive::Real(out)
}

pub(super) fn index_add(op: &IndexAdd, x: &ArrayD<Real>, numbers: &ArrayD<usize>) -> Naive {
    let IndexAdd { axis, shape } = op;
    added(x, shape, |i| selected(i, *axis, numbers))
}

pub(super) fn scatter_add(op: &ScatterAdd, x: &ArrayD<Real>, numbers: &ArrayD<usize>) -> Naive {
    let ScatterAdd { axis, shape } = op;
    added(x, shape, |i| with(i, *axis, numbers[IxDyn(i)]))
}

pub(super) fn one_hot(classes: usize, labels: &ArrayD<usize>) -> Naive {
    let shape = [labels.shape(), &[classes]].concat();
    Naive::Real(ArrayD::from_shape_fn(IxDyn(&shape), |i| {
        let i = i.slice();
        let (label, class) = (broadcast_at(labels, &i[..i.len() - 1]), i[i.len() - 1]);
        Real::exact(if label == class { 1.0 } else { 0.0 })
    }))
}
