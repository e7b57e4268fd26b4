//! One step's loss and gradient: a batch cut into chunks, each recorded the
//! first time that there are so many examples, and replayed ever after.

use wengert_autodiff::program::RunError;
use wengert_autodiff::{Float, Tape};

use super::record::{self, Recorded};
use super::replay::Replay;
use super::{Objective, TrainError};
use crate::context::Context;
use crate::gradient::{Gradient, GradientView};
use crate::params::{ParamId, Params};
use crate::random::{Purpose, stream};
use crate::team::Team;

/// What a step computes, apart from the gradient.
pub(super) struct StepLoss {
    /// Mean over the examples.
    pub loss: f64,
    /// 0 if there is none.
    pub penalty: f64,
}

/// What decides about a step besides parameters and examples.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub chunk: usize,
    pub seed: u64,
    pub replay: bool,
    /// Whether the gradient has to be in memory of its own, to be changed.
    pub own: bool,
}

/// Computes the gradients of steps; keeps threads, programs and memory.
pub(super) struct Stepper<'o, F: Float> {
    objective: &'o dyn Objective<F>,
    settings: Settings,
    pub team: Team,
    pub gradient: Gradient<F>,
    /// One for each number of examples, and for each way that the objective's
    /// branches have gone.
    chunks: Vec<(usize, Replay<'o, F>)>,
    penalty: Penalty<'o, F>,
    /// The chunk in whose program the gradient is, but for what is in
    /// `gradient`.
    lender: Option<usize>,
    /// Why parameters have no gradient; of the first step only.
    absent: Vec<Option<String>>,
    /// Absent gradients have been looked for.
    checked: bool,
}

enum Penalty<'o, F: Float> {
    Unknown,
    None,
    Known(Box<Replay<'o, F>>),
}

impl<'o, F: Float> Stepper<'o, F> {
    pub fn new(
        objective: &'o dyn Objective<F>,
        params: &Params<F>,
        settings: Settings,
        threads: usize,
    ) -> Result<Self, TrainError> {
        Ok(Stepper {
            objective,
            settings,
            team: Team::new(threads)?,
            gradient: Gradient::absent(params),
            chunks: Vec::new(),
            penalty: Penalty::Unknown,
            lender: None,
            absent: vec![None; params.len()],
            checked: false,
        })
    }

    /// Computes the gradient of the mean loss of these examples, plus the
    /// penalty; it is then in [`view`](Stepper::view).
    pub fn gradient(
        &mut self,
        params: &Params<F>,
        rows: &[usize],
        step: usize,
    ) -> Result<StepLoss, TrainError> {
        self.gradient.clear();
        self.lender = None;
        // What is all there is need not be added to anything.
        let alone = rows.len() <= self.settings.chunk && matches!(self.penalty, Penalty::None);
        let lend = alone && !self.settings.own;
        let mut loss = 0.0;
        for (chunk, part) in rows.chunks(self.settings.chunk).enumerate() {
            let purpose = Purpose::Chunk { step, chunk };
            loss += self.chunk(params, (part, rows.len()), purpose, lend)?;
        }
        let penalty = self.penalty(params, Purpose::Penalty { step })?;
        if !self.checked {
            self.refuse_absent(params)?;
            self.checked = true;
        }
        Ok(StepLoss { loss, penalty })
    }

    /// The gradient of the last step.
    pub fn view(&self) -> GradientView<'_, F> {
        let mut view = self.gradient.as_view();
        if let Some(lender) = self.lender {
            for (id, part) in self.chunks[lender].1.lent() {
                view.set(id, part);
            }
        }
        view
    }

    /// Adds the gradient of one chunk, by the program for so many examples;
    /// returns its share of the loss.
    fn chunk(
        &mut self,
        params: &Params<F>,
        (rows, size): (&[usize], usize),
        purpose: Purpose,
        lend: bool,
    ) -> Result<f64, TrainError> {
        let seed = self.settings.seed;
        let rng = || stream(seed, purpose);
        for (i, (count, replay)) in self.chunks.iter_mut().enumerate() {
            if *count == rows.len() {
                let into = (&mut self.gradient, lend);
                match replay.run(params, (rows, size), rng(), &self.team, into) {
                    // A branch of the objective goes another way here.
                    Err(RunError::Guard { .. }) => continue,
                    done => {
                        self.lender = lend.then_some(i);
                        return done.map_err(TrainError::Run);
                    }
                }
            }
        }
        let tape = Tape::new();
        let cx = Context::train(&tape, params, rng());
        let mut recorded = record::losses(self.objective, cx, (rows, size), !self.checked)?;
        let loss = self.take(&mut recorded);
        if self.settings.replay {
            self.chunks
                .push((rows.len(), Replay::new(&tape, recorded)?));
        }
        Ok(loss)
    }

    /// Adds the gradient of the penalty; returns the penalty.
    fn penalty(&mut self, params: &Params<F>, purpose: Purpose) -> Result<f64, TrainError> {
        let seed = self.settings.seed;
        let rng = || stream(seed, purpose);
        match &mut self.penalty {
            Penalty::None => return Ok(0.0),
            Penalty::Known(replay) => {
                let into = (&mut self.gradient, false);
                match replay.run(params, (&[], 0), rng(), &self.team, into) {
                    // Recorded anew, the other way.
                    Err(RunError::Guard { .. }) => {}
                    done => return done.map_err(TrainError::Run),
                }
            }
            Penalty::Unknown => {}
        }
        let tape = Tape::new();
        let cx = Context::train(&tape, params, rng());
        let Some(mut recorded) = record::penalty(self.objective, cx, !self.checked)? else {
            self.penalty = Penalty::None;
            return Ok(0.0);
        };
        let penalty = self.take(&mut recorded);
        if self.settings.replay {
            self.penalty = Penalty::Known(Box::new(Replay::new(&tape, recorded)?));
        }
        Ok(penalty)
    }

    /// Adds what was just recorded.
    fn take(&mut self, recorded: &mut Recorded<'_, 'o, F>) -> f64 {
        for (id, reason) in recorded.absent.drain(..) {
            self.absent[id.index()] = Some(reason);
        }
        recorded.take(&mut self.gradient)
    }

    fn refuse_absent(&self, params: &Params<F>) -> Result<(), TrainError> {
        let found = self.view();
        let wanted = |&id: &ParamId| !params.is_frozen(id) && found.get(id).is_none();
        let missing = params.ids().find(wanted);
        match missing {
            None => Ok(()),
            Some(id) => Err(TrainError::NoGradient {
                name: params.name(id).to_string(),
                reason: self.absent[id.index()]
                    .clone()
                    .unwrap_or_else(|| "the objective does not use it".into()),
            }),
        }
    }
}
