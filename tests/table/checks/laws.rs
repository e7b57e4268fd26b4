//! Derivatives against differences and against each other, and what has to
//! hold of them for every cotangent.

use ndarray::ArrayD;
use wengert_autodiff::custom::Flow;
use wengert_autodiff::ops::{Cast, OpKind};
use wengert_autodiff::{Any, DType, Op, Tape, Value, ValueId, Var};

use super::numbers::signs;
use super::{Check, Outcome};
use crate::battery::{Agreement, Failure, Points, battery};
use crate::random::Random;
use crate::table::case::{Case, numbers};
use crate::table::naive::{Naive, SAFETY, Walk};

/// Gradient, adjoint identity, second derivatives.
pub(super) fn derivatives(outcome: &mut Outcome, case: &Case, seed: u64) {
    let floats = case.floats();
    let smooth = case.op.primitive().flow() == Flow::Smooth;
    // Rounding to f32 has no useful differences; `Derivative` has checked
    // that its two sweeps round as well.
    let rounds = matches!(case.op, Op::Cast(Cast { to: DType::F32 }));
    if floats.is_empty() || rounds {
        return;
    }
    let tape = Tape::new();
    let inputs = case.inputs(&tape);
    let results = match case.record(&tape, &inputs) {
        Ok(results) => results,
        Err(e) => return outcome.fail(Check::Gradient, case, e),
    };
    if !smooth || results.iter().all(|y| !y.dtype().is_float()) {
        match no_derivative(case, &tape, &inputs, &results) {
            Ok(()) => outcome.note(Check::Gradient, 0.0),
            Err(what) => outcome.fail(Check::Gradient, case, what),
        }
        // What the user has stopped does change, and differences see it.
        if case.op.kind() == OpKind::StopGradient || results.iter().all(|y| !y.dtype().is_float()) {
            return;
        }
    }
    let at: Vec<ArrayD<f64>> = floats.iter().map(|&i| numbers(&case.values[i])).collect();
    let parts = match results.len() {
        // Some results used and some not: all, and each alone.
        n if n > 1 => (0..=n).collect(),
        _ => vec![0],
    };
    for part in parts {
        let f = Applied { case, part };
        match f.battery(&at, &floats, seed) {
            Ok(a) => {
                let found = [
                    (Check::Gradient, a.first),
                    (Check::Adjoint, a.adjoint),
                    (Check::ReverseReverse, a.reverse),
                    (Check::ReverseForward, a.forward),
                ];
                for (check, error) in found {
                    if let Some(error) = error {
                        outcome.note(check, error);
                    }
                }
            }
            Err(Failure(what)) => outcome.fail(Check::Gradient, case, what),
        }
    }
}

/// The operation as a function of its float operands.
struct Applied<'a> {
    case: &'a Case,
    /// 0: all results; `i`: only the one before `i`.
    part: usize,
}

impl Applied<'_> {
    fn battery(
        &self,
        at: &[ArrayD<f64>],
        floats: &[usize],
        seed: u64,
    ) -> Result<Agreement, Failure> {
        let Applied { case, part } = *self;
        battery(at, seed, Points::Smooth, |x| {
            let tape = x[0].tape();
            let operands: Vec<Var<'_, Any>> = (0..case.values.len())
                .map(|i| match floats.iter().position(|&f| f == i) {
                    Some(k) => x[k].any(),
                    None if case.alias && case.values[i].dtype().is_float() => x[0].any(),
                    None => tape.constant_value(case.values[i].clone()),
                })
                .collect();
            let results = case
                .record(tape, &operands)
                .expect("it has been recorded before");
            let typed = results
                .into_iter()
                .map(|y| y.typed::<f64>().expect("a smooth operation"));
            match part {
                0 => typed.collect(),
                i => typed.skip(i - 1).take(1).collect(),
            }
        })
    }
}

