//! What training tells while it runs, and what it leaves behind.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use wengert_autodiff::Float;

use crate::params::Params;

/// Something that happened, given to the callback of
/// [`Trainer::fit`](crate::Trainer::fit).
#[derive(Debug)]
pub enum Event<'a, F: Float> {
    /// After each step: for progress bars, and to stop.
    Batch {
        /// Where training is, and the loss.
        record: &'a BatchRecord,
        /// The base learning rate, to read and to set.
        rate: &'a Rate,
    },
    /// After each epoch: to evaluate, and to save. Time spent here does not
    /// count as training.
    Epoch {
        /// What has been learnt.
        record: &'a EpochRecord,
        /// The parameters as they are now.
        params: &'a Params<F>,
        /// The base learning rate, to read and to set.
        rate: &'a Rate,
    },
}

/// The base learning rate, which the schedule starts from; settable while
/// training.
///
/// ```
/// use wengert_nn::Rate;
///
/// let rate = Rate::new(0.1);
/// rate.set(rate.get() / 2.0);
/// assert_eq!(rate.get(), 0.05);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rate(Cell<f64>);

impl Rate {
    /// A rate.
    pub fn new(rate: f64) -> Rate {
        Rate(Cell::new(rate))
    }

    /// The base rate as it is now.
    pub fn get(&self) -> f64 {
        self.0.get()
    }

    /// Changes the base rate from the next step on. A rate that is negative
    /// or not finite ends training with an error.
    pub fn set(&self, rate: f64) {
        self.0.set(rate);
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The step, from 1, counted over all epochs.
    pub step: usize,
    /// The batch, from 1, counted in this epoch.
    pub batch: usize,
    /// How many batches an epoch has.
    pub batches: usize,
    /// How many examples are in this batch; fewer in the last of an epoch.
    pub examples: usize,
    /// Mean loss over the examples of the batch, before the step, without
    /// the penalty.
    pub loss: f64,
    /// The penalty before the step; 0 if there is none.
    pub penalty: f64,
    /// Norm of the gradient, before clipping; only known when clipping.
    pub norm: Option<f64>,
    /// The learning rate of the step.
    pub rate: f64,
}

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Mean loss over the examples, each with the parameters before its
    /// step, without the penalty.
    pub loss: f64,
    /// Mean penalty over the examples; 0 if there is none.
    pub penalty: f64,
    /// The learning rate of the last step.
    pub rate: f64,
    /// Time spent training, in seconds, without callbacks.
    pub seconds: f64,
}

/// The epochs of a training run. An epoch that was not finished is not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// In order.
    pub epochs: Vec<EpochRecord>,
    /// Whether the callback ended training before its time.
    pub stopped: bool,
}
