//! What the digits example prints: lines, a progress bar, the JSON object.

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use ndarray::{Array2, s};
use wengert::mnist::Digits;
use wengert::nn::{BatchRecord, BatchSize, EpochRecord, History, Mlp, Params, Trainer, predict};
use wengert::verify;

use crate::options::Options;
use crate::{Classifier, faithful, figures};

/// Prints a line. When nobody can read it any more, as after `| head`, the
/// program ends as others do, without a panic.
pub fn print_line(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            eprintln!("error: cannot write to the standard output: {error}");
        }
        std::process::exit(2);
    }
}

pub struct Report {
    options: Options,
    threads: usize,
    bar: Option<ProgressBar>,
    curves: Series,
    start: Instant,
    /// When training began.
    training: Instant,
}

/// What is drawn and printed at the end, one number per epoch.
#[derive(Default)]
pub struct Series {
    pub loss: Vec<f64>,
    /// In the tutorial's set-up: the two losses after the epoch.
    pub descended: Vec<f64>,
    pub reported: Vec<f64>,
    pub train_accuracy: Vec<f64>,
    pub test_accuracy: Vec<f64>,
    pub seconds: Vec<f64>,
}

impl Report {
    /// Makes the directory for the results, before any work is done.
    pub fn new(options: &Options) -> Result<Report, Box<dyn Error>> {
        std::fs::create_dir_all(&options.out).map_err(|e| {
            format!(
                "--out {}: cannot make this directory: {e}",
                options.out.display()
            )
        })?;
        Ok(Report {
            options: options.clone(),
            threads: options.threads(),
            bar: None,
            curves: Series::default(),
            start: Instant::now(),
            training: Instant::now(),
        })
    }

    fn say(&self, text: &str) {
        if !self.options.quiet {
            print_line(text);
        }
    }

