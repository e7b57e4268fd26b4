//! Neural networks on the [`wengert_autodiff`] tape: parameters, layers,
//! losses, optimisers, a training loop, checkpoints.
//!
//! Everything is a plain value. Parameters live in one named, ordered store,
//! [`Params`]; a layer holds their [`ParamId`]s and has a `forward` that reads
//! like the formula; what a forward pass needs besides its input comes in one
//! [`Context`]. Nothing is global, and all randomness comes from one seed, so
//! that the same program gives the same bits, on any number of threads.
//!
//! ```
//! use std::ops::ControlFlow;
//! use ndarray::{Array2, array};
//! use rand::{SeedableRng, rngs::ChaCha8Rng};
//! use wengert_autodiff::Var;
//! use wengert_nn::{Adam, Activation, Batch, Context, Mlp, MlpConfig, Objective, Params, Trainer, loss};
//! use wengert_nn::predict;
//!
//! struct Xor { model: Mlp, x: Array2<f32>, labels: Vec<usize> }
//!
//! impl Objective<f32> for Xor {
//!     fn losses<'t, 'a>(
//!         &'a self,
//!         cx: &Context<'t, '_, f32>,
//!         batch: &Batch<'t, 'a>,
//!     ) -> Var<'t, f32> {
//!         let logits = self.model.forward(cx, batch.rows("x", &self.x));
//!         let labels = batch.labels("labels", |row| self.labels[row]);
//!         loss::softmax_cross_entropy(logits, labels)
//!     }
//! }
//!
//! let mut params = Params::new();
//! let config = MlpConfig { hidden: vec![8], activation: Activation::Tanh, ..MlpConfig::new(2, 2) };
//! let model = Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1))?;
//! let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
//! let xor = Xor { model, x, labels: vec![0, 1, 1, 0] };
//!
//! let trainer = Trainer { epochs: 200, rate: 0.05, ..Trainer::default() };
//! let history = trainer.fit(&xor, &mut params, &mut Adam::default(), 4, &mut |_| {
//!     ControlFlow::Continue(())
//! })?;
//! assert!(history.epochs[199].loss < 0.01);
//!
//! let logits = predict::logits(&xor.model, &params, &xor.x, 1)?;
//! assert_eq!(predict::classify(&logits).to_vec(), xor.labels);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`Params`], [`Gradient`] | named arrays over one flat buffer |
//! | [`Context`], [`Batch`] | what a forward pass needs: tape, parameters, mode, randomness; examples |
//! | [`Dense`], [`Dropout`], [`Mlp`], [`Activation`], [`Init`] | layers and how they begin |
//! | [`loss`], [`penalty`] | what is minimised |
//! | [`Sgd`], [`Momentum`], [`Adam`], [`AdamW`], [`Schedule`] | how it is minimised |
//! | [`Trainer`], [`Objective`], [`Event`], [`Team`] | the training loop, and its threads |
//! | [`predict`] | logits, classes, accuracy, confusion matrix |
//! | [`checkpoint`] | parameters and configuration in one file |

mod activation;
mod batch;
pub mod checkpoint;
mod context;
mod feed;
mod flat;
mod gradient;
mod init;
mod kernels;
mod layers;
pub mod loss;
mod optim;
mod option;
mod params;
pub mod penalty;
pub mod predict;
mod random;
mod schedule;
mod team;
mod train;

pub use activation::Activation;
pub use batch::Batch;
pub use context::{Context, Mode};
pub use gradient::{Gradient, GradientView};
pub use init::Init;
pub use layers::{Dense, Dropout, LayerError, Mlp, MlpConfig, Model};
pub use optim::{Adam, AdamState, AdamW, Decay, Momentum, MomentumState, Optimizer, Sgd};
pub use option::{NameError, OptionError};
pub use params::{ParamId, Params, ParamsError};
pub use schedule::Schedule;
pub use team::{Team, ThreadsError};
pub use train::{
    BatchRecord, BatchSize, EpochRecord, Event, History, Objective, Rate, TrainError, Trainer,
};
