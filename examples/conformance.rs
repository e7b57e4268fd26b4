//! Runs files of reference cases against this library and reports per
//! operation what agrees:
//!
//! ```text
//! cargo run --release --example conformance -- tests/data/public.jsonl.gz
//! ```
//!
//! The last line reads `N passed, N failed, N skipped`. Exits with 1 if
//! anything failed, and with 2 if a file cannot be used.

use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    wengert_tests::conformance::command(&files, &mut out, &mut err).map(ExitCode::from)
}
