//! What a forward pass needs besides its input. Nothing here, and nothing in
//! the crate, is global.

use std::cell::RefCell;

use rand::rngs::ChaCha8Rng;
use wengert_autodiff::{Element, Float, Tape, ValueId, Var};

use crate::feed::{self, Drawn, Feed};
use crate::params::{ParamId, Params};
use crate::random::{Purpose, stream};
use crate::team::Team;

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
    drawn: RefCell<Vec<(ValueId, Box<dyn Feed>)>>,
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
            drawn: RefCell::default(),
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

    /// An array of random numbers, drawn by `draw`, as an input of the tape:
    /// training draws it anew in every step, without recording again.
    ///
    /// ```
    /// use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    /// use wengert_autodiff::Tape;
    /// use wengert_nn::{Context, Params};
    ///
    /// let (tape, params) = (Tape::new(), Params::<f64>::new());
    /// let cx = Context::train(&tape, &params, ChaCha8Rng::seed_from_u64(1));
    /// let noise = cx.random("noise", &[2, 3], |rng, out: &mut [f64]| {
    ///     out.fill_with(|| rng.random());
    /// });
    /// assert_eq!(noise.shape().to_vec(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn random<T: Element>(
        &self,
        name: &str,
        shape: &[usize],
        draw: impl Fn(&mut ChaCha8Rng, &mut [T]) + Send + 'static,
    ) -> Var<'t, T> {
        let mut drawn = Drawn::new(shape, draw);
        drawn.fill(&[], &mut self.rng.borrow_mut(), &Team::alone());
        let var = self.tape.input_value(name, feed::value(&drawn));
        self.drawn.borrow_mut().push((var.id(), Box::new(drawn)));
        var.typed().expect("of the elements' type")
    }

    /// The random inputs, each with what fills it.
    pub(crate) fn into_feeds(self) -> Vec<(ValueId, Box<dyn Feed>)> {
        self.drawn.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

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
}
