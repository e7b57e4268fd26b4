//! A gradient wherever it is: in memory of its own, or where a program has
//! left it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use smallvec::SmallVec;
use wengert_autodiff::Float;

use crate::flat::Slice;
use crate::kernels;
use crate::params::{Layout, ParamId, Params};
use crate::team::Team;

/// What an optimiser steps along: for each parameter the elements of its
/// gradient, in row-major order, if there is one.
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
/// gradient.add(a, &Value::new(&array![3.0, 4.0]));
/// let view = gradient.as_view();
/// assert_eq!((view.get(a), view.get(b)), (Some(&[3.0, 4.0][..]), None));
/// # Ok::<(), wengert_nn::ParamsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GradientView<'g, F> {
    layout: &'g Arc<Layout>,
    parts: SmallVec<[Option<&'g [F]>; 16]>,
}

impl<'g, F: Float> GradientView<'g, F> {
    /// With these elements for the parameters of a layout.
    pub(crate) fn new(
        layout: &'g Arc<Layout>,
        parts: impl Iterator<Item = Option<&'g [F]>>,
    ) -> Self {
        let parts = parts.collect();
        GradientView { layout, parts }
    }

    /// Puts the elements of a gradient that is somewhere else in the place of
    /// what is there.
    pub(crate) fn set(&mut self, id: ParamId, part: &'g [F]) {
        self.parts[id.index()] = Some(part);
    }

    /// The gradient with respect to a parameter.
    #[track_caller]
    pub fn get(&self, id: ParamId) -> Option<&'g [F]> {
        self.parts[id.index()]
    }

    /// Euclidean norm of all that is present, summed in `f64`.
    pub fn norm(&self) -> f64 {
        let parts = self.parts.iter().flatten();
        let squares = parts.map(|part| kernels::sum_of_squares(Slice::of(part)));
        squares.sum::<f64>().sqrt()
    }

    /// The first parameter whose gradient is infinite or not a number
    /// somewhere.
    pub(crate) fn non_finite(&self, team: &Team) -> Option<ParamId> {
        let spoilt = |part: &Option<&[F]>| {
            part.is_some_and(|part| {
                let finite = AtomicBool::new(true);
                team.each(part.chunks(kernels::piece(team, part.len())), |piece| {
                    if !kernels::is_finite(Slice::of(piece)) {
                        finite.store(false, Ordering::Relaxed);
                    }
                });
                !finite.into_inner()
            })
        };
        self.parts.iter().position(spoilt).map(ParamId)
    }

    /// Whether this is a gradient with respect to `params`.
    pub(crate) fn fits(&self, params: &Params<F>) -> bool {
        Arc::ptr_eq(self.layout, params.layout()) || self.layout == params.layout()
    }
}
