//! The interpreter: evaluates a recorded tape again, node by node, with other
//! values for some inputs. It is the meaning of a tape; everything faster has
//! to agree with it.

use std::collections::BTreeMap;
use std::panic::Location;

use smallvec::SmallVec;

use crate::dtype::Any;
use crate::error::{Error, Fault};
use crate::op::Results;
use crate::ops::{Leaf, Op};
use crate::tape::{Decision, Inner, InstId, Tape, ValueId, evaluate};
use crate::value::Value;
use crate::var::Var;

/// What is called after every instruction, with its operands and results.
pub(crate) type After<'a> = &'a mut dyn FnMut(InstId, &[&Value], &mut Results<Value>);

/// Which instructions have to run again if some inputs change and some
/// outputs are wanted.
pub(crate) struct Plan<'t> {
    tape: &'t Tape,
    inputs: Vec<ValueId>,
    outputs: Vec<ValueId>,
    insts: Vec<InstId>,
}

/// One use of a [`Plan`], with the values to use. Branches that the recorded
/// program took are watched.
pub(crate) struct Interpreter<'t> {
    plan: Plan<'t>,
    values: Vec<Value>,
    /// How many outputs are wanted; masks of decisions follow.
    wanted: usize,
    /// By their masks.
    decisions: BTreeMap<ValueId, Decision>,
}

