//! The order in which instructions run.

use super::ir::Ir;

/// What runs as one.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// One instruction.
    Node(u32),
}

/// Every instruction once, after those that it needs.
pub(super) fn schedule(ir: &Ir) -> Vec<Item> {
    (0..ir.nodes.len() as u32).map(Item::Node).collect()
}
