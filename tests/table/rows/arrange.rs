//! Elements in another arrangement, arrays joined and cut.

use wengert_autodiff::Shape;
use wengert_autodiff::ops::{
    BroadcastTo, Concat, Embed, OpKind, Permute, Reshape, Slice, SliceAxis, Split,
};

use crate::random::Random;
use crate::table::case::{Operand, Plan};
use crate::table::row::{Regime, Row};

fn floats(shape: &[usize]) -> Operand {
    Operand::float(shape, (-2.0, 2.0))
}

pub(super) fn reshape() -> Row {
    Row::new("reshape", OpKind::Reshape, |random, shape, _| {
        let order = random.permutation(shape.len());
        let mut new: Vec<usize> = order.iter().map(|&a| shape[a]).collect();
        match random.below(3) {
            0 => new.insert(random.below(new.len() + 1), 1),
            1 => new = vec![shape.iter().product()],
            _ => {}
        }
        let shape_of = Shape::from(&new[..]);
        Plan::new(Reshape { shape: shape_of }, [floats(shape)])
    })
    .generic()
}

pub(super) fn permute() -> Row {
    Row::new("permute", OpKind::Permute, |random, shape, _| {
        let rank = shape.len() as isize;
        let order = random.permutation(shape.len());
        let signed = order.iter().map(|&a| match random.unit() < 0.5 {
            true => a as isize - rank,
            false => a as isize,
        });
        let axes = signed.collect();
        Plan::new(Permute { axes }, [floats(shape)])
    })
    .generic()
}

pub(super) fn broadcast_to() -> Row {
    Row::new("broadcast_to", OpKind::BroadcastTo, |random, shape, _| {
        let mut new = shape.to_vec();
        for n in &mut new {
            if *n == 1 {
                *n = random.below(4);
            }
        }
        for _ in 0..random.below(3) {
            new.insert(0, random.below(4));
        }
        let shape_of = Shape::from(&new[..]);
        Plan::new(BroadcastTo { shape: shape_of }, [floats(shape)])
    })
    .generic()
}

/// A slice of an axis of length `n`: any start, any step, any length that
/// stays within.
fn slice_axis(random: &mut Random, n: usize) -> SliceAxis {
    if n == 0 || random.unit() < 0.05 {
        let start = random.below(n + 1);
        return SliceAxis {
            start,
            step: 1,
            len: 0,
        };
    }
    let start = random.below(n);
    let step: isize = [-3, -2, -1, 1, 1, 2, 3][random.below(7)];
    let room = if step > 0 { n - 1 - start } else { start };
    let most = room / step.unsigned_abs() + 1;
    SliceAxis {
        start,
        step,
        len: 1 + random.below(most),
    }
}

pub(super) fn slice() -> Row {
    Row::new("slice", OpKind::Slice, |random, shape, _| {
        let axes = shape.iter().map(|&n| slice_axis(random, n)).collect();
        Plan::new(Slice { axes }, [floats(shape)])
    })
    .generic()
}

pub(super) fn embed() -> Row {
    Row::new("embed", OpKind::Embed, |random, shape, _| {
        // Room for every element at this distance, and some more.
        let mut place = |len: usize| {
            let step: isize = [-2, -1, 1, 1, 2][random.below(5)];
            let reach = len.saturating_sub(1) * step.unsigned_abs();
            let (before, after) = (random.below(3), random.below(3));
            let start = if step > 0 { before } else { before + reach };
            let length = before + reach + usize::from(len > 0) + after;
            (SliceAxis { start, step, len }, length)
        };
        let (axes, lengths): (Vec<_>, Vec<_>) = shape.iter().map(|&n| place(n)).unzip();
        let fill = [0.0, 7.5][random.below(2)];
        let shape_of = Shape::from(&lengths[..]);
        let op = Embed {
            shape: shape_of,
            axes,
            fill,
        };
        Plan::new(op, [floats(shape)])
    })
    .generic()
}

pub(super) fn concat() -> Row {
    Row::new("concat", OpKind::Concat, |random, shape, regime| {
        let (axis, at) = random.axis(shape.len())?;
        let mut operands = vec![floats(shape)];
        for _ in 0..random.below(3) + usize::from(regime == Regime::Alias) {
            let mut part = shape.to_vec();
            if regime != Regime::Alias {
                part[at] = random.below(4);
            }
            operands.push(floats(&part));
        }
        Plan::new(Concat { axis }, operands)
    })
    .generic()
}

pub(super) fn split() -> Row {
    Row::new("split", OpKind::Split, |random, shape, _| {
        let (axis, at) = random.axis(shape.len())?;
        let mut rest = shape[at];
        let mut lengths = Vec::new();
        while lengths.is_empty() || rest > 0 {
            let piece = random.below(rest + 1);
            lengths.push(piece);
            rest -= piece;
        }
        Plan::new(Split { axis, lengths }, [floats(shape)])
    })
    .generic()
}
