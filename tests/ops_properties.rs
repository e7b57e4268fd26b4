//! Every operation that computes, at random points, in random shapes (empty
//! ones too), with every operand broadcast: its value against a naive
//! computation, and its derivatives against the battery of `lib.rs` (both
//! sweeps against differences, the adjoint identity, second order in two
//! ways). The tables of elementwise functions are covered through `ALL`: a
//! new row does not compile here until its value is written down a second
//! time.

use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, LN_2, LN_10};

use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use wengert_autodiff::ops::{Binary, Unary};
use wengert_autodiff::{Tape, Var};
use wengert_tests::{
    Bound, Random, assert_close, axes_of, broadcast_at, broadcast_shapes, check_operation, config,
    elementwise, elementwise2, indices, reduced, shape, shape_of,
};

/// Values agree with the naive ones to rounding.
const VALUE: Bound = Bound::OfEach(1e-14);

fn apply<'t>(
    tape: &'t Tape,
    op: impl Into<wengert_autodiff::Op>,
    x: &[Var<'t, f64>],
) -> Var<'t, f64> {
    let args: Vec<_> = x.iter().map(|x| x.any()).collect();
    let applied = tape.apply(op, &args).unwrap_or_else(|e| panic!("{e}"));
    applied[0].typed().unwrap_or_else(|e| panic!("{e}"))
}

fn unary_by_hand(f: Unary, x: f64) -> f64 {
    match f {
        Unary::Neg => 0.0 - x,
        Unary::Recip => 1.0 / x,
        Unary::Exp => x.exp(),
        Unary::Ln => x.ln(),
        Unary::Log1p => (1.0 + x).ln(),
        Unary::Expm1 => x.exp() - 1.0,
        Unary::Sqrt => x.powf(0.5),
        Unary::Square => x.powi(2),
        Unary::Abs => x.max(-x),
        Unary::Sign => x / x.max(-x),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Tan => x.sin() / x.cos(),
        Unary::Tanh => (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()),
        Unary::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Unary::Relu => x.max(0.0),
        Unary::Softplus => (1.0 + x.exp()).ln(),
        Unary::LogSigmoid => -(1.0 + (-x).exp()).ln(),
        Unary::Log2 => x.ln() / LN_2,
        Unary::Log10 => x.ln() / LN_10,
        Unary::Exp2 => 2f64.powf(x),
        Unary::Rsqrt => x.powf(-0.5),
        Unary::OneMinusSquare => 1.0 - x * x,
        Unary::Floor => x - x.rem_euclid(1.0),
        Unary::Ceil => x + (-x).rem_euclid(1.0),
        Unary::Round => x + 0.5 - (x + 0.5).rem_euclid(1.0),
        Unary::Trunc => x - x % 1.0,
        Unary::Asin => (x / (1.0 - x * x).sqrt()).atan(),
        Unary::Acos => FRAC_PI_2 - (x / (1.0 - x * x).sqrt()).atan(),
        Unary::Atan => (x / (1.0 + x * x).sqrt()).asin(),
        Unary::Sinh => (x.exp() - (-x).exp()) / 2.0,
        Unary::Cosh => (x.exp() + (-x).exp()) / 2.0,
        Unary::Asinh => (x + (x * x + 1.0).sqrt()).ln(),
        Unary::Acosh => (x + (x * x - 1.0).sqrt()).ln(),
        Unary::Atanh => ((1.0 + x) / (1.0 - x)).ln() / 2.0,
        Unary::Erf => erf_by_series(x),
        Unary::Erfc => 1.0 - erf_by_series(x),
    }
}

