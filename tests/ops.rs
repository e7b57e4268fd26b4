//! Every operation through every check of the table: a few random points per
//! row and regime, then random shapes and seeds. `WENGERT_SAMPLES` multiplies
//! the number of points.

use wengert_tests::table::{Outcome, examine, rows};

/// How many times as many points as usual.
fn samples() -> u64 {
    let given = std::env::var("WENGERT_SAMPLES").ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(1)
}

fn outcomes() -> Vec<Outcome> {
    let all = rows().into_iter().map(|row| {
        let mut outcome = examine(&row, 0);
        for seed in 1..2 * samples() {
            outcome.merge(examine(&row, seed));
        }
        outcome
    });
    all.collect()
}

#[test]
fn every_operation_passes_every_check() {
    let outcomes = outcomes();
    let failures: Vec<&String> = outcomes.iter().flat_map(|o| &o.failures).collect();
    for o in &outcomes {
        println!("{o:?}");
    }
    let shown: Vec<&str> = failures.iter().take(12).map(|f| &f[..]).collect();
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        shown.join("\n")
    );
}
