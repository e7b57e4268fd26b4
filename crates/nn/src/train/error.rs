//! What can go wrong in training.

use wengert_autodiff::Shape;
use wengert_autodiff::program::RunError;

use crate::option::OptionError;
use crate::team::ThreadsError;

/// Why training did not start, or stopped. One line each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// An option makes no sense.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The loss is infinite or not a number. The parameters are those before
    /// the step.
    #[error(
        "the loss became {value} in epoch {epoch}, step {step}, at a learning rate of {rate}: \
         try a smaller rate, or look for a division by zero in the loss"
    )]
    NonFinite {
        /// The epoch, from 1.
        epoch: usize,
        /// The step, from 1, counted over all epochs.
        step: usize,
        /// The loss of the batch.
        value: f64,
        /// The learning rate of the step.
        rate: f64,
    },
    /// A gradient is infinite or not a number, though the loss is finite. The
    /// parameters are those before the step.
    #[error(
        "the gradient of `{name}` is not finite in epoch {epoch}, step {step}, though the loss \
         is: look for a square root or a logarithm at 0 in the loss"
    )]
    NonFiniteGradient {
        /// The first such parameter.
        name: String,
        /// The epoch, from 1.
        epoch: usize,
        /// The step, from 1, counted over all epochs.
        step: usize,
    },
    /// A parameter has no gradient, and is not frozen.
    #[error("parameter `{name}` has no gradient: {reason}; freeze it if that is intended")]
    NoGradient {
        /// The parameter.
        name: String,
        /// Why.
        reason: String,
    },
    /// The objective does not return one loss per example.
    #[error(
        "the objective returned losses of shape {found} for {rows} examples: expected [{rows}]"
    )]
    LossShape {
        /// What it returned.
        found: Shape,
        /// How many examples it was given.
        rows: usize,
    },
    /// The penalty is not a scalar.
    #[error("the objective's penalty has shape {found}: expected a scalar, []")]
    PenaltyShape {
        /// What it returned.
        found: Shape,
    },
    /// The loss cannot be differentiated.
    #[error("the loss cannot be differentiated: {0}")]
    Autodiff(#[from] wengert_autodiff::Error),
    /// An input of the tape that training does not know how to fill.
    #[error(
        "the input `{name}` at {line} would be the same in every step: make it of the examples \
         (`Batch::gather`), draw it (`Context::random`), or make it a constant"
    )]
    Input {
        /// Its name.
        name: String,
        /// The line that recorded it.
        line: String,
    },
    /// The objective has read values of this step, which the next step would
    /// not see.
    #[error(
        "the objective reads values at {}: what it does with them would be the same in every \
         step. Branch with `decide`, look at values with `peek`, or set `Trainer::replay` to \
         false", lines.join(", ")
    )]
    Reads {
        /// The lines that read, each once.
        lines: Vec<String>,
    },
    /// A step that could not be run.
    #[error("the step cannot be run: {0}")]
    Run(#[source] RunError),
    /// The operating system gives no more threads.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}