impl<'t> Interpreter<'t> {
    #[track_caller]
    pub fn new(
        tape: &'t Tape,
        inputs: &[(Var<'_, Any>, Value)],
        outputs: &[Var<'_, Any>],
    ) -> Result<Interpreter<'t>, Error> {
        let here = Location::caller();
        let vars = inputs.iter().map(|(v, _)| v).chain(outputs);
        if let Some(operand) = vars.into_iter().position(|v| !std::ptr::eq(v.tape(), tape)) {
            return Err(Error::new("eval", vec![], Fault::Foreign { operand }, here));
        }
        for (var, value) in inputs {
            let inner = tape.inner();
            let inst = inner.inst(inner.producer(var.id()));
            let fault = if !matches!(inst.op, Op::Leaf(Leaf::Input)) {
                Some(Fault::Parameter(format!(
                    "{} is not an input of the tape",
                    inner.label(var.id())
                )))
            } else if value.ty() != var.ty() {
                Some(Fault::Parameter(format!(
                    "{} was recorded as {}, and the new value is {}",
                    inner.label(var.id()),
                    var.ty(),
                    value.ty()
                )))
            } else {
                None
            };
            if let Some(fault) = fault {
                return Err(Error::new("eval", vec![value.ty()], fault, here));
            }
        }
        let ids: Vec<ValueId> = inputs.iter().map(|(v, _)| v.id()).collect();
        let mut outputs: Vec<ValueId> = outputs.iter().map(|v| v.id()).collect();
        let wanted = outputs.len();
        let mut decisions = tape.decisions();
        if !decisions.is_empty() {
            let changes = changes(&tape.inner(), &ids);
            decisions.retain(|d| changes[d.mask.index()]);
            outputs.extend(decisions.iter().map(|d| d.mask));
        }
        Ok(Interpreter {
            plan: Plan::new(tape, &ids, &outputs),
            values: inputs.iter().map(|(_, value)| value.clone()).collect(),
            wanted,
            decisions: decisions.iter().map(|&d| (d.mask, d)).collect(),
        })
    }

    pub fn run(self) -> Result<Vec<Value>, Error> {
        let broken = |id: ValueId, value: &Value| {
            let decision = self.decisions.get(&id)?;
            (value.slice::<bool>() != [decision.taken]).then_some(*decision)
        };
        let inner = self.plan.tape.inner();
        // The first one: what comes after it may fail because of it.
        let given = self.plan.inputs.iter().zip(&self.values);
        let mut first = given.filter_map(|(&id, value)| broken(id, value)).next();
        let values = self
            .plan
            .run_with(self.values.clone(), &mut |inst, _, results| {
                if first.is_none() && !self.decisions.is_empty() {
                    let mut results = inner.results(inst).zip(results.iter());
                    first = results.find_map(|(id, value)| broken(id, value));
                }
            });
        if let Some(Decision {
            mask,
            taken,
            location,
        }) = first
        {
            let types = vec![inner.value(mask).ty()];
            return Err(Error::new(
                "decide",
                types,
                Fault::Decision { taken },
                location,
            ));
        }
        let mut values = values?;
        values.truncate(self.wanted);
        Ok(values)
    }
}

impl<'t> Plan<'t> {
    pub fn new(tape: &'t Tape, inputs: &[ValueId], outputs: &[ValueId]) -> Plan<'t> {
        let changes = changes(&tape.inner(), inputs);
        Plan::of(tape, inputs, outputs, |id| changes[id.index()])
    }

    /// All of the outputs' instructions, whether they depend on the inputs or
    /// not.
    pub fn whole(tape: &'t Tape, inputs: &[ValueId], outputs: &[ValueId]) -> Plan<'t> {
        Plan::of(tape, inputs, outputs, |_| true)
    }

    fn of(
        tape: &'t Tape,
        inputs: &[ValueId],
        outputs: &[ValueId],
        runs: impl Fn(ValueId) -> bool,
    ) -> Plan<'t> {
        let inner = tape.inner();
        let needed = ancestors(&inner, outputs, runs);
        let insts = inner
            .insts()
            .filter(|&i| !matches!(inner.inst(i).op, Op::Leaf(_)))
            .filter(|&i| inner.results(i).any(|r| needed[r.index()]))
            .collect();
        Plan {
            tape,
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
            insts,
        }
    }

    /// The outputs, for these values of the inputs; `after` sees every instruction once it has run, with its
    /// operands, and may change its results.
    pub fn run_with(&self, values: Vec<Value>, after: After<'_>) -> Result<Vec<Value>, Error> {
        let inner = self.tape.inner();
        let mut new: BTreeMap<ValueId, Value> = self.inputs.iter().copied().zip(values).collect();
        for &inst in &self.insts {
            let results = {
                let op = &inner.inst(inst).op;
                let args = inner.args(inst).iter();
                let args: SmallVec<[&Value; 4]> = args
                    .map(|a| new.get(a).unwrap_or_else(|| inner.value(*a)))
                    .collect();
                let mut results = evaluate(op, &args).map_err(|fault| {
                    let types = args.iter().map(|v| v.ty()).collect();
                    Error::new(op.name(), types, fault, inner.inst(inst).site.location)
                })?;
                after(inst, &args, &mut results);
                results
            };
            new.extend(inner.results(inst).zip(results));
        }
        let value = |id: &ValueId| new.get(id).unwrap_or_else(|| inner.value(*id)).clone();
        Ok(self.outputs.iter().map(value).collect())
    }
}

/// Which values change with these inputs.
fn changes(inner: &Inner, inputs: &[ValueId]) -> Vec<bool> {
    let mut changes = vec![false; inner.values()];
    for id in inputs {
        changes[id.index()] = true;
    }
    let first = inputs.iter().min().map(|&id| inner.producer(id).index());
    for inst in inner.insts().skip(first.unwrap_or(usize::MAX)) {
        if inner.args(inst).iter().any(|a| changes[a.index()]) {
            for r in inner.results(inst) {
                changes[r.index()] = true;
            }
        }
    }
    changes
}

/// Which values the `outputs` are computed from, as far as `follow` allows.
pub(crate) fn ancestors(
    inner: &Inner,
    outputs: &[ValueId],
    follow: impl Fn(ValueId) -> bool,
) -> Vec<bool> {
    let mut needed = vec![false; inner.values()];
    for id in outputs {
        needed[id.index()] = follow(*id);
    }
    let last = outputs
        .iter()
        .max()
        .map_or(0, |&id| inner.producer(id).index() + 1);
    for inst in inner.insts().take(last).rev() {
        if inner.results(inst).any(|r| needed[r.index()]) {
            for &a in inner.args(inst) {
                needed[a.index()] |= follow(a);
            }
        }
    }
    needed
}
