//! Gradient descent with momentum.

use serde::{Deserialize, Serialize};
use wengert_autodiff::Float;

use super::{Optimizer, changing, fraction, prepare};
use crate::flat::Flat;
use crate::gradient::GradientView;
use crate::kernels::{self, MomentumStep};
use crate::option::OptionError;
use crate::params::Params;
use crate::team::Team;

/// Gradient descent with momentum: `v = μ v + g`, `p -= rate · v` (B. Polyak,
/// 1964); with Nesterov's look ahead, `p -= rate · (g + μ v)` (I. Sutskever
/// and others, 2013). The rate is outside of `v`, as in PyTorch, so that a
/// schedule acts at once.
///
/// ```
/// use wengert_nn::Momentum;
///
/// let optimizer = Momentum::<f32> { nesterov: true, ..Momentum::default() };
/// assert_eq!(optimizer.momentum, 0.9);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize", deserialize = "F: Deserialize<'de>"))]
pub struct Momentum<F: Float> {
    /// What remains of the velocity at each step, μ.
    pub momentum: f64,
    /// Whether to look ahead.
    pub nesterov: bool,
    /// The velocities so far.
    pub state: MomentumState<F>,
}

/// The velocities so far; empty before the first step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize", deserialize = "F: Deserialize<'de>"))]
pub struct MomentumState<F: Float> {
    velocity: Flat<F>,
}

impl<F: Float> Default for Momentum<F> {
    fn default() -> Self {
        Momentum {
            momentum: 0.9,
            nesterov: false,
            state: MomentumState::default(),
        }
    }
}

impl<F: Float> Optimizer<F> for Momentum<F> {
    fn step_on(
        &mut self,
        team: &Team,
        params: &mut Params<F>,
        gradient: &GradientView<'_, F>,
        rate: f64,
    ) {
        let velocity = &mut self.state.velocity;
        prepare(velocity, params);
        let step = MomentumStep {
            rate,
            momentum: self.momentum,
            nesterov: self.nesterov,
        };
        for (_, range, g) in changing(params, gradient) {
            let v = velocity.slice_mut(range.clone());
            kernels::momentum(team, params.buffer_mut().slice_mut(range), v, g, step);
        }
    }

    fn check(&self) -> Result<(), OptionError> {
        fraction("momentum", self.momentum)
    }
}
