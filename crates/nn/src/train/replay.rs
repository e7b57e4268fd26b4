//! A recorded chunk, compiled: run in every step with the parameters, the
//! examples and the random numbers of that step.

use rand::rngs::ChaCha8Rng;
use smallvec::SmallVec;
use wengert_autodiff::program::RunError;
use wengert_autodiff::{Any, Fault, Float, Program, Tape, Var, View, Workspace};

use super::TrainError;
use super::record::{Fed, Recorded};
use crate::gradient::Gradient;
use crate::params::{ParamId, Params};
use crate::team::Team;

/// A program for so many examples, with all memory that it needs.
pub(super) struct Replay<'o, F: Float> {
    program: Program,
    workspace: Workspace,
    inputs: Vec<Fed<'o>>,
    /// Of which parameter output `i + 1` is the gradient; output 0 is the loss.
    gradients: Vec<ParamId>,
    size: [F; 1],
}

impl<'o, F: Float> Replay<'o, F> {
    /// # Errors
    /// If the objective has read a value, which may have steered it.
    pub fn new(tape: &Tape, recorded: Recorded<'_, 'o, F>) -> Result<Self, TrainError> {
        let (vars, inputs): (Vec<Var<'_, Any>>, Vec<_>) = recorded.inputs.into_iter().unzip();
        let (gradients, found): (Vec<_>, Vec<_>) = recorded.gradients.into_iter().unzip();
        let outputs: Vec<Var<'_, Any>> = std::iter::once(recorded.loss.any())
            .chain(found.into_iter().map(Var::any))
            .collect();
        let program = tape.compile(&vars, &outputs).map_err(|e| match e.fault() {
            Fault::Reads { lines } => TrainError::Reads {
                lines: lines.clone(),
            },
            _ => TrainError::Autodiff(e),
        })?;
        Ok(Replay {
            program,
            workspace: Workspace::new(),
            inputs,
            gradients,
            size: [F::zero()],
        })
    }

    /// Adds the gradient at these examples of a batch of `size`, or all of it
    /// that can be [lent](Replay::lent); returns the scalar.
    ///
    /// # Errors
    /// If a branch would go another way than when it was recorded, or an index
    /// is out of range; nothing has been added then.
    pub fn run(
        &mut self,
        params: &Params<F>,
        (rows, size): (&[usize], usize),
        mut rng: ChaCha8Rng,
        team: &Team,
        (gradient, lend): (&mut Gradient<F>, bool),
    ) -> Result<f64, RunError> {
        self.size = [F::of(size as f64)];
        for input in &mut self.inputs {
            if let Fed::Feed(feed) = input {
                feed.fill(rows, &mut rng, team);
            }
        }
        let inputs: SmallVec<[View<'_>; 16]> = self
            .inputs
            .iter()
            .map(|input| match input {
                Fed::Param(id) => View::new(params.shape(*id), &params.flat()[params.range(*id)]),
                Fed::BatchSize => View::new(&[], &self.size),
                Fed::Feed(feed) => feed.view(),
            })
            .collect();
        let outputs = self.program.run_on(team, &mut self.workspace, &inputs)?;
        let loss = Float::as_f64(outputs.slice::<F>(0)[0]);
        for (i, &id) in (1..).zip(&self.gradients) {
            // What is lent is not copied: it is a second way through memory.
            if !lend || !self.program.keeps(i) {
                gradient.add_slice(team, id, outputs.slice(i));
            }
        }
        Ok(loss)
    }

    /// The gradients that the last run has lent, with their parameters.
    pub fn lent(&self) -> impl Iterator<Item = (ParamId, &[F])> {
        let kept = |i| self.program.kept(&self.workspace, i);
        let lent = (1..).zip(&self.gradients);
        lent.filter_map(move |(i, &id)| Some((id, kept(i)?)))
    }
}
