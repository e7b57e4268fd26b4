//! Gradients: the layout of the parameters, and for each of them whether
//! there is a gradient at all. Knows no optimiser.

mod view;

pub use view::GradientView;

use std::sync::Arc;

use ndarray::{ArrayViewD, IxDyn};
use wengert_autodiff::{Float, Value, Var};

use crate::context::Context;
use crate::flat::{Slice, SliceMut};
use crate::kernels;
use crate::params::{Layout, ParamId, Params};
use crate::team::Team;

/// A number per parameter number, in the layout of [`Params`], and a presence
/// bit per parameter.
///
/// An absent gradient is not zero: optimisers neither update nor decay the
/// parameter, and its moments and step count stay as they are.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Value;
/// use wengert_nn::{Gradient, Params};
///
/// let mut params = Params::new();
/// let a = params.add("a", array![1.0, 2.0])?;
/// let b = params.add("b", array![3.0])?;
/// let mut gradient = Gradient::absent(&params);
/// gradient.add(a, &Value::new(&array![3.0, 0.0]));
/// gradient.add(a, &Value::new(&array![0.0, 4.0]));
/// assert_eq!(gradient.view(a).unwrap(), array![3.0, 4.0].into_dyn());
/// assert!(gradient.view(b).is_none());
/// assert_eq!(gradient.norm(), 5.0);
/// # Ok::<(), wengert_nn::ParamsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gradient<F> {
    layout: Arc<Layout>,
    /// Of each parameter; of those that are absent, anything.
    parts: Vec<Vec<F>>,
    present: Vec<bool>,
}

impl<F: Float> Gradient<F> {
    /// A gradient in the layout of `params`, absent everywhere.
    pub fn absent(params: &Params<F>) -> Self {
        Gradient {
            layout: params.layout().clone(),
            parts: vec![Vec::new(); params.len()],
            present: vec![false; params.len()],
        }
    }

