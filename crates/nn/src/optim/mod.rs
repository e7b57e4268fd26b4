//! Optimisers: how parameters change, given a gradient and a rate. Each is
//! one pass over flat slices; none knows a layer, a loss or a schedule.

mod adam;
mod momentum;
mod sgd;

pub use adam::{Adam, AdamState, AdamW, Decay};
pub use momentum::{Momentum, MomentumState};
pub use sgd::Sgd;

use std::ops::Range;

use smallvec::SmallVec;
use wengert_autodiff::Float;

use crate::flat::{Flat, Slice};
use crate::gradient::{Gradient, GradientView};
use crate::option::OptionError;
use crate::params::{ParamId, Params};
use crate::team::Team;

/// Changes parameters along a gradient. Object-safe.
///
/// A parameter that is frozen, or whose gradient is absent, is left alone
/// entirely: no update, no decay, and its state does not age.
pub trait Optimizer<F: Float> {
    /// One step at the given learning rate.
    ///
    /// # Panics
    /// If the gradient, or the optimiser's state, was made for parameters of
    /// another layout.
    fn step(&mut self, params: &mut Params<F>, gradient: &Gradient<F>, rate: f64) {
        self.step_on(&Team::alone(), params, &gradient.as_view(), rate);
    }

    /// The same on several threads: what [`Trainer`](crate::Trainer) calls.
    /// The result must not depend on how many there are.
    ///
    /// # Panics
    /// As [`step`](Optimizer::step).
    fn step_on(
        &mut self,
        team: &Team,
        params: &mut Params<F>,
        gradient: &GradientView<'_, F>,
        rate: f64,
    );

    /// Whether the options make sense.
    ///
    /// # Errors
    /// Naming the first option that does not.
    fn check(&self) -> Result<(), OptionError> {
        Ok(())
    }
}

/// A parameter that a step changes: where it lies, and its gradient.
type Change<'g> = (ParamId, Range<usize>, Slice<'g>);

/// The parameters that a step changes.
#[track_caller]
fn changing<'g, F: Float>(
    params: &Params<F>,
    gradient: &GradientView<'g, F>,
) -> SmallVec<[Change<'g>; 16]> {
    assert!(
        gradient.fits(params),
        "the gradient was made for parameters of other names or shapes"
    );
    let ids = params.ids().filter(|&id| !params.is_frozen(id));
    ids.filter_map(|id| Some((id, params.range(id), Slice::of(gradient.get(id)?))))
        .collect()
}

/// Makes the state of an optimiser that has not stepped yet; refuses one that
/// has stepped other parameters.
#[track_caller]
fn prepare<F: Float>(state: &mut Flat<F>, params: &Params<F>) {
    if state.len() == 0 {
        *state = Flat::zeros(params.count());
    }
    assert!(
        state.len() == params.count(),
        "the optimiser's state is for {} numbers, but the parameters are {}",
        state.len(),
        params.count()
    );
}

/// Refuses a coefficient outside `[0, 1)`.
fn fraction(option: &'static str, x: f64) -> Result<(), OptionError> {
    match (0.0..1.0).contains(&x) {
        true => Ok(()),
        false => Err(OptionError::new(option, x, "at least 0 and less than 1")),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use wengert_autodiff::Value;

    use super::*;

    /// Two parameters and a gradient for the first.
    fn example() -> (Params<f64>, Gradient<f64>, [ParamId; 2]) {
        let mut params = Params::new();
        let a = params.add("a", array![[1.0, -2.0]]).unwrap();
        let b = params.add("b", array![[3.0]]).unwrap();
        let mut gradient = Gradient::absent(&params);
        gradient.add(a, &Value::new(&array![[0.5, 0.25]]));
        (params, gradient, [a, b])
    }

    fn all() -> [Box<dyn Optimizer<f64>>; 5] {
        [
            Box::new(Sgd),
            Box::new(Momentum::default()),
            Box::new(Momentum {
                nesterov: true,
                ..Momentum::default()
            }),
            Box::new(Adam::default()),
            Box::new(AdamW::default()),
        ]
    }

    #[test]
    fn absent_and_frozen_parameters_are_left_alone() {
        for mut optimizer in all() {
            let (mut params, gradient, [a, b]) = example();
            optimizer.step(&mut params, &gradient, 0.1);
            assert_ne!(params.view(a), array![[1.0, -2.0]].into_dyn());
            assert_eq!(params.view(b), array![[3.0]].into_dyn());
            params.freeze(a);
            let before = params.flat().to_vec();
            optimizer.step(&mut params, &gradient, 0.1);
            assert_eq!(params.flat(), before);
        }
    }

    #[test]
    fn a_parameter_that_joins_late_starts_its_own_count() {
        let (mut params, mut gradient, [_, b]) = example();
        let mut adam = Adam::default();
        adam.step(&mut params, &gradient, 0.1);
        gradient.add(b, &Value::new(&array![[2.0]]));
        adam.step(&mut params, &gradient, 0.1);
        // The first step of Adam is rate · sign(g).
        assert!((params.view(b)[[0, 0]] - 2.9).abs() < 1e-8);
    }

    #[test]
    #[should_panic(expected = "other names or shapes")]
    fn a_foreign_gradient_is_refused() {
        let (mut params, gradient, _) = example();
        params.add("c", array![1.0]).unwrap();
        Sgd.step(&mut params, &gradient, 0.1);
    }

    #[test]
    #[should_panic(expected = "the optimiser's state is for 3 numbers, but the parameters are 4")]
    fn a_foreign_state_is_refused() {
        let (mut params, gradient, _) = example();
        let mut adam = Adam::default();
        adam.step(&mut params, &gradient, 0.1);
        params.add("c", array![1.0]).unwrap();
        let gradient = Gradient::absent(&params);
        adam.step(&mut params, &gradient, 0.1);
    }

    #[test]
    fn options_are_checked() {
        let momentum = Momentum::<f32> {
            momentum: 1.0,
            ..Momentum::default()
        };
        assert_eq!(
            momentum.check().unwrap_err().to_string(),
            "`momentum` is 1: must be at least 0 and less than 1"
        );
        assert!(
            Adam::<f32> {
                beta2: f64::NAN,
                ..Adam::default()
            }
            .check()
            .is_err()
        );
        assert!(
            Adam::<f32> {
                epsilon: -1.0,
                ..Adam::default()
            }
            .check()
            .is_err()
        );
        assert!(
            AdamW::<f32> {
                decay: -1.0,
                ..AdamW::default()
            }
            .check()
            .is_err()
        );
        assert!(all().iter().all(|optimizer| optimizer.check().is_ok()));
    }
}
