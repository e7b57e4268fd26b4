//! In which order a program runs, and in which memory: buffers are planned
//! ahead, and one is used again as soon as the last reader of what was in it
//! has run.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use smallvec::SmallVec;

use super::fused::{Fused, Instruction, Operand, Part};
use super::ir::{Ir, Node};
use super::lane::Code;
use super::lifetime::Lifetimes;
use super::memory::Layout;
use super::owner::{Owner, owners};
use super::schedule::{Group, Item, groupable, schedule};
use super::share::InParts;
use crate::dtype::DType;
use crate::kernels::spread::{Spread, spread};
use crate::tape::ValueId;
use crate::value::Type;

/// Where a value is during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Input(u32),
    Constant(u32),
    Slot(u32),
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An instruction, and how it is run.
    Node(u32, Code),
    /// Elementwise instructions, block by block.
    Fused(Fused),
    /// A guard.
    Guard(u32),
}

/// Memory for values of one element type, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub dtype: DType,
    /// Elements of the largest of them.
    pub len: usize,
}

/// What is done, and where values are.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub steps: Vec<Step>,
    pub slots: Vec<Slot>,
    pub layout: Layout,
    /// Of every value.
    pub sources: Vec<Source>,
    /// Where in its source every value starts.
    pub offsets: Vec<usize>,
}

impl Plan {
    /// Plans a program, with elementwise instructions fused, if there is a
    /// `block`, of so many elements at most.
    pub fn new(ir: &Ir, block: Option<NonZero<usize>>) -> Plan {
        let items = schedule(ir, block.is_some());
        Planner::new(ir, block.map_or(1, NonZero::get), &items).plan(&items)
    }

    /// Bytes of all slots.
    pub fn bytes(&self) -> usize {
        self.layout.bytes()
    }
}

/// Floating-point operations that are worth a thread: some 20 µs of them.
const SHARE: usize = 2_000_000;

struct Planner<'a> {
    ir: &'a Ir,
    /// Elements of a block, at most.
    block: usize,
    /// The value whose elements each value has.
    owner: Vec<Owner>,
    lives: Lifetimes,
    sources: Vec<Option<Source>>,
    slots: Vec<Slot>,
    /// By element type, with their lengths.
    free: [BTreeSet<(usize, u32)>; 4],
}

impl<'a> Planner<'a> {
    fn new(ir: &'a Ir, block: usize, items: &[Item]) -> Planner<'a> {
        let mut sources = vec![None; ir.types.len()];
        for (i, input) in ir.inputs.iter().enumerate() {
            sources[input.value.index()] = Some(Source::Input(i as u32));
        }
        for (i, constant) in ir.constants.iter().enumerate() {
            sources[constant.value.index()] = Some(Source::Constant(i as u32));
        }
        let owner = owners(ir);
        Planner {
            ir,
            block,
            lives: Lifetimes::new(ir, &owner, items),
            owner,
            sources,
            slots: Vec::new(),
            free: Default::default(),
        }
    }

    fn plan(mut self, items: &[Item]) -> Plan {
        let mut guards = self.guards();
        let mut steps = Vec::new();
        // Elementwise instructions that are in no group.
        let mut singles = Vec::new();
        for input in &self.ir.inputs {
            steps.extend(guards.remove(&input.value).into_iter().flatten());
        }
        // Of a program that comes from elsewhere: a mask that is the same in every
        // run, and perhaps not the one that was decided.
        for constant in &self.ir.constants {
            steps.extend(guards.remove(&constant.value).into_iter().flatten());
        }
        for (at, item) in (0..).zip(items) {
            match item {
                &Item::Node(n) => {
                    for result in self.node(n).results() {
                        self.place(result, self.size(result));
                    }
                    if let Some(alone) = self.alone(n) {
                        singles.push((steps.len(), alone));
                    }
                    steps.push(Step::Node(n, self.code(n)));
                    self.end(at, n);
                }
                Item::Group(group) => steps.push(Step::Fused(self.fuse(at, group))),
            }
            for &n in item.nodes() {
                for result in self.node(n).results() {
                    steps.extend(guards.remove(&result).into_iter().flatten());
                }
            }
        }
        let layout = Layout::new(&self.slots);
        let resolve = |i: &Instruction, high| Code::resolve(self.ir, &layout.starts, i, high);
        for step in &mut steps {
            if let Step::Fused(fused) = step {
                let high = fused.high();
                let code = fused.instructions.iter().map(|i| resolve(i, high));
                fused.code = code.collect();
            }
        }
        for (at, instruction) in &singles {
            steps[*at] = Step::Node(instruction.node, resolve(instruction, true));
        }
        let sources = (0..self.sources.len())
            .map(|v| self.sources[self.owner[v].value.index()].expect("every value has a place"));
        Plan {
            steps,
            sources: sources.collect(),
            offsets: self.owner.iter().map(|o| o.offset).collect(),
            slots: self.slots,
            layout,
        }
    }

    /// An elementwise instruction that has something to do, on whole arrays.
    fn alone(&self, n: u32) -> Option<Instruction> {
        groupable(self.ir, self.node(n))?;
        Some(self.instruction(n, false, |_, _| false))
    }

    fn node(&self, n: u32) -> &'a Node {
        &self.ir.nodes[n as usize]
    }

