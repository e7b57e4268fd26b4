//! Figures of a training run, as PNG or SVG by the extension of the file, and
//! a PNG read back as a grey image.
//!
//! | figure | function |
//! |---|---|
//! | loss, accuracy or any other curves | [`Curves`], [`training_curves`] |
//! | images with what they were taken for | [`prediction_grid`] |
//! | what was taken for what | [`confusion_matrix`] |
//! | first-layer weights | [`weight_images`] |
//!
//! Drawing is [plotters]', with an embedded font (DejaVu Sans): no font and no
//! library of the system is used, so a PNG is the same everywhere. An SVG
//! holds its text as text, which the viewer sets in its own font if it has no
//! DejaVu Sans. A figure is written beside its path and renamed, so that a
//! failure leaves no half-written file. No training and no model lives here.
//!
//! [plotters]: https://docs.rs/plotters
//!
//! ```
//! use ndarray::array;
//!
//! let path = std::env::temp_dir().join("wengert-lib.png");
//! wengert_plot::confusion_matrix(&path, array![[48, 2], [1, 50]].view())?;
//! # std::fs::remove_file(path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod axis;
mod canvas;
mod colors;
mod confusion;
mod curves;
mod error;
mod file;
mod font;
mod ink;
mod panel;
mod predictions;
mod read;
#[cfg(test)]
mod testing;
mod ticks;
mod tile;
mod weights;

pub use confusion::confusion_matrix;
pub use curves::{Curves, training_curves};
pub use error::{PlotError, Result};
pub use predictions::prediction_grid;
pub use read::read_grey_png;
pub use weights::weight_images;
