//! Layers: plain structs that hold parameter ids, and whose `forward` reads
//! like the formula. No optimiser and no training loop here.

mod dense;
mod dropout;
mod mlp;

pub use dense::Dense;
pub use dropout::Dropout;
pub use mlp::{Mlp, MlpConfig};

use wengert_autodiff::{Float, Var};

use crate::context::Context;
use crate::params::ParamsError;

/// Anything that makes outputs of inputs: what [`predict`](crate::predict)
/// runs.
pub trait Model<F: Float>: Sync {
    /// The outputs (of a classifier: logits, `[n, classes]`) for inputs whose
    /// first axis counts the examples.
    fn forward<'t>(&self, cx: &Context<'t, '_, F>, x: Var<'t, F>) -> Var<'t, F>;
}

/// A layer that cannot be built as configured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayerError {
    /// A probability of dropping that is none.
    #[error("dropout of {p}: must be at least 0 and less than 1")]
    Dropout {
        /// What was given.
        p: f64,
    },
    /// A layer without units.
    #[error("`{layer}` has width 0: every layer must have at least one unit")]
    Empty {
        /// Which one.
        layer: String,
    },
    /// A standard deviation that is none.
    #[error(
        "initialisation `normal:{std}`: the standard deviation must be finite and not negative"
    )]
    Deviation {
        /// What was given.
        std: f64,
    },
    /// The parameters cannot be added to the store.
    #[error(transparent)]
    Params(#[from] ParamsError),
}
