//! Printed text that is kept in a file.

use std::path::Path;

/// Fails unless `text` is what the file `tests/data/{name}`, whose contents
/// were compiled in as `kept`, holds. With `WENGERT_BLESS` set the file is
/// written instead; whoever does that reads the difference.
///
/// # Panics
/// If they differ, or the file cannot be written.
#[track_caller]
pub fn golden(name: &str, kept: &str, text: &str) {
    if kept == text {
        return;
    }
    if std::env::var_os("WENGERT_BLESS").is_some() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        std::fs::write(data.join(name), text).expect("a writable file");
        return;
    }
    let line = kept.lines().zip(text.lines()).position(|(a, b)| a != b);
    let line = line.unwrap_or(kept.lines().count().min(text.lines().count()));
    panic!(
        "tests/data/{name}, line {}:\n  kept    {:?}\n  printed {:?}\n\
         (run with WENGERT_BLESS=1 to keep what is printed)\n{text}",
        line + 1,
        kept.lines().nth(line),
        text.lines().nth(line)
    );
}
