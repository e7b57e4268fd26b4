//! The multilayer perceptron.

use rand::Rng;
use serde::{Deserialize, Serialize};
use wengert_autodiff::{Float, Var};

use super::{Dense, Dropout, LayerError, Model};
use crate::activation::Activation;
use crate::context::Context;
use crate::init::Init;
use crate::params::{ParamId, Params};

/// The shape of a multilayer perceptron, and how it begins.
///
/// ```
/// use wengert_nn::{Activation, Init, MlpConfig};
///
/// let config = MlpConfig { hidden: vec![128], dropout: 0.2, ..MlpConfig::new(784, 10) };
/// assert_eq!((config.activation, config.init), (Activation::Relu, Init::HeNormal));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MlpConfig {
    /// Numbers per example.
    pub inputs: usize,
    /// Width of each hidden layer, from the input on.
    pub hidden: Vec<usize>,
    /// Logits per example.
    pub outputs: usize,
    /// Of the hidden layers; the output layer has none.
    pub activation: Activation,
    /// How the weights begin.
    pub init: Init,
    /// Probability of dropping a hidden unit in training; 0 for none.
    pub dropout: f64,
}

impl MlpConfig {
    /// A linear classifier: no hidden layer yet; relu, He's initialisation,
    /// no dropout.
    pub fn new(inputs: usize, outputs: usize) -> MlpConfig {
        MlpConfig {
            inputs,
            hidden: Vec::new(),
            outputs,
            activation: Activation::Relu,
            init: Init::HeNormal,
            dropout: 0.0,
        }
    }

    /// Whether a model can be built of it.
    ///
    /// # Errors
    /// If a width is 0, dropout not a probability below 1, or the deviation
    /// of [`Init::Normal`] not one.
    pub fn check(&self) -> Result<(), LayerError> {
        let hidden = self.hidden.iter().enumerate();
        let named = hidden.map(|(i, &width)| (self.hidden_name(i), width));
        let mut widths = [("input".to_string(), self.inputs)]
            .into_iter()
            .chain(named)
            .chain([("output".to_string(), self.outputs)]);
        if let Some((layer, _)) = widths.find(|(_, width)| *width == 0) {
            return Err(LayerError::Empty { layer });
        }
        self.init.check()?;
        Dropout::new("dropout", self.dropout).map(drop)
    }

    fn hidden_name(&self, i: usize) -> String {
        match self.hidden.len() {
            1 => "hidden".into(),
            _ => format!("hidden{}", i + 1),
        }
    }
}

/// A multilayer perceptron: dense layers, an activation and dropout after
/// each hidden one, logits at the end.
///
/// Its layers are called `hidden` (or `hidden1`, `hidden2`, … if there are
/// several) and `output`, and their parameters `hidden.weight`,
/// `hidden.bias`, …
///
/// ```
/// use ndarray::Array2;
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_autodiff::Tape;
/// use wengert_nn::{Context, Mlp, MlpConfig, Params};
///
/// let config = MlpConfig { hidden: vec![128], ..MlpConfig::new(784, 10) };
/// let mut params = Params::<f32>::new();
/// let model = Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1))?;
/// let names: Vec<&str> = params.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]);
/// assert_eq!(params.count(), 784 * 128 + 128 + 128 * 10 + 10);
///
/// let tape = Tape::new();
/// let cx = Context::eval(&tape, &params);
/// let logits = model.forward(&cx, tape.input("x", Array2::zeros((5, 784))));
/// assert_eq!(logits.shape().to_vec(), [5, 10]);
/// # Ok::<(), wengert_nn::LayerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mlp {
    config: MlpConfig,
    hidden: Vec<Hidden>,
    output: Dense,
}

#[derive(Clone, Debug)]
struct Hidden {
    name: String,
    dense: Dense,
    dropout: Dropout,
}

