//! Functions of one and of two numbers.

use ndarray::{arr0, arr1};
use wengert_autodiff::ops::{AbsPow, Binary, Clamp, OpKind, Powf, Powi, Unary};

use crate::table::case::{Case, Operand, Plan, value};
use crate::table::row::{Row, Slope, broadcast};

/// Where a function of one number has poles, and where it saturates.
struct Edges {
    /// The slope is infinite here.
    poles: &'static [f64],
    /// Far out, where a careless formula overflows; the slope is a number.
    far: &'static [f64],
}

fn edges(f: Unary) -> Edges {
    const FAR: &[f64] = &[-1000.0, -40.0, 0.0, 40.0, 1000.0];
    let (poles, far): (&[f64], &[f64]) = match f {
        // Beyond 1e154 the slope is too small for a number.
        Unary::Recip => (&[0.0, -0.0], &[1e100]),
        Unary::Ln | Unary::Log2 | Unary::Log10 => (&[0.0], &[1e-300, 1e300]),
        Unary::Log1p => (&[-1.0], &[1e-300, 0.0, 1e300]),
        Unary::Sqrt => (&[0.0], &[1e-300, 1e300]),
        Unary::Rsqrt => (&[0.0], &[1e-200, 1e200]),
        Unary::Exp | Unary::Expm1 => (&[1000.0], &[-1000.0, 1e-300, 0.0, 700.0]),
        Unary::Exp2 => (&[2000.0], &[-2000.0, 0.0, 1000.0]),
        Unary::Sinh | Unary::Cosh => (&[-1000.0, 1000.0], &[0.0, 700.0]),
        Unary::Tan => (&[], &[0.0]),
        Unary::Asin | Unary::Acos => (&[-1.0, 1.0], &[0.0]),
        Unary::Acosh => (&[1.0], &[1e100]),
        Unary::Atanh => (&[-1.0, 1.0], &[0.0]),
        Unary::Atan | Unary::Asinh => (&[], &[-1e100, 0.0, 1e100]),
        Unary::Square | Unary::OneMinusSquare => (&[], &[0.0, 1e150]),
        Unary::Sigmoid | Unary::Softplus | Unary::LogSigmoid | Unary::Tanh => (&[], FAR),
        Unary::Erf | Unary::Erfc => (&[], FAR),
        Unary::Neg | Unary::Abs | Unary::Sign | Unary::Relu | Unary::Sin | Unary::Cos => (&[], FAR),
        Unary::Floor | Unary::Ceil | Unary::Round | Unary::Trunc => (&[], FAR),
    };
    Edges { poles, far }
}

pub(super) fn unary(f: Unary) -> Row {
    let domain = f.domain();
    let at = move |&x: &f64| Case::new(f, vec![value(arr0(x))]);
    let edges = edges(f);
    let name = wengert_autodiff::Op::from(f).name();
    Row::new(name, OpKind::Unary, move |_, shape, _| {
        let operand = Operand::smooth(shape, domain.sample, domain.kinks);
        Plan::new(f, [operand])
    })
    .hard(Slope::Finite, domain.kinks.iter().map(at))
    .hard(Slope::Finite, edges.far.iter().map(at))
    .hard(Slope::Infinite, edges.poles.iter().map(at))
}

type Range = (f64, f64);

/// Where to sample the two operands.
fn ranges(f: Binary) -> (Range, Range) {
    let (any, positive) = ((-3.0, 3.0), (0.4, 3.0));
    match f {
        Binary::Add | Binary::Sub | Binary::Mul | Binary::Maximum | Binary::Minimum => (any, any),
        Binary::Div => (any, positive),
        Binary::Pow => (positive, (-2.0, 2.0)),
        Binary::LogAddExp => (any, any),
        Binary::XLogY => (any, positive),
        // The upper half plane: the angle jumps at the negative axis.
        Binary::Atan2 | Binary::Hypot => (positive, any),
        // Away from their zeros, plain products.
        Binary::AzMul | Binary::AzMulBoth => (any, any),
    }
}

/// Pairs at which the derivatives are numbers, infinite, or undefined.
fn points(f: Binary) -> [&'static [(f64, f64)]; 3] {
    const INF: f64 = f64::INFINITY;
    match f {
        Binary::Add | Binary::Sub => [&[(1e300, -1e300)], &[], &[]],
        Binary::Mul => [&[(0.0, 0.0), (1e-200, 1e200)], &[(0.0, INF)], &[]],
        Binary::Div => [
            &[(0.0, 1e200), (1e200, 1e200)],
            &[(1.0, 0.0)],
            &[(0.0, 0.0)],
        ],
        Binary::Pow => [
            &[(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0)],
            &[(0.0, 0.5)],
            &[(-2.0, 2.0), (0.0, -1.0)],
        ],
        Binary::LogAddExp => [
            &[
                (1000.0, -1000.0),
                (1000.0, 1000.0),
                (-INF, -INF),
                (-INF, 1.0),
            ],
            &[],
            &[],
        ],
        Binary::XLogY => [&[(0.0, 1.0), (0.0, 2.0)], &[(0.0, 0.0), (1.0, 0.0)], &[]],
        Binary::Atan2 => [
            &[(0.0, 0.0), (1e200, 1e200), (1.0, 0.0), (-1.0, 0.0)],
            &[],
            &[],
        ],
        Binary::Hypot => [
            &[(0.0, 0.0), (3.0, 0.0), (1e200, 1e200), (1e-200, 1e-200)],
            &[],
            &[],
        ],
        Binary::Maximum | Binary::Minimum => [&[(1.0, 1.0), (0.0, -0.0), (-2.0, -2.0)], &[], &[]],
        Binary::AzMul => [&[(0.0, 0.0), (0.0, 2.0)], &[(0.0, INF)], &[]],
        Binary::AzMulBoth => [&[(0.0, 0.0), (0.0, 2.0), (2.0, 0.0)], &[(INF, 0.0)], &[]],
    }
}

