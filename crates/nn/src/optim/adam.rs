//! Adam, and Adam with decoupled weight decay.

use serde::{Deserialize, Serialize};
use wengert_autodiff::Float;

use super::{Optimizer, changing, fraction, prepare};
use crate::flat::Flat;
use crate::gradient::GradientView;
use crate::kernels::{self, AdamStep};
use crate::option::OptionError;
use crate::params::{ParamId, Params};
use crate::team::Team;

/// Adam (D. Kingma and J. Ba, 2015, arXiv:1412.6980), with bias correction:
///
/// ```text
/// m = β₁ m + (1 - β₁) g        m̂ = m / (1 - β₁ᵗ)
/// v = β₂ v + (1 - β₂) g²       v̂ = v / (1 - β₂ᵗ)
/// p -= rate · m̂ / (√v̂ + ε)
/// ```
///
/// ε stands outside the root and after the correction, as in PyTorch. `t`
/// counts, for each parameter, the steps at which it had a gradient.
///
/// ```
/// use wengert_nn::Adam;
///
/// let optimizer = Adam::<f32> { beta2: 0.99, ..Adam::default() };
/// assert_eq!((optimizer.beta1, optimizer.epsilon), (0.9, 1e-8));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize", deserialize = "F: Deserialize<'de>"))]
pub struct Adam<F: Float> {
    /// What remains of the first moment at each step, β₁.
    pub beta1: f64,
    /// What remains of the second moment at each step, β₂.
    pub beta2: f64,
    /// Keeps the quotient finite, ε.
    pub epsilon: f64,
    /// Moments and step counts so far.
    pub state: AdamState<F>,
}

/// Moments and step counts so far; empty before the first step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize", deserialize = "F: Deserialize<'de>"))]
pub struct AdamState<F: Float> {
    first: Flat<F>,
    second: Flat<F>,
    steps: Vec<u64>,
}

impl<F: Float> Default for Adam<F> {
    fn default() -> Self {
        Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            state: AdamState::default(),
        }
    }
}

impl<F: Float> Adam<F> {
    /// A step that first shrinks each parameter by `rate · decay(parameter)`.
    fn step_with(
        &mut self,
        team: &Team,
        params: &mut Params<F>,
        gradient: &GradientView<'_, F>,
        rate: f64,
        decay: impl Fn(&Params<F>, ParamId) -> f64,
    ) {
        let AdamState {
            first,
            second,
            steps,
        } = &mut self.state;
        prepare(first, params);
        prepare(second, params);
        steps.resize(params.len(), 0);
        for (id, range, g) in changing(params, gradient) {
            steps[id.index()] += 1;
            let step = AdamStep {
                rate,
                beta1: self.beta1,
                beta2: self.beta2,
                epsilon: self.epsilon,
                step: steps[id.index()] as f64,
                keep: 1.0 - rate * decay(params, id),
            };
            let m = first.slice_mut(range.clone());
            let v = second.slice_mut(range.clone());
            kernels::adam(team, params.buffer_mut().slice_mut(range), m, v, g, step);
        }
    }

    fn check_options(&self) -> Result<(), OptionError> {
        fraction("beta1", self.beta1)?;
        fraction("beta2", self.beta2)?;
        match self.epsilon >= 0.0 && self.epsilon.is_finite() {
            true => Ok(()),
            false => Err(OptionError::new(
                "epsilon",
                self.epsilon,
                "finite and not negative",
            )),
        }
    }
}

impl<F: Float> Optimizer<F> for Adam<F> {
    fn step_on(
        &mut self,
        team: &Team,
        params: &mut Params<F>,
        gradient: &GradientView<'_, F>,
        rate: f64,
    ) {
        self.step_with(team, params, gradient, rate, |_, _| 0.0);
    }

    fn check(&self) -> Result<(), OptionError> {
        self.check_options()
    }
}

/// Adam with decoupled weight decay (I. Loshchilov and F. Hutter, 2019,
/// arXiv:1711.05101): `p -= rate · decay · p`, then the step of [`Adam`]. The
/// rate multiplies the decay, as in PyTorch.
///
/// Which parameters decay is [`Decay`]: by default weight matrices, not
/// biases. PyTorch decays all.
///
/// ```
/// use wengert_nn::{AdamW, Decay};
///
/// let like_pytorch = AdamW::<f32> { decays: Decay::All, ..AdamW::default() };
/// assert_eq!(like_pytorch.decay, 0.01);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize", deserialize = "F: Deserialize<'de>"))]
pub struct AdamW<F: Float> {
    /// Coefficients and state.
    pub adam: Adam<F>,
    /// The strength of the decay.
    pub decay: f64,
    /// Which parameters decay.
    pub decays: Decay,
}

/// Which parameters [`AdamW`] decays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// Those of rank 2 or more: weights, but not biases, which say where a
    /// unit switches and not how steeply; shrinking them regularises nothing.
    #[default]
    Matrices,
    /// All, as PyTorch does by default.
    All,
}

impl<F: Float> Default for AdamW<F> {
    fn default() -> Self {
        AdamW {
            adam: Adam::default(),
            decay: 0.01,
            decays: Decay::Matrices,
        }
    }
}

impl<F: Float> Optimizer<F> for AdamW<F> {
    fn step_on(
        &mut self,
        team: &Team,
        params: &mut Params<F>,
        gradient: &GradientView<'_, F>,
        rate: f64,
    ) {
        let (decay, decays) = (self.decay, self.decays);
        self.adam
            .step_with(team, params, gradient, rate, |params, id| {
                match decays == Decay::All || params.shape(id).len() >= 2 {
                    true => decay,
                    false => 0.0,
                }
            });
    }

    fn check(&self) -> Result<(), OptionError> {
        self.adam.check_options()?;
        match self.decay >= 0.0 && self.decay.is_finite() {
            true => Ok(()),
            false => Err(OptionError::new(
                "decay",
                self.decay,
                "finite and not negative",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use wengert_autodiff::Value;

    use super::*;
    use crate::Gradient;

    #[test]
    fn matrices_decay_and_biases_do_not_unless_asked() {
        for (decays, bias) in [(Decay::Matrices, 1.0), (Decay::All, 0.95)] {
            let mut params = Params::<f64>::new();
            let w = params.add("w", array![[1.0]]).unwrap();
            let b = params.add("b", array![1.0]).unwrap();
            let mut gradient = Gradient::absent(&params);
            gradient.add(w, &Value::new(&array![[0.0]]));
            gradient.add(b, &Value::new(&array![0.0]));
            let mut optimizer = AdamW {
                decay: 0.5,
                decays,
                ..AdamW::default()
            };
            optimizer.step(&mut params, &gradient, 0.1);
            assert_eq!(params.flat(), [0.95, bias]);
        }
    }
}
