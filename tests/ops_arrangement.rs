//! Every operation that moves elements and computes nothing, at random
//! shapes (empty ones too) and with random parameters: views, joins, slices
//! with negative steps, selection by number, padding, conversion of element
//! types, `stop_gradient`. Values exactly, against ndarray or element by
//! element; derivatives against the same battery as in `ops_properties.rs`.

use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use wengert_autodiff::{Tape, concat, stack};
use wengert_tests::{
    Bound, Random, assert_close, broadcast_shapes, check_operation, config, indices, shape,
    shape_of,
};

/// Sums in another order differ by rounding of their largest terms.
const SUMMED: Bound = Bound::OfLargest(1e-14);

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn views(shape in shape(), seed: u64) {
        let mut random = Random::new(seed);
        let x = random.array(&shape, -2.0, 2.0);
        let one = std::slice::from_ref(&x);
        let rank = shape.len();

        let order = random.permutation(rank);
        let axes: Vec<isize> = order
            .iter()
            .map(|&a| if random.unit() < 0.5 { a as isize } else { a as isize - rank as isize })
            .collect();
        let y = check_operation(one, seed, |x| x[0].permute(&axes))?;
        let want = x.view().permuted_axes(IxDyn(&order));
        assert_close("permute", &y, &want, Bound::Bits);
        let y = check_operation(one, seed, |x| x[0].transpose())?;
        assert_close("transpose", &y, &x.t(), Bound::Bits);

        let new: Vec<usize> = order.iter().map(|&a| shape[a]).chain([1]).collect();
        let y = check_operation(one, seed, |x| x[0].reshape(&new))?;
        let want = x.to_shape(IxDyn(&new)).expect("the same elements");
        assert_close("reshape", &y, &want, Bound::Bits);

        let at = random.below(rank + 1);
        let signed = if random.unit() < 0.5 { at as isize } else { at as isize - rank as isize - 1 };
        let y = check_operation(one, seed, |x| x[0].expand_dims(signed))?;
        let raised = x.clone().insert_axis(ndarray::Axis(at));
        assert_close("expand_dims", &y, &raised, Bound::Bits);
        let y = check_operation(&[raised], seed, |x| x[0].squeeze(signed))?;
        assert_close("squeeze", &y, &x, Bound::Bits);
    }

    #[test]
    fn broadcasting(shapes in broadcast_shapes(2), seed: u64) {
        let x = Random::new(seed).array(&shapes[0], -2.0, 2.0);
        // The common shape of both.
        let other = ArrayD::<f64>::zeros(IxDyn(&shapes[1]));
        let target = (&x + &other).shape().to_vec();
        let y = check_operation(std::slice::from_ref(&x), seed, |x| x[0].broadcast_to(&target))?;
        let want = x.broadcast(IxDyn(&target)).expect("it can be broadcast");
        assert_close("broadcast_to", &y, &want, Bound::Bits);
    }

    #[test]
    fn joins(
        shape in shape_of(1..=3, 0..=3),
        lengths in prop::collection::vec(0..=3usize, 1..=4),
        pick: u8,
        seed: u64,
    ) {
        let mut random = Random::new(seed);
        let rank = shape.len();
        let at = pick as usize % rank;
        let axis = if pick & 128 == 0 { at as isize } else { at as isize - rank as isize };
        let with = |length: usize| {
            let mut s = shape.clone();
            s[at] = length;
            s
        };
        let parts: Vec<ArrayD<f64>> =
            lengths.iter().map(|&n| random.array(&with(n), -2.0, 2.0)).collect();
        let views: Vec<_> = parts.iter().map(|p| p.view()).collect();
        let joined = ndarray::concatenate(ndarray::Axis(at), &views).expect("they fit");
        let y = check_operation(&parts, seed, |x| concat(x, axis))?;
        assert_close("concat", &y, &joined, Bound::Bits);

        // Every piece, alone and with others; some pieces unused.
        for (i, part) in parts.iter().enumerate() {
            let y = check_operation(std::slice::from_ref(&joined), seed, |x| {
                x[0].split(&lengths, axis)[i]
            })?;
            assert_close("split", &y, part, Bound::Bits);
        }
        check_operation(&[joined], seed, |x| {
            let pieces = x[0].split(&lengths, axis);
            let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
            first.sin().sum() * last.square().sum()
        })?;

        let same: Vec<ArrayD<f64>> =
            lengths.iter().map(|_| random.array(&shape, -2.0, 2.0)).collect();
        let views: Vec<_> = same.iter().map(|p| p.view()).collect();
        let want = ndarray::stack(ndarray::Axis(at), &views).expect("they fit");
        let y = check_operation(&same, seed, |x| stack(x, at as isize))?;
        assert_close("stack", &y, &want, Bound::Bits);
        // One array, several times.
        check_operation(&same[..1], seed, |x| concat(&[x[0], x[0].sin(), x[0]], axis))?;
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
            want.invert_axis(ndarray::Axis(axis));
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
    fn selections(
        shape in shape_of(1..=3, 1..=4),
        numbers in shape_of(0..=2, 0..=3),
        pick: u8,
        seed: u64,
    ) {
        let mut random = Random::new(seed);
        let x = random.array(&shape, -2.0, 2.0);
        let rank = shape.len();
        let at = pick as usize % rank;
        let axis = if pick & 128 == 0 { at as isize } else { at as isize - rank as isize };
        let chosen = random.indices(&numbers, shape[at]);
        let y = check_operation(std::slice::from_ref(&x), seed, |x| {
            x[0].index_select(axis, x[0].tape().constant(chosen.clone()))
        })?;
        let result: Vec<usize> = [&shape[..at], &numbers[..], &shape[at + 1..]].concat();
        let want = ArrayD::from_shape_fn(IxDyn(&result), |i| {
            let i = ndarray::Dimension::slice(&i);
            let row = chosen[IxDyn(&i[at..at + numbers.len()])];
            x[IxDyn(&[&i[..at], &[row], &i[at + numbers.len()..]].concat())]
        });
        assert_close("index_select", &y, &want, Bound::Bits);
    }

    #[test]
    fn gathering_and_scattering(
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
        let y = check_operation(std::slice::from_ref(&x), seed, |x| {
            x[0].gather(axis, x[0].tape().constant(chosen.clone()))
        })?;
        let want = ArrayD::from_shape_fn(IxDyn(&numbers), |i| x[place(&i)]);
        assert_close("gather", &y, &want, Bound::Bits);

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
