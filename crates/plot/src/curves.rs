//! Curves over epochs: loss, accuracy, or any other series.

use std::path::Path;

use crate::canvas;
use crate::error::{PlotError, Result};
use crate::panel::{Line, Panel};

const SIZE: (i32, i32) = (1000, 560);
const PAIR: (i32, i32) = (1200, 500);

/// A figure of one or more named curves, 1000 by 560 pixels.
///
/// A value that is not finite (or not smaller than 10²⁰⁰ in size; or, with
/// [`log_y`](Self::log_y), not above 0 or smaller than 10⁻²⁰⁰) leaves a gap in
/// its curve. Curves differ in colour and,
/// where they have at most 50 points, in their markers; from the seventh on
/// they are dashed.
///
/// ```
/// use wengert_plot::Curves;
///
/// let path = std::env::temp_dir().join("wengert-curves.svg");
/// Curves::new("Loss")
///     .x_label("epoch")
///     .y_label("cross-entropy")
///     .series("train", &[0.71, 0.32, 0.21, 0.15])
///     .series("test", &[0.52, 0.30, f64::NAN, 0.24])
///     .log_y()
///     .save(&path)?;
/// # assert!(std::fs::read_to_string(&path)?.contains("cross-entropy"));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Curves {
    title: String,
    x_label: String,
    y_label: String,
    log_y: bool,
    series: Vec<Series>,
}

#[derive(Clone, Debug, PartialEq)]
struct Series {
    name: String,
    x: Option<Vec<f64>>,
    y: Vec<f64>,
}

impl Curves {
    /// A figure without curves; an empty title takes no room.
    ///
    /// ```
    /// use wengert_plot::{Curves, PlotError};
    ///
    /// let path = std::env::temp_dir().join("wengert-nothing.png");
    /// assert!(matches!(Curves::new("Loss").save(&path), Err(PlotError::Empty { .. })));
    /// assert!(!path.exists());
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// What the x axis shows, such as `"epoch"`.
    ///
    /// ```
    /// # use wengert_plot::Curves;
    /// let curves = Curves::new("Loss").x_label("epoch");
    /// # assert_ne!(curves, Curves::new("Loss"));
    /// ```
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = label.into();
        self
    }

    /// What the y axis shows and its unit, such as `"loss in nats"`; it is
    /// written above the axis.
    ///
    /// ```
    /// # use wengert_plot::Curves;
    /// let curves = Curves::new("Loss").y_label("loss in nats");
    /// # assert_ne!(curves, Curves::new("Loss"));
    /// ```
    pub fn y_label(mut self, label: impl Into<String>) -> Self {
        self.y_label = label.into();
        self
    }

    /// Adds a curve through `(1, y[0])`, `(2, y[1])` and so on: one value per
    /// epoch.
    ///
    /// ```
    /// # use wengert_plot::Curves;
    /// let path = std::env::temp_dir().join("wengert-series.png");
    /// Curves::new("Loss").series("train", &[0.7, 0.3]).save(&path)?;
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn series(mut self, name: impl Into<String>, y: &[f64]) -> Self {
        self.series.push(Series {
            name: name.into(),
            x: None,
            y: y.to_vec(),
        });
        self
    }

    /// Adds a curve through the points `(x[i], y[i])` in their order.
    ///
    /// ```
    /// # use wengert_plot::Curves;
    /// let path = std::env::temp_dir().join("wengert-series-xy.png");
    /// Curves::new("Learning rate")
    ///     .series_xy("rate", &[0.0, 100.0, 200.0], &[0.1, 0.05, 0.025])
    ///     .save(&path)?;
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn series_xy(mut self, name: impl Into<String>, x: &[f64], y: &[f64]) -> Self {
        self.series.push(Series {
            name: name.into(),
            x: Some(x.to_vec()),
            y: y.to_vec(),
        });
        self
    }

    /// Makes the y axis logarithmic.
    ///
    /// ```
    /// # use wengert_plot::Curves;
    /// let path = std::env::temp_dir().join("wengert-log-y.png");
    /// Curves::new("Loss").series("train", &[1.0, 1e-3, 1e-6]).log_y().save(&path)?;
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// Writes the figure to a `.png` or `.svg` file.
    ///
    /// # Errors
    ///
    /// No curve or no value ([`PlotError::Empty`]), none that can be drawn
    /// ([`PlotError::NotFinite`]), `x` and `y` of different lengths
    /// ([`PlotError::Shape`]), an unknown extension or a failed write, which
    /// leaves no file.
    ///
    /// ```
    /// use wengert_plot::{Curves, PlotError};
    ///
    /// let curves = Curves::new("Loss").series_xy("train", &[1.0, 2.0], &[0.5]);
    /// assert!(matches!(curves.save("loss.png"), Err(PlotError::Shape { .. })));
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        for series in &self.series {
            let x = series.x.as_ref().unwrap_or(&series.y);
            if x.len() != series.y.len() {
                return Err(PlotError::Shape {
                    what: format!("curve {:?}", series.name),
                    found: format!("{} x values", x.len()),
                    expected: format!("{}, as many as y values", series.y.len()),
                });
            }
        }
        let lines = self.series.iter().map(|series| {
            let points = match &series.x {
                Some(x) => x.iter().copied().zip(series.y.iter().copied()).collect(),
                None => epochs(&series.y),
            };
            (series.name.as_str(), points)
        });
        let lines = lines_of(&format!("curves {:?}", self.title), lines, self.log_y)?;
        let panel = Panel {
            title: &self.title,
            x_label: &self.x_label,
            y_label: &self.y_label,
            log_y: self.log_y,
            y_unit: "",
            y_max: f64::INFINITY,
            lines: &lines,
        };
        canvas::save(path.as_ref(), SIZE, |canvas| {
            panel.draw(canvas, (0, 0), SIZE)
        })
    }
}