impl Mlp {
    /// Adds the parameters, drawn as configured, to the store.
    ///
    /// # Errors
    /// If a width is 0, dropout not a probability below 1, or a name taken.
    pub fn new<F: Float>(
        config: &MlpConfig,
        params: &mut Params<F>,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Mlp, LayerError> {
        config.check()?;
        let mut hidden = Vec::new();
        let mut inputs = config.inputs;
        for (i, &outputs) in config.hidden.iter().enumerate() {
            let name = config.hidden_name(i);
            let dropout = Dropout::new(format!("{name}.dropout"), config.dropout)?;
            let (activation, init) = (config.activation, config.init);
            let dense = Dense::new(&name, inputs, outputs, activation, init, params, rng)?;
            hidden.push(Hidden {
                name,
                dense,
                dropout,
            });
            inputs = outputs;
        }
        let identity = Activation::Identity;
        let (outputs, init) = (config.outputs, config.init);
        Ok(Mlp {
            config: config.clone(),
            hidden,
            output: Dense::new("output", inputs, outputs, identity, init, params, rng)?,
        })
    }

    /// The logits, `[n, outputs]`, of inputs `[n, inputs]`.
    ///
    /// # Panics
    /// At the caller's line, if `x` has another shape.
    #[track_caller]
    pub fn forward<'t, F: Float>(&self, cx: &Context<'t, '_, F>, x: Var<'t, F>) -> Var<'t, F> {
        let mut x = x;
        for layer in &self.hidden {
            let _scope = cx.tape().scope(&layer.name);
            let activation = layer.dense.forward(cx, x).named(&layer.name);
            x = layer.dropout.forward(cx, activation);
        }
        let _scope = cx.tape().scope("output");
        self.output.forward(cx, x)
    }

    /// What it was built from.
    pub fn config(&self) -> &MlpConfig {
        &self.config
    }

    /// The dense layers with their names, from the input to the output.
    pub fn layers(&self) -> impl Iterator<Item = (&str, &Dense)> {
        let hidden = self.hidden.iter().map(|h| (h.name.as_str(), &h.dense));
        hidden.chain([("output", &self.output)])
    }

    /// The weight matrices, without the biases: what a penalty is on.
    pub fn weights(&self) -> Vec<ParamId> {
        self.layers().map(|(_, layer)| layer.weight).collect()
    }
}

impl<F: Float> Model<F> for Mlp {
    #[track_caller]
    fn forward<'t>(&self, cx: &Context<'t, '_, F>, x: Var<'t, F>) -> Var<'t, F> {
        Mlp::forward(self, cx, x)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use wengert_autodiff::Tape;

    use super::*;

    fn build(config: &MlpConfig) -> Result<(Mlp, Params<f64>), LayerError> {
        let mut params = Params::new();
        let model = Mlp::new(config, &mut params, &mut ChaCha8Rng::seed_from_u64(1))?;
        Ok((model, params))
    }

    #[test]
    fn layers_are_named_and_linear_models_are_models() {
        let config = MlpConfig {
            hidden: vec![4, 3],
            ..MlpConfig::new(5, 2)
        };
        let (model, params) = build(&config).unwrap();
        let names: Vec<&str> = model.layers().map(|(name, _)| name).collect();
        assert_eq!(names, ["hidden1", "hidden2", "output"]);
        let shapes: Vec<_> = model
            .weights()
            .iter()
            .map(|&w| params.shape(w).to_vec())
            .collect();
        assert_eq!(shapes, [[5, 4], [4, 3], [3, 2]]);
        let (_, params) = build(&MlpConfig::new(5, 2)).unwrap();
        assert_eq!(params.count(), 12);
    }

    #[test]
    fn the_tape_reads_like_the_formula_and_knows_the_layers() {
        let config = MlpConfig {
            hidden: vec![4],
            activation: Activation::Sigmoid,
            dropout: 0.5,
            ..MlpConfig::new(5, 2)
        };
        let (model, params) = build(&config).unwrap();
        let tape = Tape::new();
        let cx = Context::eval(&tape, &params);
        let x = tape.input("x", Array2::zeros((3, 5)));
        assert_eq!(
            model.forward(&cx, x).to_string(),
            "hidden = sigmoid(x · hidden.weight + hidden.bias)\n\
             hidden · output.weight + output.bias"
        );
        let cx = Context::train(&tape, &params, ChaCha8Rng::seed_from_u64(1));
        let text = model.forward(&cx, x).to_string();
        assert!(text.contains("hidden.dropout"), "{text}");
        assert!(tape.to_text().contains("hidden"), "{}", tape.to_text());
    }

    #[test]
    fn misuse_is_refused() {
        let empty = MlpConfig {
            hidden: vec![4, 0],
            ..MlpConfig::new(5, 2)
        };
        assert_eq!(
            build(&empty).unwrap_err().to_string(),
            "`hidden2` has width 0: every layer must have at least one unit"
        );
        let dropped = MlpConfig {
            hidden: vec![4],
            dropout: 1.0,
            ..MlpConfig::new(5, 2)
        };
        assert!(matches!(build(&dropped), Err(LayerError::Dropout { .. })));
    }

    #[test]
    fn the_configuration_is_readable_json() {
        let config = MlpConfig {
            hidden: vec![128],
            init: Init::Normal { std: 0.01 },
            ..MlpConfig::new(784, 10)
        };
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(
            json,
            r#"{"inputs":784,"hidden":[128],"outputs":10,"activation":"relu","init":"normal:0.01","dropout":0.0}"#
        );
        assert_eq!(serde_json::from_str::<MlpConfig>(&json).unwrap(), config);
    }
}