/// `2/√π exp(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!`, whose terms have one sign.
fn erf_by_series(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

type Range = (f64, f64);

/// The value, and where to sample the two operands.
fn binary_by_hand(f: Binary) -> (fn(f64, f64) -> f64, Range, Range) {
    let (any, away) = ((-3.0, 3.0), (0.4, 3.0));
    match f {
        Binary::Add => (|a, b| a + b, any, any),
        Binary::Sub => (|a, b| a - b, any, any),
        Binary::Mul => (|a, b| a * b, any, any),
        Binary::Div => (|a, b| a / b, any, away),
        Binary::Pow => (|a, b| (b * a.ln()).exp(), away, (-2.0, 2.0)),
        Binary::Maximum => (f64::max, any, any),
        Binary::Minimum => (f64::min, any, any),
        Binary::LogAddExp => (|a, b| (a.exp() + b.exp()).ln(), away, any),
        Binary::XLogY => (|a, b| a * b.ln(), any, away),
        // The upper half plane, where the cotangent of the angle is b/a.
        Binary::Atan2 => (|a, b| FRAC_PI_2 - (b / a).atan(), away, any),
        Binary::Hypot => (|a, b| (a * a + b * b).sqrt(), away, any),
        // Away from their zeros, plain products.
        Binary::AzMul => (|a, b| a * b, any, any),
        Binary::AzMulBoth => (|a, b| a * b, any, any),
    }
}

fn sum(x: &[f64]) -> f64 {
    x.iter().sum()
}

fn logsumexp(x: &[f64]) -> f64 {
    x.iter().map(|x| x.exp()).sum::<f64>().ln()
}

proptest! {
    // Every row of a table in every case: few cases are many points.
    #![proptest_config(config(16))]

    #[test]
    fn every_function_of_one_number(shape in shape(), seed: u64) {
        for &f in Unary::ALL {
            let domain = f.domain();
            let mut random = Random::new(seed);
            let x = random.away_from(&shape, domain.sample, domain.kinks, 0.05);
            let y = check_operation(std::slice::from_ref(&x), seed, |x| apply(x[0].tape(), f, x))
                .map_err(|e| TestCaseError::fail(format!("{f:?}: {e}")))?;
            let want = elementwise(&x, |x| unary_by_hand(f, x));
            // The naive forms cancel near 0; the functions themselves do not.
            assert_close(&format!("{f:?}"), &y, &want, Bound::Absolute(1e-14 * 25.0));
        }
    }

    #[test]
    fn every_function_of_two_numbers(shapes in broadcast_shapes(2), seed: u64) {
        for &f in Binary::ALL {
            let (value, left, right) = binary_by_hand(f);
            let mut random = Random::new(seed);
            let a = random.array(&shapes[0], left.0, left.1);
            let b = random.array(&shapes[1], right.0, right.1);
            let y = check_operation(&[a.clone(), b.clone()], seed, |x| apply(x[0].tape(), f, x))
                .map_err(|e| TestCaseError::fail(format!("{f:?}: {e}")))?;
            let want = elementwise2(y.shape(), &a, &b, value);
            assert_close(&format!("{f:?}"), &y, &want, Bound::OfEach(1e-14));
        }
    }

    /// Both operands the same variable: contributions add up.
    #[test]
    fn every_function_of_two_equal_numbers(shape in shape_of(0..=2, 1..=3), seed: u64) {
        for &f in Binary::ALL {
            let (_, (lo, hi), right) = binary_by_hand(f);
            if matches!(f, Binary::Maximum | Binary::Minimum) {
                continue;
            }
            let x = Random::new(seed).array(&shape, lo.max(right.0), hi.min(right.1));
            check_operation(&[x], seed, |x| apply(x[0].tape(), f, &[x[0], x[0]]))
                .map_err(|e| TestCaseError::fail(format!("{f:?}: {e}")))?;
        }
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn operators_with_numbers(shape in shape(), seed: u64, c in 0.5..2.0f64) {
        let x = Random::new(seed).array(&shape, 0.5, 3.0);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| {
            let x = x[0];
            (c - x) / (c + x * c) + (x - c) * (c / x) - (-x / c) + (x + c).maximum(0.0)
        })?;
        let want = elementwise(&x, |x| {
            (c - x) / (c + x * c) + (x - c) * (c / x) - (-x / c) + (x + c)
        });
        assert_close("operators", &y, &want, Bound::Absolute(1e-13));
    }

    #[test]
    fn integer_powers(shape in shape(), seed: u64, n in -4..=5i32) {
        let x = Random::new(seed).away_from(&shape, (-2.0, 2.0), &[0.0], 0.4);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].powi(n))?;
        let power = |x: f64| (0..n.abs()).fold(1.0, |p, _| if n > 0 { p * x } else { p / x });
        assert_close("powi", &y, &elementwise(&x, power), VALUE);
    }

    #[test]
    fn constant_powers(
        shape in shape(),
        seed: u64,
        p in prop_oneof![Just(0.0), Just(1.0), Just(2.0), Just(-1.0), Just(0.5), -3.0..3.0f64],
    ) {
        let x = Random::new(seed).array(&shape, 0.3, 3.0);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].powf(p))?;
        assert_close("powf", &y, &elementwise(&x, |x| (p * x.ln()).exp()), VALUE);
    }

    #[test]
    fn clamping(shape in shape(), seed: u64, lo in -1.5..0.0f64, width in 0.0..1.5f64) {
        let hi = lo + width;
        let x = Random::new(seed).away_from(&shape, (-3.0, 3.0), &[lo, hi], 0.01);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].clamp(lo, hi))?;
        assert_close("clamp", &y, &elementwise(&x, |x| x.max(lo).min(hi)), Bound::Bits);
    }

    #[test]
    fn choices(shapes in broadcast_shapes(3), seed: u64) {
        let mut random = Random::new(seed);
        let mask = random.mask(&shapes[0]);
        let a = random.array(&shapes[1], -2.0, 2.0);
        let b = random.array(&shapes[2], -2.0, 2.0);
        let y = check_operation(&[a.clone(), b.clone()], seed, |x| {
            x[0].tape().constant(mask.clone()).where_(x[0], x[1])
        })?;
        let want = ArrayD::from_shape_fn(y.raw_dim(), |i| {
            let i = ndarray::Dimension::slice(&i);
            let side = if broadcast_at(&mask, i) { &a } else { &b };
            broadcast_at(side, i)
        });
        assert_close("where", &y, &want, Bound::Bits);
        check_operation(std::slice::from_ref(&a), seed, |x| {
            x[0].tape().constant(mask.clone()).where_(2.0, x[0])
        })?;
        // A mask that is computed from what it chooses between.
        check_operation(&[a, b], seed, |x| x[0].less(x[1]).where_(x[0].exp(), x[1].sin()))?;
    }

    #[test]
    fn sums_and_means(shape in shape(), bits: u8, keepdims: bool, seed: u64) {
        let x = Random::new(seed).array(&shape, -2.0, 2.0);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].sum_axes(&axes, keepdims))?;
        assert_close("sum", &y, &reduced(&x, &axes, keepdims, sum), Bound::Absolute(1e-13));
        let all = check_operation(std::slice::from_ref(&x), seed, |x| x[0].sum())?;
        assert_close("sum", &all, &ndarray::arr0(x.sum()), Bound::Absolute(1e-13));
        if !x.is_empty() {
            let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].mean_axes(&axes, keepdims))?;
            let mean = |x: &[f64]| sum(x) / x.len() as f64;
            assert_close("mean", &y, &reduced(&x, &axes, keepdims, mean), Bound::Absolute(1e-13));
            check_operation(&[x], seed, |x| x[0].mean())?;
        }
    }

    #[test]
    fn products(shape in shape_of(0..=3, 1..=4), bits: u8, keepdims: bool, seed: u64) {
        let mut random = Random::new(seed);
        let x = random.away_from(&shape, (-1.6, 1.6), &[0.0], 0.4);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].prod_axes(&axes, keepdims))?;
        let want = reduced(&x, &axes, keepdims, |x| x.iter().product());
        assert_close("prod", &y, &want, VALUE);
        // With zeros among the factors the derivative is still a polynomial.
        let zeros = random.mask(&shape);
        let x = ndarray::Zip::from(&x).and(&zeros).map_collect(|&x, &z| if z { 0.0 } else { x });
        check_operation(std::slice::from_ref(&x), seed, |x| x[0].prod_axes(&axes, keepdims))?;
        check_operation(&[x], seed, |x| x[0].prod())?;
    }

    /// The product of nothing is 1, and its derivative nothing.
    #[test]
    fn products_of_nothing(shape in shape_of(1..=3, 0..=2), bits: u8, keepdims: bool, seed: u64) {
        let x = Random::new(seed).array(&shape, 0.5, 2.0);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].prod_axes(&axes, keepdims))?;
        let want = reduced(&x, &axes, keepdims, |x| x.iter().product());
        assert_close("prod", &y, &want, VALUE);
    }

    #[test]
    fn extremes(shape in shape_of(0..=3, 1..=4), bits: u8, keepdims: bool, seed: u64) {
        let x = Random::new(seed).array(&shape, -2.0, 2.0);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].max_axes(&axes, keepdims))?;
        let largest = |x: &[f64]| x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert_close("max", &y, &reduced(&x, &axes, keepdims, largest), Bound::Bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].min_axes(&axes, keepdims))?;
        let smallest = |x: &[f64]| x.iter().copied().fold(f64::INFINITY, f64::min);
        assert_close("min", &y, &reduced(&x, &axes, keepdims, smallest), Bound::Bits);
        check_operation(&[x], seed, |x| x[0].max() - x[0].min())?;
    }

    #[test]
    fn exponential_means(shape in shape_of(0..=3, 1..=4), bits: u8, keepdims: bool, seed: u64) {
        let x = Random::new(seed).array(&shape, -3.0, 3.0);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| {
            x[0].logsumexp_axes(&axes, keepdims)
        })?;
        let want = reduced(&x, &axes, keepdims, logsumexp);
        assert_close("logsumexp", &y, &want, Bound::Absolute(1e-14));
        let over_all = reduced(&x, &axes, true, logsumexp);
        let want = elementwise2(x.shape(), &x, &over_all, |x, l| (x - l).exp());
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].softmax_axes(&axes))?;
        assert_close("softmax", &y, &want, Bound::Absolute(1e-14));
        if let [axis] = axes[..] {
            let want = elementwise2(x.shape(), &x, &over_all, |x, l| x - l);
            let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].log_softmax(axis))?;
            assert_close("log_softmax", &y, &want, Bound::Absolute(1e-14));
            check_operation(std::slice::from_ref(&x), seed, |x| x[0].softmax(axis))?;
        }
        check_operation(&[x], seed, |x| x[0].logsumexp())?;
    }

    #[test]
    fn soft_functions_of_nothing(shape in shape_of(1..=3, 0..=2), bits: u8, seed: u64) {
        let x = Random::new(seed).array(&shape, -3.0, 3.0);
        let axes = axes_of(shape.len(), bits);
        check_operation(std::slice::from_ref(&x), seed, |x| x[0].softmax_axes(&axes))?;
        check_operation(std::slice::from_ref(&x), seed, |x| x[0].log_softmax(-1))?;
    }

    /// All pairs of ranks: vectors, matrices, stacks of matrices.
    #[test]
    fn matrix_products(
        (m, k, n) in (0..=4usize, 0..=4usize, 0..=4usize),
        batch in broadcast_shapes(2),
        (left, right) in (0..3u8, 0..3u8),
        seed: u64,
    ) {
        let shape = |kind: u8, batch: &[usize], matrix: [usize; 2], vector: usize| match kind {
            0 => vec![vector],
            1 => matrix.to_vec(),
            _ => [&batch[batch.len().saturating_sub(2)..], &matrix[..]].concat(),
        };
        let mut random = Random::new(seed);
        let a = random.array(&shape(left, &batch[0], [m, k], k), -2.0, 2.0);
        let b = random.array(&shape(right, &batch[1], [k, n], k), -2.0, 2.0);
        let y = check_operation(&[a.clone(), b.clone()], seed, |x| x[0].matmul(x[1]))?;
        assert_close("matmul", &y, &product(&a, &b), Bound::Absolute(1e-13));
        if left < 2 && right < 2 {
            let y = check_operation(&[a.clone(), b.clone()], seed, |x| x[0].dot(x[1]))?;
            assert_close("dot", &y, &product(&a, &b), Bound::Absolute(1e-13));
        }
    }

    #[test]
    fn products_of_transposes((m, k, n) in (1..=4usize, 0..=4usize, 1..=4usize), seed: u64) {
        use wengert_autodiff::ops::MatMul;
        let mut random = Random::new(seed);
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            let a = random.array(&if ta { [2, k, m] } else { [2, m, k] }, -2.0, 2.0);
            let b = random.array(&if tb { [n, k] } else { [k, n] }, -2.0, 2.0);
            let flipped = |a: &ArrayD<f64>, t: bool| {
                let mut a = a.clone();
                if t {
                    let rank = a.ndim();
                    a.swap_axes(rank - 1, rank - 2);
                }
                a
            };
            let want = product(&flipped(&a, ta), &flipped(&b, tb));
            let y = check_operation(&[a, b], seed, |x| apply(x[0].tape(), MatMul { ta, tb }, x))?;
            assert_close("matmul", &y, &want, Bound::Absolute(1e-13));
        }
    }
}

