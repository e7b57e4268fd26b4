//! Random whole programs over every operation of the table, at first and
//! second order; and that a wrong rule hidden in one is brought to light, by
//! the smallest program that shows it.

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use wengert_autodiff::Op;
use wengert_autodiff::custom::{Fault, Flow, Jvp, NoRule, Primitive, Results, Type, Value, Vjp};
use wengert_autodiff::ops::OpKind;
use wengert_tests::table::Row;
use wengert_tests::table::case::{Operand, Plan};
use wengert_tests::{Program, Tally, check, config, players, sketch};

#[test]
fn random_programs() {
    let table = players();
    let total = Cell::new(Tally::default());
    proptest!(config(160), |(sketch in sketch(table.len(), 10), seed: u64)| {
        let found = check(&Program::build(&sketch, &table), seed)?;
        let mut sum = total.get();
        sum.kinks += found.kinks;
        sum.undecided += found.undecided;
        sum.compared += found.compared;
        total.set(sum);
    });
    // What is set aside must stay the exception.
    let Tally {
        kinks,
        undecided,
        compared,
    } = total.get();
    assert!(
        20 * undecided < compared && 20 * kinks < compared,
        "{:?}",
        total.get()
    );
}

/// Every row of the table takes part, in programs that are more than one step.
#[test]
fn programs_are_made_of_everything() {
    let table = players();
    let mut missing: Vec<&str> = table.iter().map(|row| &row.name[..]).collect();
    let mut runner = TestRunner::new(config(400));
    let steps = Cell::new(0);
    let seen = std::cell::RefCell::new(Vec::new());
    runner
        .run(&sketch(table.len(), 10), |sketch| {
            let program = Program::build(&sketch, &table);
            steps.set(steps.get() + program.operations().len());
            let kinds = program
                .operations()
                .into_iter()
                .map(|op| (op.kind(), op.name()));
            seen.borrow_mut().extend(kinds);
            Ok(())
        })
        .expect("building cannot fail");
    let seen = seen.into_inner();
    let kinds: Vec<OpKind> = table.iter().map(|row| row.kind).collect();
    assert!(kinds.iter().all(|kind| seen.iter().any(|(k, _)| k == kind)));
    // Rows named after their operation.
    missing.retain(|name| !name.contains(' ') && !seen.iter().any(|(_, n)| n == name));
    assert!(missing.is_empty(), "never in a program: {missing:?}");
    assert!(
        steps.get() > 400 * 4,
        "{} steps in 400 programs",
        steps.get()
    );
}

/// `x³`, with a derivative that is a hundredth too large.
#[derive(Debug)]
struct WrongCube;

impl Primitive for WrongCube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        wengert_tests::table::Cube.infer(args)
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        wengert_tests::table::Cube.eval(args, types)
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], g) = (cx.args(), cx.cotangent());
        cx.to(0, || g.azmul(3.03 * x.square()));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        wengert_tests::table::Cube.jvp(cx)
    }
}

#[test]
fn a_wrong_rule_shrinks_to_a_program_of_that_operation_alone() {
    let mut table = players();
    table.push(Row::new("wrong cube", OpKind::Custom, |_, shape, _| {
        let op = Op::Custom(Arc::new(WrongCube));
        Plan::new(op, [Operand::float(shape, (-2.0, 2.0))])
    }));
    let mut runner = TestRunner::new(config(1000));
    let programs = (sketch(table.len(), 10), any::<u64>());
    let found = runner.run(&programs, |(sketch, seed)| {
        check(&Program::build(&sketch, &table), seed)?;
        Ok(())
    });
    let Err(TestError::Fail(reason, (sketch, _))) = found else {
        panic!("the wrong rule was not found: {found:?}");
    };
    let program = Program::build(&sketch, &table);
    let operations: Vec<String> = program
        .operations()
        .iter()
        .map(|op| format!("{op:?}"))
        .collect();
    assert_eq!(operations, ["Custom(WrongCube)"], "{reason}");
    // What is printed is the program of `tests/data/wrong_cube.rs`, which
    // compiles below.
    let printed = reason.message();
    let (_, code) = printed.split_once("#[test]\n").expect("code in the report");
    wengert_tests::golden("wrong_cube.rs", include_str!("data/wrong_cube.rs"), code);
}

/// The reported program compiles as it stands, but for `#[test]`, because it
/// fails, as it should.
mod reported {
    mod program {
        use crate::WrongCube;

        include!("data/wrong_cube.rs");
        pub(super) const RUN: fn() -> Result<(), wengert_autodiff::Error> = recorded;
    }

    #[test]
    #[should_panic(expected = "ratio 1.010000")]
    fn it_fails() {
        let _ = program::RUN();
    }
}
