//! Reading files of records: one JSON object per line, gzipped or not. Every
//! error names the file and, where there is one, the line.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value as Json;

/// A file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read at all.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system, or the decompressor, said.
        source: std::io::Error,
    },
    /// The name says gzip and the content does not.
    #[error("{}: is not gzip, although its name ends in .gz", path.display())]
    NotGzip {
        /// The file.
        path: PathBuf,
    },
    /// It is not text.
    #[error("{}:{line}: is not UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A line is not JSON.
    #[error("{}:{line}: is not JSON: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A line is JSON, but not a record that this runner knows.
    #[error("{}:{line}: {reason}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing in it.
    #[error("{}: holds no records", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    /// A record that does not have what it should.
    pub(super) fn record(path: &Path, line: usize, reason: String) -> FileError {
        let path = path.to_path_buf();
        FileError::Record { path, line, reason }
    }
}

const GZIP: &[u8] = &[0x1f, 0x8b];

/// The records of a file, with their line numbers.
pub(super) fn read(path: &Path) -> Result<Vec<(usize, Json)>, FileError> {
    let io = |source| FileError::Io {
        path: path.to_path_buf(),
        source,
    };
    let mut bytes = std::fs::read(path).map_err(io)?;
    if bytes.starts_with(GZIP) {
        let mut unpacked = Vec::new();
        let mut decoder = MultiGzDecoder::new(&bytes[..]);
        decoder.read_to_end(&mut unpacked).map_err(io)?;
        bytes = unpacked;
    } else if path.extension().is_some_and(|e| e == "gz") {
        let path = path.to_path_buf();
        return Err(FileError::NotGzip { path });
    }
    let text = std::str::from_utf8(&bytes).map_err(|e| FileError::NotText {
        path: path.to_path_buf(),
        line: 1 + bytes[..e.valid_up_to()]
            .iter()
            .filter(|&&b| b == b'\n')
            .count(),
    })?;
    let mut records = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let record = serde_json::from_str(line).map_err(|e| FileError::Json {
            path: path.to_path_buf(),
            line: at + 1,
            // The parser sees a single line; its own line number says nothing.
            reason: e.to_string().replace(" at line 1 column", " at column"),
        })?;
        records.push((at + 1, record));
    }
    match records.is_empty() {
        true => Err(FileError::Empty {
            path: path.to_path_buf(),
        }),
        false => Ok(records),
    }
}
