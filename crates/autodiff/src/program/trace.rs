//! From a tape to a program: what the outputs need and what depends on the
//! inputs becomes instructions; what does not is a constant, with the value
//! that was recorded.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;

use super::ir::{Constant, Guard, Input, Ir, Node, Output};
use crate::dtype::Any;
use crate::error::{Error, Fault};
use crate::eval::ancestors;
use crate::ops::{Leaf, Op};
use crate::tape::{Inner, Tape, ValueId};
use crate::var::Var;

/// The lines of a program, each stored once.
#[derive(Default)]
struct Lines(BTreeMap<(&'static str, u32), Arc<str>>);

impl Lines {
    fn of(&mut self, at: &Location<'static>) -> Arc<str> {
        let text = || format!("{}:{}", at.file(), at.line()).into();
        let line = self.0.entry((at.file(), at.line()));
        line.or_insert_with(text).clone()
    }
}

/// The program that computes `outputs` from `inputs`.
///
/// # Errors
/// If they are not of this tape, `inputs` are not inputs or not distinct, or
/// a value that depends on them was read.
pub(super) fn trace(
    tape: &Tape,
    inputs: &[Var<'_, Any>],
    outputs: &[Var<'_, Any>],
    reads_steer_nothing: bool,
    here: &'static Location<'static>,
) -> Result<Ir, Error> {
    let refuse = |fault| {
        let types = inputs.iter().map(|v| v.ty()).collect();
        Err(Error::new("compile", types, fault, here))
    };
    let mut vars = inputs.iter().chain(outputs);
    if let Some(operand) = vars.position(|v| !std::ptr::eq(v.tape(), tape)) {
        return refuse(Fault::Foreign { operand });
    }
    let inner = tape.inner();
    for (i, var) in inputs.iter().enumerate() {
        let label = || inner.label(var.id());
        if !matches!(
            inner.inst(inner.producer(var.id())).op,
            Op::Leaf(Leaf::Input)
        ) {
            return refuse(Fault::Parameter(format!(
                "{} is not an input of the tape",
                label()
            )));
        }
        if inputs[..i].iter().any(|v| v.id() == var.id()) {
            return refuse(Fault::Parameter(format!("{} is named twice", label())));
        }
    }
    let depends = dependents(&inner, inputs);
    let mut lines = Lines::default();
    if !reads_steer_nothing {
        let mut read: Vec<String> = Vec::new();
        for (id, at) in tape.reads() {
            let line = lines.of(at).to_string();
            if depends[id.index()] && !read.contains(&line) {
                read.push(line);
            }
        }
        if !read.is_empty() {
            return refuse(Fault::Reads { lines: read });
        }
    }
    Ok(build(tape, &inner, inputs, outputs, &depends, &mut lines))
}

/// Which values change with the inputs.
fn dependents(inner: &Inner, inputs: &[Var<'_, Any>]) -> Vec<bool> {
    let mut depends = vec![false; inner.values()];
    for var in inputs {
        depends[var.id().index()] = true;
    }
    for inst in inner.insts() {
        if inner.args(inst).iter().any(|a| depends[a.index()]) {
            for r in inner.results(inst) {
                depends[r.index()] = true;
            }
        }
    }
    depends
}

fn build(
    tape: &Tape,
    inner: &Inner,
    inputs: &[Var<'_, Any>],
    outputs: &[Var<'_, Any>],
    depends: &[bool],
    lines: &mut Lines,
) -> Ir {
    let decisions = tape.decisions();
    let decisions = decisions.iter().filter(|d| depends[d.mask.index()]);
    let masks = decisions.clone().map(|d| d.mask);
    let wanted: Vec<ValueId> = outputs.iter().map(|v| v.id()).chain(masks).collect();
    let needed = ancestors(inner, &wanted, |id| depends[id.index()]);

    let mut ir = Ir::default();
    // A long list that grows is copied again and again.
    let most = needed.iter().filter(|&&n| n).count();
    ir.types.reserve(most);
    ir.nodes.reserve(most);
    let mut new: Vec<Option<ValueId>> = vec![None; inner.values()];
    for var in inputs {
        let value = ir.define(var.ty());
        new[var.id().index()] = Some(value);
        let name = inner.name(var.id()).unwrap_or_default().to_string();
        ir.inputs.push(Input { name, value });
    }
    // The value in the program; of what does not depend on the inputs, a
    // constant, made when it is first wanted.
    let translate = |ir: &mut Ir, new: &mut Vec<Option<ValueId>>, id: ValueId| {
        *new[id.index()].get_or_insert_with(|| {
            let data = inner.value(id).clone();
            let value = ir.define(data.ty());
            ir.constants.push(Constant { value, data });
            value
        })
    };
    for inst in inner.insts() {
        let op = &inner.inst(inst).op;
        let wanted = inner.results(inst).any(|r| needed[r.index()]);
        if !wanted || matches!(op, Op::Leaf(_)) {
            continue;
        }
        let args = inner.args(inst).iter();
        let args = args.map(|&a| translate(&mut ir, &mut new, a)).collect();
        let first = ValueId(ir.types.len() as u32);
        for r in inner.results(inst) {
            new[r.index()] = Some(ir.define(inner.value(r).ty()));
        }
        ir.nodes.push(Node {
            op: op.clone(),
            args,
            first,
            results: inner.results(inst).len() as u32,
            line: lines.of(inner.inst(inst).site.location),
        });
    }
    for var in outputs {
        let value = translate(&mut ir, &mut new, var.id());
        let name = inner.name(var.id()).unwrap_or_default().to_string();
        ir.outputs.push(Output { name, value });
    }
    for decision in decisions {
        let mask = translate(&mut ir, &mut new, decision.mask);
        ir.guards.push(Guard {
            mask,
            taken: decision.taken,
            line: lines.of(decision.location),
        });
    }
    ir
}
