//! Which values are elements of another, in the order in which they lie there:
//! seen in another shape, or a part of them.

use super::ir::{Ir, Node};
use crate::ops::Op;
use crate::tape::ValueId;

/// Where the elements of a value are: in the memory of a value, itself or
/// another, from `offset` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub value: ValueId,
    pub offset: usize,
}

/// Of every value. Whose elements are another's needs no memory and no step.
pub(super) fn owners(ir: &Ir) -> Vec<Owner> {
    let own = |v: usize| Owner {
        value: ValueId(v as u32),
        offset: 0,
    };
    let mut owner: Vec<Owner> = (0..ir.types.len()).map(own).collect();
    let mut given = vec![false; ir.types.len()];
    for input in &ir.inputs {
        given[input.value.index()] = true;
    }
    for node in &ir.nodes {
        let Some(offset) = offset(ir, node) else {
            continue;
        };
        let Owner { value, offset: at } = owner[node.args[0].index()];
        let size = |v: ValueId| ir.ty(v).shape.size();
        // A small part would keep a large array in memory.
        if given[value.index()] || 2 * size(node.first) >= size(value) {
            owner[node.first.index()] = Owner {
                value,
                offset: at + offset,
            };
        }
    }
    owner
}

/// From where on the result is the operand's elements as they are, if it is.
fn offset(ir: &Ir, node: &Node) -> Option<usize> {
    match &node.op {
        Op::Reshape(_) | Op::StopGradient(_) => Some(0),
        Op::Slice(slice) => slice.contiguous(&ir.ty(node.args[0]).shape),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;
    use ndarray::{Array2, s};

    #[test]
    fn parts_that_lie_together_are_views() {
        let tape = Tape::new();
        let x = tape.input("x", Array2::<f64>::ones((6, 4)));
        let rows = x.slice(s![1..3, ..]);
        let row = x.slice(s![2, 1..]);
        let columns = x.slice(s![.., 1..]);
        let y = x.exp();
        let most = y.slice(s![2.., ..]).slice(s![1, ..]);
        let little = y.slice(s![..1, ..]);
        let outputs = [rows, columns, most, little].map(|v| v.sum().any());
        let outputs = [&outputs[..], &[row.sum().any()]].concat();
        let program = tape.compile(&[x.any()], &outputs).unwrap();
        let ir = &program.ir;
        let owner = owners(ir);
        let slices = ir.nodes.iter().filter(|n| matches!(n.op, Op::Slice(_)));
        let found: Vec<_> = slices
            .map(|n| (owner[n.first.index()].value != n.first).then(|| owner[n.first.index()]))
            .map(|o| o.map(|o| (o.value.0, o.offset)))
            .collect();
        let exp = ir.nodes.iter().find(|n| n.op.name() == "exp").unwrap();
        let exp = exp.first.0;
        // In the order of the tape: `most` is a row out of four, which is not
        // half of all that the exponential made.
        let want = [Some((0, 4)), Some((0, 9)), None, Some((exp, 8)), None, None];
        assert_eq!(found, want);
    }
}
