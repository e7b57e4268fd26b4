//! Values and derivatives against the naive interpreter, in f64 and in f32;
//! and against the tape's own, replayed.

use ndarray::ArrayD;
use wengert_autodiff::{Any, DType, Tape, Value, ValueId, Var};

use super::{Check, Outcome};
use crate::random::Random;
use crate::table::case::Case;
use crate::table::naive::Walk;

/// Whether two values are the same, bit for bit but for the kind of NaN.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    let equal = |(a, b): (f64, f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    a.ty() == b.ty() && a.to_f64().into_iter().zip(b.to_f64()).all(equal)
}

/// A random value like this one, as a cotangent or tangent.
pub(super) fn signs(random: &mut Random, like: Var<'_, Any>) -> Value {
    let signs: ArrayD<f64> = random.signs(&like.shape());
    match like.dtype() {
        DType::F32 => Value::from(signs.mapv(|x| x as f32)),
        _ => Value::from(signs),
    }
}

/// A case on a tape, with everything that can be computed of it.
pub(super) struct Recorded<'t> {
    pub inputs: Vec<Var<'t, Any>>,
    /// The results, then what was pulled back, then what was pushed forward.
    pub outputs: Vec<Var<'t, Any>>,
    /// How many of those are results.
    pub results: usize,
}

/// The seeds of the two sweeps.
pub(super) struct Seeds {
    pub w: Vec<Value>,
    pub v: Vec<Value>,
}

/// Chooses the seeds of the sweeps, for these results and operands.
pub(super) type Choose<'a, 't> = &'a mut dyn FnMut(&[Var<'t, Any>], &[Var<'t, Any>]) -> Seeds;

/// Random seeds.
pub(super) fn drawn<'t>(
    draw: &mut Random,
) -> impl FnMut(&[Var<'t, Any>], &[Var<'t, Any>]) -> Seeds {
    |ys, xs| Seeds {
        w: ys.iter().map(|&y| signs(draw, y)).collect(),
        v: xs.iter().map(|&x| signs(draw, x)).collect(),
    }
}

impl<'t> Recorded<'t> {
    /// Records the operation on these inputs, and both sweeps, whose seeds
    /// are inputs too.
    pub fn new(
        tape: &'t Tape,
        case: &Case,
        inputs: Vec<Var<'t, Any>>,
        choose: Choose<'_, 't>,
    ) -> Result<Recorded<'t>, String> {
        let y = case.record(tape, &inputs).map_err(|e| e.to_string())?;
        let floats = |vars: &[Var<'t, Any>]| -> Vec<Var<'t, Any>> {
            vars.iter()
                .copied()
                .filter(|v| v.dtype().is_float())
                .collect()
        };
        let ys = floats(&y);
        let xs: Vec<_> = case.floats().into_iter().map(|i| inputs[i]).collect();
        let mut recorded = Recorded {
            results: y.len(),
            outputs: y,
            inputs,
        };
        if ys.is_empty() || xs.is_empty() {
            return Ok(recorded);
        }
        let Seeds { w, v } = choose(&ys, &xs);
        let mut enter = |name: &str, values: Vec<Value>| -> Vec<Var<'t, Any>> {
            let one = |(i, v): (usize, Value)| tape.input_value(format!("{name}{i}"), v);
            let vars: Vec<_> = values.into_iter().enumerate().map(one).collect();
            recorded.inputs.extend(&vars);
            vars
        };
        let (w, v) = (enter("w", w), enter("v", v));
        let pulled = tape.vjp(&ys, &w, &xs).map_err(|e| e.to_string())?;
        let pushed = tape.jvp(&ys, &xs, &v).map_err(|e| e.to_string())?;
        recorded.outputs.extend(pulled.into_iter().flatten());
        recorded.outputs.extend(pushed.into_iter().flatten());
        Ok(recorded)
    }

    pub fn values(&self) -> Vec<Value> {
        self.outputs.iter().map(|v| v.peek()).collect()
    }
}

