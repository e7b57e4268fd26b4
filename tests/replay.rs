//! A compiled program gives what was recorded, bit for bit: values, gradients
//! and second derivatives of random whole programs, at the recorded inputs and
//! at others, with and without the passes.

use proptest::prelude::*;
use wengert_autodiff::program::Options;
use wengert_autodiff::{Any, DType, Program, Tape, Value, Var, View, Workspace};
use wengert_tests::table::case::numbers;
use wengert_tests::{Random, config, players, sketch};

/// The bits of every element.
fn bits(value: &Value) -> Vec<u64> {
    value.to_f64().into_iter().map(f64::to_bits).collect()
}

fn enter(value: &Value, dtype: DType) -> Value {
    match dtype {
        DType::F32 => Value::from(numbers(value).mapv(|x| x as f32)),
        _ => value.clone(),
    }
}

/// Everything that is to be compared: results, their gradients, and the
/// gradients of those.
fn outputs<'t>(
    program: &wengert_tests::Program,
    tape: &'t Tape,
    x: &[Var<'t, Any>],
    narrow: bool,
) -> Vec<Var<'t, Any>> {
    let mut all = program.record(tape, x, narrow);
    let total = |of: &[Var<'t, Any>]| of.iter().map(|y| y.sum()).reduce(|a, b| a + b);
    let gradient = |y: Option<Var<'t, Any>>| -> Vec<Var<'t, Any>> {
        let found = y.map(|y| tape.grads(y, x).expect("every operation has a rule"));
        found.into_iter().flatten().flatten().collect()
    };
    let first = gradient(total(&all));
    let squares: Vec<_> = first.iter().map(|g| g.square()).collect();
    let second = gradient(total(&squares));
    all.extend(first);
    all.extend(second);
    all
}

/// Runs twice in one workspace: what a run leaves behind must not matter.
fn run(program: &Program, workspace: &mut Workspace, inputs: &[Value]) -> Option<Vec<Vec<u64>>> {
    let views: Vec<View<'_>> = inputs.iter().map(View::from).collect();
    let mut seen = None;
    for _ in 0..2 {
        let found = program.run(workspace, &views).ok()?;
        let found: Vec<_> = found.values().iter().map(bits).collect();
        assert!(seen.is_none() || seen.as_ref() == Some(&found));
        seen = Some(found);
    }
    seen
}

fn check(program: &wengert_tests::Program, dtype: DType, seed: u64) -> Result<(), TestCaseError> {
    let tape = Tape::new();
    let at = program.variables();
    let at: Vec<Value> = at.iter().map(|v| enter(v, dtype)).collect();
    let name = |(i, v): (usize, &Value)| tape.input_value(format!("x{i}"), v.clone());
    let x: Vec<Var<'_, Any>> = at.iter().enumerate().map(name).collect();
    let outputs = outputs(program, &tape, &x, dtype == DType::F32);
    let recorded: Vec<_> = outputs.iter().map(|y| bits(&y.peek())).collect();

    let mut random = Random::new(seed);
    let mut elsewhere = |v: &Value| enter(&Value::from(random.array(v.shape(), -1.5, 1.5)), dtype);
    let others: Vec<Value> = at.iter().map(&mut elsewhere).collect();
    let pairs: Vec<_> = x.iter().copied().zip(others.iter().cloned()).collect();
    let evaluated = tape.eval(&pairs, &outputs).ok();
    let evaluated = evaluated.map(|all| all.iter().map(bits).collect::<Vec<_>>());

    for options in [Options::plain(), Options::default()] {
        let compiled = tape.compile_with(&x, &outputs, &options);
        let compiled = compiled.expect("nothing was read");
        let mut workspace = Workspace::new();
        let same = run(&compiled, &mut workspace, &at) == Some(recorded.clone())
            && run(&compiled, &mut workspace, &others) == evaluated
            && run(&compiled, &mut workspace, &at) == Some(recorded.clone());
        let sum = outputs.iter().map(|y| y.sum()).reduce(|a, b| a + b);
        let code = || tape.to_rust(sum.expect("a result"));
        prop_assert!(same, "{options:?} in {dtype}\n{}", code());
    }
    Ok(())
}

#[test]
fn random_programs_replay_to_the_same_bits() {
    let table = players();
    proptest!(config(160), |(sketch in sketch(table.len(), 10), seed: u64)| {
        let program = wengert_tests::Program::build(&sketch, &table);
        check(&program, DType::F64, seed)?;
        check(&program, DType::F32, seed)?;
    });
}
