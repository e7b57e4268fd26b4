//! Random small programs over smooth operations: directed acyclic graphs
//! with shared parts, broadcasting, reductions and matrix products. A program
//! runs on a tape, and a second time on plain arrays.

use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;
use wengert_autodiff::Var;

/// Shapes of the variables of every program. All that a program computes has
/// one of these shapes, so that everything can meet everything.
pub const SHAPES: [&[usize]; 4] = [&[2, 3], &[3], &[2, 1], &[]];

/// One step: an operation, and which of the values so far it takes.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A function of one number.
    Map(Map, usize),
    /// A function of two numbers.
    Zip(Zip, usize, usize),
    /// A sum or mean over as many axes as leave one of [`SHAPES`].
    Reduce(Reduce, usize),
    /// A matrix product of whatever two shapes the operands have.
    Product(usize, usize),
}

/// Smooth functions of one number, none of which grows fast.
#[derive(Clone, Copy, Debug)]
pub enum Map {
    /// `sin x`.
    Sin,
    /// `cos x`.
    Cos,
    /// `tanh x`.
    Tanh,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// `ln(1 + e^x)`.
    Softplus,
    /// `exp tanh x`.
    ExpTanh,
    /// `ln(1.5 + x²)`.
    LnSquare,
    /// `√(1 + x²)`.
    SqrtSquare,
    /// `1 / (1 + x²)`.
    RecipSquare,
    /// `sin³ x`.
    CubeSin,
    /// `-x`.
    Negate,
}

/// Smooth functions of two numbers, none of which grows fast.
#[derive(Clone, Copy, Debug)]
pub enum Zip {
    /// `(a + b) / 2`.
    HalfSum,
    /// `a - b/2`.
    Difference,
    /// `tanh(a) b`.
    Product,
    /// `a / (2 + sin b)`.
    Quotient,
    /// `(1 + σ(a))^cos b`.
    Power,
}

/// What a reduction does.
#[derive(Clone, Copy, Debug)]
pub enum Reduce {
    /// `0.3 Σ x`.
    Sum,
    /// The mean.
    Mean,
    /// `ln Σ exp x`.
    LogSumExp,
}

const MAPS: [Map; 11] = [
    Map::Sin,
    Map::Cos,
    Map::Tanh,
    Map::Sigmoid,
    Map::Softplus,
    Map::ExpTanh,
    Map::LnSquare,
    Map::SqrtSquare,
    Map::RecipSquare,
    Map::CubeSin,
    Map::Negate,
];
const ZIPS: [Zip; 5] = [
    Zip::HalfSum,
    Zip::Difference,
    Zip::Product,
    Zip::Quotient,
    Zip::Power,
];
const REDUCES: [Reduce; 3] = [Reduce::Sum, Reduce::Mean, Reduce::LogSumExp];

/// Steps, each of which may use every value before it; the last one is the
/// result.
#[derive(Clone, Debug)]
pub struct Program(pub Vec<Step>);

/// Programs of 1 to `longest` steps. They shrink towards few steps that use
/// the first variables.
pub fn program(longest: usize) -> impl Strategy<Value = Program> {
    let step = prop_oneof![
        3 => (prop::sample::select(&MAPS[..]), 0..64usize).prop_map(|(f, i)| Step::Map(f, i)),
        3 => (prop::sample::select(&ZIPS[..]), 0..64usize, 0..64usize)
            .prop_map(|(f, i, j)| Step::Zip(f, i, j)),
        1 => (prop::sample::select(&REDUCES[..]), 0..64usize)
            .prop_map(|(f, i)| Step::Reduce(f, i)),
        1 => (0..64usize, 0..64usize).prop_map(|(i, j)| Step::Product(i, j)),
    ];
    prop::collection::vec(step, 1..=longest).prop_map(Program)
}

/// The latest values are the likeliest operands, so that programs are deep.
fn pick<T: Clone>(values: &[T], i: usize) -> T {
    let n = values.len();
    match i {
        0..32 => values[n - 1 - (i % n.min(3))].clone(),
        _ => values[i % n].clone(),
    }
}

