//! A compiled program gives what was recorded, bit for bit: values, gradients
//! and second derivatives of random whole programs, at the recorded inputs and
//! at others, with and without the passes, in blocks large and small, at every
//! level of SIMD.

use proptest::prelude::*;
use wengert_autodiff::ops::OpKind;
use wengert_autodiff::program::Options;
use wengert_autodiff::simd::{self, Level};
use wengert_autodiff::{Any, DType, Instruction, Program, Tape, Value, Var, View, Workspace};
use wengert_tests::table::case::numbers;
use wengert_tests::{Random, config, players, sketch};

/// The bits of every element. NaN is NaN: Rust does not promise which of its
/// bits a sum or product of two of them has.
fn bits(value: &Value) -> Vec<u64> {
    let bits = |x: f64| {
        if x.is_nan() {
            f64::NAN.to_bits()
        } else {
            x.to_bits()
        }
    };
    value.to_f64().into_iter().map(bits).collect()
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

/// The program written and read again; operations from elsewhere cannot be.
fn reload(tape: &Tape, program: &Program) -> Option<Program> {
    let custom = |i: &Instruction| i.op.kind() == OpKind::Custom;
    if tape.instructions().iter().any(custom) {
        return None;
    }
    let text = serde_json::to_string(program).expect("text");
    Some(serde_json::from_str(&text).expect("what was written can be read"))
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

    let all = Options::default();
    for options in [Options::plain(), all, all.block(4)] {
        let compiled = tape.compile_with(&x, &outputs, &options);
        let compiled = compiled.expect("nothing was read");
        let mut workspace = Workspace::new();
        let same = run(&compiled, &mut workspace, &at) == Some(recorded.clone())
            && run(&compiled, &mut workspace, &others) == evaluated
            && run(&compiled, &mut workspace, &at) == Some(recorded.clone());
        let same = same
            && Level::available().all(|level| {
                let at_level = || run(&compiled, &mut workspace, &others);
                simd::with_level(level, at_level) == evaluated
            });
        let loaded = reload(&tape, &compiled);
        let same = same && loaded.is_none_or(|p| run(&p, &mut workspace, &others) == evaluated);
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

/// Whatever is changed in a saved program, it is refused or it is still the
/// same; it never panics and never becomes another.
#[test]
fn a_damaged_program_is_refused() {
    let tape = Tape::new();
    let x = tape.input("x", ndarray::array![[1.0, -0.5], [0.25, 2.0]]);
    let rows = tape.input("rows", ndarray::array![1usize, 0]);
    let fixed = tape.constant(ndarray::array![f64::INFINITY, -0.0]);
    let y = x
        .index_select(0, rows)
        .clamp(-1.0, f64::INFINITY)
        .log_softmax(1);
    let y = if x.sum().greater(0.0).decide() {
        y.dot(x.transpose())
    } else {
        y
    };
    let y = y.slice(ndarray::s![..;-1, 1..]) + fixed.maximum(0.0);
    let program = tape.compile(&[x.any(), rows.any()], &[y.any()]).unwrap();
    let text = serde_json::to_string(&program).unwrap();
    let mut random = Random::new(7);
    let mut refused = 0;
    for _ in 0..3000 {
        let mut bytes = text.clone().into_bytes();
        let at = random.below(bytes.len());
        let letters = b"0123456789-.\"{}[],:abcxyzAMN";
        let with = letters[random.below(letters.len())];
        match random.below(3) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, with),
            _ => bytes[at] = with,
        }
        let damaged = String::from_utf8(bytes).expect("ASCII");
        match serde_json::from_str::<Program>(&damaged) {
            Ok(same) => assert_eq!(serde_json::to_string(&same).unwrap(), text, "{damaged}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 2500, "{refused}");
}
