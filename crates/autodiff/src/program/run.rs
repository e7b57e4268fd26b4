//! Running a program.

use super::error::RunError;
use super::fused::{Fused, Instruction, Operand, Part, Window};
use super::lane::{Code, Given};
use super::memory::{List, Memory, Place, Rest};
use super::plan::{Source, Step};
use super::share::{InParts, by_rows, by_terms};
use super::{Program, Workspace};
use crate::dtype::{DType, Element};
use crate::error::Fault;
use crate::tape::ValueId;
use crate::team::{Alone, Team};
use crate::value::Value;
use crate::view::{View, ViewMut};

/// The results of a run; they live in the workspace until the next.
#[derive(Clone, Copy, Debug)]
pub struct Outputs<'w> {
    program: &'w Program,
    memory: &'w Memory,
    inputs: &'w [View<'w>],
}

impl<'w> Outputs<'w> {
    /// How many there are.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.program.ir.outputs.len()
    }

    /// Output `i`, where it is.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn view(&self, i: usize) -> View<'w> {
        let value = self.program.ir.outputs[i].value;
        let place = |place| self.memory.view(place);
        self.program.view(value, self.inputs, place)
    }

    /// The elements of output `i`, in row-major order.
    ///
    /// # Panics
    /// If there is no such output, or its elements are of another type.
    #[track_caller]
    pub fn slice<T: Element>(&self, i: usize) -> &'w [T] {
        let view = self.view(i);
        match view.slice() {
            Some(slice) => slice,
            None => panic!("slice: output {i} is {}", view.ty()),
        }
    }

    /// A copy of output `i`.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn value(&self, i: usize) -> Value {
        self.view(i).to_value()
    }

    /// Copies of all outputs.
    pub fn values(&self) -> Vec<Value> {
        (0..self.len()).map(|i| self.value(i)).collect()
    }
}

