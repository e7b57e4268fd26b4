//! Kinks, ties, poles: what is not smooth is said to be so, both sweeps agree
//! there, a zero cotangent is absolute, and nothing is NaN where a convention
//! says a number.

use wengert_autodiff::custom::Flow;
use wengert_autodiff::verify::Verdict;
use wengert_autodiff::{DType, Tape, Value, Var};

use super::{Check, Outcome};
use crate::singular::same;
use crate::table::case::Case;
use crate::table::naive::{Interpreter, Naive, compare};
use crate::table::row::{Hard, Row, Slope};

pub(super) fn examine(row: &Row) -> Outcome {
    let mut outcome = Outcome {
        name: row.name.clone(),
        ..Outcome::default()
    };
    for hard in &row.hard {
        let result = value(&hard.case).and_then(|()| derivatives(hard));
        outcome.read(Check::Points, hard, result.map(|()| 0.0));
    }
    outcome
}

fn text(e: wengert_autodiff::Error) -> String {
    e.to_string()
}

fn value(case: &Case) -> Result<(), String> {
    let tape = Tape::new();
    let got = case.record(&tape, &case.inputs(&tape)).map_err(text)?;
    let mut interpreter = Interpreter::of(DType::F64);
    let operands: Vec<Naive> = case.values.iter().map(Naive::exact).collect();
    for (got, want) in got.iter().zip(interpreter.apply(&case.op, &operands)) {
        compare(&got.peek(), &want, interpreter.unit)?;
    }
    Ok(())
}

/// A unit vector in the shape of `like`.
fn unit<'t>(like: Var<'t, f64>, i: usize) -> Var<'t, f64> {
    let mut data = vec![0.0; like.size()];
    data[i] = 1.0;
    let value = Value::from_vec(&like.shape(), data);
    let tape = like.tape();
    tape.constant_value(value).typed().expect("of f64")
}

/// Numbers of a derivative; zeros where there is none.
fn elements(g: Option<Var<'_, f64>>, size: usize) -> Vec<f64> {
    g.map_or(vec![0.0; size], |g| g.peek().to_f64())
}

fn derivatives(hard: &Hard) -> Result<(), String> {
    let (case, slope) = (&hard.case, hard.slope);
    let tape = Tape::new();
    let inputs = case.inputs(&tape);
    let results = case.record(&tape, &inputs).map_err(text)?;
    let y: Var<'_, f64> = results[0].typed().map_err(text)?;
    let x: Vec<Var<'_, f64>> = case
        .floats()
        .into_iter()
        .map(|i| inputs[i].typed::<f64>().map_err(text))
        .collect::<Result<_, _>>()?;

    // The two Jacobians, element by element.
    for i in 0..y.size() {
        let pulled = tape.vjp(&[y], &[unit(y, i)], &x).map_err(text)?;
        for (k, (&x_k, pulled)) in x.iter().zip(pulled).enumerate() {
            let row = elements(pulled, x_k.size());
            for (j, &reverse) in row.iter().enumerate() {
                let pushed = tape.jvp(&[y], &[x_k], &[unit(x_k, j)]).map_err(text)?[0];
                let forward = elements(pushed, y.size())[i];
                let close = (reverse - forward).abs() <= 1e-14 * reverse.abs();
                if !same(reverse, forward) && !close {
                    return Err(format!(
                        "element {i} by {j} of operand {k}: reverse {reverse}, forward {forward}"
                    ));
                }
                let bad = match slope {
                    Slope::Finite => !reverse.is_finite(),
                    Slope::Infinite => reverse.is_nan(),
                    Slope::Undefined => false,
                };
                if bad {
                    return Err(format!("element {i} by {j} of operand {k}: {reverse}"));
                }
            }
        }
    }

    // A zero cotangent is absolute.
    let none = tape.constant(ndarray::ArrayD::zeros(y.value().raw_dim()));
    for g in tape
        .vjp(&[y], &[none], &x)
        .map_err(text)?
        .into_iter()
        .flatten()
    {
        if g.value().iter().any(|&g| g != 0.0) {
            return Err(format!("a zero cotangent gives {:?}", g.value()));
        }
    }

    let second = tape.grads(y.sum(), &x).map_err(text)?;
    if slope == Slope::Finite {
        for g in second.into_iter().flatten() {
            let again = tape.grads(g.sum(), &x).map_err(text)?;
            for h in again.into_iter().flatten() {
                if h.value().iter().any(|h| h.is_nan()) {
                    return Err(format!("second derivatives {:?}", h.value()));
                }
            }
        }
    }
    // Differences see what is there: agreement, or a kink by its name.
    if slope == Slope::Finite && case.op.primitive().flow() == Flow::Smooth {
        let report = tape.check_gradients(y.sum(), &x).map_err(text)?;
        let wrong = report.inputs.iter().any(|i| {
            matches!(
                i.verdict,
                Verdict::Wrong { .. } | Verdict::Inconsistent { .. }
            )
        });
        if wrong {
            return Err(report.to_string());
        }
    }
    Ok(())
}
