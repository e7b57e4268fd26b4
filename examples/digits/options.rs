//! The command line of the digits example.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use wengert::nn::{Activation, BatchSize, Init, Schedule};

/// Trains a network on handwritten digits, after checking its gradient.
#[derive(Parser, Clone, Debug)]
#[command(name = "digits", version, args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Passes over the training images
    #[arg(long, default_value_t = 15)]
    pub epochs: usize,

    /// Images per step, or `full` for all at once
    #[arg(long, default_value = "128")]
    pub batch_size: BatchSize,

    /// How the parameters follow the gradient
    #[arg(long, value_enum, default_value_t = OptimizerKind::Adamw)]
    pub optimizer: OptimizerKind,

    /// Step size [default: 0.01 for adamw, 0.001 for adam, 0.1 for sgd and momentum]
    #[arg(long)]
    pub learning_rate: Option<f64>,

    /// How the step size changes: `cosine` (to zero) or `constant`
    #[arg(long, default_value = "cosine")]
    pub schedule: Schedule,

    /// Decoupled weight decay of adamw
    #[arg(long, default_value_t = 0.1)]
    pub weight_decay: f64,

    /// Widths of the hidden layers, for example 128 or 256,64
    #[arg(long, value_delimiter = ',', default_value = "128")]
    pub hidden: Vec<usize>,

    /// Activation of the hidden layers: sigmoid, tanh, relu, …
    #[arg(long, default_value = "sigmoid")]
    pub activation: Activation,

    /// `softmax` cross-entropy, or `bce`: a sigmoid and a binary cross-entropy per class
    #[arg(long, value_enum, default_value_t = LossKind::Softmax)]
    pub loss: LossKind,

    /// Initial weights: glorot, he, lecun, zeros, normal:STD (the tutorial shows how 0.01 and 1 fail)
    #[arg(long, default_value = "glorot")]
    pub init: Init,

    /// Standard deviation of Gaussian noise added to the training images, clipped to 0..1
    #[arg(long, default_value_t = 0.0)]
    pub noise: f64,

    /// Probability of dropping a hidden unit during training
    #[arg(long, default_value_t = 0.1)]
    pub dropout: f64,

    /// Weight of Σ|w| in the loss
    #[arg(long, default_value_t = 0.0)]
    pub l1: f64,

    /// Weight of Σw² in the loss
    #[arg(long, default_value_t = 0.0)]
    pub l2: f64,

    /// Every random choice follows from this number
    #[arg(long, default_value_t = 0)]
    pub seed: u64,

    /// Threads; the result does not depend on them [default: the machine's]
    #[arg(long)]
    pub threads: Option<usize>,

    /// Directory with another set of IDX files, named as MNIST's [default: MNIST, built in]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Hold back this many training images and measure on them instead of the test set:
    /// this is how the defaults were chosen
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub validation: usize,

    /// Where the model and the figures go
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,

    /// Print nothing but the final accuracies
    #[arg(long)]
    pub quiet: bool,

    /// End with one JSON object on the last line
    #[arg(long)]
    pub json: bool,

    /// The tutorial's own set-up: sigmoid outputs, summed binary cross-entropy, full batch, plain
    /// gradient descent at 0.1, noise of 0.05 drawn once, 1,000 epochs
    #[arg(long)]
    pub seed_faithful: bool,
}

#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Says which digit a PNG shows
    Predict {
        /// The picture, of any size; white on black or black on white
        image: PathBuf,
        /// A model saved by a training run
        #[arg(long, value_name = "FILE", default_value = "out/model.wengert")]
        model: PathBuf,
    },
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptimizerKind {
    Adamw,
    Adam,
    Momentum,
    Sgd,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    Softmax,
    Bce,
}
