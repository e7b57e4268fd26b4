//! Every operation through every check of the table: some random points per
//! row and regime, then random shapes, which shrink. `WENGERT_SAMPLES`
//! multiplies the number of points, `PROPTEST_CASES` sets that of shapes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wengert_autodiff::custom::Flow;
use wengert_autodiff::ops::OpKind;
use wengert_tests::table::{Check, Outcome, Regime, Row, examine, examine_shape, rows};
use wengert_tests::{Random, config, shape};

/// Points per row and regime.
fn points() -> u64 {
    let given = std::env::var("WENGERT_SAMPLES").ok();
    3 * given.and_then(|n| n.parse::<u64>().ok()).unwrap_or(1)
}

fn outcome(row: &Row) -> Outcome {
    let mut outcome = examine(row, 0);
    for seed in 1..points() {
        outcome.merge(examine(row, seed));
    }
    outcome
}

/// What has to have been compared at least once.
fn expected(row: &Row) -> BTreeSet<Check> {
    let mut all = BTreeSet::from([Check::Value, Check::Single, Check::Layout, Check::Replay]);
    if row.generic {
        all.insert(Check::Elements);
    }
    if !row.hard.is_empty() {
        all.insert(Check::Points);
    }
    let case = row.case(&mut Random::new(0), Regime::Plain);
    let case = case.unwrap_or_else(|| panic!("{}: no ordinary case", row.name));
    let smooth = case.op.primitive().flow() == Flow::Smooth && !case.floats().is_empty();
    if smooth {
        all.extend([Check::Derivative, Check::Zero, Check::Linear]);
    }
    // Rounding has no derivative that differences could see.
    if smooth && row.name != "cast f64 to f32" {
        let differences = [
            Check::Gradient,
            Check::ReverseReverse,
            Check::ReverseForward,
        ];
        all.extend(differences);
        all.insert(Check::Adjoint);
    }
    all
}

fn report(outcomes: &[Outcome]) {
    let failures: Vec<&str> = outcomes
        .iter()
        .flat_map(|o| &o.failures)
        .map(|f| &f[..])
        .collect();
    let shown = failures.len().min(8);
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures[..shown].join("\n")
    );
}

#[test]
fn every_operation_passes_every_check() {
    let table = rows();
    let (one, other) = table.split_at(table.len() / 2);
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let half = scope.spawn(|| one.iter().map(outcome).collect::<Vec<_>>());
        let rest: Vec<Outcome> = other.iter().map(outcome).collect();
        let half = half.join().expect("failures are data, not panics");
        half.into_iter().chain(rest).collect()
    });
    report(&outcomes);
    for (row, outcome) in table.iter().zip(&outcomes) {
        let made: BTreeSet<Check> = outcome.checks.keys().copied().collect();
        let missing: Vec<Check> = expected(row).difference(&made).copied().collect();
        assert!(
            missing.is_empty(),
            "{}: {missing:?} compared nothing",
            row.name
        );
        let compared: usize = outcome.checks.values().map(|f| f.count).sum();
        assert!(
            20 * outcome.undecided < compared,
            "{}: {} undecided",
            row.name,
            outcome.undecided
        );
    }
}

/// Regimes that a row has to know: without them the table would pass by
/// leaving out what is hard.
#[test]
fn no_row_avoids_what_is_hard() {
    use OpKind::*;
    for row in rows() {
        let reaches = |regime| {
            let case = |seed| row.case(&mut Random::new(seed), regime).is_some();
            (0..20).any(case)
        };
        let name = &row.name;
        assert!(reaches(Regime::Empty), "{name}: nothing empty");
        // These need an axis to work along.
        let along = matches!(
            row.kind,
            ArgExtreme
                | MatMul
                | Concat
                | Split
                | IndexSelect
                | Gather
                | ScatterAdd
                | CumSum
                | CumProd
        );
        assert_eq!(reaches(Regime::Scalar), !along, "{name}: rank 0");
        let two = matches!(row.kind, Binary | Compare | Where | MatMul | Concat);
        assert_eq!(reaches(Regime::Alias), two, "{name}: one variable twice");
    }
}

/// Every kind of operation has a row, and its row is of that kind.
#[test]
fn the_table_is_complete() {
    let table = rows();
    for &kind in OpKind::ALL {
        assert!(table.iter().any(|row| row.kind == kind), "{kind:?}");
    }
    for row in &table {
        let case = row
            .case(&mut Random::new(1), Regime::Plain)
            .expect("an ordinary case");
        assert_eq!(case.op.kind(), row.kind, "{}", row.name);
    }
    let names: BTreeSet<&str> = table.iter().map(|row| &row.name[..]).collect();
    assert_eq!(names.len(), table.len(), "two rows of one name");
}

proptest! {
    #![proptest_config(config(6))]

    #[test]
    fn every_operation_in_random_shapes(
        shape in shape(),
        regime in prop::sample::select(&Regime::ALL[..]),
        seed: u64,
    ) {
        for row in rows() {
            let outcome = examine_shape(&row, &shape, regime, seed);
            prop_assert!(outcome.failures.is_empty(), "{}", outcome.failures.join("\n"));
        }
    }
}
