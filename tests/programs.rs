//! Random whole programs over every operation of the table, at first and
//! second order; and that a wrong rule hidden in them is brought to light.

use std::cell::Cell;

use proptest::prelude::*;
use wengert_tests::{Program, Tally, check, config, players, sketch};

#[test]
fn random_programs() {
    let table = players();
    let (tally, longest) = (Cell::new(Tally::default()), Cell::new(0));
    proptest!(config(96), |(sketch in sketch(table.len(), 10), seed: u64)| {
        let program = Program::build(&sketch, &table);
        let found = check(&program, seed)?;
        let mut sum = tally.get();
        sum.kinks += found.kinks;
        sum.undecided += found.undecided;
        sum.compared += found.compared;
        tally.set(sum);
        longest.set(longest.get().max(program.operations().len()));
    });
    println!("{:?} {}", tally.get(), longest.get());
}