    /// The name of what is measured on: the test set, unless held-back
    /// training images stand in for it.
    fn measured(&self) -> &'static str {
        if self.options.validation > 0 {
            "held-back"
        } else {
            "test"
        }
    }

    pub fn data(&self, train: &Digits, test: &Digits) {
        let (_, rows, cols) = train.images.dim();
        self.say(&format!(
            "The data      {} training and {} {} images of {rows} x {cols} pixels, {} classes\n",
            train.len(),
            test.len(),
            self.measured(),
            train.classes()
        ));
    }

    pub fn expression(&self, formula: &str) {
        self.say("The network, as it was recorded\n");
        for line in formula.lines() {
            self.say(&format!("    {line}"));
        }
        self.say("");
    }

    pub fn gradient(
        &self,
        checked: &verify::Report,
        by_hand: &[(String, f64)],
    ) -> Result<(), Box<dyn Error>> {
        self.say("Its gradient, against differences of the loss and against forward mode\n");
        for line in checked.to_string().lines() {
            self.say(&format!("    {line}"));
        }
        let wrong = |i: &verify::InputReport| {
            use verify::Verdict::{Inconsistent, Wrong};
            matches!(i.verdict, Wrong { .. } | Inconsistent { .. })
        };
        if checked.inputs.iter().any(wrong) {
            return Err(
                format!("the gradient is wrong, training would be in vain\n{checked}").into(),
            );
        }
        self.say(
            "\nThe tutorial's backprop, derived by hand for sigmoids and binary cross-entropy\n",
        );
        for (name, apart) in by_hand {
            self.say(&format!(
                "    {name:<16} differs by {apart:.0e} of the largest entry"
            ));
        }
        match by_hand
            .iter()
            .find(|(_, apart)| apart.is_nan() || *apart > 1e-9)
        {
            Some((name, _)) => {
                Err(format!("{name}: the gradient is not the one derived by hand").into())
            }
            None => Ok(()),
        }
    }

    pub fn training(&mut self, trainer: &Trainer, parameters: usize) {
        let o = &self.options;
        let optimizer = format!("{:?}", o.optimizer).to_lowercase();
        self.say(&format!(
            "\nTraining      {parameters} parameters, {optimizer} {} ({}), {}, {} thread{}",
            trainer.rate,
            trainer.schedule,
            match trainer.batch {
                BatchSize::Of(n) => format!("batch {n}"),
                BatchSize::Full => "full batch".into(),
            },
            trainer.threads,
            if trainer.threads == 1 { "" } else { "s" }
        ));
        if o.noise > 0.0 && !o.seed_faithful {
            self.say("              (noise of 0.1 lowers the test accuracy by half a point)");
        }
        if o.seed_faithful {
            self.say(
                "              The tutorial reports -Σ y ln p, but its backward pass, p - y, belongs\n\
                 \x20             to the binary cross-entropy. Both are shown: watch which one falls.",
            );
        }
        let loss = if o.seed_faithful {
            " descends  reported"
        } else {
            "     loss"
        };
        self.say(&format!(
            "\n    epoch {loss}   train    {:<9}  seconds",
            self.measured()
        ));
        self.training = Instant::now();
    }

    /// Moves the bar, which stands on stderr and only on a terminal.
    pub fn step(&mut self, record: &BatchRecord) {
        if self.options.quiet {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style = "    {msg} [{bar:40}] {pos}/{len}  {eta} left";
            let style = ProgressStyle::with_template(style).expect("a valid template");
            let bar =
                ProgressBar::new(record.batches as u64).with_style(style.progress_chars("=> "));
            bar.set_message(format!("epoch {}", record.epoch));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        bar.set_position(record.batch as u64);
    }

    pub fn epoch(
        &mut self,
        record: &EpochRecord,
        objective: &Classifier<'_>,
        params: &Params<f32>,
        train: &Digits,
        test: &Digits,
    ) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.curves.seconds.push(record.seconds);
        self.curves.loss.push(record.loss);
        let on_train = match &objective.features {
            Some(features) => predict::logits(objective.model, params, features, self.threads)
                .expect("one thread at least"),
            None => logits(objective.model, params, train, self.threads),
        };
        let on_test = logits(objective.model, params, test, self.threads);
        let accuracy = |logits: &Array2<f32>, digits: &Digits| {
            let said = predict::classify(logits);
            let right = said
                .iter()
                .zip(&digits.labels)
                .filter(|&(&k, &l)| k == usize::from(l));
            right.count() as f64 / digits.len() as f64
        };
        let (on_train_right, on_test_right) =
            (accuracy(&on_train, train), accuracy(&on_test, test));
        self.curves.train_accuracy.push(on_train_right);
        self.curves.test_accuracy.push(on_test_right);
        let mut loss = format!("{:>8.4}", record.loss);
        let last = self.options.epochs();
        if self.options.seed_faithful {
            let both = faithful::losses(&on_train, train.labels.iter().map(|&l| l.into()));
            loss = format!("{:>8.4}  {:>8.4}", both.descended, both.reported);
            self.curves.descended.push(both.descended);
            self.curves.reported.push(both.reported);
            if record.epoch == 1 && last > 1 {
                let each = self.training.elapsed().as_secs_f64();
                self.say(&format!(
                    "    ({} epochs to go: about {:.0} s)",
                    last - 1,
                    (each * (last - 1) as f64).ceil()
                ));
            }
            // A thousand epochs are printed every tenth time.
            if !record.epoch.is_multiple_of(10) && ![1, last].contains(&record.epoch) {
                return;
            }
        }
        self.say(&format!(
            "    {:>5}  {loss}  {:>6.2} %  {:>6.2} %  {:>8.2}",
            record.epoch,
            100.0 * on_train_right,
            100.0 * on_test_right,
            record.seconds
        ));
    }

    /// Saves the model and the figures, and prints what came of it.
    pub fn result(
        &mut self,
        history: &History,
        model: &Mlp,
        params: &Params<f32>,
        test: &Digits,
    ) -> Result<(), Box<dyn Error>> {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if history.stopped {
            self.say("    stopped; the model so far is saved");
        }
        let logits = logits(model, params, test, self.threads);
        let (predicted, truth) = (predict::classify(&logits), test.targets());
        let confusion = predict::confusion_matrix(&predicted, &truth, test.classes())?;
        let right: usize = confusion.diag().sum();
        let lines = table(&confusion);
        if lines[0].len() <= 76 {
            self.say("\nThe result    rows: what an image shows; columns: what the network says\n");
            for line in lines {
                self.say(&format!("    {line}"));
            }
        } else {
            self.say("\nThe result    (what is taken for what: in confusion.png)");
        }
        let measured = self.measured();
        let trained = self.curves.train_accuracy.last();
        let trained = trained.map_or(String::new(), |a| {
            format!("training accuracy {:.2} %, ", 100.0 * a)
        });
        print_line(&format!(
            "{}{trained}{measured} accuracy {:.2} % ({right} of {})",
            if self.options.quiet { "" } else { "\n    " },
            100.0 * right as f64 / test.len() as f64,
            test.len()
        ));
        let training = self.curves.seconds.iter().fold(0.0, |sum, s| sum + s);
        self.say(&format!(
            "    training took {training:.1} s, everything {:.1} s, {} at most",
            self.start.elapsed().as_secs_f64(),
            peak_rss_mb().map_or("memory unknown".into(), |mb| format!(
                "{mb:.0} MB of memory"
            ))
        ));
        let saved = figures::Outcome {
            history,
            model,
            params,
            test,
            predicted: &predicted,
            confusion: &confusion,
            curves: &self.curves,
            measured,
        }
        .save(&self.options)?;
        let width = saved.iter().map(|(path, _)| path.chars().count()).max();
        self.say("");
        for (i, (path, what)) in saved.iter().enumerate() {
            let title = if i == 0 { "Saved" } else { "" };
            let width = width.unwrap_or(0);
            self.say(&format!("{title:<14}{path:<width$}  {what}"));
        }
        if self.options.json {
            print_line(&self.json().to_string());
        }
        Ok(())
    }

    fn json(&self) -> serde_json::Value {
        let o = &self.options;
        serde_json::json!({
            "seconds_per_epoch": self.curves.seconds,
            "train_loss": self.curves.loss,
            "test_accuracy": self.curves.test_accuracy,
            "peak_rss_mb": peak_rss_mb(),
            "threads": self.threads,
            "batch": o.batch_size.to_string().parse::<usize>().map_or("full".into(), serde_json::Value::from),
            "optimizer": format!("{:?}", o.optimizer).to_lowercase(),
            "activation": o.activation.to_string(),
            "seed": o.seed,
        })
    }
}

