//! The command line of the digits example.

use std::path::PathBuf;
use std::str::FromStr;

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
    /// [default: 15, with --seed-faithful 1000]
    #[arg(long, value_name = "N", value_parser = whole::<usize>, verbatim_doc_comment)]
    pub epochs: Option<usize>,

    /// Images per step, or `full`
    #[arg(long, value_name = "N", default_value = "128")]
    pub batch_size: BatchSize,

    /// How the parameters follow the gradient:
    /// adamw, adam, momentum or sgd
    #[arg(long, value_name = "NAME", value_enum, default_value_t = OptimizerKind::Adamw)]
    #[arg(hide_possible_values = true, verbatim_doc_comment)]
    pub optimizer: OptimizerKind,

    /// Step size [default: 0.02 for adamw,
    /// 0.001 for adam, 0.1 for momentum and sgd]
    #[arg(long, value_name = "RATE", value_parser = number, verbatim_doc_comment)]
    pub learning_rate: Option<f64>,

    /// How the step size changes:
    /// cosine (to zero) or constant
    #[arg(
        long,
        value_name = "NAME",
        default_value = "cosine",
        verbatim_doc_comment
    )]
    pub schedule: Schedule,

    /// Decoupled weight decay of adamw
    #[arg(long, value_name = "X", value_parser = number, default_value = "0.03")]
    pub weight_decay: f64,

    /// Of the hidden layers, as 256,64
    #[arg(
        long,
        value_name = "WIDTHS",
        value_delimiter = ',',
        default_value = "128"
    )]
    #[arg(value_parser = whole::<usize>)]
    pub hidden: Vec<usize>,

    /// Of the hidden layers: sigmoid, tanh, relu,
    /// softplus, softmax or identity
    #[arg(
        long,
        value_name = "NAME",
        default_value = "sigmoid",
        verbatim_doc_comment
    )]
    pub activation: Activation,

    /// softmax: cross-entropy of the classes;
    /// bce: a sigmoid and a binary cross-entropy
    /// for each class
    #[arg(long, value_name = "NAME", value_enum, default_value_t = LossKind::Softmax)]
    #[arg(hide_possible_values = true, verbatim_doc_comment)]
    pub loss: LossKind,

    /// Initial weights: glorot, glorot-uniform,
    /// he, he-uniform, lecun, zeros or normal:STD
    /// (the tutorial shows how 0.01 and 1 fail)
    /// [default: glorot]
    #[arg(long, value_name = "NAME", default_value = "glorot")]
    #[arg(verbatim_doc_comment, hide_default_value = true)]
    pub init: Init,

    /// Standard deviation of Gaussian noise on the
    /// training images, clipped to 0..1
    #[arg(long, value_name = "STD", value_parser = number, default_value = "0")]
    #[arg(verbatim_doc_comment)]
    pub noise: f64,

    /// Chance of dropping a hidden unit
    #[arg(long, value_name = "P", value_parser = number, default_value = "0.2")]
    pub dropout: f64,

    /// Weight of Σ|w| in the loss
    #[arg(long, value_name = "X", value_parser = number, default_value = "0")]
    pub l1: f64,

    /// Weight of Σw² in the loss
    #[arg(long, value_name = "X", value_parser = number, default_value = "0")]
    pub l2: f64,

    /// Every random choice follows from it
    #[arg(long, value_name = "N", value_parser = whole::<u64>, default_value = "0")]
    pub seed: u64,

    /// They do not change the result
    /// [default: the machine's, up to 4]
    #[arg(long, value_name = "N", value_parser = whole::<usize>, verbatim_doc_comment)]
    pub threads: Option<usize>,

    /// Another set of IDX files, named as MNIST's
    /// [default: MNIST, built in]
    #[arg(long, value_name = "DIR", verbatim_doc_comment)]
    pub data: Option<PathBuf>,

    /// Classes of the set in --data
    #[arg(long, value_name = "N", value_parser = whole::<usize>, default_value = "10")]
    #[arg(requires = "data")]
    pub classes: usize,

    /// Hold back N training images, and measure on
    /// them instead of the test set: this is how
    /// the defaults were chosen
    #[arg(long, value_name = "N", value_parser = whole::<usize>, default_value = "0")]
    #[arg(verbatim_doc_comment)]
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

    /// The tutorial's own set-up: sigmoid outputs,
    /// summed binary cross-entropy, full batch,
    /// plain gradient descent at 0.1, noise of
    /// 0.05 drawn once
    #[arg(long, verbatim_doc_comment, conflicts_with_all = FAITHFUL)]
    pub seed_faithful: bool,
}

/// What the tutorial fixes; the rest can still be chosen.
const FAITHFUL: [&str; 8] = [
    "batch_size",
    "optimizer",
    "schedule",
    "weight_decay",
    "activation",
    "loss",
    "noise",
    "dropout",
];

#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Says which digit a PNG shows
    Predict {
        /// Of any size; white on black or black on white
        image: PathBuf,
        /// A model saved by a training run
        #[arg(long, value_name = "FILE", default_value = "out/model.wengert")]
        model: PathBuf,
    },
}

fn whole<N: FromStr>(text: &str) -> Result<N, &'static str> {
    let expected = "expected a whole number that is not negative";
    text.parse().map_err(|_| expected)
}

fn number(text: &str) -> Result<f64, &'static str> {
    text.parse().map_err(|_| "expected a number")
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
        match Options::try_parse() {
            Ok(options) if options.seed_faithful => options.faithful(),
            Ok(options) => options,
            Err(help) if !help.use_stderr() => help.exit(),
            Err(error) => {
                let text = error.to_string();
                let lines = text.lines().map(str::trim);
                let said: Vec<&str> = lines
                    .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
                    .filter(|line| !line.is_empty())
                    .collect();
                let said = said.join(" ").replace(" tip: ", "; ");
                eprintln!("{said} (--help lists the options)");
                std::process::exit(2);
            }
        }
    }

    fn faithful(self) -> Options {
        Options {
            epochs: self.epochs.or(Some(1000)),
            batch_size: BatchSize::Full,
            optimizer: OptimizerKind::Sgd,
            schedule: Schedule::Constant,
            activation: Activation::Sigmoid,
            loss: LossKind::Bce,
            noise: 0.05,
            dropout: 0.0,
            ..self
        }
    }

    pub fn epochs(&self) -> usize {
        self.epochs.unwrap_or(15)
    }

    /// Refuses what no training run can make sense of, in one line.
    pub fn check(&self) -> Result<(), String> {
        let refuse = |option: &str, given: &dyn std::fmt::Display, wanted: &str| {
            Err(format!("--{option} {given}: must be {wanted}"))
        };
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let not_negative = |x: f64| x.is_finite() && x >= 0.0;
        if self.epochs() == 0 {
            return refuse("epochs", &0, "at least 1");
        }
        if let Some(threads) = self.threads.filter(|t| !(1..=1024).contains(t)) {
            return refuse("threads", &threads, "from 1 to 1024");
        }
        if !(2..=256).contains(&self.classes) {
            return refuse("classes", &self.classes, "from 2 to 256");
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
        self.threads.unwrap_or_else(|| machine().min(4))
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
