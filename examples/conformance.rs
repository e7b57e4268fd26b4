//! Runs files of reference cases against this library and reports per
//! operation what agrees:
//!
//! ```text
//! cargo run --release --example conformance -- tests/data/public.jsonl.gz
//! ```
//!
//! The last line reads `N passed, N failed, N skipped`. Exits with 1 if
//! anything failed, and with 2 if a file cannot be used.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("conformance: no files given; usage: conformance FILE.jsonl[.gz]...");
        return ExitCode::from(2);
    }
    match wengert_tests::conformance::run(&files) {
        Ok(report) => {
            // A reader that has seen enough closes the pipe; the exit code
            // still says what was found.
            let _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::from(u8::from(report.failed() > 0))
        }
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::from(2)
        }
    }
}
