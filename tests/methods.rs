//! Methods and operators that are made of several operations, or translate
//! their arguments (numbers beside variables, NumPy's and ndarray's notation
//! for axes, slices and padding), at random shapes, empty ones too: values
//! against ndarray or element by element, derivatives against the battery.
//! The operations themselves are checked by the table, in `ops.rs`.

use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;
use wengert_autodiff::ops::MatMul;
use wengert_autodiff::{Op, Tape, stack};
use wengert_tests::table::naive::{Interpreter, Naive, compare};
use wengert_tests::{
    Bound, Random, assert_close, axes_of, broadcast_at, broadcast_shapes, check_operation, config,
    elementwise, indices, reduced, shape, shape_of,
};

/// Sums in another order differ by rounding of their largest terms.
const SUMMED: Bound = Bound::OfLargest(1e-14);

proptest! {
    #![proptest_config(config(48))]

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
    fn choices(shapes in broadcast_shapes(2), seed: u64) {
        let mut random = Random::new(seed);
        let mask = random.mask(&shapes[0]);
        let x = random.array(&shapes[1], -2.0, 2.0);
        let one = std::slice::from_ref(&x);
        let y = check_operation(one, seed, |x| x[0].tape().constant(mask.clone()).where_(2.0, x[0]))?;
        let want = ArrayD::from_shape_fn(y.raw_dim(), |i| {
            let i = ndarray::Dimension::slice(&i);
            if broadcast_at(&mask, i) { 2.0 } else { broadcast_at(&x, i) }
        });
        assert_close("where", &y, &want, Bound::Bits);
        // A mask that is computed from what it chooses between.
        let other = random.array(&shapes[0], -2.0, 2.0);
        check_operation(&[x, other], seed, |x| x[0].less(x[1]).where_(x[0].exp(), x[1].sin()))?;
    }

    /// The reductions over all axes, and what is made of them.
    #[test]
    fn reductions(shape in shape_of(0..=3, 1..=3), seed: u64) {
        let x = Random::new(seed).array(&shape, -2.0, 2.0);
        let one = std::slice::from_ref(&x);
        let n = x.len() as f64;
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let smallest = x.iter().copied().fold(f64::INFINITY, f64::min);
        let y = check_operation(one, seed, |x| x[0].max() - x[0].min())?;
        assert_close("max - min", &y, &ndarray::arr0(largest - smallest), Bound::Bits);
        let y = check_operation(one, seed, |x| x[0].mean())?;
        assert_close("mean", &y, &ndarray::arr0(x.sum() / n), Bound::Absolute(1e-14));
        let y = check_operation(one, seed, |x| x[0].sum() * x[0].prod() + x[0].logsumexp())?;
        let logsumexp = x.iter().map(|x| x.exp()).sum::<f64>().ln();
        let want = x.sum() * x.iter().product::<f64>() + logsumexp;
        assert_close("sum, prod", &y, &ndarray::arr0(want), Bound::OfEach(1e-12));
        if !shape.is_empty() {
            let (axis, at) = Random::new(seed).axis(shape.len()).expect("an axis");
            let y = check_operation(one, seed, |x| x[0].mean_axes([axis], true))?;
            let want = x.mean_axis(Axis(at)).expect("not empty").insert_axis(Axis(at));
            assert_close("mean", &y, &want, Bound::Absolute(1e-14));
            let y = check_operation(one, seed, |x| x[0].softmax(axis).ln() - x[0].log_softmax(axis))?;
            assert_close("softmax", &y, &ArrayD::zeros(y.raw_dim()), Bound::Absolute(1e-14));
        }
    }

    #[test]
    fn variances(
        shape in shape_of(1..=3, 2..=4),
        bits in 1..8u8,
        ddof in 0..=1usize,
        keepdims: bool,
        seed: u64,
    ) {
        // At least one axis of this rank, and so at least two elements.
        let axes = match axes_of(shape.len(), bits) {
            none if none.is_empty() => vec![0],
            some => some,
        };
        // Far enough from each other that the standard deviation is smooth.
        let mut x = Random::new(seed).array(&shape, -2.0, 2.0);
        for (i, x) in x.iter_mut().enumerate() {
            *x += i as f64;
        }
        let one = std::slice::from_ref(&x);
        let y = check_operation(one, seed, |x| x[0].var_axes(&axes, ddof, keepdims))?;
        let want = reduced(&x, &axes, keepdims, |x| variance(x, ddof));
        assert_close("var", &y, &want, Bound::OfEach(1e-13));
        let y = check_operation(one, seed, |x| x[0].std_axes(&axes, ddof, keepdims))?;
        let want = reduced(&x, &axes, keepdims, |x| variance(x, ddof).sqrt());
        assert_close("std", &y, &want, Bound::OfEach(1e-13));
        check_operation(one, seed, |x| x[0].var(ddof) + x[0].std(ddof))?;
    }

    /// Norms that are extremes.
    #[test]
    fn norms_of_infinite_order(
        shape in shape_of(0..=3, 1..=4),
        bits: u8,
        keepdims: bool,
        seed: u64,
    ) {
        let x = Random::new(seed).away_from(&shape, (-2.0, 2.0), &[0.0], 0.01);
        let one = std::slice::from_ref(&x);
        let axes = axes_of(shape.len(), bits);
        for (p, start, better) in [
            (f64::INFINITY, 0.0, f64::max as fn(f64, f64) -> f64),
            (f64::NEG_INFINITY, f64::INFINITY, f64::min),
        ] {
            let y = check_operation(one, seed, |x| x[0].norm_axes(p, &axes, keepdims))?;
            let naive = |x: &[f64]| x.iter().map(|x| x.abs()).fold(start, better);
            assert_close("norm", &y, &reduced(&x, &axes, keepdims, naive), Bound::Bits);
        }
        check_operation(one, seed, |x| x[0].norm(2.0) + x[0].norm(1.0))?;
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
        product(&a, &b, &y)?;
        if left < 2 && right < 2 {
            let y = check_operation(&[a.clone(), b.clone()], seed, |x| x[0].dot(x[1]))?;
            product(&a, &b, &y)?;
        }
        if left == 0 {
            check_operation(&[a], seed, |x| x[0].dot(x[0]))?;
        }
    }

    #[test]
    fn views(shape in shape(), seed: u64) {
        let mut random = Random::new(seed);
        let x = random.array(&shape, -2.0, 2.0);
        let one = std::slice::from_ref(&x);
        let rank = shape.len();
        let y = check_operation(one, seed, |x| x[0].transpose())?;
        assert_close("transpose", &y, &x.t(), Bound::Bits);

        let at = random.below(rank + 1);
        let signed = if random.unit() < 0.5 { at as isize } else { at as isize - rank as isize - 1 };
        let y = check_operation(one, seed, |x| x[0].expand_dims(signed))?;
        let raised = x.clone().insert_axis(Axis(at));
        assert_close("expand_dims", &y, &raised, Bound::Bits);
        let y = check_operation(&[raised], seed, |x| x[0].squeeze(signed))?;
        assert_close("squeeze", &y, &x, Bound::Bits);
    }

    #[test]
    fn joins(shape in shape_of(1..=3, 0..=3), count in 1..=4usize, seed: u64) {
        let mut random = Random::new(seed);
        let at = random.below(shape.len() + 1);
        let same: Vec<ArrayD<f64>> = (0..count).map(|_| random.array(&shape, -2.0, 2.0)).collect();
        let views: Vec<_> = same.iter().map(|p| p.view()).collect();
        let want = ndarray::stack(Axis(at), &views).expect("they fit");
        let y = check_operation(&same, seed, |x| stack(x, at as isize))?;
        assert_close("stack", &y, &want, Bound::Bits);
        // Pieces of which some are unused, and used together.
        let n = shape[0];
        check_operation(&same[..1], seed, |x| {
            let pieces = x[0].split(&[n / 2, n - n / 2], 0);
            pieces[1].square().sum() * pieces[0].sin().sum()
        })?;
    }

    #[test]
    fn slices(
        shape in shape_of(1..=3, 0..=4),
        cuts in prop::collection::vec((0..=4isize, 0..=4isize, prop_oneof![-3..=-1isize, 1..=3isize], 0..5u8), 3),
        seed: u64,
    ) {
        use ndarray::SliceInfoElem;
        let x = Random::new(seed).array(&shape, -2.0, 2.0);
        let info: Vec<SliceInfoElem> = shape
            .iter()
            .zip(&cuts)
            .map(|(&n, &(a, b, step, kind))| {
                let n = n as isize;
                let (start, end) = (a.min(b).min(n), a.max(b).min(n));
                match kind {
                    0 if n > 0 => SliceInfoElem::Index(start.min(n - 1) - if step < 0 { n } else { 0 }),
                    1 => SliceInfoElem::Slice { start: start - n, end: None, step },
                    2 if end < n => SliceInfoElem::Slice { start, end: Some(end - n), step },
                    _ => SliceInfoElem::Slice { start, end: Some(end), step },
                }
            })
            .collect();
        let info = match cuts[0].3 {
            4 => [&[SliceInfoElem::NewAxis], &info[..]].concat(),
            _ => info,
        };
        // ndarray reads `-0` at the end as 0, and 0 as the front.
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].slice(&info))?;
        assert_close(&format!("{info:?}"), &y, &x.slice(&info[..]), Bound::Bits);
        for axis in 0..shape.len() {
            let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].flip(axis as isize))?;
            let mut want = x.view();
            want.invert_axis(Axis(axis));
            assert_close("flip", &y, &want, Bound::Bits);
        }
    }

    #[test]
    fn padding(shape in shape(), widths in prop::collection::vec((0..=2usize, 0..=2usize), 3), seed: u64) {
        let x = Random::new(seed).array(&shape, -2.0, 2.0);
        let widths = &widths[..shape.len()];
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].pad(widths, 7.5))?;
        let padded: Vec<usize> = shape.iter().zip(widths).map(|(n, w)| w.0 + n + w.1).collect();
        let want = ArrayD::from_shape_fn(IxDyn(&padded), |at| {
            let at = ndarray::Dimension::slice(&at);
            let inside = at.iter().zip(widths).map(|(&i, w)| i.checked_sub(w.0));
            let inside: Option<Vec<usize>> = inside.collect();
            inside.and_then(|i| x.get(IxDyn(&i)).copied()).unwrap_or(7.5)
        });
        assert_close("pad", &y, &want, Bound::Bits);
    }

    #[test]
    fn scattering(
        shape in shape_of(1..=3, 1..=4),
        fewer in prop::collection::vec(0..=4usize, 3),
        pick: u8,
        seed: u64,
    ) {
        let mut random = Random::new(seed);
        let x = random.array(&shape, -2.0, 2.0);
        let rank = shape.len();
        let at = pick as usize % rank;
        let axis = if pick & 128 == 0 { at as isize } else { at as isize - rank as isize };
        // As long as wanted along the axis, no longer than the array elsewhere.
        let numbers: Vec<usize> = (0..rank)
            .map(|i| if i == at { fewer[i] } else { fewer[i].min(shape[i]) })
            .collect();
        let chosen = random.indices(&numbers, shape[at]);
        let place = |i: &IxDyn| {
            let mut i = i.clone();
            i[at] = chosen[&i];
            i
        };
        let source = random.array(&numbers, -2.0, 2.0);
        let y = check_operation(&[x.clone(), source.clone()], seed, |x| {
            x[0].scatter_add(axis, x[0].tape().constant(chosen.clone()), x[1])
        })?;
        let mut want = x.clone();
        for i in indices(&numbers) {
            let i = IxDyn(&i);
            want[place(&i)] += source[&i];
        }
        assert_close("scatter_add", &y, &want, SUMMED);
    }

    /// Through f32 the numbers are rounded, so differences say little; what
    /// must hold exactly is that a cast is linear with the rounded slope 1.
    #[test]
    fn casts(shape in shape(), seed: u64) {
        let mut random = Random::new(seed);
        let tape = Tape::new();
        let x = tape.input("x", random.array(&shape, -2.0, 2.0));
        let w = random.array(&shape, -2.0, 2.0);
        let rounded = w.mapv(|w| f64::from(w as f32));
        let y = x.cast::<f32>().cast::<f64>();
        let want = x.value().mapv(|x| f64::from(x as f32));
        assert_close("cast", &y.to_array::<IxDyn>(), &want, Bound::Bits);
        let pulled = tape.vjp(&[y], &[tape.constant(w.clone())], &[x]).unwrap()[0].unwrap();
        assert_close("vjp of cast", &pulled.to_array::<IxDyn>(), &rounded, Bound::Bits);
        let pushed = tape.jvp(&[y], &[x], &[tape.constant(w)]).unwrap()[0].unwrap();
        assert_close("jvp of cast", &pushed.to_array::<IxDyn>(), &rounded, Bound::Bits);

        // A function in f32 has the derivative that f64 gives, to f32.
        let narrow = x.cast::<f32>();
        let s = (narrow.sin() * narrow).sum();
        let [g] = tape.grad(s, [narrow]).unwrap();
        let want = narrow.value().mapv(|x| x.sin() + x * x.cos());
        assert_close("f32", &g.to_array::<IxDyn>(), &want, Bound::Absolute(1e-6f32.into()));
        let [through] = tape.grad(s.cast::<f64>(), [x]).unwrap();
        let want = want.mapv(f64::from);
        assert_close("through f32", &through.to_array::<IxDyn>(), &want, Bound::Absolute(1e-6));
    }

    #[test]
    fn stopped_gradients(shape in shape_of(0..=3, 1..=4), seed: u64) {
        let mut random = Random::new(seed);
        let tape = Tape::new();
        let x = tape.input("x", random.array(&shape, -2.0, 2.0));
        let stopped = x.sin().stop_gradient();
        assert_close("stopped", &stopped.to_array::<IxDyn>(), &x.sin().to_array::<IxDyn>(), Bound::Bits);
        assert!(tape.grads(stopped.sum(), &[x]).unwrap()[0].is_none());
        let [g] = tape.grad((x * stopped).sum(), [x]).unwrap();
        assert_close("half stopped", &g.to_array::<IxDyn>(), &stopped.to_array::<IxDyn>(), Bound::Bits);
        let v = tape.constant(random.signs(&shape));
        assert!(tape.jvp(&[stopped], &[x], &[v]).unwrap()[0].is_none());
        // The gradient does not depend smoothly on x any more either.
        assert!(tape.grads(g.sum(), &[x]).unwrap()[0].is_none());
    }
}

fn variance(x: &[f64], ddof: usize) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let deviations = x.iter().map(|a| (a - mean).powi(2));
    deviations.sum::<f64>() / (x.len() - ddof) as f64
}

/// Fails unless `y` is NumPy's product of `a` and `b`: a vector is a row on
/// the left and a column on the right.
fn product(a: &ArrayD<f64>, b: &ArrayD<f64>, y: &ArrayD<f64>) -> Result<(), TestCaseError> {
    let raised = |x: &ArrayD<f64>, at: usize| match x.ndim() {
        1 => x.clone().insert_axis(Axis(at)),
        _ => x.clone(),
    };
    let matrices = [raised(a, 0), raised(b, 1)].map(|x| Naive::exact(&x.into()));
    let mut interpreter = Interpreter::of(wengert_autodiff::DType::F64);
    let product = interpreter.apply(&Op::from(MatMul::default()), &matrices);
    let shape = product[0].shape().to_vec();
    let y = y
        .to_shape(IxDyn(&shape))
        .map_err(|e| TestCaseError::fail(e.to_string()))?;
    let same = compare(&y.to_owned().into(), &product[0], interpreter.unit);
    same.map(|_| ()).map_err(TestCaseError::fail)
}
