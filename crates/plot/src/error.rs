//! What can go wrong when a figure is written or an image is read.

use std::io;
use std::path::PathBuf;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, PlotError>;

/// Why a figure was not written, or an image not read.
///
/// Each message is one line that says what is wrong, where, and what would
/// have been right.
///
/// ```
/// use wengert_plot::{Curves, PlotError};
///
/// let error = Curves::new("loss").series("train", &[0.7, 0.4]).save("loss.gif").unwrap_err();
/// assert!(matches!(error, PlotError::Extension { .. }));
/// assert_eq!(error.to_string(), "figure loss.gif: the name must end in .png or .svg");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The file name says neither PNG nor SVG.
    #[error("figure {path}: the name must end in .png or .svg")]
    Extension {
        /// The path as given.
        path: PathBuf,
    },
    /// There is nothing to draw.
    #[error("{what}: empty; at least one {needed} is needed")]
    Empty {
        /// Which input.
        what: String,
        /// What it should hold.
        needed: &'static str,
    },
    /// No value of the input can be drawn.
    #[error("{what}: no value can be drawn; at least one must be {needed}")]
    NotFinite {
        /// Which input.
        what: String,
        /// What a drawable value is.
        needed: &'static str,
    },
    /// Two inputs, or two axes of one, do not fit together.
    #[error("{what}: found {found}, expected {expected}")]
    Shape {
        /// Which input.
        what: String,
        /// Its length or shape.
        found: String,
        /// The length or shape that fits.
        expected: String,
    },
    /// A value lies outside the range of its meaning.
    #[error("{what}: {found} is outside of {expected}")]
    Range {
        /// Which input.
        what: String,
        /// The first offending value.
        found: f64,
        /// The range, in words.
        expected: &'static str,
    },
    /// More than fits in one readable figure or one readable image.
    #[error("{what}: {found}, at most {max} is possible")]
    TooLarge {
        /// Which input, and what is counted.
        what: String,
        /// How many or how large.
        found: String,
        /// The most that is possible.
        max: String,
    },
    /// The file could not be written. Nothing is left behind.
    #[error("cannot write {path}: {source}; the folder must exist and be writable")]
    Write {
        /// The path as given.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("cannot read {path}: {source}; a readable PNG file is needed")]
    Read {
        /// The path as given.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The file is no PNG, or a damaged one.
    #[error("cannot decode {path}: {}; a whole PNG image is needed", bare(source))]
    Decode {
        /// The path as given.
        path: PathBuf,
        /// The decoder's answer.
        source: png::DecodingError,
    },
    /// The drawing library failed: a fault of this crate, not of the input.
    #[error("cannot draw the figure: {reason}")]
    Draw {
        /// The library's answer.
        reason: String,
    },
}

/// Some of the decoder's answers end in a full stop, inside ours.
fn bare(source: &png::DecodingError) -> String {
    source.to_string().trim_end_matches('.').into()
}
