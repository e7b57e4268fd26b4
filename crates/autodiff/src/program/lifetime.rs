//! When values are made, and when they are read for the last time.

use super::ir::Ir;
use super::owner::Owner;
use super::schedule::Item;
use crate::tape::ValueId;

/// An instruction in the order of a run: the item that it is in, and its
/// position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    item: u32,
    position: u32,
}

/// After everything that runs.
const END: Moment = Moment {
    item: u32::MAX,
    position: u32::MAX,
};

/// Of every owner, by number: a group may be as long as the program, so that
/// nothing is searched for.
pub(super) struct Lifetimes {
    /// `END` for inputs and constants, which no instruction makes.
    made: Vec<Moment>,
    /// `END` for outputs and masks.
    last: Vec<Moment>,
}

impl Lifetimes {
    pub fn new(ir: &Ir, owner: &[Owner], items: &[Item]) -> Lifetimes {
        let mut made = vec![END; ir.types.len()];
        let mut last = vec![END; ir.types.len()];
        for (item, nodes) in (0..).zip(items.iter().map(Item::nodes)) {
            for (position, &n) in (0..).zip(nodes) {
                let (now, node) = (Moment { item, position }, &ir.nodes[n as usize]);
                for result in node.results() {
                    made[result.index()] = now;
                    last[result.index()] = now;
                }
                for arg in &node.args {
                    last[owner[arg.index()].value.index()] = now;
                }
            }
        }
        for root in ir.roots() {
            last[owner[root.index()].value.index()] = END;
        }
        Lifetimes { made, last }
    }

    /// Whether it is read after item `at`.
    pub fn escapes(&self, value: ValueId, at: u32) -> bool {
        self.last[value.index()].item > at
    }

    /// Whether item `at` is the last that reads it.
    pub fn ends_in(&self, value: ValueId, at: u32) -> bool {
        self.last[value.index()].item == at
    }

    /// Whether the instruction at a position of item `at` is the last that
    /// reads it.
    pub fn ends_at(&self, value: ValueId, at: u32, position: u32) -> bool {
        self.last[value.index()] == Moment { item: at, position }
    }

    /// Whether item `at` makes it, and nothing else reads it.
    pub fn inside(&self, value: ValueId, at: u32) -> bool {
        self.made[value.index()].item == at && self.ends_in(value, at)
    }
}
