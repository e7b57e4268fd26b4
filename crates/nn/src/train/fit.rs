//! The loop over epochs and batches.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use wengert_autodiff::Float;

use super::batch::order;
use super::event::{BatchRecord, EpochRecord, Event, History, Rate};
use super::options::{Trainer, check_rate};
use super::step::{Settings, Stepper};
use super::{Objective, TrainError};
use crate::optim::Optimizer;
use crate::params::Params;

/// Measures time, but for the time spent in callbacks.
struct Stopwatch {
    start: Instant,
    elsewhere: Duration,
}

impl Stopwatch {
    fn start() -> Stopwatch {
        Stopwatch {
            start: Instant::now(),
            elsewhere: Duration::ZERO,
        }
    }

    fn pause<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = f();
        self.elsewhere += start.elapsed();
        result
    }

    fn seconds(&self) -> f64 {
        self.start
            .elapsed()
            .saturating_sub(self.elsewhere)
            .as_secs_f64()
    }
}

impl Trainer {
    /// Minimises the objective over examples `0..rows`, which are shuffled
    /// anew in every epoch.
    ///
    /// `on_event` is told after every batch and every epoch; if it returns
    /// [`ControlFlow::Break`], training stops there, in good order.
    ///
    /// # Errors
    /// Options that make no sense; a parameter without a gradient that is not
    /// frozen, at the first step; a loss that is not finite. Parameters and
    /// optimiser are then as they were after the last complete step.
    ///
    /// # Panics
    /// If the objective does.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use ndarray::{Array1, array};
    /// use wengert_autodiff::Var;
    /// use wengert_nn::{Batch, Context, Event, Objective, ParamId, Params, Sgd, Trainer};
    ///
    /// /// The slope of a line through the origin, by least squares.
    /// struct Line { slope: ParamId, x: Array1<f64>, y: Array1<f64> }
    ///
    /// impl Objective<f64> for Line {
    ///     fn losses<'t, 'a>(
    ///         &'a self,
    ///         cx: &Context<'t, '_, f64>,
    ///         batch: &Batch<'t, 'a>,
    ///     ) -> Var<'t, f64> {
    ///         let (x, y) = (batch.rows("x", &self.x), batch.rows("y", &self.y));
    ///         (cx.param(self.slope) * x - y).square()
    ///     }
    /// }
    ///
    /// let mut params = Params::new();
    /// let slope = params.add("slope", ndarray::arr0(0.0))?;
    /// let line = Line { slope, x: array![1.0, 2.0, 3.0], y: array![2.0, 4.0, 6.0] };
    /// let trainer = Trainer { epochs: 50, rate: 0.05, ..Trainer::default() };
    /// let history = trainer.fit(&line, &mut params, &mut Sgd, 3, &mut |event| match event {
    ///     // Early stopping.
    ///     Event::Epoch { record, .. } if record.loss < 1e-20 => ControlFlow::Break(()),
    ///     _ => ControlFlow::Continue(()),
    /// })?;
    /// assert!(history.stopped);
    /// assert!((params.flat()[0] - 2.0).abs() < 1e-10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit<F: Float>(
        &self,
        objective: &dyn Objective<F>,
        params: &mut Params<F>,
        optimizer: &mut dyn Optimizer<F>,
        rows: usize,
        on_event: &mut dyn FnMut(&Event<'_, F>) -> ControlFlow<()>,
    ) -> Result<History, TrainError> {
        self.check(rows)?;
        optimizer.check()?;
        let (batches, batch_rows) = (self.batches(rows), self.batch.rows(rows));
        let total = self.epochs * batches;
        let base = Rate::new(self.rate);
        let settings = Settings {
            chunk: self.chunk,
            seed: self.seed,
            replay: self.replay,
            own: self.clip_norm.is_some(),
        };
        let mut stepper = Stepper::new(objective, params, settings, self.threads)?;
        let mut history = History::default();
        for epoch in self.done + 1..=self.epochs {
            let mut watch = Stopwatch::start();
            let order = order(rows, self.seed, epoch);
            let (mut loss, mut penalty, mut rate) = (0.0, 0.0, self.rate);
            for (batch, rows) in order.chunks(batch_rows).enumerate() {
                // Counted from 1, as epochs are.
                let step = (epoch - 1) * batches + batch + 1;
                check_rate("rate", base.get())?;
                rate = self.schedule.rate(base.get(), step - 1, total);
                let found = stepper.gradient(params, rows, step)?;
                let value = found.loss + found.penalty;
                if !value.is_finite() {
                    return Err(TrainError::NonFinite {
                        epoch,
                        step,
                        value,
                        rate,
                    });
                }
                if let Some(id) = stepper.view().non_finite(&stepper.team) {
                    let name = params.name(id).to_string();
                    return Err(TrainError::NonFiniteGradient { name, epoch, step });
                }
                let clipped = self.clip_norm.map(|norm| stepper.gradient.clip_norm(norm));
                optimizer.step_on(&stepper.team, params, &stepper.view(), rate);
                // Batches of different sizes count by their examples.
                loss += found.loss * rows.len() as f64;
                penalty += found.penalty * rows.len() as f64;
                let record = BatchRecord {
                    epoch,
                    step,
                    batch: batch + 1,
                    batches,
                    examples: rows.len(),
                    loss: found.loss,
                    penalty: found.penalty,
                    norm: clipped,
                    rate,
                };
                let event = Event::Batch {
                    record: &record,
                    rate: &base,
                };
                if watch.pause(|| on_event(&event)).is_break() {
                    history.stopped = true;
                    return Ok(history);
                }
            }
            history.epochs.push(EpochRecord {
                epoch,
                loss: loss / rows as f64,
                penalty: penalty / rows as f64,
                rate,
                seconds: watch.seconds(),
            });
            let event = Event::Epoch {
                record: history.epochs.last().expect("just pushed"),
                params,
                rate: &base,
            };
            if on_event(&event).is_break() {
                history.stopped = true;
                return Ok(history);
            }
        }
        Ok(history)
    }
}
