//! The options of training, and which of them make sense.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::option::{NameError, OptionError};
use crate::schedule::Schedule;

/// How many examples a step is made of.
///
/// ```
/// use wengert_nn::BatchSize;
///
/// assert_eq!("128".parse(), Ok(BatchSize::Of(128)));
/// assert_eq!("full".parse(), Ok(BatchSize::Full));
/// assert_eq!(BatchSize::Of(128).rows(60), 60);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchSize {
    /// This many; the last batch of an epoch may be shorter.
    Of(usize),
    /// All: gradient descent proper.
    Full,
}

impl BatchSize {
    /// How many of `rows` examples the first batch has.
    pub fn rows(self, rows: usize) -> usize {
        match self {
            BatchSize::Of(size) => size.min(rows),
            BatchSize::Full => rows,
        }
    }
}

impl fmt::Display for BatchSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BatchSize::Of(size) => fmt::Display::fmt(size, f),
            BatchSize::Full => f.pad("full"),
        }
    }
}

impl FromStr for BatchSize {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.parse() {
            _ if text == "full" => Ok(BatchSize::Full),
            Ok(size) if size > 0 => Ok(BatchSize::Of(size)),
            _ => {
                let expected = "a number of examples from 1, or full";
                Err(NameError::new("batch size", text, expected))
            }
        }
    }
}

/// The options of training; [`fit`](Trainer::fit) does it.
///
/// The same options, parameters and optimiser give the same result, bit for
/// bit, whatever the number of threads: each batch is cut into chunks of
/// `chunk` examples, each chunk is differentiated by itself, and the partial
/// gradients are added up in the order of the chunks.
///
/// ```
/// use wengert_nn::{BatchSize, Schedule, Trainer};
///
/// let trainer = Trainer {
///     epochs: 5,
///     batch: BatchSize::Of(64),
///     schedule: Schedule::Cosine { floor: 0.0 },
///     ..Trainer::default()
/// };
/// assert_eq!((trainer.rate, trainer.threads, trainer.chunk), (0.001, 1, 512));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trainer {
    /// How often to go through all examples, in all.
    pub epochs: usize,
    /// How many of these epochs an earlier run has already done: with its
    /// parameters and optimiser, training goes on as if it had never stopped.
    pub done: usize,
    /// How many examples a step is made of.
    pub batch: BatchSize,
    /// The base learning rate.
    pub rate: f64,
    /// How the rate changes from step to step.
    pub schedule: Schedule,
    /// Scale gradients down to this norm if they are longer.
    pub clip_norm: Option<f64>,
    /// Decides the order of the examples, dropout, and nothing else.
    pub seed: u64,
    /// How many threads work on a batch; 1 starts none.
    pub threads: usize,
    /// How many examples are on one tape, at most. Changes rounding, so it is
    /// part of what has to be equal for results to be.
    pub chunk: usize,
    /// Whether a step is recorded once and replayed, or recorded every time.
    /// Changes no bit, but the time; an objective that is another function in
    /// every step, or reads values, needs `false`.
    pub replay: bool,
}

impl Default for Trainer {
    /// 10 epochs of batches of 128, at a constant rate of 0.001, seed 0, on
    /// one thread.
    fn default() -> Self {
        Trainer {
            epochs: 10,
            done: 0,
            batch: BatchSize::Of(128),
            rate: 1e-3,
            schedule: Schedule::Constant,
            clip_norm: None,
            seed: 0,
            threads: 1,
            chunk: 512,
            replay: true,
        }
    }
}

impl Trainer {
    /// Whether the options make sense for this many examples.
    ///
    /// # Errors
    /// Naming the first that does not.
    pub fn check(&self, rows: usize) -> Result<(), OptionError> {
        let refuse = |option, given: &dyn fmt::Display, expected| {
            Err(OptionError::new(option, given, expected))
        };
        if rows == 0 {
            return refuse("rows", &rows, "at least 1 example to train on");
        }
        if self.done > self.epochs {
            return refuse("done", &self.done, "no more than the epochs in all");
        }
        if self.batch == BatchSize::Of(0) {
            return refuse("batch", &0, "at least 1 example, or full");
        }
        if self.threads == 0 {
            return refuse("threads", &0, "at least 1");
        }
        if self.chunk == 0 {
            return refuse("chunk", &0, "at least 1 example");
        }
        check_rate("rate", self.rate)?;
        if let Schedule::Cosine { floor } = self.schedule {
            check_rate("floor", floor)?;
        }
        match self.clip_norm {
            Some(norm) if norm.is_nan() || norm <= 0.0 => {
                refuse("clip_norm", &norm, "greater than 0")
            }
            _ => Ok(()),
        }
    }

    /// Batches in an epoch.
    pub(super) fn batches(&self, rows: usize) -> usize {
        rows.div_ceil(self.batch.rows(rows))
    }
}

/// Refuses a rate that is negative or not finite.
pub(super) fn check_rate(option: &'static str, rate: f64) -> Result<(), OptionError> {
    match rate >= 0.0 && rate.is_finite() {
        true => Ok(()),
        false => Err(OptionError::new(option, rate, "finite and not negative")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_make_no_sense_are_named() {
        let good = Trainer::default();
        let cases = [
            (
                Trainer {
                    rate: f64::NAN,
                    ..good.clone()
                },
                "`rate` is NaN: must be finite and not negative",
            ),
            (
                Trainer {
                    rate: -0.1,
                    ..good.clone()
                },
                "`rate` is -0.1: must be finite and not negative",
            ),
            (
                Trainer {
                    batch: BatchSize::Of(0),
                    ..good.clone()
                },
                "`batch` is 0: must be at least 1 example, or full",
            ),
            (
                Trainer {
                    threads: 0,
                    ..good.clone()
                },
                "`threads` is 0: must be at least 1",
            ),
            (
                Trainer {
                    chunk: 0,
                    ..good.clone()
                },
                "`chunk` is 0: must be at least 1 example",
            ),
            (
                Trainer {
                    done: 11,
                    ..good.clone()
                },
                "`done` is 11: must be no more than the epochs in all",
            ),
            (
                Trainer {
                    clip_norm: Some(0.0),
                    ..good.clone()
                },
                "`clip_norm` is 0: must be greater than 0",
            ),
            (
                Trainer {
                    schedule: Schedule::Cosine { floor: -1.0 },
                    ..good.clone()
                },
                "`floor` is -1: must be finite and not negative",
            ),
        ];
        for (trainer, message) in cases {
            assert_eq!(trainer.check(10).unwrap_err().to_string(), message);
        }
        assert_eq!(
            good.check(0).unwrap_err().to_string(),
            "`rows` is 0: must be at least 1 example to train on"
        );
        assert!(good.check(1).is_ok());
        assert!("0".parse::<BatchSize>().is_err());
    }

    #[test]
    fn the_last_batch_may_be_short() {
        let trainer = Trainer {
            batch: BatchSize::Of(4),
            ..Trainer::default()
        };
        assert_eq!(
            (trainer.batches(8), trainer.batches(9), trainer.batches(3)),
            (2, 3, 1)
        );
        let trainer = Trainer {
            batch: BatchSize::Full,
            ..Trainer::default()
        };
        assert_eq!(trainer.batches(9), 1);
    }
}
