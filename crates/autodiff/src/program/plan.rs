//! In which order a program runs, and in which memory: buffers are planned
//! ahead, and one is used again as soon as the last reader of what was in it
//! has run.

use super::ir::Ir;
use super::schedule::{Item, schedule};
use crate::dtype::DType;
use crate::ops::Op;
use crate::tape::ValueId;

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
    /// An instruction.
    Node(u32),
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
    /// Of every value.
    pub sources: Vec<Source>,
}

/// Whether the result is the operand's elements as they are, in another shape
/// at most: it needs no memory and no step.
fn alias(op: &Op) -> bool {
    matches!(op, Op::Reshape(_) | Op::StopGradient(_))
}

impl Plan {
    /// Plans a program.
    pub fn new(ir: &Ir) -> Plan {
        Planner::new(ir).plan(schedule(ir))
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        self.slots.iter().map(|s| s.len * s.dtype.bytes()).sum()
    }
}

struct Planner<'a> {
    ir: &'a Ir,
    /// The value whose elements each value has.
    owner: Vec<ValueId>,
    /// Up to which item each owner is read; `usize::MAX` for outputs.
    last: Vec<usize>,
    sources: Vec<Option<Source>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl<'a> Planner<'a> {
    fn new(ir: &'a Ir) -> Planner<'a> {
        let mut owner: Vec<ValueId> = (0..ir.types.len() as u32).map(ValueId).collect();
        for node in ir.nodes.iter().filter(|n| alias(&n.op)) {
            owner[node.first.index()] = owner[node.args[0].index()];
        }
        let mut sources = vec![None; ir.types.len()];
        for (i, input) in ir.inputs.iter().enumerate() {
            sources[input.value.index()] = Some(Source::Input(i as u32));
        }
        for (i, constant) in ir.constants.iter().enumerate() {
            sources[constant.value.index()] = Some(Source::Constant(i as u32));
        }
        Planner {
            ir,
            owner,
            last: vec![0; ir.types.len()],
            sources,
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    fn plan(mut self, items: Vec<Item>) -> Plan {
        let items: Vec<Item> = items
            .into_iter()
            .filter(|item| !matches!(item, &Item::Node(n) if alias(&self.node(n).op)))
            .collect();
        self.lifetimes(&items);
        let mut guards = self.guards();
        let mut steps = Vec::new();
        for input in &self.ir.inputs {
            steps.extend(guards[input.value.index()].drain(..).map(Step::Guard));
        }
        for (at, item) in items.iter().enumerate() {
            let Item::Node(n) = *item;
            let node = self.node(n);
            for result in node.results() {
                self.place(result);
            }
            steps.push(Step::Node(n));
            for result in node.results() {
                steps.extend(guards[result.index()].drain(..).map(Step::Guard));
            }
            let read = node.args.iter().map(|a| self.owner[a.index()]);
            let mut ending: Vec<ValueId> = read.chain(node.results()).collect();
            ending.sort_unstable();
            ending.dedup();
            for value in ending {
                if self.last[value.index()] == at {
                    self.release(value);
                }
            }
        }
        let sources = (0..self.sources.len())
            .map(|v| self.sources[self.owner[v].index()].expect("every value has a place"));
        Plan {
            steps,
            sources: sources.collect(),
            slots: self.slots,
        }
    }

    fn node(&self, n: u32) -> &'a super::ir::Node {
        &self.ir.nodes[n as usize]
    }

    /// The guards that each owner's value decides. A guard runs as soon as its
    /// mask is there: nothing after it may fail first.
    fn guards(&self) -> Vec<Vec<u32>> {
        let mut guards = vec![Vec::new(); self.ir.types.len()];
        for (i, guard) in self.ir.guards.iter().enumerate() {
            guards[self.owner[guard.mask.index()].index()].push(i as u32);
        }
        guards
    }

    fn lifetimes(&mut self, items: &[Item]) {
        for (at, item) in items.iter().enumerate() {
            let Item::Node(n) = *item;
            let node = self.node(n);
            for result in node.results() {
                self.last[result.index()] = at;
            }
            for arg in &node.args {
                self.last[self.owner[arg.index()].index()] = at;
            }
        }
        for output in &self.ir.outputs {
            self.last[self.owner[output.value.index()].index()] = usize::MAX;
        }
    }

    /// Finds memory: the smallest free slot that is large enough, or else the
    /// largest, made larger, or else a new one.
    fn place(&mut self, value: ValueId) {
        let ty = self.ir.ty(value);
        let (dtype, len) = (ty.dtype, ty.shape.size());
        let size = |s: &u32| self.slots[*s as usize].len;
        let fitting = self
            .free
            .iter()
            .filter(|s| self.slots[**s as usize].dtype == dtype);
        let enough = fitting
            .clone()
            .filter(|s| size(s) >= len)
            .min_by_key(|s| size(s));
        let slot = match enough.or(fitting.max_by_key(|s| size(s))).copied() {
            Some(slot) => {
                self.free.retain(|&s| s != slot);
                let slot_len = &mut self.slots[slot as usize].len;
                *slot_len = len.max(*slot_len);
                slot
            }
            None => {
                self.slots.push(Slot { dtype, len });
                self.slots.len() as u32 - 1
            }
        };
        self.sources[value.index()] = Some(Source::Slot(slot));
    }

    fn release(&mut self, value: ValueId) {
        if let Some(Source::Slot(slot)) = self.sources[value.index()] {
            self.free.push(slot);
        }
    }
}
