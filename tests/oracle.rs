//! What an operation should give, computed without the crate under test:
//! elementwise functions with broadcasting spelled out, and gradients from
//! plain central differences.

use ndarray::{ArrayD, Dimension, IxDyn};

use crate::Bound;
use crate::compare::mismatches;

/// Every index of an array of this shape, in row-major order.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + use<> {
    let all = ndarray::indices(IxDyn(shape)).into_iter();
    all.map(|i| i.slice().to_vec())
}

/// The element of an operand that takes part in element `index` of a result.
pub fn broadcast_at<T: Copy>(operand: &ArrayD<T>, index: &[usize]) -> T {
    let aligned = &index[index.len() - operand.ndim()..];
    let pairs = aligned.iter().zip(operand.shape());
    let at: Vec<usize> = pairs.map(|(&i, &n)| if n == 1 { 0 } else { i }).collect();
    operand[IxDyn(&at)]
}

/// `f` of every element.
pub fn elementwise(x: &ArrayD<f64>, f: impl Fn(f64) -> f64) -> ArrayD<f64> {
    x.mapv(f)
}

/// The gradient of `f` at a point by central differences, extrapolated twice:
/// the error is of order `h^6`.
pub fn central_difference(
    f: impl Fn(&[ArrayD<f64>]) -> f64,
    at: &[ArrayD<f64>],
    h: f64,
) -> Vec<ArrayD<f64>> {
    let slope = |k: usize, index: &[usize], h: f64| {
        let moved = |by: f64| {
            let mut point = at.to_vec();
            point[k][IxDyn(index)] += by;
            f(&point)
        };
        (moved(h) - moved(-h)) / (2.0 * h)
    };
    let gradient = |(k, x): (usize, &ArrayD<f64>)| {
        ArrayD::from_shape_fn(x.raw_dim(), |i| {
            let [d, e, f] = [h, h / 2.0, h / 4.0].map(|h| slope(k, i.slice(), h));
            let (de, ef) = ((4.0 * e - d) / 3.0, (4.0 * f - e) / 3.0);
            (16.0 * ef - de) / 15.0
        })
    };
    at.iter().enumerate().map(gradient).collect()
}

/// Fails unless `gradients` are those of `f`, by central differences.
///
/// # Panics
/// If they differ by more than 1e-8, the resolution of differences of values
/// of order 1, or 1e-8 of the largest entry, with every bad element listed.
#[track_caller]
pub fn assert_central_difference(
    f: impl Fn(&[ArrayD<f64>]) -> f64,
    at: &[ArrayD<f64>],
    gradients: &[ArrayD<f64>],
) {
    let found = central_difference(f, at, 1e-3);
    let largest = found.iter().flatten().fold(1.0f64, |m, g| m.max(g.abs()));
    for (k, (got, want)) in gradients.iter().zip(&found).enumerate() {
        let bad = mismatches(got, want, Bound::Absolute(1e-8 * largest));
        assert!(bad.is_empty(), "variable {k}:\n{bad}");
    }
}

/// The axes for a reduction of this rank that the bits name; a negative
/// number for every other one.
pub fn axes_of(rank: usize, bits: u8) -> Vec<isize> {
    let chosen = (0..rank).filter(|i| bits >> i & 1 == 1);
    let signed = |i: usize| match bits >> 4 & 1 {
        1 => i as isize - rank as isize,
        _ => i as isize,
    };
    chosen.map(signed).collect()
}

/// `f` over the elements of every group that a reduction brings together.
pub fn reduced(
    x: &ArrayD<f64>,
    axes: &[isize],
    keepdims: bool,
    f: impl Fn(&[f64]) -> f64,
) -> ArrayD<f64> {
    let rank = x.ndim() as isize;
    let gone: Vec<usize> = axes.iter().map(|a| a.rem_euclid(rank) as usize).collect();
    let project = |index: &[usize]| -> Vec<usize> {
        let kept = index.iter().enumerate();
        let kept = kept.filter_map(|(i, &at)| match (gone.contains(&i), keepdims) {
            (false, _) => Some(at),
            (true, true) => Some(0),
            (true, false) => None,
        });
        kept.collect()
    };
    let ones: Vec<usize> = (0..x.ndim())
        .map(|i| if gone.contains(&i) { 1 } else { x.shape()[i] })
        .collect();
    let kept: Vec<usize> = (0..x.ndim())
        .filter(|i| keepdims || !gone.contains(i))
        .collect();
    let shape: Vec<usize> = kept.iter().map(|&i| ones[i]).collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |at| {
        let at = ndarray::Dimension::slice(&at).to_vec();
        let group: Vec<f64> = indices(x.shape())
            .filter(|index| project(index) == at)
            .map(|index| x[IxDyn(&index)])
            .collect();
        f(&group)
    })
}
