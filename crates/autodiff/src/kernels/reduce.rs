//! Reductions over some axes of an array.
//!
//! The array is seen as `[outer, n, inner]` with the reduced axes in the
//! middle, or, if these do not lie side by side, as [`Groups`]. Sums are
//! pairwise, so that a sum of n terms errs by O(ln n) ulp, and always in the
//! same order, so that the same numbers give the same bits.

use std::ops::Range;

use super::groups::Groups;
use crate::dtype::Float;
use crate::simd;

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

/// Sums, pairwise.
pub fn sum<F: Float>(data: &[F], shape: &[usize], axes: &[usize]) -> Vec<F> {
    let groups = Groups::new(shape, axes);
    let mut out = vec![F::zero(); groups.count];
    sum_into(&mut out, data, shape, axes);
    out
}

/// Sums, pairwise, written to `out`.
pub fn sum_into<F: Float>(out: &mut [F], data: &[F], shape: &[usize], axes: &[usize]) {
    out.fill(F::zero());
    let Some(s) = side_by_side(shape, axes) else {
        let groups = Groups::new(shape, axes);
        for (g, o) in out.iter_mut().enumerate() {
            let start = groups.start(g);
            *o = pairwise_by(0..groups.n, &|k| data[start + groups.offset(k)]);
        }
        return;
    };
    if s.n == 0 {
        return;
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
}

/// How an array is seen by a reduction over `axes`, ascending, if these lie
/// side by side.
pub fn side_by_side(shape: &[usize], axes: &[usize]) -> Option<Split3> {
    let product = |range: &[usize]| range.iter().product::<usize>();
    let (Some(&first), Some(&last)) = (axes.first(), axes.last()) else {
        return Some(Split3 {
            outer: product(shape),
            n: 1,
            inner: 1,
        });
    };
    (last - first + 1 == axes.len()).then(|| Split3 {
        outer: product(&shape[..first]),
        n: product(&shape[first..=last]),
        inner: product(&shape[last + 1..]),
    })
}

/// The sum of `f` over a range, in the order of [`pairwise`].
pub fn pairwise_by<F: Float>(range: Range<usize>, f: &impl Fn(usize) -> F) -> F {
    let n = range.len();
    if n <= BLOCK {
        let mut block = [F::zero(); BLOCK];
        for (b, k) in block.iter_mut().zip(range) {
            *b = f(k);
        }
        pairwise(&block[..n])
    } else {
        let middle = range.start + n / 2;
        pairwise_by(range.start..middle, f) + pairwise_by(middle..range.end, f)
    }
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

/// Adds up the rows of a block into `out`, which is zero, pairwise above
/// [`BLOCK`] rows; so many columns at a time that sums fit on the stack.
fn pairwise_rows<F: Float>(out: &mut [F], block: &[F], inner: usize) {
    let rows = block.len() / inner;
    if rows <= BLOCK {
        return add_rows(out, block, inner, 0);
    }
    for (i, out) in out.chunks_mut(BLOCK).enumerate() {
        pairwise_columns(out, block, inner, i * BLOCK);
    }
}

/// The same for the columns from `column` on, as many as `out` takes.
fn pairwise_columns<F: Float>(out: &mut [F], block: &[F], inner: usize, column: usize) {
    let rows = block.len() / inner;
    if rows <= BLOCK {
        return add_rows(out, block, inner, column);
    }
    let (upper, lower) = block.split_at(rows / 2 * inner);
    pairwise_columns(out, upper, inner, column);
    let mut rest = [F::zero(); BLOCK];
    let rest = &mut rest[..out.len()];
    pairwise_columns(rest, lower, inner, column);
    for (o, v) in out.iter_mut().zip(rest) {
        *o += *v;
    }
}

fn add_rows<F: Float>(out: &mut [F], block: &[F], inner: usize, column: usize) {
    simd::run_light(
        #[inline(always)]
        || {
            for row in block.chunks_exact(inner) {
                for (o, &v) in out.iter_mut().zip(&row[column..]) {
                    *o += v;
                }
            }
        },
    );
}

/// Folds with an operation whose order does not matter (product, maximum),
/// written to `out`.
pub fn fold_into<F: Float>(
    out: &mut [F],
    data: &[F],
    shape: &[usize],
    axes: &[usize],
    start: F,
    f: impl Fn(F, F) -> F,
) {
    out.fill(start);
    let Some(s) = side_by_side(shape, axes) else {
        let groups = Groups::new(shape, axes);
        for (g, o) in out.iter_mut().enumerate() {
            let at = groups.start(g);
            *o = (0..groups.n).fold(start, |o, k| f(o, data[at + groups.offset(k)]));
        }
        return;
    };
    if s.n == 0 || s.inner == 0 {
        return;
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
}

/// Position, along one axis, of the first element that `better` prefers to
/// all before it, written to `out`.
pub fn arg_into<F: Float>(
    out: &mut [usize],
    data: &[F],
    shape: &[usize],
    axis: usize,
    better: impl Fn(F, F) -> bool,
) {
    let groups = Groups::new(shape, &[axis]);
    for (g, out) in out.iter_mut().enumerate() {
        let start = groups.start(g);
        let at = |k: usize| data[start + groups.offset(k)];
        *out = (1..groups.n).fold(0, |best, k| if better(at(k), at(best)) { k } else { best });
    }
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
    fn sums_have_the_same_bits_at_every_level() {
        use crate::simd::Level;
        let x: Vec<f32> = (0..90_000).map(|i| (i as f32).sin()).collect();
        for (shape, axes) in [
            (&[90, 1000][..], &[0][..]),
            (&[90, 1000], &[1]),
            (&[90_000], &[0]),
            (&[3000, 30], &[0]),
            (&[9, 100, 100], &[1]),
            (&[9, 100, 100], &[0, 2]),
        ] {
            let at = |level| simd::with_level(level, || sum(&x, shape, axes));
            let want = at(Level::Portable);
            assert!(
                Level::available().all(|level| at(level) == want),
                "{shape:?}"
            );
        }
    }

    #[test]
    fn first_of_equal_elements() {
        let better = |a: f64, b: f64| a > b;
        let x = [1.0, 3.0, 3.0, 2.0];
        for (shape, axis, want) in [
            (&[4][..], 0, &[1][..]),
            (&[2, 2], 0, &[1, 0]),
            (&[2, 2], 1, &[1, 0]),
        ] {
            let mut out = vec![9; want.len()];
            arg_into(&mut out, &x, shape, axis, better);
            assert_eq!(out, want);
        }
    }
}
