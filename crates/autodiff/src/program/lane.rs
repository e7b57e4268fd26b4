//! Elementwise instructions of which all is known before a run: the kernel,
//! and where operands and result are. What an operand of few elements costs is
//! finding it, so that is done once, when a program is planned.

use super::fused::{Instruction, Operand, Part, Window};
use super::ir::{Constant, Ir};
use super::memory::{Memory, Stored};
use super::plan::Source;
use super::share::InParts;
use crate::lanes::{Kernel, Lanes};
use crate::view::View;

/// How an instruction is run.
#[derive(Clone, Debug)]
pub(crate) enum Code {
    F32(Lane<f32>),
    F64(Lane<f64>),
    Bool(Lane<bool>),
    /// By [`eval_into`](crate::op::Primitive::eval_into), on views.
    General,
    /// The same, or, if there are several threads, in parts.
    InParts(InParts),
}

/// A kernel with its operands and its result.
#[derive(Clone, Debug)]
pub(crate) struct Lane<T> {
    kernel: Kernel<T>,
    out: Spot,
    /// As many as the kernel takes, and then anything.
    args: [Spot; 3],
}

/// Where an operand or a result is.
#[derive(Clone, Copy, Debug)]
struct Spot {
    /// Where it starts in its space.
    at: u32,
    /// The number of the input or constant.
    number: u16,
    space: Space,
    part: Part,
}

#[derive(Clone, Copy, Debug)]
enum Space {
    Slot,
    Constant,
    Input,
}

/// What instructions read beside the slots.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub constants: &'a [Constant],
    pub inputs: &'a [View<'a>],
}

impl Code {
    /// Resolves an instruction, if that can be done; `high`: there are blocks
    /// of several rows, in which a row or a column has to be repeated.
    pub fn resolve(ir: &Ir, starts: &[usize], instruction: &Instruction, high: bool) -> Code {
        Code::resolved(ir, starts, instruction, high).unwrap_or(Code::General)
    }

    fn resolved(ir: &Ir, starts: &[usize], i: &Instruction, high: bool) -> Option<Code> {
        let node = &ir.nodes[i.node as usize];
        let spot = |operand: &Operand| {
            let part = operand.part;
            let (space, number, start) = match operand.source {
                Source::Slot(s) => (Space::Slot, 0, starts[s as usize]),
                Source::Constant(i) => (Space::Constant, i, 0),
                Source::Input(i) => (Space::Input, i, 0),
            };
            let repeated = high && matches!(part, Part::Row | Part::Column);
            let spot = Spot {
                at: u32::try_from(start + operand.offset).ok()?,
                number: u16::try_from(number).ok()?,
                space,
                part,
            };
            (!repeated).then_some(spot)
        };
        let out = spot(&Operand {
            source: Source::Slot(i.slot),
            offset: 0,
            part: i.part,
        })?;
        let mut args = [out; 3];
        for (arg, of) in args.iter_mut().zip(&i.args) {
            *arg = spot(of)?;
        }
        let last = node.args.last()?;
        Some(match node.op.lanes(ir.ty(*last).dtype)? {
            Lanes::F32(kernel) => Code::F32(Lane { kernel, out, args }),
            Lanes::F64(kernel) => Code::F64(Lane { kernel, out, args }),
            Lanes::Bool(kernel) => Code::Bool(Lane { kernel, out, args }),
        })
    }

    /// Runs it on a block. Returns false for an instruction that is not
    /// resolved.
    #[inline(always)]
    pub(super) fn run(&self, memory: &mut Memory, given: Given<'_>, window: &Window) -> bool {
        let masks = &mut memory.bool;
        match self {
            Code::F32(lane) => lane.run(memory.f32.all_mut(), masks.all_mut(), given, window),
            Code::F64(lane) => lane.run(memory.f64.all_mut(), masks.all_mut(), given, window),
            Code::Bool(lane) => lane.run(masks.all_mut(), &mut [], given, window),
            Code::General | Code::InParts(_) => return false,
        }
        true
    }
}

impl<T: Stored> Lane<T> {
    /// `own` is the memory of this element type, `masks` that of masks, unless
    /// they are the same.
    #[inline(always)]
    fn run(&self, own: &mut [T], masks: &mut [bool], given: Given<'_>, window: &Window) {
        let [a, b, c] = self.args;
        match self.kernel {
            Kernel::Map(f) => {
                let (out, rest) = around(own, self.out, window);
                f(out, rest.get(a, given, window));
            }
            Kernel::Zip(f) => {
                let (out, rest) = around(own, self.out, window);
                f(out, rest.get(a, given, window), rest.get(b, given, window));
            }
            Kernel::Test(f) => {
                let (out, _) = around(masks, self.out, window);
                let rest = Halves::whole(own);
                f(out, rest.get(a, given, window), rest.get(b, given, window));
            }
            Kernel::Choose(f) => {
                let (out, rest) = around(own, self.out, window);
                let mask = Halves::whole(masks).get(a, given, window);
                f(
                    out,
                    mask,
                    rest.get(b, given, window),
                    rest.get(c, given, window),
                );
            }
        }
    }
}

