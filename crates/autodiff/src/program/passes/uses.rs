//! Who reads a value.

use smallvec::SmallVec;

use crate::program::ir::Ir;

/// The readers of a value.
#[derive(Clone, Default)]
pub struct Uses {
    /// Instructions by their place in the program, once per operand.
    pub nodes: SmallVec<[u32; 4]>,
    /// Whether it is an output or a mask.
    pub of_program: bool,
}

impl Uses {
    /// The one that reads it, if there is only one.
    pub fn only(&self) -> Option<usize> {
        match self.nodes[..] {
            [node] if !self.of_program => Some(node as usize),
            _ => None,
        }
    }
}

/// The readers of every value.
pub fn uses(ir: &Ir) -> Vec<Uses> {
    let mut uses = vec![Uses::default(); ir.types.len()];
    for (i, node) in (0..).zip(&ir.nodes) {
        for arg in &node.args {
            uses[arg.index()].nodes.push(i);
        }
    }
    for root in ir.roots() {
        uses[root.index()].of_program = true;
    }
    uses
}
