//! Comparison of arrays. A failure lists every bad element with its index,
//! not the first one.

use std::fmt::Write;

use ndarray::{ArrayBase, ArrayD, Data, Dimension};
use wengert_autodiff::Float;

/// How far two arrays may differ.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// Not in a single bit, except that NaN equals NaN.
    Bits,
    /// By this part of the largest finite magnitude in the expected array.
    OfLargest(f64),
    /// Every element by this part of its own magnitude.
    OfEach(f64),
    /// By this number.
    Absolute(f64),
}

impl Bound {
    fn holds(self, got: f64, want: f64, largest: f64) -> bool {
        if got.is_nan() || want.is_nan() {
            return got.is_nan() && want.is_nan();
        }
        if got.is_infinite() || want.is_infinite() {
            return got == want;
        }
        (got - want).abs()
            <= match self {
                Bound::Bits => return got.to_bits() == want.to_bits(),
                Bound::OfLargest(part) => part * largest,
                Bound::OfEach(part) => part * got.abs().max(want.abs()),
                Bound::Absolute(bound) => bound,
            }
    }
}

/// Every element by which `got` is not `want`, one line each; empty if they
/// agree.
pub fn mismatches<F: Float, S, T, D, E>(
    got: &ArrayBase<S, D>,
    want: &ArrayBase<T, E>,
    bound: Bound,
) -> String
where
    S: Data<Elem = F>,
    T: Data<Elem = F>,
    D: Dimension,
    E: Dimension,
{
    if got.shape() != want.shape() {
        return format!("shapes {:?} and {:?}\n", got.shape(), want.shape());
    }
    let finite = want.iter().map(|x| Float::as_f64(*x).abs());
    let largest = finite.filter(|x| x.is_finite()).fold(0.0, f64::max);
    let mut lines = String::new();
    for ((index, &got), &want) in got.view().into_dyn().indexed_iter().zip(want) {
        let (got, want) = (Float::as_f64(got), Float::as_f64(want));
        if !bound.holds(got, want, largest) {
            let _ = writeln!(
                lines,
                "  at {:?}: got {got:e}, want {want:e}, difference {:.1e}, largest {largest:.1e}",
                ndarray::Dimension::slice(&index),
                got - want
            );
        }
    }
    lines
}

/// Fails, listing every bad element, unless `got` is `want` within the bound.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_close<F: Float, S, T, D, E>(
    what: &str,
    got: &ArrayBase<S, D>,
    want: &ArrayBase<T, E>,
    bound: Bound,
) where
    S: Data<Elem = F>,
    T: Data<Elem = F>,
    D: Dimension,
    E: Dimension,
{
    let bad = mismatches(got, want, bound);
    assert!(bad.is_empty(), "{what} ({bound:?}):\n{bad}");
}

/// Fails unless both have the same bits.
///
/// # Panics
/// If they differ.
#[track_caller]
pub fn assert_bits(what: &str, got: &ArrayD<f64>, want: &ArrayD<f64>) {
    assert_close(what, got, want, Bound::Bits);
}
