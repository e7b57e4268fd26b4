//! One chunk of a step, or its penalty, recorded: a scalar, its gradient, and
//! what each input is.

use ndarray::arr0;
use wengert_autodiff::ops::{Leaf, Op};
use wengert_autodiff::{Any, Float, Tape, Value, Var};

use super::{Objective, TrainError};
use crate::batch::Batch;
use crate::context::Context;
use crate::feed::Feed;
use crate::gradient::Gradient;
use crate::params::ParamId;

/// What an input of the recorded function is given in a step.
pub(super) enum Fed<'o> {
    /// The parameter as it is now.
    Param(ParamId),
    /// How many examples the whole batch has.
    BatchSize,
    /// Something that is made anew.
    Feed(Box<dyn Feed + 'o>),
}

/// A scalar and its gradient.
pub(super) struct Recorded<'t, 'o, F: Float> {
    pub inputs: Vec<(Var<'t, Any>, Fed<'o>)>,
    pub loss: Var<'t, F>,
    pub gradients: Vec<(ParamId, Var<'t, F>)>,
    /// Parameters without a gradient, and why, if anybody wants to know.
    pub absent: Vec<(ParamId, String)>,
}

/// Records the share of some examples in the mean loss of a batch of `size`.
pub(super) fn losses<'t, 'o, F: Float>(
    objective: &'o dyn Objective<F>,
    cx: Context<'t, '_, F>,
    (rows, size): (&[usize], usize),
    explain: bool,
) -> Result<Recorded<'t, 'o, F>, TrainError> {
    let tape = cx.tape();
    let batch = Batch::new(tape, rows);
    let losses = objective.losses(&cx, &batch);
    if *losses.shape() != [rows.len()] {
        let (found, rows) = (losses.shape(), rows.len());
        return Err(TrainError::LossShape { found, rows });
    }
    let size = tape.input("batch_size", arr0(F::of(size as f64)));
    let feeds = batch.into_feeds().into_iter();
    let feeds = feeds.map(|(id, feed)| (tape.var(id), Fed::Feed(feed)));
    let inputs = [(size.any(), Fed::BatchSize)].into_iter().chain(feeds);
    finish(losses.sum() / size, cx, inputs.collect(), explain)
}

/// Records the penalty, if there is one.
pub(super) fn penalty<'t, 'o, F: Float>(
    objective: &'o dyn Objective<F>,
    cx: Context<'t, '_, F>,
    explain: bool,
) -> Result<Option<Recorded<'t, 'o, F>>, TrainError> {
    match objective.penalty(&cx) {
        None => Ok(None),
        Some(penalty) if penalty.rank() == 0 => finish(penalty, cx, vec![], explain).map(Some),
        Some(penalty) => Err(TrainError::PenaltyShape {
            found: penalty.shape(),
        }),
    }
}

/// Differentiates a scalar with respect to the parameters that it was recorded
/// with and that are not frozen.
fn finish<'t, 'o, F: Float>(
    loss: Var<'t, F>,
    cx: Context<'t, '_, F>,
    mut inputs: Vec<(Var<'t, Any>, Fed<'o>)>,
    explain: bool,
) -> Result<Recorded<'t, 'o, F>, TrainError> {
    let (tape, params, recorded) = (cx.tape(), cx.params(), cx.recorded());
    inputs.extend(
        recorded
            .iter()
            .map(|(id, var)| (var.any(), Fed::Param(*id))),
    );
    let drawn = cx.into_feeds().into_iter();
    inputs.extend(drawn.map(|(id, feed)| (tape.var(id), Fed::Feed(feed as Box<dyn Feed + 'o>))));
    refuse_others(tape, &inputs)?;

    let wanted = recorded
        .into_iter()
        .filter(|(id, _)| !params.is_frozen(*id));
    let (ids, vars): (Vec<_>, Vec<_>) = wanted.unzip();
    let (mut gradients, mut absent) = (Vec::new(), Vec::new());
    for ((id, var), gradient) in ids.into_iter().zip(&vars).zip(tape.grads(loss, &vars)?) {
        match gradient {
            Some(gradient) => gradients.push((id, gradient)),
            None if explain => absent.push((id, tape.explain(loss, *var).to_string())),
            None => {}
        }
    }
    Ok(Recorded {
        inputs,
        loss,
        gradients,
        absent,
    })
}

/// Refuses a tape with an input that nobody would fill: it would keep the
/// value of the first step in all others.
fn refuse_others(tape: &Tape, inputs: &[(Var<'_, Any>, Fed<'_>)]) -> Result<(), TrainError> {
    for instruction in tape.instructions() {
        if let Op::Leaf(Leaf::Input) = instruction.op {
            let id = instruction.results[0];
            if !inputs.iter().any(|(var, _)| var.id() == id) {
                return Err(TrainError::Input {
                    name: tape.var(id).to_string(),
                    line: instruction.location.to_string(),
                });
            }
        }
    }
    Ok(())
}

impl<F: Float> Recorded<'_, '_, F> {
    /// Adds the recorded gradient; returns the recorded scalar.
    pub fn take(&self, gradient: &mut Gradient<F>) -> f64 {
        for (id, part) in &self.gradients {
            gradient.add(*id, &part.peek());
        }
        number::<F>(&self.loss.peek())
    }
}

/// The only element.
fn number<F: Float>(value: &Value) -> f64 {
    let array = value.array::<F>().expect("the handle's type");
    array.iter().map(|&x| Float::as_f64(x)).sum()
}