/// NumPy's matmul, element by element.
fn product(a: &ArrayD<f64>, b: &ArrayD<f64>) -> ArrayD<f64> {
    use ndarray::Axis;
    let (ra, rb) = (a.ndim(), b.ndim());
    let a = if ra == 1 {
        a.clone().insert_axis(Axis(0))
    } else {
        a.clone()
    };
    let b = if rb == 1 {
        b.clone().insert_axis(Axis(1))
    } else {
        b.clone()
    };
    let (m, k) = (a.shape()[a.ndim() - 2], a.shape()[a.ndim() - 1]);
    let n = b.shape()[b.ndim() - 1];
    let stacks = |a: &ArrayD<f64>| ArrayD::<f64>::zeros(IxDyn(&a.shape()[..a.ndim() - 2]));
    let batch = (stacks(&a) + stacks(&b)).shape().to_vec();
    let element = |x: &ArrayD<f64>, index: &[usize], i: usize, j: usize| {
        broadcast_at(
            x,
            &[index, &[i, j]].concat()[(index.len() + 2 - x.ndim())..],
        )
    };
    let mut out = ArrayD::zeros(IxDyn(&[&batch[..], &[m, n]].concat()));
    for index in indices(&batch) {
        for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
            // `broadcast_at` would repeat an inner axis of length 1, which
            // is right: it is 1 in both factors.
            let at = IxDyn(&[&index[..], &[i, j]].concat());
            out[at] = (0..k)
                .map(|l| element(&a, &index, i, l) * element(&b, &index, l, j))
                .sum();
        }
    }
    let rank = out.ndim();
    if rb == 1 {
        out = out.index_axis_move(Axis(rank - 1), 0);
    }
    if ra == 1 {
        let axis = out.ndim() - if rb == 1 { 1 } else { 2 };
        out = out.index_axis_move(Axis(axis), 0);
    }
    out
}
