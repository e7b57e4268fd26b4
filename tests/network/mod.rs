//! Random small networks for regression and classification: correct
//! programs of the kind that a gradient checker meets in practice, with the
//! kinks, the flat regions and the bad scales that come with them.
//!
//! | file | what |
//! |---|---|
//! | `activation` | functions of one number between layers |
//! | `layer` | what a network is made of |
//! | `loss` | what it is judged by |
//! | `draw` | a network from a seed |
//! | `train` | descent to a small loss |

mod activation;
mod draw;
mod layer;
mod loss;
mod train;

use ndarray::ArrayD;
use wengert_autodiff::{Tape, Var};

use layer::Layer;
use loss::Loss;

/// Layers, a loss, data, and the values of the parameters: all that one
/// evaluation needs.
#[derive(Clone, Debug)]
pub struct Network {
    layers: Vec<Layer>,
    loss: Loss,
    /// Inputs, `[batch, features]`.
    x: ArrayD<f64>,
    /// Names and values, in the order in which they are recorded.
    params: Vec<(String, ArrayD<f64>)>,
}

/// A network on a tape.
pub struct Recorded<'t> {
    /// The mean loss over the batch, a scalar.
    pub loss: Var<'t, f64>,
    /// The parameters.
    pub params: Vec<Var<'t, f64>>,
    /// The inputs, which are differentiable as well.
    pub x: Var<'t, f64>,
}

impl Network {
    /// Records the network and its loss.
    pub fn record<'t>(&self, tape: &'t Tape) -> Recorded<'t> {
        let named = |(name, value): &(String, ArrayD<f64>)| tape.input(name, value.clone());
        let params: Vec<Var<'t, f64>> = self.params.iter().map(named).collect();
        let x = tape.input("x", self.x.clone());
        let y = self.layers.iter().fold(x, |x, layer| {
            let own: Vec<Var<'t, f64>> = layer.params.iter().map(|&i| params[i]).collect();
            layer.forward(x, &own)
        });
        let loss = self.loss.of(y);
        Recorded { loss, params, x }
    }

    /// The number of examples.
    pub fn batch(&self) -> usize {
        self.x.shape()[0]
    }

    /// The outputs, `[batch, outputs]`.
    fn outputs(&self) -> ArrayD<f64> {
        let tape = Tape::new();
        let params: Vec<_> = self
            .params
            .iter()
            .map(|(_, p)| tape.constant(p.clone()))
            .collect();
        let x = tape.constant(self.x.clone());
        let y = self.layers.iter().fold(x, |x, layer| {
            let own: Vec<_> = layer.params.iter().map(|&i| params[i]).collect();
            layer.forward(x, &own)
        });
        y.to_array()
    }
}
