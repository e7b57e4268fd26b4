//! Plain gradient descent.

use serde::{Deserialize, Serialize};
use wengert_autodiff::Float;

use super::{Optimizer, changing};
use crate::gradient::GradientView;
use crate::kernels;
use crate::params::Params;
use crate::team::Team;

/// Gradient descent, `p -= rate · g`. Has no state.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Value;
/// use wengert_nn::{Gradient, Optimizer, Params, Sgd};
///
/// let mut params = Params::new();
/// let p = params.add("p", array![1.0, 2.0])?;
/// let mut gradient = Gradient::absent(&params);
/// gradient.add(p, &Value::new(&array![10.0, 0.0]));
/// Sgd.step(&mut params, &gradient, 0.1);
/// assert_eq!(params.flat(), [0.0, 2.0]);
/// # Ok::<(), wengert_nn::ParamsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sgd;

impl<F: Float> Optimizer<F> for Sgd {
    fn step_on(
        &mut self,
        team: &Team,
        params: &mut Params<F>,
        gradient: &GradientView<'_, F>,
        rate: f64,
    ) {
        for (_, range, g) in changing(params, gradient) {
            kernels::sgd(team, params.buffer_mut().slice_mut(range), g, rate);
        }
    }
}
