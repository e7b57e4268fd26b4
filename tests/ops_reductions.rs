//! Norms, variances and running sums at random points, in random shapes, over
//! random axes: values against naive computations, derivatives against the
//! battery. Sums, products and extremes are in `ops_properties.rs`.

use ndarray::{ArrayD, Axis};
use proptest::prelude::*;
use wengert_tests::{
    Bound, Random, assert_close, axes_of, check_operation, config, reduced, shape, shape_of,
};

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn variance(x: &[f64], ddof: usize) -> f64 {
    let deviations = x.iter().map(|a| (a - mean(x)).powi(2));
    deviations.sum::<f64>() / (x.len() - ddof) as f64
}

/// `f` of the elements up to each one along an axis.
fn so_far(x: &ArrayD<f64>, axis: usize, f: impl Fn(&[f64]) -> f64) -> ArrayD<f64> {
    let mut y = x.clone();
    for (from, mut to) in x.lanes(Axis(axis)).into_iter().zip(y.lanes_mut(Axis(axis))) {
        let from: Vec<f64> = from.iter().copied().collect();
        for i in 0..from.len() {
            to[i] = f(&from[..=i]);
        }
    }
    y
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn norms(
        shape in shape_of(0..=3, 1..=4),
        bits: u8,
        keepdims: bool,
        seed: u64,
        p in prop_oneof![Just(1.0), Just(2.0), Just(3.0), Just(4.0), 0.4..5.0f64],
    ) {
        let x = Random::new(seed).away_from(&shape, (-2.0, 2.0), &[0.0], 0.2);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].norm_axes(p, &axes, keepdims))?;
        let naive = |x: &[f64]| x.iter().map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p);
        assert_close("norm", &y, &reduced(&x, &axes, keepdims, naive), Bound::OfEach(1e-14));
        check_operation(&[x], seed, |x| x[0].norm(p))?;
    }

    #[test]
    fn norms_of_infinite_order(shape in shape_of(0..=3, 1..=4), bits: u8, keepdims: bool, seed: u64) {
        let x = Random::new(seed).away_from(&shape, (-2.0, 2.0), &[0.0], 0.01);
        let axes = axes_of(shape.len(), bits);
        for (p, start, better) in [
            (f64::INFINITY, 0.0, f64::max as fn(f64, f64) -> f64),
            (f64::NEG_INFINITY, f64::INFINITY, f64::min),
        ] {
            let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].norm_axes(p, &axes, keepdims))?;
            let naive = |x: &[f64]| x.iter().map(|x| x.abs()).fold(start, better);
            assert_close("norm", &y, &reduced(&x, &axes, keepdims, naive), Bound::Bits);
        }
    }

    /// The norm of nothing is 0.
    #[test]
    fn norms_of_nothing(shape in shape_of(1..=3, 0..=2), bits: u8, keepdims: bool, seed: u64) {
        let x = Random::new(seed).array(&shape, 0.5, 2.0);
        let axes = axes_of(shape.len(), bits);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].norm_axes(2.0, &axes, keepdims))?;
        let naive = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert_close("norm", &y, &reduced(&x, &axes, keepdims, naive), Bound::OfEach(1e-15));
    }

    #[test]
    fn variances(shape in shape_of(1..=3, 2..=4), bits in 1..8u8, ddof in 0..=1usize, keepdims: bool, seed: u64) {
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
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].var_axes(&axes, ddof, keepdims))?;
        let naive = |x: &[f64]| variance(x, ddof);
        assert_close("var", &y, &reduced(&x, &axes, keepdims, naive), Bound::OfEach(1e-13));
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].std_axes(&axes, ddof, keepdims))?;
        let naive = |x: &[f64]| variance(x, ddof).sqrt();
        assert_close("std", &y, &reduced(&x, &axes, keepdims, naive), Bound::OfEach(1e-13));
        check_operation(&[x], seed, |x| x[0].var(ddof) + x[0].std(ddof))?;
    }

    #[test]
    fn running_sums_and_products(shape in shape_of(1..=3, 0..=5), axis in 0..3usize, seed: u64) {
        let axis = axis % shape.len();
        let signed = axis as isize - if seed.is_multiple_of(2) { shape.len() as isize } else { 0 };
        let mut random = Random::new(seed);
        let x = random.away_from(&shape, (-1.6, 1.6), &[0.0], 0.4);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].cumsum(signed))?;
        assert_close("cumsum", &y, &so_far(&x, axis, |x| x.iter().sum()), Bound::Absolute(1e-14));
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].cumprod(signed))?;
        assert_close("cumprod", &y, &so_far(&x, axis, |x| x.iter().product()), Bound::OfEach(1e-14));
        // With zeros among the factors the derivative is still a polynomial.
        let zeros = random.mask(&shape);
        let x = ndarray::Zip::from(&x).and(&zeros).map_collect(|&x, &z| if z { 0.0 } else { x });
        check_operation(&[x], seed, |x| x[0].cumprod(signed))?;
    }

    /// Deviations from the mean, which variances are made of.
    #[test]
    fn deviations(shape in shape(), bits: u8, seed: u64) {
        use wengert_autodiff::ops::Center;
        let x = Random::new(seed).array(&shape, -2.0, 2.0);
        let list = axes_of(shape.len(), bits);
        let axes = wengert_autodiff::Axes::from(&list[..]);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| {
            let center = Center { axes: axes.clone() };
            x[0].tape().apply(center, &[x[0].any()]).expect("a value")[0].typed().expect("f64")
        })?;
        if !x.is_empty() {
            let want = &x - &reduced(&x, &list, true, mean);
            assert_close("center", &y, &want, Bound::Absolute(1e-14));
        }
    }
}