/// Value, vjp and jvp in both precisions, and replayed.
pub(super) fn values(outcome: &mut Outcome, case: &Case, random: &mut Random) {
    // Copies: the tape shares the memory of its inputs with the case.
    let before: Vec<Vec<f64>> = case.values.iter().map(Value::to_f64).collect();
    let tape = Tape::new();
    let inputs = case.inputs(&tape);
    let mut draw = Random::new(random.bits());
    let recorded = match Recorded::new(&tape, case, inputs, &mut drawn(&mut draw)) {
        Ok(recorded) => recorded,
        Err(e) => return outcome.fail(Check::Value, case, e),
    };
    against_naive(
        outcome,
        case,
        &tape,
        &recorded,
        [Check::Value, Check::Derivative],
    );
    replay(outcome, case, &tape, &recorded, random);

    let narrow = case.narrow();
    let tape = Tape::new();
    let inputs = narrow.inputs(&tape);
    let mut draw = Random::new(random.bits());
    match Recorded::new(&tape, &narrow, inputs, &mut drawn(&mut draw)) {
        Ok(r) => against_naive(outcome, &narrow, &tape, &r, [Check::Single; 2]),
        Err(e) => outcome.fail(Check::Single, &narrow, e),
    }
    let after = case.values.iter().map(Value::to_f64);
    if !before.into_iter().eq(after) {
        outcome.fail(Check::Value, case, "an operand has been written to");
    }
}

/// Every output against the naive interpretation of the same tape.
fn against_naive(
    outcome: &mut Outcome,
    case: &Case,
    tape: &Tape,
    recorded: &Recorded<'_>,
    [value, derivative]: [Check; 2],
) {
    let dtype = match value {
        Check::Single => DType::F32,
        _ => DType::F64,
    };
    for (part, check) in [(0, value), (1, derivative)] {
        let (results, sweeps) = recorded.outputs.split_at(recorded.results);
        let part = [results, sweeps][part];
        let ids: Vec<ValueId> = part.iter().map(|v| v.id()).collect();
        let walk = Walk::over(tape, &ids, dtype);
        for id in ids {
            match walk.check(tape, id) {
                Some(result) => outcome.read(check, case, result),
                None => outcome.undecided += 1,
            }
        }
    }
}

/// The tape evaluated again: at the recorded point, and at another one, where
/// it has to be what recording there would give.
fn replay(
    outcome: &mut Outcome,
    case: &Case,
    tape: &Tape,
    recorded: &Recorded<'_>,
    random: &mut Random,
) {
    let mut compare = |values: &[Value], want: &[Value], where_: &str| {
        // A variable that stands in several places is one input.
        let mut inputs: Vec<(Var<'_, Any>, Value)> = Vec::new();
        for (&input, value) in recorded.inputs.iter().zip(values) {
            if inputs.iter().all(|(v, _)| v.id() != input.id()) {
                inputs.push((input, value.clone()));
            }
        }
        match tape.eval(&inputs, &recorded.outputs) {
            Err(e) => outcome.fail(Check::Replay, case, e),
            Ok(found) if found.iter().zip(want).all(|(a, b)| same(a, b)) => {
                outcome.note(Check::Replay, 0.0);
            }
            Ok(found) => outcome.fail(
                Check::Replay,
                case,
                format!("{where_}, {found:?}, and recorded {want:?}"),
            ),
        }
    };
    let here: Vec<Value> = recorded.inputs.iter().map(|v| v.peek()).collect();
    compare(&here, &recorded.values(), "evaluated again");

    // The values of each operand in another order: still within the domain.
    let order = |v: &Value, random: &mut Random| -> Value {
        let order = random.permutation(v.len());
        match v {
            Value::F64(a) => shuffled(a, &order),
            Value::F32(a) => shuffled(a, &order),
            Value::Index(a) => shuffled(a, &order),
            Value::Bool(a) => shuffled(a, &order),
        }
    };
    let mut there: Vec<Value> = here.iter().map(|v| order(v, random)).collect();
    if case.alias {
        let floats: Vec<usize> = (0..case.values.len())
            .filter(|&i| case.values[i].dtype().is_float())
            .collect();
        for &i in &floats[1..] {
            there[i] = there[floats[0]].clone();
        }
    }
    let (operands, rest) = there.split_at(case.values.len());
    let again = Tape::new();
    let inputs = case.inputs_of(&again, operands);
    let mut seeds = |ys: &[Var<'_, Any>], _: &[Var<'_, Any>]| Seeds {
        w: rest[..ys.len()].to_vec(),
        v: rest[ys.len()..].to_vec(),
    };
    match Recorded::new(&again, case, inputs, &mut seeds) {
        Ok(r) => compare(&there, &r.values(), "evaluated at another point"),
        Err(e) => outcome.fail(Check::Replay, case, e),
    }
}

fn shuffled<T: wengert_autodiff::Element>(
    a: &wengert_autodiff::Tensor<T>,
    order: &[usize],
) -> Value {
    let flat = a.as_slice();
    Value::from_vec(a.shape(), order.iter().map(|&i| flat[i]).collect())
}
