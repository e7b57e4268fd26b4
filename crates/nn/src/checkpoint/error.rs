//! Why a checkpoint could not be written or read. Every message names the
//! file.

use std::path::PathBuf;

/// A checkpoint that could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The operating system refused.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The configuration cannot be written as JSON.
    #[error("{}: the configuration cannot be written as JSON: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// It begins with something else.
    #[error("{}: not a checkpoint: it does not begin with `wengert`", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// It is of a version that this one does not know.
    #[error("{}: checkpoint of format {found}; this version reads format {known}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format that can be read.
        known: u32,
    },
    /// Its end is missing.
    #[error("{}: truncated: {missing} bytes are missing", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// How many, at least.
        missing: u64,
    },
    /// Something follows its end.
    #[error("{}: {extra} bytes too many: something was appended", path.display())]
    Trailing {
        /// The file.
        path: PathBuf,
        /// How many.
        extra: u64,
    },
    /// Bytes have changed since it was written.
    #[error("{}: damaged: the checksum of the {part} is {found:08x}, but should be {expected:08x}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// `header` or `data`.
        part: &'static str,
        /// What the bytes give.
        found: u32,
        /// What was written.
        expected: u32,
    },
    /// The header cannot be understood.
    #[error("{}: the header cannot be read: {reason}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Its numbers are of another element type.
    #[error("{}: numbers are {found}, but the model is {expected}", path.display())]
    DType {
        /// The file.
        path: PathBuf,
        /// The file's element type.
        found: String,
        /// The model's.
        expected: String,
    },
    /// It is of another model.
    #[error("{}: of another model: {difference}", path.display())]
    Architecture {
        /// The file.
        path: PathBuf,
        /// The first thing that differs: a parameter, a shape, a setting.
        difference: String,
    },
}
