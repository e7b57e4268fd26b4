//! Tapes printed as Rust: for every operation a recorded program, as it was
//! printed, compiled and run; and that printing gives it again.

use wengert_autodiff::custom::Flow;
use wengert_autodiff::ops::OpKind;
use wengert_autodiff::{DType, Tape, Var};
use wengert_tests::table::{Regime, rows};
use wengert_tests::{Random, golden};

/// Programs of every kind, with different parameters.
const EACH: u64 = 3;

fn programs() -> String {
    let mut text = String::new();
    let table = rows();
    for &kind in OpKind::ALL {
        let own: Vec<_> = table.iter().filter(|row| row.kind == kind).collect();
        for seed in 0..EACH {
            // Not a row twice, but with other parameters.
            let row = own[seed as usize % own.len()];
            let case = row.case_of(&mut Random::new(seed), &[2, 2], Regime::Plain);
            let case = case.unwrap_or_else(|| panic!("{} takes matrices", row.name));
            let tape = Tape::new();
            let inputs = case.inputs(&tape);
            let results = case
                .record(&tape, &inputs)
                .unwrap_or_else(|e| panic!("{e}"));
            let smooth = case.op.primitive().flow() == Flow::Smooth;
            let typed = |y: &Var<'_, _>| smooth && y.dtype() == DType::F64;
            let code = if results.iter().all(typed) {
                let sums = results.iter().map(|y| y.sum());
                let y = sums.reduce(|a, b| a + b).expect("a result");
                tape.to_rust(y)
            } else {
                tape.to_rust(results[0])
            };
            let module = format!("{kind:?}{seed}").to_lowercase();
            text += &format!("mod {module} {{\nuse super::*;\n{code}}}\n\n");
        }
    }
    text
}

#[test]
fn every_operation_is_printed_as_it_was() {
    golden("every_op.rs", include_str!("data/every_op.rs"), &programs());
}

/// As printed: what is here are tests.
#[allow(unused_imports, clippy::all)]
mod printed {
    use wengert_tests::table::Cube;
    include!("data/every_op.rs");
}
