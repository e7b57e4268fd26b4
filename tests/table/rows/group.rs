//! What is done along axes.

use ndarray::{arr1, arr2};
use wengert_autodiff::ops::{
    Center, CumProd, CumSum, LogSoftmax, LogSumExp, Norm, OpKind, Reduce, Reduction, Softmax,
};
use wengert_autodiff::{Axes, Op, Value};

use crate::random::Random;
use crate::table::case::{Case, Operand, Plan, value};
use crate::table::row::{Row, Slope};

/// Some axes, none and all included, some of them counted from the end.
fn axes(random: &mut Random, rank: usize) -> Axes {
    if random.unit() < 0.25 {
        return Axes::All;
    }
    let mut list = Vec::new();
    for axis in 0..rank as isize {
        if random.unit() < 0.5 {
            let from_end = random.unit() < 0.5;
            list.push(if from_end { axis - rank as isize } else { axis });
        }
    }
    Axes::List(list)
}

/// Whether any of the reduced axes has no elements.
fn over_nothing(axes: &Axes, shape: &[usize]) -> bool {
    match axes {
        Axes::All => shape.contains(&0),
        Axes::List(list) => {
            let length = |a: &isize| shape[a.rem_euclid(shape.len() as isize) as usize];
            list.iter().any(|a| length(a) == 0)
        }
    }
}

/// Groups to be reduced along the last axis: ties, zeros.
fn ties(reduction: Reduction) -> Vec<Value> {
    match reduction {
        Reduction::Sum => vec![],
        Reduction::Prod => vec![
            value(arr1(&[0.0, 2.0, 3.0])),
            value(arr2(&[[0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [1.0, -2.0, 0.0]])),
        ],
        Reduction::Max | Reduction::Min => vec![
            value(arr1(&[1.0, 1.0, 0.0])),
            value(arr2(&[[2.0, 2.0], [0.0, -0.0], [-1.0, -3.0]])),
        ],
    }
}

pub(super) fn reduce(reduction: Reduction) -> Row {
    let op = move |axes, keepdims| Reduce {
        reduction,
        axes,
        keepdims,
    };
    let last = move |x: Value| Case::new(op(Axes::List(vec![-1]), false), vec![x]);
    let name = Op::from(op(Axes::All, false)).name();
    Row::new(name, OpKind::Reduce, move |random, shape, _| {
        let (axes, keepdims) = (axes(random, shape.len()), random.unit() < 0.5);
        let needs_one = matches!(reduction, Reduction::Max | Reduction::Min);
        if needs_one && over_nothing(&axes, shape) {
            return None;
        }
        Plan::new(op(axes, keepdims), [Operand::float(shape, (-2.0, 2.0))])
    })
    .hard(Slope::Finite, ties(reduction).into_iter().map(last))
}

pub(super) fn norm() -> Row {
    let op = |p, axes, keepdims| Norm { p, axes, keepdims };
    let all = |(p, x): (f64, Value)| Case::new(op(p, Axes::All, false), vec![x]);
    let zero = || value(arr1(&[0.0, 0.0]));
    Row::new("norm", OpKind::Norm, move |random, shape, _| {
        let (axes, keepdims) = (axes(random, shape.len()), random.unit() < 0.5);
        let p = match random.below(6) {
            i if i < 4 => [1.0, 2.0, 2.0, 3.0][i],
            _ => random.between(0.5, 5.0),
        };
        let operand = Operand::apart(shape, (-2.0, 2.0), &[0.0], 0.2);
        Plan::new(op(p, axes, keepdims), [operand])
    })
    .hard(
        Slope::Finite,
        [(2.0, zero()), (3.0, zero()), (1.0, zero())].map(all),
    )
    .hard(
        Slope::Finite,
        [
            (2.0, value(arr1(&[3e200, -4e200]))),
            (2.0, value(arr1(&[3e-200, 0.0]))),
        ]
        .map(all),
    )
}

pub(super) fn center() -> Row {
    let equal = Case::new(
        Center { axes: Axes::All },
        vec![value(arr1(&[0.1, 0.1, 0.1]))],
    );
    Row::new("center", OpKind::Center, |random, shape, _| {
        let axes = axes(random, shape.len());
        Plan::new(Center { axes }, [Operand::float(shape, (-2.0, 2.0))])
    })
    .hard(Slope::Finite, [equal])
}

pub(super) fn cumsum() -> Row {
    Row::new("cumsum", OpKind::CumSum, |random, shape, _| {
        let (axis, _) = random.axis(shape.len())?;
        let reverse = random.unit() < 0.5;
        Plan::new(
            CumSum { axis, reverse },
            [Operand::float(shape, (-2.0, 2.0))],
        )
    })
}

pub(super) fn cumprod() -> Row {
    let zeros = value(arr2(&[[0.0, 2.0, 3.0], [2.0, 0.0, 0.0], [1.0, -2.0, 0.0]]));
    Row::new("cumprod", OpKind::CumProd, |random, shape, _| {
        let (axis, _) = random.axis(shape.len())?;
        Plan::new(CumProd { axis }, [Operand::float(shape, (-2.0, 2.0))])
    })
    .hard(Slope::Finite, [Case::new(CumProd { axis: 1 }, vec![zeros])])
}

/// Rows that overflow a careless formula, or of which nothing is left.
fn extremes() -> [Value; 4] {
    let low = f64::NEG_INFINITY;
    [
        value(arr1(&[1000.0, 0.0, -1000.0])),
        value(arr1(&[-1000.0, -1000.0])),
        value(arr1(&[low, 0.0, 1.0])),
        value(arr1(&[0.0, 0.0])),
    ]
}

pub(super) fn logsumexp() -> Row {
    let op = |axes, keepdims| LogSumExp { axes, keepdims };
    let all = |x: Value| Case::new(op(Axes::All, false), vec![x]);
    let nothing = value(arr1(&[f64::NEG_INFINITY, f64::NEG_INFINITY]));
    Row::new("logsumexp", OpKind::LogSumExp, move |random, shape, _| {
        let (axes, keepdims) = (axes(random, shape.len()), random.unit() < 0.5);
        // -∞, at which differences see nothing: a hard point.
        if over_nothing(&axes, shape) {
            return None;
        }
        Plan::new(op(axes, keepdims), [Operand::float(shape, (-3.0, 3.0))])
    })
    .hard(Slope::Finite, extremes().map(all))
    .hard(Slope::Finite, [all(nothing), all(value(arr1(&[])))])
}

pub(super) fn softmax() -> Row {
    let all = |x: Value| Case::new(Softmax { axes: Axes::All }, vec![x]);
    Row::new("softmax", OpKind::Softmax, |random, shape, _| {
        let axes = axes(random, shape.len());
        Plan::new(Softmax { axes }, [Operand::float(shape, (-3.0, 3.0))])
    })
    .hard(Slope::Finite, extremes().map(all))
}

pub(super) fn log_softmax() -> Row {
    let all = |x: Value| Case::new(LogSoftmax { axes: Axes::All }, vec![x]);
    Row::new("log_softmax", OpKind::LogSoftmax, |random, shape, _| {
        let axes = axes(random, shape.len());
        Plan::new(LogSoftmax { axes }, [Operand::float(shape, (-3.0, 3.0))])
    })
    .hard(Slope::Finite, extremes().map(all))
}
