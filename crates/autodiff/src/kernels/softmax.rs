//! `ln Σ exp` and its relatives over groups, wherever their elements lie.
//!
//! Groups that are rows take another way, many exponentials at a time, to the
//! same bits.

use super::groups::Groups;
use super::reduce::pairwise_by;
use super::vector::{exp, log1p};
use super::{rows, scalar};
use crate::dtype::Float;

/// What is subtracted from the elements of a group so that none is above 0:
/// their maximum. A group of nothing but -∞ is shifted by nothing and stays at
/// -∞.
#[inline(always)]
pub(super) fn top<F: Float>(max: F) -> F {
    if max == F::neg_infinity() {
        F::zero()
    } else {
        max
    }
}

/// `x - max`. A maximum of +∞ does not differ from itself, and leaves nothing
/// to what is below it: the limit.
#[inline(always)]
pub(super) fn shifted<F: Float>(x: F, max: F) -> F {
    let below = x - max;
    if x == max { F::zero() } else { below }
}

/// The exponential of what is shifted, but of the maximum, now 0, which
/// [`ln_of`] counts.
#[inline(always)]
pub(super) fn loser<F: Float>(x: F) -> F {
    let e = exp(x);
    if x == F::zero() { x } else { e }
}

/// `ln Σ exp(x)` of what is shifted, from the sum of the [`loser`]s and the
/// number of the others. Each of these puts a 1 into the sum beside which
/// small terms would lose their digits; `ln(1 + rest)` keeps them. The loss of
/// a confident right answer is made of nothing else.
///
/// Without a winner all are -∞, and so is `ln(1 - 1)`, or one is NaN.
#[inline(always)]
pub(super) fn ln_of<F: Float>(losers: F, winners: usize) -> F {
    log1p(rest(losers, winners))
}

/// The sum less 1, whose `ln(1 + rest)` is sought.
#[inline(always)]
pub(super) fn rest<F: Float>(losers: F, winners: usize) -> F {
    losers + (F::of(winners as f64) - F::one())
}

/// The [`top`] of a group, and its elements, shifted.
fn shift<F: Float>(x: &[F], groups: &Groups, start: usize) -> (F, impl Fn(usize) -> F) {
    let at = move |k| x[start + groups.offset(k)];
    let max = (0..groups.n).fold(F::neg_infinity(), |m, k| scalar::maximum(m, at(k)));
    let max = top(max);
    (max, move |k| shifted(at(k), max))
}

fn ln_sum_exp<F: Float>(n: usize, x: &impl Fn(usize) -> F) -> F {
    let losers = pairwise_by(0..n, &|k| loser(x(k)));
    ln_of(losers, (0..n).filter(|&k| x(k) == F::zero()).count())
}

/// `ln Σ exp(x)` of every group.
pub fn logsumexp_into<F: Float>(out: &mut [F], x: &[F], groups: &Groups) {
    if rows::pays(x, groups) {
        return rows::logsumexp_into(out, x, groups.n);
    }
    for (g, out) in out.iter_mut().enumerate() {
        let (max, shifted) = shift(x, groups, groups.start(g));
        *out = max + ln_sum_exp(groups.n, &shifted);
    }
}

/// `x - ln Σ exp(x)` in every group.
pub fn log_softmax_into<F: Float>(out: &mut [F], x: &[F], groups: &Groups) {
    if rows::pays(x, groups) {
        return rows::log_softmax_into(out, x, groups.n);
    }
    for g in 0..groups.count {
        let start = groups.start(g);
        let (_, shifted) = shift(x, groups, start);
        let ln = ln_sum_exp(groups.n, &shifted);
        for k in 0..groups.n {
            out[start + groups.offset(k)] = shifted(k) - ln;
        }
    }
}

/// `exp(x) / Σ exp(x)` in every group.
pub fn softmax_into<F: Float>(out: &mut [F], x: &[F], groups: &Groups) {
    if rows::pays(x, groups) {
        return rows::softmax_into(out, x, groups.n);
    }
    for g in 0..groups.count {
        let start = groups.start(g);
        let (_, shifted) = shift(x, groups, start);
        let place = |k| start + groups.offset(k);
        for k in 0..groups.n {
            out[place(k)] = exp(shifted(k));
        }
        let sum = pairwise_by(0..groups.n, &|k| out[place(k)]);
        for k in 0..groups.n {
            out[place(k)] /= sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{self, Level};

    type Into<F> = fn(&mut [F], &[F], &Groups);

    /// Along the last axis and along the first of the transpose, at every
    /// level.
    fn hold<F: Float>(functions: [Into<F>; 3], count: usize, n: usize, x: &[F]) {
        let transposed: Vec<F> = (0..count * n)
            .map(|i| x[i % count * n + i / count])
            .collect();
        let (rows, columns) = (
            Groups::new(&[count, n], &[1]),
            Groups::new(&[n, count], &[0]),
        );
        assert!(rows.are_rows() && (!columns.are_rows() || count == 1 || n == 1));
        for (i, f) in functions.into_iter().enumerate() {
            let size = if i == 0 { count } else { count * n };
            let mut want = vec![F::zero(); size];
            simd::with_level(Level::Portable, || f(&mut want, &transposed, &columns));
            for level in Level::available() {
                let mut got = vec![F::zero(); size];
                simd::with_level(level, || f(&mut got, x, &rows));
                for (at, &got) in got.iter().enumerate() {
                    let want = want[if i == 0 { at } else { at % n * count + at / n }];
                    let same = got == want && got.is_sign_negative() == want.is_sign_negative();
                    assert!(
                        same || got.is_nan() && want.is_nan(),
                        "function {i} of {count} rows of {n}, {level}: {got:e}, not {want:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn rows_and_columns_agree_to_the_last_bit() {
        let (single, double): ([Into<f32>; 3], [Into<f64>; 3]) = (
            [logsumexp_into, log_softmax_into, softmax_into],
            [logsumexp_into, log_softmax_into, softmax_into],
        );
        let ends = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0, -0.0, 1e30];
        for n in (1..40).chain([63, 64, 65, 127, 128, 129, 1000, 1024, 1025, 2500]) {
            for count in [1, 2, 7, 150].into_iter().filter(|c| c * n < 6000) {
                let mut x: Vec<f64> = (0..count * n)
                    .map(|i| ((i * 7919 + n) % 1009) as f64 * 0.05 - 25.0)
                    .collect();
                // Whole numbers tie; some rows have an end, or nothing else.
                x.iter_mut().skip(3).step_by(5).for_each(|x| *x = x.round());
                for (row, x) in x.chunks_mut(n).enumerate() {
                    match row % 8 {
                        5 => x[row % n] = ends[row / 8 % ends.len()],
                        6 => x.fill(ends[row / 8 % ends.len()]),
                        _ => {}
                    }
                }
                let narrow: Vec<f32> = x.iter().map(|&x| x as f32).collect();
                hold(double, count, n, &x);
                hold(single, count, n, &narrow);
            }
        }
    }
}
