//! One training step of a network 784-hidden-10 in f32: forward, backward,
//! Adam; recorded eagerly, on one thread.

use ndarray::{Array1, Array2};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use wengert_autodiff::{Any, Program, Tape, Value, Var};
use wengert_nn::{
    Activation, Adam, Context, Gradient, Init, Mlp, MlpConfig, Optimizer, Params, loss,
};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// The loss alone.
    Loss,
    /// The loss and its gradient with respect to all parameters.
    Gradient,
}

/// A network, a batch, and the memory that steps are taken in.
pub struct Training {
    model: Mlp,
    params: Params<f32>,
    optimizer: Adam<f32>,
    tape: Tape,
    x: Array2<f32>,
    labels: Array1<usize>,
}

impl Training {
    /// A network of `hidden` sigmoid units, and a batch of `batch` images of
    /// which a fifth of the pixels carry ink, as in MNIST.
    ///
    /// # Panics
    ///
    /// If there are no hidden units.
    pub fn new(batch: usize, hidden: usize) -> Self {
        let config = MlpConfig {
            hidden: vec![hidden],
            activation: Activation::Sigmoid,
            init: Init::GlorotNormal,
            ..MlpConfig::new(784, 10)
        };
        let mut params = Params::new();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let model = Mlp::new(&config, &mut params, &mut rng).expect("a valid configuration");
        let x = Array2::from_shape_fn((batch, 784), |(i, j)| match (i * 31 + j) % 5 {
            0 => ((i + j) % 255) as f32 / 255.0,
            _ => 0.0,
        });
        Self {
            model,
            params,
            optimizer: Adam::default(),
            tape: Tape::new(),
            x,
            labels: (0..batch).map(|i| i % 10).collect(),
        }
    }

    /// Records forward and, if asked for, backward; returns how many
    /// instructions that took.
    ///
    /// # Panics
    ///
    /// If an operation has no rule.
    pub fn record(&self, outputs: Outputs) -> usize {
        let tape = Tape::new();
        self.on(&tape, outputs);
        tape.len()
    }

    /// The same as a program, and values for its inputs.
    ///
    /// # Panics
    ///
    /// If it cannot be compiled.
    pub fn program(&self, outputs: Outputs) -> (Program, Vec<Value>) {
        let tape = Tape::new();
        let [inputs, outputs] = self.on(&tape, outputs);
        let program = tape.compile(&inputs, &outputs);
        let values = inputs.iter().map(|x| x.peek()).collect();
        (program.expect("nothing was read"), values)
    }

    /// Inputs and outputs, recorded.
    fn on<'t>(&self, tape: &'t Tape, outputs: Outputs) -> [Vec<Var<'t, Any>>; 2] {
        let cx = Context::eval(tape, &self.params);
        let x = tape.input("x", self.x.view());
        let labels = tape.input("labels", self.labels.view());
        let loss = loss::softmax_cross_entropy(self.model.forward(&cx, x), labels).mean();
        let (_, params): (Vec<_>, Vec<_>) = cx.recorded().into_iter().unzip();
        let mut inputs = vec![x.any(), labels.any()];
        inputs.extend(params.iter().map(|p| p.any()));
        let mut found = vec![loss.any()];
        if outputs == Outputs::Gradient {
            let gradient = tape
                .grads(loss, &params)
                .expect("every operation has a rule");
            found.extend(gradient.into_iter().flatten().map(Var::any));
        }
        [inputs, found]
    }

    /// Takes a step, and returns the loss before it.
    ///
    /// ```
    /// let mut training = wengert_benches::training::Training::new(20, 32);
    /// let before = training.step();
    /// let after = (0..5).map(|_| training.step()).last();
    /// assert!(after < Some(before));
    /// ```
    pub fn step(&mut self) -> f32 {
        self.tape.reset();
        let cx = Context::eval(&self.tape, &self.params);
        let logits = self.model.forward(&cx, self.tape.input("x", self.x.view()));
        let labels = self.tape.input("labels", self.labels.view());
        let loss = loss::softmax_cross_entropy(logits, labels).mean();
        let gradient = Gradient::of(loss, &cx).expect("every operation has a rule");
        let loss = loss.item();
        self.optimizer.step(&mut self.params, &gradient, 1e-3);
        loss
    }
}
