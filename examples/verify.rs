//! What it means that a gradient was checked, on one page.
//!
//!     cargo run --example verify
//!
//! First every operation of the library, in every check. Then a gradient that
//! somebody derived by hand, for another loss than the one they print. Then a
//! mistake, planted in one rule of a network, and found. Last what is no
//! mistake, and said to be none.

use std::error::Error;
use std::process::ExitCode;

#[path = "verify/operations.rs"]
mod operations;
#[path = "verify/planted.rs"]
mod planted;
#[path = "verify/subtle.rs"]
mod subtle;
#[path = "verify/tutorial.rs"]
mod tutorial;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    title("1. Every operation, in every check: the worst relative error");
    operations::table()?;

    title("2. A gradient derived by hand, and the loss it does not belong to");
    tutorial::refuted()?;

    title("3. One wrong rule in a network of a hundred thousand parameters");
    planted::found()?;

    title("4. What is no mistake, and said to be none");
    subtle::shown()
}

fn title(text: &str) {
    println!("\n{text}\n{}\n", "=".repeat(text.chars().count()));
}

/// Indented, and wrapped between words at 78 columns; a listing's own
/// indentation is kept.
fn show(text: &str) {
    for line in text.lines() {
        let margin = 4 + line.len() - line.trim_start().len();
        let mut row = " ".repeat(margin);
        let mut empty = true;
        // Columns are separated by more than one space, words by one.
        for word in line.trim_start().split(' ') {
            if !empty && row.chars().count() + 1 + word.chars().count() > 78 {
                println!("{}", row.trim_end());
                row = " ".repeat(margin + 4);
                empty = true;
            }
            if !empty {
                row.push(' ');
            }
            row.push_str(word);
            empty = false;
        }
        println!("{}", row.trim_end());
    }
}
