//! `ln Σ exp` and its relatives of rows: the exponentials of many rows at
//! once, and everything else row by row.

use super::groups::Groups;
use super::reduce::pairwise;
use super::scalar;
use super::softmax::{loser, rest, shifted, top};
use super::vector::{exp, log1p};
use crate::dtype::Float;
use crate::simd;

/// Elements that are worked on at once: they stay in the first cache.
const BLOCK: usize = 1024;

/// Whether groups can be, and should be, worked on as rows.
pub fn pays<F: Float>(x: &[F], groups: &Groups) -> bool {
    x.len() > 64 && groups.n <= BLOCK && groups.are_rows()
}

/// The largest; NaN if there is one.
#[inline(always)]
fn maximum<F: Float>(x: &[F]) -> F {
    let mut lanes = [F::neg_infinity(); 8];
    let chunks = x.chunks_exact(8);
    let rest = chunks.remainder();
    for c in chunks {
        for (lane, &x) in lanes.iter_mut().zip(c) {
            *lane = scalar::maximum(*lane, x);
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(F::neg_infinity(), |m, &x| scalar::maximum(m, x))
}

/// Every row less its largest element.
#[inline(always)]
fn shift_rows<F: Float>(out: &mut [F], x: &[F], n: usize) {
    for (out, x) in out.chunks_exact_mut(n).zip(x.chunks_exact(n)) {
        let max = top(maximum(x));
        for (o, &x) in out.iter_mut().zip(x) {
            *o = shifted(x, max);
        }
    }
}

/// `ln Σ exp` of rows that are [`shift_rows`]ed, no more than a block.
#[inline(always)]
fn ln_sum_exp<F: Float>(lns: &mut [F], shifted: &[F], n: usize) {
    let mut terms = [F::zero(); BLOCK];
    for (t, &x) in terms.iter_mut().zip(shifted) {
        *t = loser(x);
    }
    let rows = shifted.chunks_exact(n).zip(terms.chunks_exact(n));
    for (ln, (x, terms)) in lns.iter_mut().zip(rows) {
        let winners = x.iter().filter(|&&x| x == F::zero()).count();
        *ln = rest(pairwise(terms), winners);
    }
    for ln in &mut lns[..shifted.len() / n] {
        *ln = log1p(*ln);
    }
}

/// `ln Σ exp(x)` of every row.
pub fn logsumexp_into<F: Float>(out: &mut [F], x: &[F], n: usize) {
    simd::run(
        #[inline(always)]
        || {
            let rows = BLOCK / n;
            let mut block = [F::zero(); BLOCK];
            for (out, x) in out.chunks_mut(rows).zip(x.chunks(rows * n)) {
                let block = &mut block[..x.len()];
                shift_rows(block, x, n);
                ln_sum_exp(out, block, n);
                for (o, x) in out.iter_mut().zip(x.chunks_exact(n)) {
                    *o = top(maximum(x)) + *o;
                }
            }
        },
    );
}

/// `x - ln Σ exp(x)` in every row.
pub fn log_softmax_into<F: Float>(out: &mut [F], x: &[F], n: usize) {
    simd::run(
        #[inline(always)]
        || {
            let block = BLOCK / n * n;
            let mut lns = [F::zero(); BLOCK];
            for (out, x) in out.chunks_mut(block).zip(x.chunks(block)) {
                shift_rows(out, x, n);
                ln_sum_exp(&mut lns, out, n);
                for (out, &ln) in out.chunks_exact_mut(n).zip(&lns) {
                    for o in out {
                        *o -= ln;
                    }
                }
            }
        },
    );
}

/// `exp(x) / Σ exp(x)` in every row.
pub fn softmax_into<F: Float>(out: &mut [F], x: &[F], n: usize) {
    simd::run(
        #[inline(always)]
        || {
            let block = BLOCK / n * n;
            for (out, x) in out.chunks_mut(block).zip(x.chunks(block)) {
                shift_rows(out, x, n);
                for o in &mut *out {
                    *o = exp(*o);
                }
                for out in out.chunks_exact_mut(n) {
                    let sum = pairwise(out);
                    for o in out {
                        *o /= sum;
                    }
                }
            }
        },
    );
}
