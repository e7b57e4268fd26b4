//! Functions of one number between layers.

use wengert_autodiff::Var;

use crate::random::Random;

/// What is applied to every element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    Identity,
    Sigmoid,
    Tanh,
    Relu,
    /// `relu(x)²`: differentiable at 0, once.
    ReluSquared,
    /// `max(x, x/10)`.
    LeakyRelu,
    Softplus,
    Abs,
    Clamp,
    Sin,
}

const ALL: [Activation; 10] = [
    Activation::Identity,
    Activation::Sigmoid,
    Activation::Tanh,
    Activation::Relu,
    Activation::ReluSquared,
    Activation::LeakyRelu,
    Activation::Softplus,
    Activation::Abs,
    Activation::Clamp,
    Activation::Sin,
];

impl Activation {
    pub fn draw(random: &mut Random) -> Activation {
        ALL[random.below(ALL.len())]
    }

    pub fn of<'t>(self, x: Var<'t, f64>) -> Var<'t, f64> {
        match self {
            Activation::Identity => x,
            Activation::Sigmoid => x.sigmoid(),
            Activation::Tanh => x.tanh(),
            Activation::Relu => x.relu(),
            Activation::ReluSquared => x.relu().square(),
            Activation::LeakyRelu => x.maximum(0.1 * x),
            Activation::Softplus => x.softplus(),
            Activation::Abs => x.abs(),
            Activation::Clamp => x.clamp(-1.0, 0.75),
            Activation::Sin => x.sin(),
        }
    }
}
