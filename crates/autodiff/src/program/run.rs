//! Running a program.

use smallvec::SmallVec;

use super::error::RunError;
use super::fused::{Fused, Part};
use super::plan::{Source, Step};
use super::{Program, Workspace};
use crate::buffer::Buffer;
use crate::dtype::Element;
use crate::error::Fault;
use crate::tape::ValueId;
use crate::value::Value;
use crate::view::{View, ViewMut};

/// Operands or results of one instruction. More than eight have to be
/// allocated in every run: few join or split that many arrays at once.
type List<T> = SmallVec<[T; 8]>;

/// The results of a run; they live in the workspace until the next.
#[derive(Clone, Copy, Debug)]
pub struct Outputs<'w> {
    program: &'w Program,
    slots: &'w [Buffer],
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
        self.program.view(value, self.inputs, self.slots)
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
        self.check(inputs)?;
        workspace.prepare(self);
        for step in &self.plan.steps {
            self.step(step, inputs, &mut workspace.slots)?;
        }
        Ok(Outputs {
            program: self,
            slots: &workspace.slots,
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
        step: &Step,
        inputs: &[View<'_>],
        slots: &mut [Buffer],
    ) -> Result<(), RunError> {
        match *step {
            Step::Node(n) => {
                let done = self.node(n, inputs, slots);
                done.map_err(|fault| self.refused(n, fault))
            }
            Step::Fused(ref fused) => self.fused(fused, inputs, slots),
            Step::Guard(g) => {
                let guard = &self.ir.guards[g as usize];
                if self.view(guard.mask, inputs, slots).of::<bool>() == [guard.taken] {
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

    fn fused(
        &self,
        fused: &Fused,
        inputs: &[View<'_>],
        slots: &mut [Buffer],
    ) -> Result<(), RunError> {
        for block in fused.blocks() {
            let start = block.row * fused.cols + block.col;
            let full = [block.rows, block.cols];
            let column = [block.rows, 1];
            // Where a part begins, and its shape.
            let place = |part: Part| match part {
                Part::Full => (start, &full[..]),
                Part::Local => (0, &full[..]),
                Part::One => (0, &full[..0]),
                Part::Row => (block.col, &full[1..]),
                Part::Column => (block.row, &column[..]),
            };
            for instruction in &fused.code {
                let mut taken = std::mem::take(&mut slots[instruction.slot as usize]);
                let done = {
                    let arg = |&(source, part): &(Source, Part)| {
                        let (start, shape) = place(part);
                        self.part(source, start, shape, inputs, slots)
                    };
                    let (start, shape) = place(instruction.part);
                    let out = &mut [taken.view_mut(start, shape)];
                    let op = self.ir.nodes[instruction.node as usize].op.primitive();
                    // Lists of known length cost next to nothing, which counts
                    // where arrays are small.
                    match &instruction.args[..] {
                        [a] => op.eval_into(&[arg(a)], out),
                        [a, b] => op.eval_into(&[arg(a), arg(b)], out),
                        [a, b, c] => op.eval_into(&[arg(a), arg(b), arg(c)], out),
                        args => op.eval_into(&args.iter().map(arg).collect::<List<_>>(), out),
                    }
                };
                slots[instruction.slot as usize] = taken;
                done.map_err(|fault| self.refused(instruction.node, fault))?;
            }
        }
        Ok(())
    }

    /// The result's buffer is taken out of its slot, so that the others can be
    /// read while it is written.
    fn node(&self, n: u32, inputs: &[View<'_>], slots: &mut [Buffer]) -> Result<(), Fault> {
        let node = &self.ir.nodes[n as usize];
        let mut taken: List<Buffer> = node
            .results()
            .map(|r| std::mem::take(&mut slots[self.slot(r)]))
            .collect();
        let done = {
            let args = node.args.iter().map(|&a| self.view(a, inputs, slots));
            let args: List<View<'_>> = args.collect();
            let results = taken.iter_mut().zip(node.results());
            let mut out: List<ViewMut<'_>> = results
                .map(|(buffer, r)| buffer.view_mut(0, &self.ir.ty(r).shape))
                .collect();
            node.op.primitive().eval_into(&args, &mut out)
        };
        for (r, buffer) in node.results().zip(taken) {
            slots[self.slot(r)] = buffer;
        }
        done
    }

    fn slot(&self, value: ValueId) -> usize {
        match self.plan.sources[value.index()] {
            Source::Slot(slot) => slot as usize,
            other => unreachable!("a result in {other:?}"),
        }
    }

    fn view<'a>(&'a self, value: ValueId, inputs: &[View<'a>], slots: &'a [Buffer]) -> View<'a> {
        let shape = &self.ir.ty(value).shape;
        self.part(self.plan.sources[value.index()], 0, shape, inputs, slots)
    }

    fn part<'a>(
        &'a self,
        source: Source,
        start: usize,
        shape: &'a [usize],
        inputs: &[View<'a>],
        slots: &'a [Buffer],
    ) -> View<'a> {
        match source {
            Source::Input(i) => inputs[i as usize].part(start, shape),
            Source::Constant(i) => {
                View::from(&self.ir.constants[i as usize].data).part(start, shape)
            }
            Source::Slot(s) => slots[s as usize].view(start, shape),
        }
    }
}
