//! The training loop: options, events, history, and the step that cuts a
//! batch into chunks. Knows no particular model, loss or optimiser.

mod batch;
mod error;
mod event;
mod fit;
mod options;
mod step;

pub use error::TrainError;
pub use event::{BatchRecord, EpochRecord, Event, History, Rate};
pub use options::{BatchSize, Trainer};

use wengert_autodiff::{Float, Var};

use crate::context::Context;

/// What is minimised: the mean over the examples of a loss, plus a penalty.
///
/// The examples are numbered; the trainer says which it wants. `losses` is
/// called for a part of a batch at a time, possibly by several threads, each
/// with a tape of its own.
pub trait Objective<F: Float>: Sync {
    /// The loss of each of these examples: a vector as long as `rows`, its
    /// entry `i` a function of example `rows[i]` alone. (A loss that depends
    /// on which examples come together, as with batch normalisation, would
    /// depend on how a batch is cut.)
    fn losses<'t>(&self, cx: &Context<'t, '_, F>, rows: &[usize]) -> Var<'t, F>;

    /// A scalar function of the parameters that is added to the mean loss,
    /// once per step.
    fn penalty<'t>(&self, cx: &Context<'t, '_, F>) -> Option<Var<'t, F>> {
        let _ = cx;
        None
    }
}
