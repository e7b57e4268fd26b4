//! Conformance: this library against numbers that it did not compute.
//!
//! The files hold cases of other frameworks' operators, layers and
//! optimisers, one JSON object per line: inputs with their memory layout, a
//! call, and the values, gradients, second derivatives and directional
//! derivatives that are expected. `examples/conformance.rs` runs any such
//! file; the ones in `tests/data` are part of the test suite.
//!
//! | file | what |
//! |---|---|
//! | `file` | reading lines, gzipped or not |
//! | `array` | arrays of a record, in their memory layout |
//! | `call` | arguments by PyTorch's signature |
//! | `case` | one case of an operation |
//! | `ops` | the table of operations, several files by family |
//! | `run` | running a case |
//! | `layers` | cases of layers and losses |
//! | `optim` | trajectories of optimisers |
//! | `edge` | conventions side by side, which are no cases |
//! | `compare` | the comparison rule |
//! | `deviations` | where we differ on purpose |
//! | `quiet` | catching what refuses |
//! | `report` | counting and printing |

mod array;
mod call;
mod case;
mod compare;
mod deviations;
mod edge;
mod file;
mod layers;
mod ops;
mod optim;
mod quiet;
mod report;
mod run;

use std::io::{ErrorKind, Write};
use std::path::Path;

pub use compare::{Mismatch, What};
pub use file::FileError;
pub use report::{Report, Row};

use case::Case;

/// The command line: runs `files`, prints the report to `out` or the one line
/// that says why not to `err`, and returns the exit code: 0, 1 if anything
/// failed, 2 if there are no files or one of them cannot be used.
///
/// # Errors
/// If `out` or `err` cannot be written to.
pub fn command<P: AsRef<Path>>(
    files: &[P],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<u8> {
    if files.is_empty() {
        writeln!(
            err,
            "conformance: no files given; usage: conformance FILE.jsonl[.gz]..."
        )?;
        return Ok(2);
    }
    match run(files) {
        Ok(report) => {
            let code = u8::from(report.failed() > 0);
            // A reader that has seen enough closes the pipe; the code still
            // says what was found.
            match writeln!(out, "{report}") {
                Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(code),
                written => written.map(|()| code),
            }
        }
        Err(error) => {
            writeln!(err, "conformance: {error}")?;
            Ok(2)
        }
    }
}

/// Runs every record of the files.
///
/// # Errors
/// If a file cannot be read or holds something else, with its name and line.
pub fn run<P: AsRef<Path>>(files: &[P]) -> Result<Report, FileError> {
    let mut report = Report::default();
    for path in files {
        let path = path.as_ref();
        let mut gradients = optim::Sequences::default();
        for (line, record) in file::read(path)? {
            let bad = |reason| FileError::record(path, line, reason);
            if Case::is_one(&record) {
                let case = Case::parse(&record).map_err(bad)?;
                report.add(&case.op, &case.id, run::run(&case));
            } else if layers::is_one(&record) {
                let (name, id, verdict) = layers::run(&record).map_err(bad)?;
                report.add(&name, &id, verdict);
            } else if optim::is_sequence(&record) {
                gradients.add(&record).map_err(bad)?;
            } else if optim::is_one(&record) {
                let (name, id, verdict) = optim::run(&record, &gradients).map_err(bad)?;
                report.add(&name, &id, verdict);
            } else if edge::is_one(&record) {
                let (name, id, verdict) = edge::skip(&record).map_err(bad)?;
                report.add(&name, &id, verdict);
            } else {
                let known = "a case of an operation, a layer, an optimiser, a gradient sequence, a hard point";
                return Err(bad(format!(
                    "is none of the known kinds of record ({known})"
                )));
            }
        }
    }
    Ok(report)
}
