//! The comparison rule of the reference files, element by element.
//!
//! NaN matches NaN, infinities must be equal, and otherwise `|got - want| <=
//! rtol max(|got|, |want|) + 1e-12 max(1, largest finite |want|)`. Values are
//! always strict; a derivative that differs where PyTorch's own is a choice,
//! or not confirmed, counts as a convention.

use super::case::{Case, Doubt};

/// A number that is not the expected one.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The case.
    pub id: String,
    /// The field of the record: `outputs`, `grads`, `second_order`, `jvp`.
    pub field: &'static str,
    /// Which array of the field.
    pub array: usize,
    /// What is wrong.
    pub what: What,
}

/// How a result differs.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An element.
    Number {
        /// Where, along every axis.
        index: Vec<usize>,
        /// Ours.
        got: f64,
        /// The file's.
        want: f64,
    },
    /// A shape, or a number of arrays.
    Shape {
        /// Ours.
        got: Vec<usize>,
        /// The file's.
        want: Vec<usize>,
    },
    /// The operation refused, or an assertion failed.
    Refused(String),
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Mismatch {
            id,
            field,
            array,
            what,
        } = self;
        match what {
            What::Number { index, got, want } => {
                write!(
                    f,
                    "{id} {field}[{array}] at {index:?}: got {got:?}, want {want:?}"
                )?;
                let off = (got - want).abs() / got.abs().max(want.abs());
                if off.is_finite() {
                    write!(f, ", off by {off:.1e}")
                } else {
                    Ok(())
                }
            }
            What::Shape { got, want } => {
                write!(f, "{id} {field}[{array}]: got shape {got:?}, want {want:?}")
            }
            What::Refused(message) => write!(f, "{id} {field}: {message}"),
        }
    }
}

/// What comparing a case found.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub mismatches: Vec<Mismatch>,
    /// Elements that differ where PyTorch's number is not authoritative.
    pub conventions: usize,
    /// The largest relative error of an element that passed.
    pub worst: f64,
}

/// One array of a field.
pub(super) struct Compared<'a> {
    pub field: &'static str,
    pub array: usize,
    pub shape: &'a [usize],
    pub got: &'a [f64],
    pub want: &'a [f64],
}

/// Whether one element is the expected one.
pub(super) fn agree(got: f64, want: f64, rtol: f64, scale: f64) -> bool {
    if got.is_nan() || want.is_nan() {
        return got.is_nan() && want.is_nan();
    }
    if got.is_infinite() || want.is_infinite() {
        return got == want;
    }
    (got - want).abs() <= rtol * got.abs().max(want.abs()) + 1e-12 * scale
}

/// The largest finite number of an array, at least 1.
pub(super) fn scale(want: &[f64]) -> f64 {
    let finite = want.iter().map(|w| w.abs()).filter(|w| w.is_finite());
    finite.fold(1.0, f64::max)
}

/// The relative tolerance that every case allows.
fn base(field: &str) -> f64 {
    match field {
        "second_order" => 1e-8,
        _ => 1e-9,
    }
}

impl Findings {
    pub fn compare(&mut self, case: &Case, doubt: &Doubt, c: &Compared<'_>) {
        let rtol = base(c.field).max(case.rtol(c.field));
        let scale = scale(c.want);
        for (i, (&got, &want)) in c.got.iter().zip(c.want).enumerate() {
            if agree(got, want, rtol, scale) {
                let off = (got - want).abs() / want.abs().max(scale);
                self.worst = if off.is_finite() {
                    self.worst.max(off)
                } else {
                    self.worst
                };
                continue;
            }
            let soft = doubt.everything
                || doubt.elements.contains(&(c.array, i))
                || (c.field == "second_order" && !want.is_finite());
            if soft {
                self.conventions += 1;
            } else {
                let index = unravel(i, c.shape);
                self.miss(
                    &case.id,
                    c.field,
                    c.array,
                    What::Number { index, got, want },
                );
            }
        }
    }

    pub fn miss(&mut self, id: &str, field: &'static str, array: usize, what: What) {
        let id = id.to_string();
        self.mismatches.push(Mismatch {
            id,
            field,
            array,
            what,
        });
    }
}

fn unravel(mut i: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (place, &n) in index.iter_mut().zip(shape).rev() {
        *place = i % n;
        i /= n;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;
    const INF: f64 = f64::INFINITY;

    #[test]
    fn the_rule_for_one_element() {
        for (got, want, expected) in [
            (NAN, NAN, true),
            (NAN, 0.0, false),
            (0.0, NAN, false),
            (INF, INF, true),
            (INF, -INF, false),
            (INF, 1e308, false),
            (1.0, 1.0 + 0.9e-9, true),
            (1.0, 1.0 + 1.1e-9, false),
            (0.0, 0.9e-12, true),
            (0.0, 1.1e-12, false),
        ] {
            assert_eq!(agree(got, want, 1e-9, 1.0), expected, "{got} {want}");
        }
        assert!(agree(0.0, 0.9e-9, 1e-9, 1000.0));
        assert_eq!(scale(&[0.5, NAN, -INF, -7.0]), 7.0);
    }

    #[test]
    fn an_index_counts_along_every_axis() {
        assert_eq!(unravel(0, &[]), Vec::<usize>::new());
        assert_eq!(unravel(7, &[2, 3, 2]), [1, 0, 1]);
    }
}
