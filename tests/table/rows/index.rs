//! Elements by number, and adding into numbered places.

use wengert_autodiff::Shape;
use wengert_autodiff::ops::{Gather, IndexAdd, IndexSelect, OpKind, ScatterAdd};

use crate::random::Random;
use crate::table::case::{Operand, Plan};
use crate::table::row::Row;

fn floats(shape: &[usize]) -> Operand {
    Operand::float(shape, (-2.0, 2.0))
}

/// Zero to two axes, some of them empty.
fn numbers(random: &mut Random) -> Vec<usize> {
    (0..random.below(3)).map(|_| random.below(4)).collect()
}

pub(super) fn index_select() -> Row {
    Row::new("index_select", OpKind::IndexSelect, |random, shape, _| {
        let (axis, at) = random.axis(shape.len())?;
        let mut chosen = numbers(random);
        if shape[at] == 0 {
            // Nothing can be chosen from nothing.
            chosen = vec![0];
        }
        let operands = [floats(shape), Operand::below(&chosen, shape[at])];
        Plan::new(IndexSelect { axis }, operands)
    })
    .generic()
}

/// The operand takes the place of a selection: its axes `axis..axis + rank`
/// are those of the index array.
pub(super) fn index_add() -> Row {
    Row::new("index_add", OpKind::IndexAdd, |random, shape, _| {
        let axis = random.below(shape.len() + 1);
        let rank = random.below(shape.len() - axis + 1).min(2);
        let places = 1 + random.below(4);
        let target = [&shape[..axis], &[places], &shape[axis + rank..]].concat();
        let op = IndexAdd {
            axis,
            shape: Shape::from(&target[..]),
        };
        let chosen = &shape[axis..axis + rank];
        Plan::new(op, [floats(shape), Operand::below(chosen, places)])
    })
}

pub(super) fn gather() -> Row {
    Row::new("gather", OpKind::Gather, |random, shape, _| {
        let (axis, at) = random.axis(shape.len())?;
        // As long as wanted along the axis, no longer than the array elsewhere.
        let mut chosen: Vec<usize> = shape.iter().map(|&n| random.below(n + 1)).collect();
        chosen[at] = if shape[at] == 0 { 0 } else { random.below(5) };
        let operands = [floats(shape), Operand::below(&chosen, shape[at])];
        Plan::new(Gather { axis }, operands)
    })
    .generic()
}

pub(super) fn scatter_add() -> Row {
    Row::new("scatter_add", OpKind::ScatterAdd, |random, shape, _| {
        let (_, axis) = random.axis(shape.len())?;
        let mut target: Vec<usize> = shape.iter().map(|&n| n + random.below(2)).collect();
        target[axis] = 1 + random.below(4);
        let places = target[axis];
        let op = ScatterAdd {
            axis,
            shape: Shape::from(&target[..]),
        };
        Plan::new(op, [floats(shape), Operand::below(shape, places)])
    })
}