pub(super) fn binary(f: Binary) -> Row {
    let (left, right) = ranges(f);
    let at = move |&(a, b): &(f64, f64)| Case::new(f, vec![value(arr0(a)), value(arr0(b))]);
    let [finite, infinite, undefined] = points(f);
    let name = wengert_autodiff::Op::from(f).name();
    Row::new(name, OpKind::Binary, move |random, shape, regime| {
        let shapes = broadcast(random, shape, regime, 0, 2)?;
        let operands = [
            Operand::float(&shapes[0], left),
            Operand::float(&shapes[1], right),
        ];
        Plan::new(f, operands)
    })
    .hard(Slope::Finite, finite.iter().map(at))
    .hard(Slope::Infinite, infinite.iter().map(at))
    .hard(Slope::Undefined, undefined.iter().map(at))
}

pub(super) fn powi() -> Row {
    let at = |(x, n): (f64, i32)| Case::new(Powi { n }, vec![value(arr0(x))]);
    Row::new("powi", OpKind::Powi, |random, shape, _| {
        let n = random.below(10) as i32 - 4;
        Plan::new(
            Powi { n },
            [Operand::apart(shape, (-2.0, 2.0), &[0.0], 0.4)],
        )
    })
    .hard(
        Slope::Finite,
        [(0.0, 0), (0.0, 1), (0.0, 2), (0.0, 3), (-2.0, 3)].map(at),
    )
    .hard(Slope::Infinite, [(0.0, -1), (0.0, -2)].map(at))
}

pub(super) fn powf() -> Row {
    let at = |(x, p): (f64, f64)| Case::new(Powf { p }, vec![value(arr0(x))]);
    Row::new("powf", OpKind::Powf, |random, shape, _| {
        let fixed = [0.0, 1.0, 2.0, -1.0, 0.5];
        let p = match random.below(2 * fixed.len()) {
            i if i < fixed.len() => fixed[i],
            _ => random.between(-3.0, 3.0),
        };
        Plan::new(Powf { p }, [Operand::float(shape, (0.3, 3.0))])
    })
    .hard(
        Slope::Finite,
        [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (-2.0, 2.0)].map(at),
    )
    .hard(
        Slope::Infinite,
        [(0.0, 0.5), (0.0, 1.5), (0.0, -1.0)].map(at),
    )
}

pub(super) fn abs_pow() -> Row {
    let at =
        |(x, p, signed): (f64, f64, bool)| Case::new(AbsPow { p, signed }, vec![value(arr0(x))]);
    Row::new("abs_pow", OpKind::AbsPow, |random, shape, _| {
        let fixed = [0.0, 1.0, 2.0, 3.0];
        let p = match random.below(2 * fixed.len()) {
            i if i < fixed.len() => fixed[i],
            _ => random.between(-2.0, 4.0),
        };
        let signed = random.unit() < 0.5;
        Plan::new(
            AbsPow { p, signed },
            [Operand::apart(shape, (-2.0, 2.0), &[0.0], 0.3)],
        )
    })
    .hard(
        Slope::Finite,
        [
            (0.0, 1.0, false),
            (0.0, 2.0, true),
            (0.0, 3.0, false),
            (-2.0, 2.0, true),
        ]
        .map(at),
    )
}

pub(super) fn clamp() -> Row {
    Row::new("clamp", OpKind::Clamp, |random, shape, _| {
        let lo = random.between(-1.5, 0.0);
        let hi = lo + random.between(0.0, 1.5);
        Plan::new(
            Clamp { lo, hi },
            [Operand::smooth(shape, (-3.0, 3.0), &[lo, hi])],
        )
    })
    .hard(
        Slope::Finite,
        [Case::new(
            Clamp { lo: -1.0, hi: 1.0 },
            vec![value(arr1(&[-1.0, 1.0, 0.0]))],
        )],
    )
    .hard(
        Slope::Finite,
        [Case::new(
            Clamp { lo: 1.0, hi: 1.0 },
            vec![value(arr0(1.0))],
        )],
    )
}
