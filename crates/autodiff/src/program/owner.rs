//! Which values are the elements of another, seen in another shape.

use super::ir::Ir;
use crate::ops::Op;
use crate::tape::ValueId;

/// Whether the result is the operand's elements as they are: it needs no
/// memory and no step.
pub(super) fn alias(op: &Op) -> bool {
    matches!(op, Op::Reshape(_) | Op::StopGradient(_))
}

/// The value whose elements each value has.
pub(super) fn owners(ir: &Ir) -> Vec<ValueId> {
    let mut owner: Vec<ValueId> = (0..ir.types.len() as u32).map(ValueId).collect();
    for node in ir.nodes.iter().filter(|n| alias(&n.op)) {
        owner[node.first.index()] = owner[node.args[0].index()];
    }
    owner
}