    /// The gradient of a scalar with respect to the parameters that it was
    /// recorded with and that are not frozen; absent where there is none.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    /// use wengert_nn::{Context, Gradient, Optimizer, Params, Sgd};
    ///
    /// let mut params = Params::new();
    /// let w = params.add("w", array![1.0, 2.0])?;
    /// let tape = Tape::new();
    /// let cx = Context::eval(&tape, &params);
    /// let gradient = Gradient::of(cx.param(w).square().sum(), &cx)?;
    /// Sgd.step(&mut params, &gradient, 0.25);
    /// assert_eq!(params.flat(), [0.5, 1.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If `loss` is not one element, or an operation has no rule.
    pub fn of<'t>(
        loss: Var<'t, F>,
        cx: &Context<'t, '_, F>,
    ) -> Result<Self, wengert_autodiff::Error> {
        let mut recorded = cx.recorded();
        recorded.retain(|(id, _)| !cx.params().is_frozen(*id));
        let (ids, vars): (Vec<_>, Vec<_>) = recorded.into_iter().unzip();
        let found = cx.tape().grads(loss, &vars)?;
        let mut gradient = Gradient::absent(cx.params());
        for (id, found) in ids.into_iter().zip(found) {
            if let Some(found) = found {
                gradient.add(id, &found.peek());
            }
        }
        Ok(gradient)
    }

    /// Makes all absent; keeps the memory.
    pub fn clear(&mut self) {
        self.present.fill(false);
    }

    /// Adds a contribution; an absent gradient becomes it.
    ///
    /// # Panics
    /// If the value does not have the parameter's shape and element type.
    #[track_caller]
    pub fn add(&mut self, id: ParamId, value: &Value) {
        let (name, slot) = self.layout.get_index(id.0).expect("an id of this store");
        assert!(
            value.array::<F>().is_some() && value.shape() == slot.shape,
            "gradient of `{name}`: {} added to {:?} of {}",
            value.ty(),
            slot.shape,
            std::any::type_name::<F>(),
        );
        let value = value.array::<F>().expect("just asked");
        self.add_slice(
            &Team::alone(),
            id,
            value.as_slice().expect("values are contiguous"),
        );
    }

    /// Adds a contribution, as many elements as the parameter has.
    pub(crate) fn add_slice(&mut self, team: &Team, id: ParamId, more: &[F]) {
        let part = &mut self.parts[id.0];
        if std::mem::replace(&mut self.present[id.0], true) {
            kernels::add(team, SliceMut::of(part), Slice::of(more), ());
        } else {
            part.clear();
            part.extend_from_slice(more);
        }
    }

    /// Where it is.
    pub fn as_view(&self) -> GradientView<'_, F> {
        let parts = self.parts.iter().zip(&self.present);
        let parts = parts.map(|(part, present)| present.then_some(&part[..]));
        GradientView::new(&self.layout, parts)
    }

    /// The gradient with respect to a parameter, if there is one.
    #[track_caller]
    pub fn view(&self, id: ParamId) -> Option<ArrayViewD<'_, F>> {
        let slot = &self.layout[id.0];
        self.present[id.0].then(|| {
            ArrayViewD::from_shape(IxDyn(&slot.shape), &self.parts[id.0])
                .expect("a slot is as long as its shape")
        })
    }

    /// Whether there is a gradient with respect to a parameter.
    #[track_caller]
    pub fn is_present(&self, id: ParamId) -> bool {
        self.present[id.0]
    }

    /// Euclidean norm of all that is present, summed in `f64`.
    pub fn norm(&self) -> f64 {
        self.as_view().norm()
    }

    /// Scales all that is present down to the norm `max_norm` if it is longer
    /// (R. Pascanu and others, 2013, arXiv:1211.5063); returns what the norm
    /// was. As in PyTorch, the factor is `max_norm / (norm + 1e-6)`.
    pub fn clip_norm(&mut self, max_norm: f64) -> f64 {
        let norm = self.norm();
        let factor = max_norm / (norm + 1e-6);
        // A norm that is NaN changes nothing: the loss will tell.
        if factor < 1.0 {
            let parts = self.parts.iter_mut().zip(&self.present);
            for (part, _) in parts.filter(|(_, present)| **present) {
                kernels::scale(&Team::alone(), SliceMut::of(part), factor);
            }
        }
        norm
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn example() -> (Params<f32>, [ParamId; 2]) {
        let mut params = Params::new();
        let a = params.add("a", array![1.0, 2.0]).unwrap();
        let b = params.add("b", array![[3.0]]).unwrap();
        (params, [a, b])
    }

    #[test]
    fn clearing_forgets_what_was_there() {
        let (params, [a, b]) = example();
        let mut gradient = Gradient::absent(&params);
        gradient.add(a, &Value::new(&array![30.0f32, 40.0]));
        gradient.clear();
        assert!(!gradient.is_present(a));
        gradient.add(b, &Value::new(&array![[5.0f32]]));
        assert_eq!(gradient.norm(), 5.0);
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let (params, [a, _]) = example();
        let mut gradient = Gradient::absent(&params);
        gradient.add(a, &Value::new(&array![3.0f32, 4.0]));
        assert_eq!(gradient.clip_norm(10.0), 5.0);
        assert_eq!(gradient.norm(), 5.0);
        assert_eq!(gradient.clip_norm(1.0), 5.0);
        assert!((gradient.norm() - 1.0).abs() < 1e-6);
        let clipped = gradient.view(a).unwrap();
        assert!((clipped[1] / clipped[0] - 4.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    #[should_panic(expected = "gradient of `b`: f32[2] added to [1, 1] of f32")]
    fn another_shape_is_refused() {
        let (params, [_, b]) = example();
        Gradient::absent(&params).add(b, &Value::new(&array![1.0f32, 2.0]));
    }
}
