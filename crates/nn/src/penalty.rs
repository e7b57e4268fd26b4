//! Penalties on parameters, as expressions on the tape: to be multiplied by a
//! strength and added to a loss, usually in
//! [`Objective::penalty`](crate::Objective::penalty).
//!
//! They are usually put on weights and not on biases:
//! [`Mlp::weights`](crate::Mlp::weights).

use wengert_autodiff::{Float, Var};

use crate::context::Context;
use crate::params::ParamId;

/// `Σ |w|` over all numbers of these parameters. Its gradient is `sign(w)`, 0
/// at 0: unlike a proximal step it shrinks weights but rarely makes one
/// exactly zero.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Tape;
/// use wengert_nn::{Context, Params, penalty};
///
/// let mut params = Params::new();
/// let w = params.add("w", array![[1.0, -2.0], [3.0, 0.0]])?;
/// let tape = Tape::new();
/// let cx = Context::eval(&tape, &params);
/// assert_eq!(penalty::l1(&cx, &[w]).item(), 6.0);
/// assert_eq!(penalty::l2(&cx, &[w]).item(), 14.0);
/// # Ok::<(), wengert_nn::ParamsError>(())
/// ```
#[track_caller]
pub fn l1<'t, F: Float>(cx: &Context<'t, '_, F>, ids: &[ParamId]) -> Var<'t, F> {
    let mut total = None;
    for &id in ids {
        total = Some(plus(total, cx.param(id).abs().sum()));
    }
    total.unwrap_or_else(|| cx.tape().scalar(F::zero()))
}

/// `Σ w²` over all numbers of these parameters. Its gradient is `2 w`: `λ`
/// times this penalty is PyTorch's `weight_decay = 2 λ`.
#[track_caller]
pub fn l2<'t, F: Float>(cx: &Context<'t, '_, F>, ids: &[ParamId]) -> Var<'t, F> {
    let mut total = None;
    for &id in ids {
        total = Some(plus(total, cx.param(id).square().sum()));
    }
    total.unwrap_or_else(|| cx.tape().scalar(F::zero()))
}

#[track_caller]
fn plus<'t, F: Float>(total: Option<Var<'t, F>>, more: Var<'t, F>) -> Var<'t, F> {
    match total {
        Some(total) => total + more,
        None => more,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use wengert_autodiff::Tape;

    use super::*;
    use crate::params::Params;

    #[test]
    fn gradients_are_sign_and_twice_the_weight() {
        let mut params = Params::<f64>::new();
        let a = params.add("a", array![[1.5, -2.0]]).unwrap();
        let b = params.add("b", array![0.0]).unwrap();
        let tape = Tape::new();
        let cx = Context::eval(&tape, &params);
        let vars = [cx.param(a), cx.param(b)];
        let [da, db] = tape.grad(l1(&cx, &[a, b]), vars).unwrap();
        assert_eq!(da.to_array(), array![[1.0, -1.0]]);
        assert_eq!(db.to_array(), array![0.0]);
        let [da, db] = tape.grad(l2(&cx, &[a, b]), vars).unwrap();
        assert_eq!(da.to_array(), array![[3.0, -4.0]]);
        assert_eq!(db.to_array(), array![0.0]);
        assert_eq!(l2(&cx, &[]).item(), 0.0);
    }
}
