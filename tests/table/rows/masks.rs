//! What decides, and what follows from a decision: comparisons, masks,
//! choices, positions, conversion of element types.

use ndarray::arr1;
use wengert_autodiff::DType;
use wengert_autodiff::Op;
use wengert_autodiff::ops::{ArgExtreme, Cast, Compare, Logic, Not, OneHot, OpKind, Where};

use crate::table::case::{Case, Operand, Plan, value};
use crate::table::row::{Row, Slope, broadcast};

pub(super) fn compare(c: Compare) -> Row {
    Row::new(
        Op::from(c).name(),
        OpKind::Compare,
        move |random, shape, regime| {
            let shapes = broadcast(random, shape, regime, 0, 2)?;
            Plan::new(
                c,
                [Operand::coarse(&shapes[0]), Operand::coarse(&shapes[1])],
            )
        },
    )
    .generic()
}

pub(super) fn logic(c: Logic) -> Row {
    Row::new(
        Op::from(c).name(),
        OpKind::Logic,
        move |random, shape, regime| {
            let shapes = broadcast(random, shape, regime, 0, 2)?;
            Plan::new(c, [Operand::mask(&shapes[0]), Operand::mask(&shapes[1])])
        },
    )
    .around(0, DType::Bool)
}

pub(super) fn not() -> Row {
    Row::new("not", OpKind::Not, |_, shape, _| {
        Plan::new(Not, [Operand::mask(shape)])
    })
    .around(0, DType::Bool)
}

pub(super) fn choose() -> Row {
    let infinite = vec![
        wengert_autodiff::Value::from(arr1(&[true, false])),
        value(arr1(&[1.0, f64::INFINITY])),
        value(arr1(&[f64::NAN, 2.0])),
    ];
    Row::new("where", OpKind::Where, |random, shape, regime| {
        let shapes = broadcast(random, shape, regime, 1, 3)?;
        let side = |i: usize| Operand::float(&shapes[i], (-2.0, 2.0));
        Plan::new(Where, [Operand::mask(&shapes[0]), side(1), side(2)])
    })
    .around(1, DType::F64)
    .generic()
    // The side that is not chosen may be anything.
    .hard(Slope::Infinite, [Case::new(Where, infinite)])
}

/// `argmax`, or `argmin`.
pub(super) fn position(min: bool) -> Row {
    let op = ArgExtreme { min, axis: 0 };
    Row::new(
        Op::from(op).name(),
        OpKind::ArgExtreme,
        move |random, shape, _| {
            let (axis, at) = random.axis(shape.len())?;
            if shape[at] == 0 {
                return None;
            }
            Plan::new(ArgExtreme { min, axis }, [Operand::coarse(shape)])
        },
    )
}

pub(super) fn one_hot() -> Row {
    Row::new("one_hot", OpKind::OneHot, |random, shape, _| {
        let classes = 1 + random.below(4);
        let dtype = DType::F64;
        Plan::new(OneHot { classes, dtype }, [Operand::below(shape, classes)])
    })
    .around(0, DType::Index)
}

/// A row per element type that can be converted to this one.
pub(super) fn cast(to: DType) -> Vec<Row> {
    let operand = |from: DType, shape: &[usize]| match from {
        DType::F32 | DType::F64 => Operand::float(shape, (-2.0, 2.0)),
        DType::Index => Operand::below(shape, 3),
        DType::Bool => Operand::mask(shape),
    };
    let sources: &[DType] = match to {
        DType::F32 | DType::F64 => &[DType::F64, DType::Index, DType::Bool],
        DType::Index | DType::Bool => &[DType::Index, DType::Bool],
    };
    let row = |&from: &DType| {
        let name = format!("cast {from} to {to}");
        Row::new(name, OpKind::Cast, move |_, shape, _| {
            Plan::new(Cast { to }, [operand(from, shape)])
        })
        .around(0, from)
    };
    sources.iter().map(row).collect()
}
