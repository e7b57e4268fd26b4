//! What a forward pass needs besides its input. Nothing here, and nothing in
//! the crate, is global.

use std::cell::{RefCell, RefMut};

use ndarray::{Array1, ArrayBase, Data, Dimension, RemoveAxis};
use rand::rngs::ChaCha8Rng;
use wengert_autodiff::{Float, Tape, Value, Var};

use crate::params::{ParamId, Params};
use crate::random::{Purpose, stream};

/// Whether a forward pass is part of training. Decides about dropout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Part of training: dropout drops.
    Train,
    /// Prediction or evaluation: nothing is random.
    Eval,
}

/// The one explicit context of a forward pass: a tape, parameters, a mode,
/// and a random stream.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Tape;
/// use wengert_nn::{Context, Params};
///
/// let mut params = Params::new();
/// let weight = params.add("weight", array![[2.0], [3.0]])?;
///
/// let tape = Tape::new();
/// let cx = Context::eval(&tape, &params);
/// let x = cx.tape().input("x", array![[1.0, 10.0]]);
/// let y = x.dot(cx.param(weight));
/// assert_eq!(y.to_string(), "x · weight");
/// let [dw] = tape.grad(y.sum(), [cx.param(weight)])?;
/// assert_eq!(dw.to_array(), array![[1.0], [10.0]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Context<'t, 'p, F: Float> {
    tape: &'t Tape,
    params: &'p Params<F>,
    recorded: RefCell<Vec<Option<Var<'t, F>>>>,
    mode: Mode,
    rng: RefCell<ChaCha8Rng>,
}

impl<'t, 'p, F: Float> Context<'t, 'p, F> {
    /// For training: random numbers come from `rng`.
    pub fn train(tape: &'t Tape, params: &'p Params<F>, rng: ChaCha8Rng) -> Self {
        Context {
            tape,
            params,
            recorded: RefCell::new(vec![None; params.len()]),
            mode: Mode::Train,
            rng: RefCell::new(rng),
        }
    }

    /// For prediction: layers draw no random numbers.
    pub fn eval(tape: &'t Tape, params: &'p Params<F>) -> Self {
        Context {
            mode: Mode::Eval,
            ..Context::train(tape, params, stream(0, Purpose::Context))
        }
    }

    /// The tape that is recorded on.
    pub fn tape(&self) -> &'t Tape {
        self.tape
    }

    /// The parameters.
    pub fn params(&self) -> &'p Params<F> {
        self.params
    }

    /// Whether this is part of training.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The random stream. What is drawn belongs on the tape as a named input
    /// and not as a constant, so that a replay can draw anew.
    pub fn rng(&self) -> RefMut<'_, ChaCha8Rng> {
        self.rng.borrow_mut()
    }

    /// A parameter as an input of the tape, of the parameter's name. Recorded
    /// once, without a copy; the second call returns the same variable.
    ///
    /// # Panics
    /// If the parameter is of another store.
    #[track_caller]
    pub fn param(&self, id: ParamId) -> Var<'t, F> {
        let known = self.recorded.borrow().get(id.0).copied().flatten();
        if let Some(var) = known {
            return var;
        }
        let value = self.params.value(id);
        let var = self.tape.input_value(self.params.name(id), value);
        let var = var.typed().expect("a parameter is of the store's type");
        self.recorded.borrow_mut()[id.0] = Some(var);
        var
    }

    /// The parameters that have been asked for, in the order of the store.
    pub fn recorded(&self) -> Vec<(ParamId, Var<'t, F>)> {
        let recorded = self.recorded.borrow();
        let vars = recorded.iter().enumerate();
        vars.filter_map(|(i, var)| Some((ParamId(i), (*var)?)))
            .collect()
    }

    /// Rows of an array, that is, subarrays along its first axis, as an input
    /// of the tape: one copy.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn rows<S: Data<Elem = F>, D: Dimension + RemoveAxis>(
        &self,
        name: &str,
        array: &ArrayBase<S, D>,
        rows: &[usize],
    ) -> Var<'t, F> {
        let mut shape = array.shape().to_vec();
        let count = shape[0];
        shape[0] = rows.len();
        if let Some(row) = rows.iter().find(|row| **row >= count) {
            panic!("rows: row {row} of `{name}`, which has {count} rows");
        }
        let value = match array.as_slice() {
            Some(data) => {
                let width = data.len() / count.max(1);
                let mut out = Vec::with_capacity(rows.len() * width);
                for &row in rows {
                    out.extend_from_slice(&data[row * width..(row + 1) * width]);
                }
                Value::from_vec(&shape, out)
            }
            None => Value::from(array.select(ndarray::Axis(0), rows)),
        };
        let var = self.tape.input_value(name, value);
        var.typed().expect("of the array's type")
    }

    /// Class labels as an input of the tape.
    #[track_caller]
    pub fn labels(&self, name: &str, labels: Vec<usize>) -> Var<'t, usize> {
        self.tape.input(name, Array1::from_vec(labels))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, array};

    use super::*;

    #[test]
    fn a_parameter_is_recorded_once() {
        let mut params = Params::<f32>::new();
        let a = params.add("a", array![1.0]).unwrap();
        let b = params.add("b", array![2.0]).unwrap();
        let tape = Tape::new();
        let cx = Context::eval(&tape, &params);
        assert_eq!(cx.param(b).id(), cx.param(b).id());
        assert_eq!(tape.len(), 1);
        assert_eq!(cx.recorded().len(), 1);
        assert_eq!(cx.recorded()[0].0, b);
        cx.param(a);
        assert_eq!(cx.recorded()[0].0, a);
    }

    #[test]
    fn rows_of_any_layout() {
        let params = Params::<f64>::new();
        let tape = Tape::new();
        let cx = Context::eval(&tape, &params);
        let x = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let rows = cx.rows("x", &x, &[2, 0, 2]);
        assert_eq!(rows.to_array(), array![[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]);
        assert_eq!(
            cx.rows("x", &x.t(), &[1]).to_array(),
            array![[2.0, 4.0, 6.0]]
        );
        let images = Array3::<f64>::ones((4, 2, 3));
        assert_eq!(cx.rows("x", &images, &[0]).shape().to_vec(), [1, 2, 3]);
    }

    #[test]
    #[should_panic(expected = "row 3 of `x`, which has 3 rows")]
    fn a_row_that_does_not_exist() {
        let params = Params::<f64>::new();
        Context::eval(&Tape::new(), &params).rows("x", &array![1.0, 2.0, 3.0], &[3]);
    }
}