impl Program {
    /// The result, on the tape of the variables, which have [`SHAPES`].
    pub fn run<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
        let mut values = x.to_vec();
        for &step in &self.0 {
            let value = |i| pick(&values, i);
            let next = match step {
                Step::Map(f, i) => map(f, value(i)),
                Step::Zip(f, i, j) => zip(f, value(i), value(j)),
                Step::Reduce(f, i) => reduce(f, value(i)),
                Step::Product(i, j) => product(value(i).tanh(), value(j)),
            };
            values.push(next);
        }
        values[values.len() - 1]
    }

    /// The result, on plain arrays: nothing of the crate under test.
    pub fn by_hand(&self, x: &[ArrayD<f64>]) -> ArrayD<f64> {
        let mut values = x.to_vec();
        for &step in &self.0 {
            let value = |i| pick(&values, i);
            let next = match step {
                Step::Map(f, i) => map_by_hand(f, value(i)),
                Step::Zip(f, i, j) => zip_by_hand(f, value(i), value(j)),
                Step::Reduce(f, i) => reduce_by_hand(f, value(i)),
                Step::Product(i, j) => product_by_hand(value(i).mapv(f64::tanh), value(j)),
            };
            values.push(next);
        }
        values.pop().expect("there are variables")
    }
}

fn map(f: Map, x: Var<'_, f64>) -> Var<'_, f64> {
    match f {
        Map::Sin => x.sin(),
        Map::Cos => x.cos(),
        Map::Tanh => x.tanh(),
        Map::Sigmoid => x.sigmoid(),
        Map::Softplus => x.softplus(),
        Map::ExpTanh => x.tanh().exp(),
        Map::LnSquare => (1.5 + x.square()).ln(),
        Map::SqrtSquare => (1.0 + x * x).sqrt(),
        Map::RecipSquare => (1.0 + x.powi(2)).recip(),
        Map::CubeSin => x.sin().powi(3),
        Map::Negate => -x,
    }
}

fn map_by_hand(f: Map, x: ArrayD<f64>) -> ArrayD<f64> {
    x.mapv(|x| match f {
        Map::Sin => x.sin(),
        Map::Cos => x.cos(),
        Map::Tanh => x.tanh(),
        Map::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Map::Softplus => (1.0 + x.exp()).ln(),
        Map::ExpTanh => x.tanh().exp(),
        Map::LnSquare => (1.5 + x * x).ln(),
        Map::SqrtSquare => (1.0 + x * x).sqrt(),
        Map::RecipSquare => 1.0 / (1.0 + x * x),
        Map::CubeSin => x.sin() * x.sin() * x.sin(),
        Map::Negate => -x,
    })
}

fn zip<'t>(f: Zip, a: Var<'t, f64>, b: Var<'t, f64>) -> Var<'t, f64> {
    match f {
        Zip::HalfSum => 0.5 * (a + b),
        Zip::Difference => a - b / 2.0,
        Zip::Product => a.tanh() * b,
        Zip::Quotient => a / (2.0 + b.sin()),
        Zip::Power => (1.0 + a.sigmoid()).pow(b.cos()),
    }
}

fn zip_by_hand(f: Zip, a: ArrayD<f64>, b: ArrayD<f64>) -> ArrayD<f64> {
    match f {
        Zip::HalfSum => 0.5 * (a + b),
        Zip::Difference => a - b / 2.0,
        Zip::Product => a.mapv(f64::tanh) * b,
        Zip::Quotient => a / b.mapv(|b| 2.0 + b.sin()),
        Zip::Power => {
            let ln = a.mapv(|a| (1.0 + 1.0 / (1.0 + (-a).exp())).ln());
            (ln * b.mapv(f64::cos)).mapv(f64::exp)
        }
    }
}

/// Which axes to reduce, and whether they stay.
fn axes(shape: &[usize]) -> (Vec<isize>, bool) {
    match shape {
        [2, 3] => (vec![1], true),
        [3] => (vec![0], false),
        [2, 1] => (vec![-1, 0], false),
        _ => (vec![], false),
    }
}

fn reduce(f: Reduce, x: Var<'_, f64>) -> Var<'_, f64> {
    let (axes, keep) = axes(&x.shape());
    match f {
        Reduce::Sum => 0.3 * x.sum_axes(axes, keep),
        Reduce::Mean => x.mean_axes(axes, keep),
        Reduce::LogSumExp => x.logsumexp_axes(axes, keep),
    }
}

fn reduce_by_hand(f: Reduce, x: ArrayD<f64>) -> ArrayD<f64> {
    let n = match x.shape() {
        [2, 3] | [3] => 3.0,
        [2, 1] => 2.0,
        _ => 1.0,
    };
    let sum = |x: &ArrayD<f64>| match x.shape() {
        [2, 3] => x.sum_axis(Axis(1)).insert_axis(Axis(1)),
        _ => ArrayD::from_elem(IxDyn(&[]), x.sum()),
    };
    match f {
        Reduce::Sum => 0.3 * sum(&x),
        Reduce::Mean => sum(&x) / n,
        Reduce::LogSumExp => sum(&x.mapv(f64::exp)).mapv(f64::ln),
    }
}

/// Of any two of the shapes, a product that has one of them.
fn product<'t>(a: Var<'t, f64>, b: Var<'t, f64>) -> Var<'t, f64> {
    match (&a.shape()[..], &b.shape()[..]) {
        ([2, 3], [3]) => a.dot(b).expand_dims(-1),
        ([2, 3], [2, 1]) => a.transpose().dot(b).squeeze(1),
        ([2, 3], [2, 3]) => a.matmul(b.transpose().tanh()).matmul(b.tanh()),
        ([3], [3]) => a.dot(b),
        ([3], [2, 3]) => b.matmul(a).reshape([2, 1]),
        ([2, 1], [2, 3]) => a.reshape([2]).dot(b),
        ([2, 1], [2, 1]) => a.transpose().dot(b).reshape([]),
        ([2, 1], [3]) => a.dot(b.expand_dims(0)),
        ([3], [2, 1]) => b.matmul(a.reshape([1, 3])),
        _ => a * b,
    }
}

fn product_by_hand(a: ArrayD<f64>, b: ArrayD<f64>) -> ArrayD<f64> {
    let matrix = |x: &ArrayD<f64>| match x.shape() {
        [n] => x.to_shape((*n, 1)).expect("a column").to_owned(),
        [m, n] => x.to_shape((*m, *n)).expect("a matrix").to_owned(),
        other => unreachable!("{other:?}"),
    };
    let (sa, sb) = (a.shape().to_vec(), b.shape().to_vec());
    if sa.is_empty() || sb.is_empty() {
        return a * b;
    }
    let (a, b) = (matrix(&a), matrix(&b));
    let shaped = |x: ndarray::Array2<f64>, shape: &[usize]| {
        let data: Vec<f64> = x.iter().copied().collect();
        ArrayD::from_shape_vec(IxDyn(shape), data).expect("as many elements")
    };
    match (&sa[..], &sb[..]) {
        ([2, 3], [3]) => shaped(a.dot(&b), &[2, 1]),
        ([2, 3], [2, 1]) => shaped(a.t().dot(&b), &[3]),
        ([2, 3], [2, 3]) => {
            let b = b.mapv(f64::tanh);
            shaped(a.dot(&b.t()).dot(&b), &[2, 3])
        }
        ([3], [3]) | ([2, 1], [2, 1]) => shaped(a.t().dot(&b), &[]),
        ([3], [2, 3]) => shaped(b.dot(&a), &[2, 1]),
        ([2, 1], [2, 3]) => shaped(a.t().dot(&b), &[3]),
        ([2, 1], [3]) => shaped(a.dot(&b.t()), &[2, 3]),
        ([3], [2, 1]) => shaped(b.dot(&a.t()), &[2, 3]),
        other => unreachable!("{other:?}"),
    }
}
