//! What the digits example leaves behind: the model, the history, the figures.

use std::error::Error;

use ndarray::{Array1, Array2, s};
use wengert::mnist::Digits;
use wengert::nn::{History, Mlp, Params, checkpoint};
use wengert::plot::{self, Curves};

use crate::options::Options;
use crate::predict::Saved;
use crate::report::Series;

/// All that came of a run.
pub struct Outcome<'a> {
    pub history: &'a History,
    pub model: &'a Mlp,
    pub params: &'a Params<f32>,
    pub test: &'a Digits,
    /// The classes that the network gives to the test images.
    pub predicted: &'a Array1<usize>,
    pub confusion: &'a Array2<usize>,
    pub curves: &'a Series,
    /// The name of what stands in for the test set.
    pub measured: &'static str,
}

impl Outcome<'_> {
    /// Writes every file, the model first, and returns their paths, each with
    /// what it shows.
    pub fn save(&self, options: &Options) -> Result<Vec<(String, &'static str)>, Box<dyn Error>> {
        let file = |name: &str| options.out.join(name);
        let mut saved = Vec::new();
        let mut done = |name: &str, what| saved.push((file(name).display().to_string(), what));

        let (_, rows, cols) = self.test.images.dim();
        let config = Saved {
            network: self.model.config().clone(),
            loss: options.loss,
            image: (rows, cols),
        };
        checkpoint::save(file("model.wengert"), &config, self.params)?;
        done("model.wengert", "for `predict IMAGE --model`");
        let path = file("history.json");
        std::fs::write(&path, serde_json::to_string_pretty(self.history)?)
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        done("history.json", "loss, rate and seconds of every epoch");

        let curves = self.curves;
        // Stopped within its first epoch, a run has no curves.
        if !curves.loss.is_empty() {
            let accuracy = [
                ("training", &curves.train_accuracy[..]),
                (self.measured, &curves.test_accuracy[..]),
            ];
            let loss = [("training", &curves.loss[..])];
            plot::training_curves(file("curves.png"), &loss, &accuracy)?;
            done("curves.png", "how it learnt");
        }
        if !curves.descended.is_empty() {
            Curves::new("The loss that is descended, and the one that is reported")
                .x_label("epoch")
                .y_label("loss per image")
                .series("descended: binary cross-entropy", &curves.descended)
                .series("reported: -Σ y ln p", &curves.reported)
                .save(file("losses.png"))?;
            done("losses.png", "the two losses");
        }
        self.predictions(file("predictions.png"))?;
        done("predictions.png", "some images, the mistakes first");
        plot::confusion_matrix(file("confusion.png"), self.confusion.view())?;
        done("confusion.png", "what is taken for what");
        if let Some((_, layer)) = self.model.layers().next() {
            let weights = self.params.view(layer.weight);
            let weights = weights.into_dimensionality::<ndarray::Ix2>()?;
            let units = weights.ncols().min(128);
            let shown = weights.slice(s![.., ..units]);
            plot::weight_images(file("weights.png"), shown, (rows, cols))?;
            done("weights.png", "what the first layer looks for");
        }
        Ok(saved)
    }

    /// Mistakes first: they are what one wants to see.
    fn predictions(&self, path: std::path::PathBuf) -> plot::Result<()> {
        let (test, predicted, truth) = (self.test, self.predicted, self.test.targets());
        let mistakes = (0..test.len()).filter(|&i| predicted[i] != truth[i]);
        let mut shown: Vec<usize> = mistakes.take(15).collect();
        let rest = (0..test.len()).filter(|&i| predicted[i] == truth[i]);
        shown.extend(rest.take(40 - shown.len()));
        let images = test.select(&shown).images.mapv(|x| f32::from(x) / 255.0);
        let of = |all: &Array1<usize>| shown.iter().map(|&i| all[i]).collect::<Vec<_>>();
        plot::prediction_grid(path, images.view(), &of(&truth), &of(predicted))
    }
}