    /// How an instruction that is in no group is run, unless it is resolved.
    fn code(&mut self, n: u32) -> Code {
        let node = self.node(n);
        let types: SmallVec<[Type; 3]> = node.args.iter().map(|&a| self.ir.ty(a).clone()).collect();
        let parts = node.op.primitive().parts(&types);
        let Some(parts) = parts.filter(|p| p.flops >= 2 * SHARE) else {
            return Code::General;
        };
        let size = self.size(node.first);
        // By terms every thread reads a part of the right factor, and by rows
        // all of it, but a part of the left one.
        let by_terms = parts.terms > 1 && parts.rows * parts.rows <= 2 * size;
        let scratch = by_terms.then(|| {
            let slot = self.find(self.ir.ty(node.first).dtype, size * (parts.terms - 1));
            self.free(slot);
            slot
        });
        Code::InParts(InParts {
            least: (parts.rows * SHARE).div_ceil(parts.flops),
            terms: parts.terms,
            scratch,
        })
    }

    fn size(&self, value: ValueId) -> usize {
        self.ir.ty(value).shape.size()
    }

    /// The values whose elements an instruction reads.
    fn reads(&self, n: u32) -> impl Iterator<Item = ValueId> + '_ {
        self.node(n)
            .args
            .iter()
            .map(|a| self.owner[a.index()].value)
    }

    /// The guards that each owner's value decides. A guard runs as soon as its
    /// mask is there: nothing after it may fail first.
    fn guards(&self) -> BTreeMap<ValueId, Vec<Step>> {
        let mut guards: BTreeMap<ValueId, Vec<Step>> = BTreeMap::new();
        for (i, guard) in (0..).zip(&self.ir.guards) {
            let mask = self.owner[guard.mask.index()].value;
            guards.entry(mask).or_default().push(Step::Guard(i));
        }
        guards
    }

    /// Places what a group makes. What nothing outside of it reads is kept for
    /// the length of a block only.
    fn fuse(&mut self, at: u32, group: &Group) -> Fused {
        // These first: they last through all blocks, and must not share memory
        // with what the next block overwrites.
        let handed_over = self.hand_over(at, group);
        let mut fused = Fused::new(group.size, group.cols, self.block);
        let block = fused.largest_block();
        fused.instructions.reserve_exact(group.nodes.len());
        for (position, &n) in (0..).zip(&group.nodes) {
            let node = self.node(n);
            let local = self.lives.inside(node.first, at);
            if local {
                self.place(node.first, block);
            }
            let inside = |s: &Self, value| s.lives.inside(value, at);
            fused.instructions.push(self.instruction(n, local, inside));
            for arg in &node.args {
                let value = self.owner[arg.index()].value;
                if inside(self, value) && self.lives.ends_at(value, at, position) {
                    self.release(value);
                }
            }
        }
        let nodes = &self.ir.nodes;
        for arg in group.nodes.iter().flat_map(|&n| &nodes[n as usize].args) {
            let value = self.owner[arg.index()].value;
            let ends = self.lives.ends_in(value, at) && !self.lives.inside(value, at);
            if ends && handed_over.binary_search(&value).is_err() {
                self.release(value);
            }
        }
        fused
    }

    /// Places the results of a group that are read after it. They go where
    /// operands are that end with the group, block by block, once the last
    /// instruction that reads these has run; or else to a place of their own.
    /// Returns the operands that are overwritten, in order.
    fn hand_over(&mut self, at: u32, group: &Group) -> Vec<ValueId> {
        let parts = self.read_in_part(group);
        let mut available: [Vec<ValueId>; 4] = Default::default();
        let mut handed_over = Vec::new();
        for (position, &n) in (0..).zip(&group.nodes) {
            let result = self.node(n).first;
            if self.lives.escapes(result, at) {
                match available[self.ir.ty(result).dtype as usize].pop() {
                    Some(value) => {
                        self.sources[result.index()] = self.sources[value.index()];
                        handed_over.push(value);
                    }
                    None => self.place(result, group.size),
                }
            }
            // An operand with as many elements is read in step with the
            // result, unless something reads a part of it. What the group
            // makes for itself has no place yet.
            let ends = |&v: &ValueId| {
                let there = matches!(self.sources[v.index()], Some(Source::Slot(_)));
                let in_step = self.size(v) == group.size && parts.binary_search(&v).is_err();
                self.lives.ends_at(v, at, position) && there && in_step
            };
            let mut ending: SmallVec<[ValueId; 3]> = self.reads(n).filter(ends).collect();
            ending.sort_unstable();
            ending.dedup();
            for value in ending {
                available[self.ir.ty(value).dtype as usize].push(value);
            }
        }
        handed_over.sort_unstable();
        handed_over
    }

    /// Values of which a group reads a part, in order.
    fn read_in_part(&self, group: &Group) -> Vec<ValueId> {
        let mut parts = Vec::new();
        for &n in &group.nodes {
            let args = self.node(n).args.iter().zip(self.reads(n));
            let part = |&(&arg, whole): &(&ValueId, _)| self.size(arg) != self.size(whole);
            parts.extend(args.filter(part).map(|(_, whole)| whole));
        }
        parts.sort_unstable();
        parts
    }

    fn instruction(
        &self,
        n: u32,
        local: bool,
        is_local: impl Fn(&Self, ValueId) -> bool,
    ) -> Instruction {
        let node = self.node(n);
        let shape = &self.ir.ty(node.first).shape;
        let args = node.args.iter().map(|&arg| {
            let Owner { value, offset } = self.owner[arg.index()];
            let part = match spread(&self.ir.ty(arg).shape, shape) {
                _ if is_local(self, value) => Part::Local,
                Spread::Full => Part::Full,
                Spread::One => Part::One,
                Spread::Row => Part::Row,
                Spread::Column => Part::Column,
                Spread::Other => unreachable!("such an instruction is in no group"),
            };
            let source = self.sources[value.index()].expect("placed before");
            Operand {
                source,
                offset,
                part,
            }
        });
        let Some(Source::Slot(slot)) = self.sources[node.first.index()] else {
            unreachable!("results are in slots")
        };
        Instruction {
            node: n,
            args: args.collect(),
            slot,
            part: if local { Part::Local } else { Part::Full },
        }
    }

    /// Frees what is not read after item `at`, which is this instruction.
    fn end(&mut self, at: u32, n: u32) {
        let node = self.node(n);
        let read = node.args.iter().map(|a| self.owner[a.index()].value);
        let values: SmallVec<[ValueId; 4]> = read.chain(node.results()).collect();
        for value in values {
            if self.lives.ends_in(value, at) {
                self.release(value);
            }
        }
    }

    fn place(&mut self, value: ValueId, len: usize) {
        let slot = self.find(self.ir.ty(value).dtype, len);
        self.sources[value.index()] = Some(Source::Slot(slot));
    }

    /// Finds memory for so many elements: the smallest free slot that is large
    /// enough, or else the largest, made larger, or else a new one.
    fn find(&mut self, dtype: DType, len: usize) -> u32 {
        let free = &mut self.free[dtype as usize];
        let enough = free.range((len, 0)..).next();
        match enough.or(free.last()).copied() {
            Some(found) => {
                free.remove(&found);
                let slot_len = &mut self.slots[found.1 as usize].len;
                *slot_len = len.max(*slot_len);
                found.1
            }
            None => {
                self.slots.push(Slot { dtype, len });
                self.slots.len() as u32 - 1
            }
        }
    }

    /// Frees the memory of a value; a second time, if an instruction reads it
    /// twice, does nothing.
    fn release(&mut self, value: ValueId) {
        if let Some(Source::Slot(slot)) = self.sources[value.index()] {
            self.free(slot);
        }
    }

    fn free(&mut self, slot: u32) {
        let Slot { dtype, len } = self.slots[slot as usize];
        self.free[dtype as usize].insert((len, slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Options;
    use crate::{Tape, Value};
    use ndarray::Array1;

    /// Two buffers are enough for a chain of any length, and a chain that runs
    /// as one needs one for its result and two blocks.
    #[test]
    fn memory_is_used_again() {
        let tape = Tape::new();
        let x = tape.input("x", Array1::<f64>::linspace(0.0, 1.0, 5000));
        let mut y = x;
        for _ in 0..20 {
            y = y.sin().cumsum(0);
        }
        let compile = |y: crate::Var<'_, f64>, options| {
            let program = tape.compile_with(&[x.any()], &[y.any()], &options);
            program.unwrap().plan.slots
        };
        let large = Slot {
            dtype: DType::F64,
            len: 5000,
        };
        assert_eq!(compile(y, Options::default()), [large; 2]);
        let mut y = x;
        for _ in 0..20 {
            y = y.sin();
        }
        assert_eq!(compile(y, Options::plain()), [large; 2]);
        let block = Slot { len: 1024, ..large };
        assert_eq!(compile(y, Options::default()), [large, block, block]);
    }

    /// A result goes where an operand was that ends with its group, but not
    /// before everything has read it, and never over an input or an output.
    #[test]
    fn a_result_overwrites_an_operand_that_ends() {
        let tape = Tape::new();
        let at = Array1::<f64>::linspace(0.1, 1.0, 5000);
        let x = tape.input("x", at.clone());
        let a = x.cumsum(0);
        // `a` is read by the sine, and the product comes after it.
        let y = a.sin() * x;
        // Here the last instruction reads `a` itself.
        let z = x.cos() * a;
        let slots = |outputs: &[crate::Var<'_, f64>]| {
            let outputs: Vec<_> = outputs.iter().map(|y| y.any()).collect();
            let program = tape.compile(&[x.any()], &outputs).unwrap();
            let values = program.call(&[Value::from(at.clone())]).unwrap();
            for (value, output) in values.iter().zip(&outputs) {
                assert_eq!(*value, output.peek());
            }
            let large = program.plan.slots.iter().filter(|s| s.len == 5000);
            large.count()
        };
        assert_eq!(slots(&[y]), 1);
        assert_eq!(slots(&[z]), 2);
        assert_eq!(slots(&[y, a]), 2);
    }

    /// A part of an array is read where it is, but never by what runs in step
    /// with the array, nor after a result has been written over it.
    #[test]
    fn a_part_is_a_view_and_no_block_of_it() {
        let tape = Tape::new();
        let at = ndarray::array![0.5, 1.5];
        let x = tape.input("x", at.clone());
        let made = x.exp();
        let a = x.cumsum(0);
        let outputs = [
            (made * made.slice(ndarray::s![1..])).sin(),
            (a * a.slice(ndarray::s![..1])).sin(),
        ];
        let outputs = outputs.map(|y| y.any());
        let options = Options::default().block(1);
        let program = tape.compile_with(&[x.any()], &outputs, &options).unwrap();
        let alone = program.plan.steps.iter().any(|step| {
            let node = |n: u32| program.ir.nodes[n as usize].op.name();
            matches!(step, &Step::Node(n, _) if node(n) == "slice")
        });
        assert!(!alone, "{program}");
        let values = program.call(&[Value::from(at)]).unwrap();
        assert_eq!(values, outputs.map(|y| y.peek()));
    }
}
