//! Every operation of the library through every check of the table that the
//! tests use as well.

use std::error::Error;

use wengert_tests::table::{Check, Outcome, examine, rows};

/// What the columns are, from left to right.
const COLUMNS: [(&str, &[Check]); 6] = [
    ("value", &[Check::Value]),
    ("f32", &[Check::Single]),
    ("rules", &[Check::Derivative]),
    ("gradient", &[Check::Gradient]),
    ("adjoint", &[Check::Adjoint]),
    ("second", &[Check::ReverseReverse, Check::ReverseForward]),
];

pub fn table() -> Result<(), Box<dyn Error>> {
    println!("    value        in f64, against plain loops");
    println!("    f32          the same in f32, against plain loops in f64");
    println!("    rules        vjp and jvp, their own tapes against plain loops");
    println!("    gradient     against differences of the value");
    println!("    adjoint      <w, J v> = <Jᵀ w, v>");
    println!("    second       the derivative of the derivative, against differences\n");
    println!("    And besides: memory layouts, aliases, broadcasting, empty and rank-0");
    println!("    arrays, replay, linearity in the cotangent, kinks, ties and poles.\n");

    print!("    {:<22}", "");
    for (name, _) in COLUMNS {
        print!(" {:>8}", name);
    }
    println!();
    let mut failures = Vec::new();
    let mut compared = 0;
    let table = rows();
    for row in &table {
        let outcome = examine(row, 1);
        compared += outcome
            .checks
            .values()
            .map(|found| found.count)
            .sum::<usize>();
        print!("    {:<22}", row.name);
        for (_, checks) in COLUMNS {
            print!(" {:>8}", worst(&outcome, checks));
        }
        println!();
        failures.extend(outcome.failures);
    }
    println!(
        "\n    {} operations, {compared} comparisons, {} failures",
        table.len(),
        failures.len()
    );
    match failures.first() {
        None => Ok(()),
        Some(first) => Err(first.clone().into()),
    }
}

/// The largest relative error in any of these checks; nothing where there is
/// nothing to compare.
fn worst(outcome: &Outcome, checks: &[Check]) -> String {
    let found = checks.iter().filter_map(|c| outcome.checks.get(c));
    match found.map(|found| found.worst).reduce(f64::max) {
        None => String::new(),
        Some(0.0) => "exact".into(),
        Some(error) => format!("{error:.0e}"),
    }
}