/// A result, and the memory before and after it.
#[inline(always)]
fn around<'a, T>(own: &'a mut [T], out: Spot, window: &Window) -> (&'a mut [T], Halves<'a, T>) {
    let (start, len) = window.of(out.part);
    let (left, rest) = own.split_at_mut(out.at as usize + start);
    let (out, right) = rest.split_at_mut(len);
    let end = left.len() + len;
    (out, Halves { left, right, end })
}

/// Memory out of which a result has been taken.
struct Halves<'a, T> {
    left: &'a [T],
    right: &'a [T],
    /// Where the right half starts.
    end: usize,
}

impl<'a, T: Stored> Halves<'a, T> {
    #[inline(always)]
    fn whole(own: &'a [T]) -> Halves<'a, T> {
        let (left, right) = own.split_at(own.len());
        let end = left.len();
        Halves { left, right, end }
    }

    /// The operand's part of a block.
    #[inline(always)]
    fn get<'b>(&self, spot: Spot, given: Given<'b>, window: &Window) -> &'b [T]
    where
        'a: 'b,
    {
        let (start, len) = window.of(spot.part);
        let start = spot.at as usize + start;
        let number = usize::from(spot.number);
        match spot.space {
            Space::Slot => {
                if start < self.left.len() {
                    &self.left[start..start + len]
                } else {
                    &self.right[start - self.end..start + len - self.end]
                }
            }
            Space::Constant => &given.constants[number].data.slice::<T>()[start..start + len],
            Space::Input => &given.inputs[number].of::<T>()[start..start + len],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Unary;
    use crate::program::plan::Step;
    use crate::{Any, Tape, Var};
    use ndarray::Array1;

    /// The operations of a program that are not resolved.
    fn general(inputs: &[Var<'_, Any>], outputs: &[Var<'_, Any>]) -> Vec<&'static str> {
        let program = inputs[0].tape().compile(inputs, outputs).unwrap();
        let mut found = Vec::new();
        let name = |n: u32| program.ir.nodes[n as usize].op.name();
        for step in &program.plan.steps {
            match step {
                Step::Node(n, Code::General) => found.push(name(*n)),
                Step::Fused(fused) => {
                    let all = fused.instructions.iter().zip(&fused.code);
                    let general = all.filter(|(_, code)| matches!(code, Code::General));
                    found.extend(general.map(|(i, _)| name(i.node)));
                }
                _ => {}
            }
        }
        found
    }

    /// Arithmetic, functions, comparisons, masks and choices are resolved, in
    /// groups and alone; also where a row or a number repeats, if a block has
    /// no more than one row.
    #[test]
    fn what_elementwise_programs_are_made_of_is_resolved() {
        let tape = Tape::new();
        let x = tape.input("x", Array1::<f32>::linspace(-1.0, 1.0, 5));
        let y = 2.0 * x.relu() + x.maximum(0.5) * (!x.less(0.0)).where_(x, 1.0).tanh();
        let [dx] = tape.grad(y.sum(), [x]).unwrap();
        assert_eq!(
            general(&[x.any()], &[y.any(), dx.any()]),
            [""; 0],
            "in a group"
        );
        assert_eq!(general(&[x.any()], &[x.exp().sum().any()]), ["sum"]);
        let wide = tape.input("wide", ndarray::Array2::<f64>::ones((3, 2000)));
        let row = tape.input("row", Array1::<f64>::ones(2000));
        let z = (wide + row).exp();
        assert_eq!(general(&[wide.any(), row.any()], &[z.any()]), [""; 0]);
        let small = tape.input("small", ndarray::Array2::<f64>::ones((3, 2)));
        let row = tape.input("narrow", Array1::<f64>::ones(2));
        let z = (small + row).exp();
        assert_eq!(general(&[small.any(), row.any()], &[z.any()]), ["add"]);
    }

    #[test]
    fn every_function_of_one_number_is_resolved() {
        let tape = Tape::new();
        let x = tape.input("x", Array1::<f64>::linspace(0.1, 0.9, 3));
        for &f in Unary::ALL {
            let y = tape.apply(f, &[x.any()]).unwrap()[0];
            assert_eq!(general(&[x.any()], &[y]), [""; 0], "{f:?}");
        }
    }
}
