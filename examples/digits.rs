//! Handwritten digits, from pixels to predictions, on one page.
//!
//!     cargo run --example digits
//!
//! The network is written as an expression. Its gradient is derived from that
//! expression, and checked before it is trusted. Then it trains on the 60,000
//! images of MNIST, which are part of this project: nothing is downloaded.
//! `--help` lists what can be changed, and `predict IMAGE` tries the result.

use std::error::Error;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::{SeedableRng, rngs::ChaCha8Rng};
use wengert::mnist::{Digits, draw_noise};
use wengert::nn::{
    Batch, Context, Event, Mlp, MlpConfig, Objective, Params, Trainer, loss, penalty,
};
use wengert::{Float, Tape, Var, mnist};

#[path = "digits/backprop.rs"]
mod backprop;
#[path = "digits/faithful.rs"]
mod faithful;
#[path = "digits/figures.rs"]
mod figures;
#[path = "digits/options.rs"]
mod options;
#[path = "digits/predict.rs"]
mod predict;
#[path = "digits/report.rs"]
mod report;

use options::{Command, LossKind, Options};
use report::Report;

/// Set by Ctrl-C; training then stops after the step it is in.
static STOP: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let options = Options::from_command_line();
    let outcome = match &options.command {
        Some(Command::Predict { image, model }) => predict::predict(image, model),
        None => run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The lesson: data, network, gradient, training, result.
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    options.check()?;
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))?;

    // 1. The data: images of handwritten digits, and the digit each one shows.
    let (train, test) = load(options)?;
    let mut report = Report::new(options)?;
    report.data(&train, &test);

    // 2. The network: pixels -> hidden layer -> one number per class. The
    //    activations sit between the layers; what comes out are logits.
    let config = MlpConfig {
        inputs: train.pixels(),
        hidden: options.hidden.clone(),
        outputs: train.classes(),
        activation: options.activation,
        init: options.init,
        dropout: options.dropout,
    };
    let mut params = Params::<f32>::new();
    let model = Mlp::new(
        &config,
        &mut params,
        &mut ChaCha8Rng::seed_from_u64(options.seed),
    )?;

    // 3. What is minimised, as a function of the parameters.
    let features = match options.seed_faithful {
        true => Some(faithful::noisy_features(&train, options)?),
        false => None,
    };
    let objective = Classifier {
        model: &model,
        digits: &train,
        features,
        options,
    };

    // 4. The gradient of that function, checked before it is used.
    check_gradient(&objective, &mut report)?;

    // 5. Training: steps down the gradient, a few images at a time.
    let trainer = Trainer {
        epochs: options.epochs(),
        batch: options.batch_size,
        rate: options.rate(),
        schedule: options.schedule,
        seed: options.seed,
        threads: options.threads(),
        ..Trainer::default()
    };
    let mut optimizer = options.optimizer();
    report.training(&trainer, params.count());
    let history = trainer.fit(
        &objective,
        &mut params,
        &mut *optimizer,
        train.len(),
        &mut |event| {
            match event {
                Event::Batch { record, .. } => report.step(record),
                Event::Epoch { record, params, .. } => {
                    report.epoch(record, &objective, params, &train, &test);
                }
            }
            match STOP.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        },
    )?;

    // 6. What has been learnt.
    report.result(&history, &model, &params, &test)
}

/// A network, the images it learns from, and how its answers are judged.
struct Classifier<'a> {
    model: &'a Mlp,
    digits: &'a Digits,
    /// Features that differ from the images: with noise drawn once.
    features: Option<ndarray::Array2<f32>>,
    options: &'a Options,
}

