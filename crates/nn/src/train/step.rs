//! One step's loss and gradient: a batch cut into chunks, each recorded and
//! differentiated on a tape of its own, the parts added up in order.

use ndarray::arr0;
use wengert_autodiff::{Float, Tape, Value, Var};

use super::{Objective, TrainError};
use crate::context::Context;
use crate::gradient::Gradient;
use crate::params::{ParamId, Params};
use crate::random::{Purpose, stream};
use crate::workers::Workers;

/// What a step computes, apart from the gradient.
pub(super) struct StepLoss {
    /// Mean over the examples.
    pub loss: f64,
    /// 0 if there is none.
    pub penalty: f64,
}

/// Computes the gradients of steps; keeps threads, tapes and memory.
pub(super) struct Stepper<'o, F: Float> {
    objective: &'o dyn Objective<F>,
    chunk: usize,
    seed: u64,
    workers: Workers,
    pub gradient: Gradient<F>,
    /// Absent gradients have been looked for.
    checked: bool,
}

/// One chunk's share of the loss, and of the gradient of every parameter that
/// it asked for.
struct Part {
    loss: f64,
    gradients: Vec<(ParamId, Result<Value, String>)>,
}

impl<'o, F: Float> Stepper<'o, F> {
    pub fn new(
        objective: &'o dyn Objective<F>,
        params: &Params<F>,
        (chunk, seed, threads): (usize, u64, usize),
    ) -> Result<Self, TrainError> {
        Ok(Stepper {
            objective,
            chunk,
            seed,
            workers: Workers::new(threads)?,
            gradient: Gradient::absent(params),
            checked: false,
        })
    }

    /// Leaves in `gradient` that of the mean loss of these examples, plus the
    /// penalty.
    pub fn gradient(
        &mut self,
        params: &Params<F>,
        rows: &[usize],
        step: usize,
    ) -> Result<StepLoss, TrainError> {
        self.gradient.clear();
        let chunks: Vec<&[usize]> = rows.chunks(self.chunk).collect();
        let (objective, seed, explain) = (self.objective, self.seed, !self.checked);
        let mut absent: Vec<Option<String>> = vec![None; params.len()];
        let mut loss = 0.0;
        // A wave at a time, so that no more partial gradients exist at once
        // than keep the threads busy. Where a wave ends changes no sum.
        let wave = match self.workers.threads() {
            1 => 1,
            threads => 8 * threads,
        };
        for (w, chunks) in chunks.chunks(wave).enumerate() {
            let parts = self.workers.run(chunks.len(), |tape, i| {
                let chunk = w * wave + i;
                let rng = stream(seed, Purpose::Chunk { step, chunk });
                let cx = Context::train(tape, params, rng);
                let losses = objective.losses(&cx, chunks[i]);
                if *losses.shape() != [chunks[i].len()] {
                    let (found, rows) = (losses.shape(), chunks[i].len());
                    return Err(TrainError::LossShape { found, rows });
                }
                let size = tape.input("batch_size", arr0(F::of(rows.len() as f64)));
                part(losses.sum() / size, &cx, explain)
            });
            for part in parts {
                loss += self.take(part?, &mut absent);
            }
        }
        let penalty = self.penalty(params, step, explain)?;
        let penalty = penalty.map_or(0.0, |part| self.take(part, &mut absent));
        if explain {
            self.refuse_absent(params, absent)?;
            self.checked = true;
        }
        Ok(StepLoss { loss, penalty })
    }

    fn penalty(
        &mut self,
        params: &Params<F>,
        step: usize,
        explain: bool,
    ) -> Result<Option<Part>, TrainError> {
        let (objective, seed) = (self.objective, self.seed);
        let parts = self.workers.run(1, |tape: &Tape, _| {
            let rng = stream(seed, Purpose::Penalty { step });
            let cx = Context::train(tape, params, rng);
            match objective.penalty(&cx) {
                None => Ok(None),
                Some(penalty) if penalty.rank() == 0 => part(penalty, &cx, explain).map(Some),
                Some(penalty) => Err(TrainError::PenaltyShape {
                    found: penalty.shape(),
                }),
            }
        });
        parts.into_iter().next().expect("one piece of work")
    }

    /// Adds a part to the gradient; returns its loss.
    fn take(&mut self, part: Part, absent: &mut [Option<String>]) -> f64 {
        for (id, gradient) in part.gradients {
            match gradient {
                Ok(value) => self.gradient.add(id, &value),
                Err(reason) => absent[id.index()] = Some(reason),
            }
        }
        part.loss
    }

    fn refuse_absent(
        &self,
        params: &Params<F>,
        mut absent: Vec<Option<String>>,
    ) -> Result<(), TrainError> {
        let wanted = |&id: &ParamId| !params.is_frozen(id) && !self.gradient.is_present(id);
        match params.ids().find(wanted) {
            None => Ok(()),
            Some(id) => Err(TrainError::NoGradient {
                name: params.name(id).to_string(),
                reason: absent[id.index()]
                    .take()
                    .unwrap_or_else(|| "the objective does not use it".into()),
            }),
        }
    }
}

/// Differentiates a scalar with respect to the parameters that it was
/// recorded with and that are not frozen.
fn part<'t, F: Float>(
    loss: Var<'t, F>,
    cx: &Context<'t, '_, F>,
    explain: bool,
) -> Result<Part, TrainError> {
    let mut recorded = cx.recorded();
    recorded.retain(|(id, _)| !cx.params().is_frozen(*id));
    let vars: Vec<Var<'t, F>> = recorded.iter().map(|(_, var)| *var).collect();
    let found = cx.tape().grads(loss, &vars)?;
    let mut gradients = Vec::with_capacity(vars.len());
    for ((id, var), gradient) in recorded.into_iter().zip(found) {
        match gradient {
            Some(gradient) => gradients.push((id, Ok(gradient.peek()))),
            None if explain => {
                let reason = cx.tape().explain(loss, var).to_string();
                gradients.push((id, Err(reason)));
            }
            None => {}
        }
    }
    let loss = loss.peek();
    let loss = loss.array::<F>().expect("the handle's type").into_iter();
    Ok(Part {
        loss: loss.map(|&loss| Float::as_f64(loss)).sum(),
        gradients,
    })
}