/// Loss on the left, accuracy on the right, over epochs counted from 1; 1200
/// by 500 pixels, written to a `.png` or `.svg` file.
///
/// Accuracies are fractions from 0 to 1 and shown in percent. A value that is
/// not a number leaves a gap.
///
/// # Errors
///
/// As [`Curves::save`], for either side, and [`PlotError::Range`] for an
/// accuracy outside of 0 to 1.
///
/// ```
/// let path = std::env::temp_dir().join("wengert-training.png");
/// wengert_plot::training_curves(
///     &path,
///     &[("train loss", &[0.41, 0.19, 0.13])],
///     &[("train accuracy", &[0.93, 0.95, 0.97]), ("test accuracy", &[0.94, 0.95, 0.96])],
/// )?;
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn training_curves(
    path: impl AsRef<Path>,
    loss: &[(&str, &[f64])],
    accuracy: &[(&str, &[f64])],
) -> Result<()> {
    for (name, values) in accuracy {
        if let Some(&found) = values.iter().find(|v| **v < 0.0 || **v > 1.0) {
            return Err(PlotError::Range {
                what: format!("curve {name:?}"),
                found,
                expected: "0 to 1, the range of an accuracy",
            });
        }
    }
    let losses = loss.iter().map(|(name, y)| (*name, epochs(y)));
    let losses = lines_of("loss curves", losses, false)?;
    let percent = |y: &[f64]| epochs(&y.iter().map(|v| 100.0 * v).collect::<Vec<_>>());
    let accuracies = accuracy.iter().map(|(name, y)| (*name, percent(y)));
    let accuracies = lines_of("accuracy curves", accuracies, false)?;

    let loss = Panel {
        title: "Loss",
        x_label: "epoch",
        y_label: "",
        log_y: false,
        y_unit: "",
        y_max: f64::INFINITY,
        lines: &losses,
    };
    let accuracy = Panel {
        title: "Accuracy",
        y_unit: " %",
        y_max: 100.0,
        lines: &accuracies,
        ..loss
    };
    let (width, height) = (PAIR.0 / 2, PAIR.1);
    canvas::save(path.as_ref(), PAIR, |canvas| {
        loss.draw(canvas, (0, 0), (width, height))?;
        accuracy.draw(canvas, (width, 0), (width, height))
    })
}

/// `(1, y[0])`, `(2, y[1])` and so on.
fn epochs(y: &[f64]) -> Vec<(f64, f64)> {
    y.iter()
        .enumerate()
        .map(|(i, &y)| (i as f64 + 1.0, y))
        .collect()
}

fn lines_of<'a>(
    what: &str,
    series: impl Iterator<Item = (&'a str, Vec<(f64, f64)>)>,
    log_y: bool,
) -> Result<Vec<Line<'a>>> {
    let series: Vec<_> = series.collect();
    if series.iter().all(|(_, points)| points.is_empty()) {
        return Err(PlotError::Empty {
            what: what.to_owned(),
            needed: "curve with a value",
        });
    }
    Ok(series
        .iter()
        .map(|(name, points)| Line::new(name, points, log_y))
        .collect())
}

#[cfg(test)]
#[path = "curves_tests.rs"]
mod tests;
