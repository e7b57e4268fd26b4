//! Activations by name, for configurations and command lines. The functions
//! themselves, with their derivatives, are operations of the tape.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wengert_autodiff::{Float, Var};

use crate::option::NameError;

/// What is applied, element by element, to a layer's `x · w + b`.
///
/// ```
/// use wengert_nn::Activation;
///
/// let activation: Activation = "relu".parse()?;
/// assert_eq!(activation, Activation::Relu);
/// let tape = wengert_autodiff::Tape::new();
/// let x = tape.constant(ndarray::array![-1.0, 2.0]);
/// assert_eq!(activation.apply(x).to_array(), ndarray::array![0.0, 2.0]);
/// # Ok::<(), wengert_nn::NameError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `x`.
    Identity,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// `max(x, 0)`.
    Relu,
    /// `ln(1 + e^x)`.
    Softplus,
    /// `exp(x) / Σ exp(x)` over the last axis: not element by element. For
    /// the probabilities of a classifier; to train one, take its logits and a
    /// [`loss`](crate::loss) on logits.
    Softmax,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Activation; 6] = [
        Activation::Identity,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::Softplus,
        Activation::Softmax,
    ];

    /// Applies it; keeps the shape.
    #[track_caller]
    pub fn apply<'t, F: Float>(self, x: Var<'t, F>) -> Var<'t, F> {
        match self {
            Activation::Identity => x,
            Activation::Sigmoid => x.sigmoid(),
            Activation::Tanh => x.tanh(),
            Activation::Relu => x.relu(),
            Activation::Softplus => x.softplus(),
            Activation::Softmax => x.softmax(-1),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Activation::Identity => "identity",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::Softplus => "softplus",
            Activation::Softmax => "softmax",
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Activation {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let known = Activation::ALL.into_iter().find(|a| a.name() == name);
        let expected = "identity, sigmoid, tanh, relu, softplus or softmax";
        known.ok_or_else(|| NameError::new("activation", name, expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_text_and_in_json() {
        for activation in Activation::ALL {
            let name = activation.to_string();
            assert_eq!(name.parse(), Ok(activation));
            let json = serde_json::to_string(&activation).unwrap();
            assert_eq!(json, format!("\"{name}\""));
        }
        assert_eq!(
            "swish".parse::<Activation>().unwrap_err().to_string(),
            "unknown activation `swish`: expected identity, sigmoid, tanh, relu, softplus or softmax"
        );
    }

    #[test]
    fn softmax_runs_over_the_last_axis() {
        let tape = wengert_autodiff::Tape::new();
        let x = tape.constant(ndarray::array![[0.0, 0.0], [1000.0, -1000.0]]);
        let y = Activation::Softmax.apply(x).to_array();
        assert_eq!(y, ndarray::array![[0.5, 0.5], [1.0, 0.0]]);
    }
}