impl Classifier<'_> {
    /// One loss per image: how surprised the network is by the right answer.
    /// Generic over f32, which it trains in, and f64, which it is checked in.
    fn judge<'t, F: Float>(
        &self,
        cx: &Context<'t, '_, F>,
        x: Var<'t, F>,
        labels: Var<'t, usize>,
    ) -> Var<'t, F> {
        let logits = self.model.forward(cx, x).named("logits");
        match self.options.loss {
            LossKind::Softmax => loss::softmax_cross_entropy(logits, labels),
            LossKind::Bce => {
                loss::binary_cross_entropy(logits, labels.one_hot(self.digits.classes()))
            }
        }
    }

    /// The right answers, as an input of the tape.
    fn labels<'t, 'a>(&'a self, batch: &Batch<'t, 'a>) -> Var<'t, usize> {
        batch.labels("labels", |image| usize::from(self.digits.labels[image]))
    }
}

impl Objective<f32> for Classifier<'_> {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f32>, batch: &Batch<'t, 'a>) -> Var<'t, f32> {
        let mut x = match &self.features {
            Some(features) => batch.rows("x", features),
            None => batch.gather_all("x", &[self.digits.pixels()], |images, x: &mut [f32]| {
                self.digits.write_features_of(images, x);
            }),
        };
        let std = self.options.noise as f32;
        if std > 0.0 && self.features.is_none() {
            let noise = cx.random("noise", &x.shape(), move |rng, noise| {
                draw_noise(noise, std, rng).expect("the options have been checked");
            });
            x = (x + noise).clamp(0.0, 1.0);
        }
        self.judge(cx, x, self.labels(batch))
    }

    fn penalty<'t>(&self, cx: &Context<'t, '_, f32>) -> Option<Var<'t, f32>> {
        let weights = self.model.weights();
        let l1 = (self.options.l1 > 0.0).then(|| self.options.l1 * penalty::l1(cx, &weights));
        let l2 = (self.options.l2 > 0.0).then(|| self.options.l2 * penalty::l2(cx, &weights));
        match (l1, l2) {
            (Some(l1), Some(l2)) => Some(l1 + l2),
            (one, other) => one.or(other),
        }
    }
}

/// Records the very network that is about to train, in f64 and on 32 images,
/// prints it, and checks its gradient three ways: against differences of the
/// loss, against forward mode, and, for the tutorial's network, against the
/// backprop that the tutorial derives by hand.
fn check_gradient(objective: &Classifier<'_>, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut params = Params::<f64>::new();
    let mut rng = ChaCha8Rng::seed_from_u64(objective.options.seed);
    // The same numbers as in f32, before rounding.
    Mlp::new(objective.model.config(), &mut params, &mut rng)?;
    let images: Vec<usize> = (0..objective.digits.len().min(32)).collect();

    let tape = Tape::new();
    let cx = Context::eval(&tape, &params);
    let x = tape.input("x", objective.digits.features_of::<f64>(&images));
    let labels = objective.labels(&Batch::new(&tape, &images));
    let loss = objective.judge(&cx, x, labels).mean().named("loss");
    report.expression(&tape.to_formula(&[loss.any()]));

    let (_, parameters): (Vec<_>, Vec<_>) = cx.recorded().into_iter().unzip();
    let checked = tape.check_gradients(loss, &parameters)?;
    let by_hand = backprop::compare(objective.digits, objective.options)?;
    report.gradient(&checked, &by_hand)
}

/// The embedded digits, or any other set in the same format.
fn load(options: &Options) -> Result<(Digits, Digits), Box<dyn Error>> {
    let (train, test) = match &options.data {
        Some(directory) => Digits::from_dir_with_classes(directory, options.classes)?,
        None => (mnist::train(), mnist::test()),
    };
    for (what, set) in [("training", &train), ("test", &test)] {
        if set.is_empty() {
            return Err(format!("--data: there are no {what} images, expected at least 1").into());
        }
    }
    match options.validation {
        0 => Ok((train, test)),
        n if n < train.len() => Ok(train.split_at(train.len() - n)),
        n => Err(format!(
            "--validation {n}: must be less than the {} training images",
            train.len()
        )
        .into()),
    }
}