/// Logits of all images, some at a time, so that never all of them stand in
/// memory as floats.
fn logits(model: &Mlp, params: &Params<f32>, digits: &Digits, threads: usize) -> Array2<f32> {
    let mut out = Array2::zeros((digits.len(), digits.classes()));
    let all: Vec<usize> = (0..digits.len()).collect();
    for some in all.chunks(2000) {
        let x = digits.features_of::<f32>(some);
        let part = predict::logits(model, params, &x, threads).expect("one thread at least");
        out.slice_mut(s![some[0]..some[0] + some.len(), ..])
            .assign(&part);
    }
    out
}

fn table(confusion: &Array2<usize>) -> Vec<String> {
    let width = confusion
        .iter()
        .map(|n| n.to_string().len())
        .max()
        .unwrap_or(1)
        .max(3);
    let number = |n: &dyn std::fmt::Display| format!(" {n:>width$}");
    let header: String = (0..confusion.ncols()).map(|k| number(&k)).collect();
    let mut lines = vec![format!("   {header}")];
    for (k, row) in confusion.outer_iter().enumerate() {
        let dot = |&n: &usize| if n == 0 { number(&".") } else { number(&n) };
        lines.push(format!(
            "{k:>2} {}",
            row.iter().map(dot).collect::<String>()
        ));
    }
    lines
}

/// The most memory the process has held, where the system tells.
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kb / 1024.0 * 10.0).round() / 10.0)
}
