//! The examples of a step, as inputs of a tape.

use std::cell::RefCell;

use ndarray::{ArrayBase, Axis, Data, Dimension, RemoveAxis};
use rand::rngs::ChaCha8Rng;
use wengert_autodiff::{Element, Tape, ValueId, Var};

use crate::feed::{self, Examples, Feed};
use crate::random::{Purpose, stream};
use crate::team::Team;

/// The examples that losses are recorded for. An objective does not see which
/// they are: it says how to make an input of any example, and training makes
/// it anew in every step, without recording again.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Tape;
/// use wengert_nn::Batch;
///
/// let images = array![[0.0, 0.5], [1.0, 0.0], [0.5, 0.5]];
/// let names = ["cat", "dog", "cat"];
/// let tape = Tape::new();
/// let batch = Batch::new(&tape, &[2, 0]);
/// let x = batch.rows("x", &images);
/// let labels = batch.labels("labels", |row| usize::from(names[row] == "dog"));
/// assert_eq!(x.to_array(), array![[0.5, 0.5], [0.0, 0.5]]);
/// assert_eq!(labels.to_array(), array![0, 0]);
/// ```
pub struct Batch<'t, 'a> {
    tape: &'t Tape,
    rows: Vec<usize>,
    feeds: RefCell<Vec<(ValueId, Box<dyn Feed + 'a>)>>,
}

impl<'t, 'a> Batch<'t, 'a> {
    /// Examples by their numbers, for a tape.
    pub fn new(tape: &'t Tape, rows: &[usize]) -> Self {
        Batch {
            tape,
            rows: rows.to_vec(),
            feeds: RefCell::default(),
        }
    }

    /// How many examples there are.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The examples' rows of an array, that is, its subarrays along the first
    /// axis, as an input of the tape.
    ///
    /// # Panics
    /// If the array has no such row.
    #[track_caller]
    pub fn rows<T: Element, S: Data<Elem = T> + Sync, D: Dimension + RemoveAxis>(
        &self,
        name: &str,
        array: &'a ArrayBase<S, D>,
    ) -> Var<'t, T> {
        let count = array.len_of(Axis(0));
        if let Some(row) = self.rows.iter().find(|row| **row >= count) {
            panic!("rows: row {row} of `{name}`, which has {count} rows");
        }
        self.gather(name, &array.shape()[1..], move |row, out| {
            match array.as_slice() {
                Some(data) => out.copy_from_slice(&data[row * out.len()..(row + 1) * out.len()]),
                None => {
                    let row = array.index_axis(Axis(0), row);
                    out.iter_mut().zip(row).for_each(|(out, &x)| *out = x);
                }
            }
        })
    }

    /// An array of shape `each` per example, made by `fill`, which is given
    /// the example's number and where its elements go in row-major order; as
    /// an input of the tape with the examples along the first axis.
    #[track_caller]
    pub fn gather<T: Element>(
        &self,
        name: &str,
        each: &[usize],
        fill: impl Fn(usize, &mut [T]) + Send + Sync + 'a,
    ) -> Var<'t, T> {
        let width = each.iter().product::<usize>().max(1);
        self.gather_all(name, each, move |rows, out| {
            for (&row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
                fill(row, out);
            }
        })
    }

    /// [`gather`](Batch::gather), where several examples are made at once more
    /// easily than one by one: `fill` is given the numbers of some, and where
    /// their elements go, one after the other.
    #[track_caller]
    pub fn gather_all<T: Element>(
        &self,
        name: &str,
        each: &[usize],
        fill: impl Fn(&[usize], &mut [T]) + Send + Sync + 'a,
    ) -> Var<'t, T> {
        let mut examples = Examples::new(self.rows.len(), each, fill);
        examples.fill(&self.rows, &mut nothing_random(), &Team::alone());
        let var = self.tape.input_value(name, feed::value(&examples));
        self.feeds.borrow_mut().push((var.id(), Box::new(examples)));
        var.typed().expect("of the elements' type")
    }

    /// A class per example, as an input of the tape.
    #[track_caller]
    pub fn labels(
        &self,
        name: &str,
        label: impl Fn(usize) -> usize + Send + Sync + 'a,
    ) -> Var<'t, usize> {
        self.gather(name, &[], move |row, out: &mut [usize]| out[0] = label(row))
    }

    /// The inputs, each with what fills it.
    pub(crate) fn into_feeds(self) -> Vec<(ValueId, Box<dyn Feed + 'a>)> {
        self.feeds.into_inner()
    }
}

/// The stream that a feed without random numbers is given.
fn nothing_random() -> ChaCha8Rng {
    stream(0, Purpose::Context)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, array};

    use super::*;

    #[test]
    fn rows_of_any_layout() {
        let x = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let (transposed, images) = (x.t(), Array3::<f64>::ones((4, 2, 3)));
        let tape = Tape::new();
        let batch = Batch::new(&tape, &[2, 0, 2]);
        let rows = batch.rows("x", &x);
        assert_eq!(rows.to_array(), array![[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]);
        let batch = Batch::new(&tape, &[1]);
        assert_eq!(
            batch.rows("x", &transposed).to_array(),
            array![[2.0, 4.0, 6.0]]
        );
        assert_eq!(batch.rows("x", &images).shape().to_vec(), [1, 2, 3]);
        let none = Batch::new(&tape, &[]);
        assert_eq!(none.rows("x", &images).shape().to_vec(), [0, 2, 3]);
    }

    #[test]
    #[should_panic(expected = "row 3 of `x`, which has 3 rows")]
    fn a_row_that_does_not_exist() {
        let (tape, x) = (Tape::new(), array![1.0, 2.0, 3.0]);
        Batch::new(&tape, &[3]).rows("x", &x);
    }
}