/// That neither sweep finds a derivative where there is none.
fn no_derivative<'t>(
    case: &Case,
    tape: &'t Tape,
    inputs: &[Var<'t, Any>],
    results: &[Var<'t, Any>],
) -> Result<(), String> {
    let x: Vec<Var<'t, f64>> = case
        .floats()
        .iter()
        .map(|&i| inputs[i].typed::<f64>().map_err(|e| e.to_string()))
        .collect::<Result<_, _>>()?;
    for y in results {
        let y = y.cast::<f64>();
        let w = tape.constant(ArrayD::ones(y.value().raw_dim()));
        let v: Vec<_> = x
            .iter()
            .map(|x| tape.constant(ArrayD::ones(x.value().raw_dim())))
            .collect();
        let pulled = tape.vjp(&[y], &[w], &x).map_err(|e| e.to_string())?;
        let pushed = tape.jvp(&[y], &x, &v).map_err(|e| e.to_string())?;
        if pulled.iter().chain(&pushed).any(Option::is_some) {
            return Err("a derivative where there is none".into());
        }
    }
    Ok(())
}

/// A zero cotangent gives zero, and twice the cotangent twice the result,
/// exactly; the sum of two the sum, up to rounding.
pub(super) fn cotangents(outcome: &mut Outcome, case: &Case, random: &mut Random) {
    let tape = Tape::new();
    let inputs = case.inputs(&tape);
    let Ok(results) = case.record(&tape, &inputs) else {
        return;
    };
    let ys: Vec<Var<'_, Any>> = results
        .into_iter()
        .filter(|y| y.dtype().is_float())
        .collect();
    let xs: Vec<Var<'_, Any>> = case.floats().into_iter().map(|i| inputs[i]).collect();
    if ys.is_empty() || xs.is_empty() {
        return;
    }
    let draw = |random: &mut Random| -> Vec<Value> {
        // Few digits, so that sums of two are exact.
        let few = |v: Value| match v {
            Value::F32(a) => Value::from(a.view().mapv(|x| (x * 64.0).round() / 64.0)),
            other => Value::from(numbers(&other).mapv(|x| (x * 64.0).round() / 64.0)),
        };
        ys.iter().map(|&y| few(signs(random, y))).collect()
    };
    let (a, b) = (draw(random), draw(random));
    let map = |w: &[Value], f: &dyn Fn(f64) -> f64| -> Vec<Value> {
        let one = |w: &Value| match w {
            Value::F32(a) => Value::from(a.view().mapv(|x| f(f64::from(x)) as f32)),
            other => Value::from(numbers(other).mapv(f)),
        };
        w.iter().map(one).collect()
    };
    let sum = a.iter().zip(&b).map(|(a, b)| match (a, b) {
        (Value::F32(a), Value::F32(b)) => Value::from(&a.view() + &b.view()),
        (a, b) => Value::from(numbers(a) + numbers(b)),
    });
    let sum: Vec<Value> = sum.collect();
    let pull = |w: &[Value]| -> Vec<Option<ValueId>> {
        let w: Vec<_> = w.iter().map(|w| tape.constant_value(w.clone())).collect();
        let pulled = tape.vjp(&ys, &w, &xs).expect("pulled back before");
        pulled.into_iter().map(|g| g.map(|g| g.id())).collect()
    };
    let at = |id: ValueId| tape.var(id).peek().to_f64();

    let base = pull(&a);
    // Powers of two change no digit.
    for (factor, check) in [(0.0, Check::Zero), (2.0, Check::Linear)] {
        for (once, times) in base.iter().zip(pull(&map(&a, &|x| factor * x))) {
            let (Some(once), Some(times)) = (once, times) else {
                continue;
            };
            let exact = at(*once)
                .iter()
                .zip(at(times))
                .all(|(x, y)| factor * x == y);
            match exact {
                true => outcome.note(check, 0.0),
                false => outcome.fail(check, case, format!("a cotangent times {factor}")),
            }
        }
    }
    let [b, sum] = [&b, &sum].map(|w| pull(w));
    let all: Vec<ValueId> = [&base, &b, &sum]
        .into_iter()
        .flatten()
        .copied()
        .flatten()
        .collect();
    let walk = Walk::over(&tape, &all, DType::F64);
    let narrow = ys.iter().any(|y| y.dtype() == DType::F32);
    for ((a, b), sum) in base.iter().zip(&b).zip(&sum) {
        let (Some(a), Some(b), Some(sum)) = (a, b, sum) else {
            continue;
        };
        // A cast rounds every cotangent by itself.
        if narrow {
            continue;
        }
        let bound = |id: &ValueId| match walk.value(*id) {
            Naive::Real(r) => r.iter().map(|r| r.bound).collect::<Vec<f64>>(),
            _ => unreachable!("gradients are of floats"),
        };
        let (bounds, values) = ([a, b, sum].map(bound), [a, b, sum].map(|id| at(*id)));
        let unit = f64::EPSILON / 2.0;
        for i in 0..values[0].len() {
            let [x, y, z] = [&values[0], &values[1], &values[2]].map(|v| v[i]);
            let off = (x + y - z).abs();
            let allowed = SAFETY * unit * (bounds[0][i] + bounds[1][i] + bounds[2][i] + z.abs());
            if off <= allowed {
                outcome.note(
                    Check::Linear,
                    if off == 0.0 {
                        0.0
                    } else {
                        off / z.abs().max(x.abs())
                    },
                );
            } else {
                let what = format!("{x:e} + {y:e} is not {z:e}, element {i}");
                outcome.fail(Check::Linear, case, what);
            }
        }
    }
}
