//! A whole tape, interpreted naively: every instruction that a value depends
//! on, those that differentiation appended among them.

use std::collections::BTreeMap;

use wengert_autodiff::{DType, Instruction, Op, Tape, Value, ValueId};

use super::{Interpreter, Naive, Real, SAFETY};

/// The naive values of a tape.
pub struct Walk {
    values: BTreeMap<ValueId, Naive>,
    interpreter: Interpreter,
}

impl Walk {
    /// Evaluates what `outputs` depend on, from the values of the leaves;
    /// `dtype` is the precision that the tape was recorded in.
    pub fn over(tape: &Tape, outputs: &[ValueId], dtype: DType) -> Walk {
        let instructions = tape.instructions();
        let mut needed: Vec<ValueId> = outputs.to_vec();
        let mut steps: Vec<&Instruction> = Vec::new();
        for i in instructions.iter().rev() {
            if i.results.iter().any(|r| needed.contains(r)) {
                needed.extend(&i.operands);
                steps.push(i);
            }
        }
        let mut walk = Walk {
            values: BTreeMap::new(),
            interpreter: Interpreter::of(dtype),
        };
        for i in steps.into_iter().rev() {
            let results = match i.op {
                Op::Leaf(_) => vec![Naive::exact(&tape.var(i.results[0]).peek())],
                ref op => {
                    let operands: Vec<Naive> =
                        i.operands.iter().map(|o| walk.values[o].clone()).collect();
                    walk.interpreter.apply(op, &operands)
                }
            };
            walk.values.extend(i.results.iter().copied().zip(results));
        }
        walk
    }

    /// The largest error of the tape's value, as a part of what rounding
    /// allows, or what is wrong with it. `None` if rounding may have decided
    /// something on the way.
    pub fn check(&self, tape: &Tape, id: ValueId) -> Option<Result<f64, String>> {
        if self.interpreter.undecided {
            return None;
        }
        let naive = &self.values[&id];
        Some(compare(&tape.var(id).peek(), naive, self.interpreter.unit))
    }

    /// What the value should be.
    pub fn value(&self, id: ValueId) -> &Naive {
        &self.values[&id]
    }
}

/// Compares a value with the naive one: masks and indices exactly, numbers
/// within their error bounds. The largest error, relative to the largest
/// magnitude in the array or on the way to it.
///
/// # Errors
/// Every bad element.
pub fn compare(got: &Value, want: &Naive, unit: f64) -> Result<f64, String> {
    if got.shape() != want.shape() {
        return Err(format!("shape {:?}, not {:?}", got.shape(), want.shape()));
    }
    let want: Vec<Real> = match (got, want) {
        (Value::F32(_) | Value::F64(_), Naive::Real(a)) => a.iter().copied().collect(),
        (Value::Index(_), Naive::Index(a)) => a.iter().map(|&i| Real::exact(i as f64)).collect(),
        (Value::Bool(_), Naive::Mask(a)) => a
            .iter()
            .map(|&m| Real::exact(f64::from(u8::from(m))))
            .collect(),
        _ => return Err(format!("element type {}", got.dtype())),
    };
    let (mut worst, mut bad) = (0.0f64, String::new());
    // What has cancelled is measured by what it was made of.
    let size = |r: &Real| r.value.abs().max(r.bound);
    let largest = want.iter().map(size).fold(0.0, f64::max);
    for (i, (got, want)) in got.to_f64().into_iter().zip(want).enumerate() {
        let off = (got - want.value).abs();
        let bound = SAFETY * unit * want.bound;
        let same = got == want.value || (got.is_nan() && want.value.is_nan());
        let within = want.value.is_finite() && off <= bound;
        if !same && !within {
            let want = want.value;
            bad += &format!(
                "  element {i}: {got:e}, not {want:e}; off by {off:.1e}, {bound:.1e} allowed\n"
            );
        } else if !same {
            worst = worst.max(off / largest);
        }
    }
    if bad.is_empty() { Ok(worst) } else { Err(bad) }
}
