//! Reductions over some axes of an array.
//!
//! The array is seen as `[outer, n, inner]` with the reduced axes in the
//! middle; axes that do not lie side by side are first moved there. Sums are
//! pairwise, so that a sum of n terms errs by O(ln n) ulp, and always in the
//! same order, so that the same numbers give the same bits.

use ndarray::{ArrayViewD, IxDyn};

use crate::dtype::Float;

/// Below this many terms a plain loop is as exact as needed and faster.
const BLOCK: usize = 64;

/// How an array is seen by a reduction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split3 {
    /// Product of the lengths before the reduced axes.
    pub outer: usize,
    /// Product of the lengths of the reduced axes.
    pub n: usize,
    /// Product of the lengths after the reduced axes.
    pub inner: usize,
}

/// Brings the axes (ascending) together; copies only if they lie apart.
pub fn split3<'a, T: Copy>(
    data: &'a [T],
    shape: &[usize],
    axes: &[usize],
) -> (std::borrow::Cow<'a, [T]>, Split3) {
    let product = |range: &[usize]| range.iter().product::<usize>();
    let (Some(&first), Some(&last)) = (axes.first(), axes.last()) else {
        let outer = product(shape);
        return (
            data.into(),
            Split3 {
                outer,
                n: 1,
                inner: 1,
            },
        );
    };
    if last - first + 1 == axes.len() {
        let split = Split3 {
            outer: product(&shape[..first]),
            n: product(&shape[first..=last]),
            inner: product(&shape[last + 1..]),
        };
        return (data.into(), split);
    }
    let kept = (0..shape.len()).filter(|i| !axes.contains(i));
    let order: Vec<usize> = kept.chain(axes.iter().copied()).collect();
    let n = axes.iter().map(|&a| shape[a]).product();
    let outer = (0..shape.len())
        .filter(|i| !axes.contains(i))
        .map(|i| shape[i])
        .product();
    let view = ArrayViewD::from_shape(IxDyn(shape), data).expect("values fill their shape");
    let moved: Vec<T> = view.permuted_axes(order).iter().copied().collect();
    (moved.into(), Split3 { outer, n, inner: 1 })
}

/// Sums, pairwise.
pub fn sum<F: Float>(data: &[F], shape: &[usize], axes: &[usize]) -> Vec<F> {
    let (data, s) = split3(data, shape, axes);
    let mut out = vec![F::zero(); s.outer * s.inner];
    if s.n == 0 {
        return out;
    }
    if s.inner == 1 {
        for (o, row) in out.iter_mut().zip(data.chunks_exact(s.n)) {
            *o = pairwise(row);
        }
    } else {
        let blocks = data.chunks_exact((s.n * s.inner).max(1));
        for (o, block) in out.chunks_exact_mut(s.inner.max(1)).zip(blocks) {
            pairwise_rows(o, block, s.inner);
        }
    }
    out
}

/// The sum of a slice, pairwise above [`BLOCK`] terms.
pub fn pairwise<F: Float>(x: &[F]) -> F {
    if x.len() <= BLOCK {
        // Eight running sums: independent, so that the compiler can use SIMD.
        let mut lanes = [F::zero(); 8];
        let chunks = x.chunks_exact(8);
        let rest = chunks.remainder();
        for c in chunks {
            for (lane, &v) in lanes.iter_mut().zip(c) {
                *lane += v;
            }
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        let mut total = ((a + b) + (c + d)) + ((e + f) + (g + h));
        for &v in rest {
            total += v;
        }
        total
    } else {
        let (left, right) = x.split_at(x.len() / 2);
        pairwise(left) + pairwise(right)
    }
}

/// Adds up the rows of a block into `out`, pairwise above [`BLOCK`] rows.
fn pairwise_rows<F: Float>(out: &mut [F], block: &[F], inner: usize) {
    let rows = block.len() / inner;
    if rows <= BLOCK {
        for row in block.chunks_exact(inner) {
            for (o, &v) in out.iter_mut().zip(row) {
                *o += v;
            }
        }
    } else {
        let (upper, lower) = block.split_at(rows / 2 * inner);
        pairwise_rows(out, upper, inner);
        let mut rest = vec![F::zero(); inner];
        pairwise_rows(&mut rest, lower, inner);
        for (o, v) in out.iter_mut().zip(rest) {
            *o += v;
        }
    }
}

/// Folds with an operation whose order does not matter (product, maximum).
pub fn fold<F: Float>(
    data: &[F],
    shape: &[usize],
    axes: &[usize],
    start: F,
    f: impl Fn(F, F) -> F,
) -> Vec<F> {
    let (data, s) = split3(data, shape, axes);
    let mut out = vec![start; s.outer * s.inner];
    if s.n == 0 || s.inner == 0 {
        return out;
    }
    for (o, block) in out
        .chunks_exact_mut(s.inner)
        .zip(data.chunks_exact(s.n * s.inner))
    {
        for row in block.chunks_exact(s.inner) {
            for (o, &v) in o.iter_mut().zip(row) {
                *o = f(*o, v);
            }
        }
    }
    out
}

/// Position, along one axis, of the first element that `better` prefers to
/// all before it.
pub fn arg<F: Float>(
    data: &[F],
    shape: &[usize],
    axis: usize,
    better: impl Fn(F, F) -> bool,
) -> Vec<usize> {
    let (data, s) = split3(data, shape, std::slice::from_ref(&axis));
    let mut out = Vec::with_capacity(s.outer * s.inner);
    for block in data.chunks_exact((s.n * s.inner).max(1)) {
        for i in 0..s.inner {
            let at = |k: usize| block[k * s.inner + i];
            let best = (1..s.n).fold(0, |best, k| if better(at(k), at(best)) { k } else { best });
            out.push(best);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairwise_sums_keep_their_digits() {
        let x = vec![0.1f32; 1_000_000];
        let exact = 0.1f32 as f64 * 1e6;
        assert!((f64::from(pairwise(&x)) - exact).abs() / exact < 1e-6);
        assert!((f64::from(sum(&x, &[500_000, 2], &[0])[0]) - exact / 2.0).abs() < 0.05);
    }

    #[test]
    fn axes_apart_and_together() {
        let x: Vec<f64> = (0..24).map(f64::from).collect();
        assert_eq!(sum(&x, &[2, 3, 4], &[]), x);
        assert_eq!(sum(&x, &[2, 3, 4], &[0, 1, 2]), [276.0]);
        assert_eq!(sum(&x, &[2, 3, 4], &[0, 2]), [60.0, 92.0, 124.0]);
        assert_eq!(sum(&x, &[2, 3, 4], &[1])[..2], [12.0, 15.0]);
        assert_eq!(sum::<f64>(&[], &[2, 0], &[1]), [0.0, 0.0]);
        assert_eq!(sum::<f64>(&[], &[0, 2], &[1]), [0.0; 0]);
        assert_eq!(sum::<f64>(&[], &[2, 0], &[0]), [0.0; 0]);
    }

    #[test]
    fn first_of_equal_elements() {
        let better = |a: f64, b: f64| a > b;
        assert_eq!(arg(&[1.0, 3.0, 3.0, 2.0], &[4], 0, better), [1]);
        assert_eq!(arg(&[1.0, 3.0, 3.0, 2.0], &[2, 2], 0, better), [1, 0]);
        assert_eq!(arg(&[1.0, 3.0, 3.0, 2.0], &[2, 2], 1, better), [1, 0]);
    }
}
