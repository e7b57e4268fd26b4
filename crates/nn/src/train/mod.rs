//! The training loop: options, events, history, and the step that cuts a
//! batch into chunks, records each once and replays it. Knows no particular model, loss or optimiser.

mod batch;
mod error;
mod event;
mod fit;
mod options;
mod record;
mod replay;
mod step;

pub use error::TrainError;
pub use event::{BatchRecord, EpochRecord, Event, History, Rate};
pub use options::{BatchSize, Trainer};

use wengert_autodiff::{Float, Var};

use crate::batch::Batch;
use crate::context::Context;

/// What is minimised: the mean over the examples of a loss, plus a penalty.
///
/// Both are functions of the parameters, of inputs that the [`Batch`] makes
/// of the examples, and of numbers that are [drawn](Context::random): they are
/// recorded once for each number of examples, and replayed in every step. What
/// they compute besides is the same in all steps, and a branch on a value must
/// be a [`decide`](Var::decide), which is watched.
pub trait Objective<F: Float>: Sync {
    /// The loss of each example of the batch: a vector with an entry for each,
    /// which is a function of that example alone. (A loss that depends on
    /// which examples come together, as with batch normalisation, would depend
    /// on how a batch is cut.)
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, F>, batch: &Batch<'t, 'a>) -> Var<'t, F>;

    /// A scalar function of the parameters that is added to the mean loss,
    /// once per step.
    fn penalty<'t>(&self, cx: &Context<'t, '_, F>) -> Option<Var<'t, F>> {
        let _ = cx;
        None
    }
}
