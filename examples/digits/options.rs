//! The command line of the digits example.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use wengert::nn::{Activation, Adam, AdamW, BatchSize, Init, Momentum, Optimizer, Schedule, Sgd};

/// Trains a network on handwritten digits, after checking its gradient.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "digits",
    version,
    args_conflicts_with_subcommands = true,
    allow_negative_numbers = true
)]
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

    /// Step size [default: 0.02 for adamw, 0.001 for adam, 0.1 for sgd and momentum]
    #[arg(long)]
    pub learning_rate: Option<f64>,

    /// How the step size changes: `cosine` (to zero) or `constant`
    #[arg(long, default_value = "cosine")]
    pub schedule: Schedule,

    /// Decoupled weight decay of adamw
    #[arg(long, default_value_t = 0.03)]
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
    #[arg(long, default_value_t = 0.2)]
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

impl Options {
    /// Reads the command line. What cannot be read is one line on stderr and
    /// exit code 2.
    pub fn from_command_line() -> Options {
        let mut options = match Options::try_parse() {
            Ok(options) => options,
            Err(help) if !help.use_stderr() => help.exit(),
            Err(error) => {
                let text = error.to_string();
                let lines = text.lines().map(str::trim);
                let said: Vec<&str> = lines
                    .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
                    .filter(|line| !line.is_empty())
                    .collect();
                eprintln!("{} (--help lists the options)", said.join(" "));
                std::process::exit(2);
            }
        };
        if options.seed_faithful {
            options.be_faithful();
        }
        options
    }

    /// The tutorial's own set-up; what it does not fix can still be chosen.
    fn be_faithful(&mut self) {
        *self = Options {
            epochs: if self.epochs == Options::defaults().epochs {
                1000
            } else {
                self.epochs
            },
            batch_size: BatchSize::Full,
            optimizer: OptimizerKind::Sgd,
            learning_rate: self.learning_rate.or(Some(0.1)),
            schedule: Schedule::Constant,
            activation: Activation::Sigmoid,
            loss: LossKind::Bce,
            noise: 0.05,
            dropout: 0.0,
            ..self.clone()
        };
    }

    fn defaults() -> Options {
        Options::parse_from(["digits"])
    }

    /// Refuses what no training run can make sense of, in one line.
    pub fn check(&self) -> Result<(), String> {
        let refuse = |option: &str, given: &dyn std::fmt::Display, wanted: &str| {
            Err(format!("--{option} {given}: must be {wanted}"))
        };
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let not_negative = |x: f64| x.is_finite() && x >= 0.0;
        if self.epochs == 0 {
            return refuse("epochs", &0, "at least 1");
        }
        if self.threads == Some(0) {
            return refuse("threads", &0, "at least 1");
        }
        if let Some(rate) = self.learning_rate.filter(|&r| !positive(r)) {
            return refuse("learning-rate", &rate, "finite and greater than 0");
        }
        if let Some(width) = self.hidden.iter().find(|&&w| w == 0 || w > 65_536) {
            return refuse("hidden", width, "from 1 to 65536");
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return refuse("dropout", &self.dropout, "at least 0 and less than 1");
        }
        let weights = [
            ("noise", self.noise),
            ("l1", self.l1),
            ("l2", self.l2),
            ("weight-decay", self.weight_decay),
        ];
        match weights.into_iter().find(|&(_, x)| !not_negative(x)) {
            Some((option, x)) => refuse(option, &x, "finite and not negative"),
            None => Ok(()),
        }
    }

    pub fn rate(&self) -> f64 {
        self.learning_rate.unwrap_or(match self.optimizer {
            OptimizerKind::Adamw => 0.02,
            OptimizerKind::Adam => 0.001,
            OptimizerKind::Momentum | OptimizerKind::Sgd => 0.1,
        })
    }

    pub fn threads(&self) -> usize {
        let machine = || std::thread::available_parallelism().map_or(1, |n| n.get());
        // More threads than chunks would have nothing to do.
        self.threads.unwrap_or_else(|| machine().min(4))
    }

    /// A batch is cut into chunks of this many images, whatever the number of
    /// threads, so that the result does not depend on it.
    pub fn chunk(&self, images: usize) -> usize {
        (self.batch_size.rows(images) / 2).clamp(16, 1024)
    }

    pub fn optimizer(&self) -> Box<dyn Optimizer<f32>> {
        match self.optimizer {
            OptimizerKind::Adamw => Box::new(AdamW {
                decay: self.weight_decay,
                ..AdamW::default()
            }),
            OptimizerKind::Adam => Box::new(Adam::default()),
            OptimizerKind::Momentum => Box::new(Momentum::default()),
            OptimizerKind::Sgd => Box::new(Sgd),
        }
    }
}