impl Program {
    /// Runs with these inputs, in the order in which they were compiled, and
    /// returns the outputs, which live in the workspace.
    ///
    /// The result is, bit for bit, what recording with these inputs would have
    /// given; of NaN only that it is one, because Rust promises no more.
    ///
    /// # Errors
    /// Inputs of another number, element type or shape; a branch that would
    /// go the other way ([`Var::decide`](crate::Var::decide)); an index that
    /// has become invalid.
    pub fn run<'w>(
        &'w self,
        workspace: &'w mut Workspace,
        inputs: &'w [View<'w>],
    ) -> Result<Outputs<'w>, RunError> {
        self.run_on(&Alone, workspace, inputs)
    }

    /// [`run`](Program::run), with large matrix products on several threads:
    /// each computes some rows. The number of threads changes no bit.
    ///
    /// # Errors
    /// As [`run`](Program::run).
    pub fn run_on<'w>(
        &'w self,
        team: &dyn Team,
        workspace: &'w mut Workspace,
        inputs: &'w [View<'w>],
    ) -> Result<Outputs<'w>, RunError> {
        self.check(inputs)?;
        workspace.prepare(self);
        for step in &self.plan.steps {
            self.step(team, step, inputs, &mut workspace.memory)?;
        }
        Ok(Outputs {
            program: self,
            memory: &workspace.memory,
            inputs,
        })
    }

    pub(super) fn check(&self, inputs: &[View<'_>]) -> Result<(), RunError> {
        if inputs.len() != self.ir.inputs.len() {
            return Err(RunError::Count {
                expected: self.ir.inputs.len(),
                found: inputs.len(),
            });
        }
        for (position, (input, view)) in self.ir.inputs.iter().zip(inputs).enumerate() {
            let expected = self.ir.ty(input.value);
            if view.dtype() != expected.dtype || *view.shape() != *expected.shape {
                return Err(RunError::Input {
                    position,
                    name: input.name.clone(),
                    expected: Box::new(expected.clone()),
                    found: Box::new(view.ty()),
                });
            }
        }
        Ok(())
    }

    pub(super) fn step(
        &self,
        team: &dyn Team,
        step: &Step,
        inputs: &[View<'_>],
        memory: &mut Memory,
    ) -> Result<(), RunError> {
        match *step {
            Step::Node(n, Code::InParts(parts)) if team.threads() > 1 => {
                let done = self.in_parts(team, parts, n, inputs, memory);
                done.map_err(|fault| self.refused(n, fault))
            }
            Step::Node(n, Code::General | Code::InParts(_)) => {
                let done = self.node(n, inputs, memory);
                done.map_err(|fault| self.refused(n, fault))
            }
            Step::Node(n, ref code) => {
                let len = self.ir.ty(self.ir.nodes[n as usize].first).shape.size();
                code.run(memory, self.given(inputs), &Window::whole(len));
                Ok(())
            }
            Step::Fused(ref fused) => self.fused(fused, inputs, memory),
            Step::Guard(g) => {
                let guard = &self.ir.guards[g as usize];
                let mask = self.view(guard.mask, inputs, |place| memory.view(place));
                if mask.of::<bool>() == [guard.taken] {
                    Ok(())
                } else {
                    Err(RunError::Guard {
                        line: guard.line.to_string(),
                        taken: guard.taken,
                    })
                }
            }
        }
    }

    fn refused(&self, n: u32, fault: Fault) -> RunError {
        let node = &self.ir.nodes[n as usize];
        RunError::Operation {
            op: node.op.name().into(),
            fault: Box::new(fault),
            line: node.line.to_string(),
        }
    }

    fn given<'a>(&'a self, inputs: &'a [View<'a>]) -> Given<'a> {
        let constants = &self.ir.constants;
        Given { constants, inputs }
    }

    fn fused(
        &self,
        fused: &Fused,
        inputs: &[View<'_>],
        memory: &mut Memory,
    ) -> Result<(), RunError> {
        let given = self.given(inputs);
        for block in fused.blocks() {
            let window = fused.window(block);
            for (code, instruction) in fused.code.iter().zip(&fused.instructions) {
                if !code.run(memory, given, &window) {
                    let shape = [block.rows, block.cols];
                    let done = self.elementwise(instruction, &window, shape, inputs, memory);
                    done.map_err(|fault| self.refused(instruction.node, fault))?;
                }
            }
        }
        Ok(())
    }

    /// One instruction of a group, on a block of this shape.
    fn elementwise(
        &self,
        instruction: &Instruction,
        window: &Window,
        full: [usize; 2],
        inputs: &[View<'_>],
        memory: &mut Memory,
    ) -> Result<(), Fault> {
        let column = [full[0], 1];
        // Where a part begins, and its shape.
        let place = |part: Part| {
            let shape = match part {
                Part::Full | Part::Local => &full[..],
                Part::One => &full[..0],
                Part::Row => &full[1..],
                Part::Column => &column[..],
            };
            (window.of(part).0, shape)
        };
        let (start, shape) = place(instruction.part);
        let slot = self.slot(instruction.slot, start, shape);
        let (out, rest) = memory.divide_one(slot);
        let out = &mut [out];
        let arg = |operand: &Operand| {
            let (start, shape) = place(operand.part);
            let start = operand.offset + start;
            let memory = |place| rest.view(place);
            self.part(operand.source, start, shape, inputs, memory)
        };
        let op = self.ir.nodes[instruction.node as usize].op.primitive();
        // Lists of known length cost next to nothing, which counts where
        // arrays are small.
        match &instruction.args[..] {
            [a] => op.eval_into(&[arg(a)], out),
            [a, b] => op.eval_into(&[arg(a), arg(b)], out),
            [a, b, c] => op.eval_into(&[arg(a), arg(b), arg(c)], out),
            args => op.eval_into(&args.iter().map(arg).collect::<List<_>>(), out),
        }
    }

    /// The memory of the results is divided from that of the others, which can
    /// be read while it is written.
    fn node<'a>(
        &'a self,
        n: u32,
        inputs: &[View<'a>],
        memory: &'a mut Memory,
    ) -> Result<(), Fault> {
        let node = &self.ir.nodes[n as usize];
        let result = |r: ValueId| match self.plan.sources[r.index()] {
            Source::Slot(slot) => self.slot(slot, 0, &self.ir.ty(r).shape),
            other => unreachable!("a result in {other:?}"),
        };
        let op = node.op.primitive();
        let arg = |rest: &Rest<'a>, &a: &ValueId| self.view(a, inputs, |place| rest.view(place));
        if node.results == 1 {
            let (out, rest) = memory.divide_one(result(node.first));
            let (arg, out) = (|a| arg(&rest, a), &mut [out]);
            return match &node.args[..] {
                [a] => op.eval_into(&[arg(a)], out),
                [a, b] => op.eval_into(&[arg(a), arg(b)], out),
                args => op.eval_into(&args.iter().map(arg).collect::<List<_>>(), out),
            };
        }
        let results: List<Place<'_>> = node.results().map(result).collect();
        let (mut out, rest) = memory.divide(&results);
        let args: List<View<'_>> = node.args.iter().map(|a| arg(&rest, a)).collect();
        op.eval_into(&args, &mut out)
    }

    /// An instruction of which every thread computes a part.
    fn in_parts(
        &self,
        team: &dyn Team,
        parts: InParts,
        n: u32,
        inputs: &[View<'_>],
        memory: &mut Memory,
    ) -> Result<(), Fault> {
        let node = &self.ir.nodes[n as usize];
        let Source::Slot(slot) = self.plan.sources[node.first.index()] else {
            unreachable!("results are in slots")
        };
        let shape = &self.ir.ty(node.first).shape;
        let others = [(parts.terms - 1) * shape.size()];
        let mut places: List<Place<'_>> = List::new();
        places.push(self.slot(slot, 0, shape));
        let scratch = parts.scratch.filter(|_| parts.terms >= team.threads());
        places.extend(scratch.map(|slot| self.slot(slot, 0, &others)));
        let (mut out, rest) = memory.divide(&places);
        let args = node.args.iter();
        let args = args.map(|&a| self.view(a, inputs, |place| rest.view(place)));
        let args: List<View<'_>> = args.collect();
        let op = node.op.primitive();
        let write = |part, out: &mut ViewMut<'_>| op.eval_part(&args, part, out);
        let scratch = scratch.and_then(|_| out.pop());
        let out = out.pop().expect("one result");
        match scratch {
            Some(scratch) => by_terms(team, out, scratch, &write),
            None => by_rows(team, out, parts.least, &write),
        }
    }

    /// An array of this shape in a slot.
    pub(super) fn slot<'a>(&self, slot: u32, start: usize, shape: &'a [usize]) -> Place<'a> {
        let dtype: DType = self.plan.slots[slot as usize].dtype;
        let start = self.plan.layout.starts[slot as usize] + start;
        Place {
            dtype,
            start,
            shape,
        }
    }

    fn view<'a>(
        &'a self,
        value: ValueId,
        inputs: &[View<'a>],
        memory: impl FnOnce(Place<'a>) -> View<'a>,
    ) -> View<'a> {
        let shape = &self.ir.ty(value).shape;
        let source = self.plan.sources[value.index()];
        let start = self.plan.offsets[value.index()];
        self.part(source, start, shape, inputs, memory)
    }

    /// A part of what is in a place, which `memory` finds if it is a slot.
    fn part<'a>(
        &'a self,
        source: Source,
        start: usize,
        shape: &'a [usize],
        inputs: &[View<'a>],
        memory: impl FnOnce(Place<'a>) -> View<'a>,
    ) -> View<'a> {
        match source {
            Source::Input(i) => inputs[i as usize].part(start, shape),
            Source::Constant(i) => {
                View::from(&self.ir.constants[i as usize].data).part(start, shape)
            }
            Source::Slot(s) => memory(self.slot(s, start, shape)),
        }
    }
}
