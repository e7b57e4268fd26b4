//! What is checked of a program: derivatives to the second order, the values
//! of everything against the naive interpreter, in f64 and f32, and replay.

use wengert_autodiff::verify::Verdict;
use wengert_autodiff::{Any, DType, Tape, Value, ValueId, Var};

use super::build::Program;
use crate::battery::{Failure, Points, battery};
use crate::table::case::numbers;
use crate::table::naive::Walk;

/// What was seen on the way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Reports that spoke of a kink.
    pub kinks: usize,
    /// Values that rounding could have decided either way: not compared.
    pub undecided: usize,
    /// Values that were compared.
    pub compared: usize,
}

/// Everything about one program.
///
/// # Errors
/// What is wrong, with the program as Rust code.
pub fn check(program: &Program, seed: u64) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    values(program, DType::F64, &mut tally)?;
    values(program, DType::F32, &mut tally)?;
    let at: Vec<_> = program.variables().iter().map(numbers).collect();
    let found = battery(&at, seed, Points::Any, |x| {
        let any: Vec<Var<'_, Any>> = x.iter().map(|x| x.any()).collect();
        let results = program.record(x[0].tape(), &any, false);
        let typed = results.into_iter().map(|y| y.typed::<f64>());
        typed.collect::<Result<_, _>>().expect("a program in f64")
    });
    match found {
        Ok(found) => tally.kinks = found.kinks,
        Err(failure) => return Err(simplest(program).unwrap_or(failure)),
    }
    Ok(tally)
}

/// The sum of the results alone, if that shows what is wrong as well: a
/// shorter program to report.
fn simplest(program: &Program) -> Option<Failure> {
    let tape = Tape::new();
    let x = variables(program, &tape, DType::F64);
    let results = program.record(&tape, &x, false);
    let sums = results.iter().map(|y| y.typed::<f64>().map(Var::sum));
    let y = sums
        .collect::<Result<Vec<_>, _>>()
        .ok()?
        .into_iter()
        .reduce(|a, b| a + b)?;
    let x: Vec<Var<'_, f64>> = x.iter().map(|x| x.typed().ok()).collect::<Option<_>>()?;
    let report = tape.check_gradients(y, &x).ok()?;
    let wrong = |v: &Verdict| matches!(v, Verdict::Wrong { .. } | Verdict::Inconsistent { .. });
    let shown = report.inputs.iter().any(|i| wrong(&i.verdict));
    shown.then(|| Failure(format!("first order\n{report}\n{}", tape.to_rust(y))))
}

fn variables<'t>(program: &Program, tape: &'t Tape, dtype: DType) -> Vec<Var<'t, Any>> {
    let enter = |(i, v): (usize, Value)| {
        let value = match dtype {
            DType::F32 => Value::from(numbers(&v).mapv(|x| x as f32)),
            _ => v,
        };
        tape.input_value(format!("x{i}"), value)
    };
    program
        .variables()
        .into_iter()
        .enumerate()
        .map(enter)
        .collect()
}

/// The results and their gradient against the naive ones, and against the
/// tape evaluated again.
fn values(program: &Program, dtype: DType, tally: &mut Tally) -> Result<(), Failure> {
    let tape = Tape::new();
    let x = variables(program, &tape, dtype);
    let mut outputs = program.record(&tape, &x, dtype == DType::F32);
    let sum = outputs
        .iter()
        .map(|y| y.sum())
        .reduce(|a, b| a + b)
        .expect("a result");
    outputs.extend(tape.grads(sum, &x)?.into_iter().flatten());
    let code = |what: String| Failure(format!("{what}\n{}", tape.to_rust(sum)));

    let ids: Vec<ValueId> = outputs.iter().map(|v| v.id()).collect();
    let walk = Walk::over(&tape, &ids, dtype);
    for &id in &ids {
        match walk.check(&tape, id) {
            Some(Ok(_)) => tally.compared += 1,
            Some(Err(bad)) => return Err(code(format!("{id} in {dtype}\n{bad}"))),
            None => tally.undecided += 1,
        }
    }
    let same: Vec<(Var<'_, Any>, Value)> = x.iter().map(|&x| (x, x.peek())).collect();
    for (again, v) in tape.eval(&same, &outputs)?.iter().zip(&outputs) {
        let bits = |v: &Value| v.to_f64().into_iter().map(f64::to_bits).collect::<Vec<_>>();
        if bits(again) != bits(&v.peek()) {
            return Err(code(format!(
                "{} has another value when evaluated again",
                v.id()
            )));
        }
    }
    Ok(())
}
