//! Which element of a gradient is wrong: by halving.

use std::ops::Range;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::difference::{Estimate, Slope, slope};
use super::judge::{SAFETY, SEED, signs};
use super::probe::Probe;
use super::report::Element;

/// Of the two halves of the elements, follows the one along which gradient
/// and differences disagree more, down to one element. `None` if the
/// disagreement drowns in the differences' uncertainty on the way.
pub(super) fn locate(
    probe: &mut Probe<'_>,
    shape: &[usize],
    gradient: &[f64],
    scale: &[f64],
    noise: f64,
) -> Option<Element> {
    let n = gradient.len();
    let signs = signs(&mut ChaCha8Rng::seed_from_u64(SEED), n);
    let v: Vec<f64> = signs.iter().zip(scale).map(|(v, s)| v * s).collect();
    let mut along = |range: &Range<usize>| -> Option<(f64, Estimate)> {
        let mut part = vec![0.0; n];
        part[range.clone()].copy_from_slice(&v[range.clone()]);
        let analytic = range.clone().map(|i| gradient[i] * v[i]).sum();
        match slope(&mut |h| probe.along(&part, h), noise) {
            Slope::Smooth(numeric) => Some((analytic, numeric)),
            _ => None,
        }
    };
    let mut range = 0..n;
    while range.len() > 1 {
        let middle = range.start + range.len() / 2;
        let halves = [range.start..middle, middle..range.end];
        let [left, right] = halves.each_ref().map(|half| {
            let (analytic, numeric) = along(half)?;
            let excess = (analytic - numeric.value).abs() - SAFETY * numeric.error;
            (excess > 0.0).then_some(excess)
        });
        let [first, second] = halves;
        range = match (left, right) {
            (None, None) => return None,
            (Some(l), Some(r)) if l < r => second,
            (None, Some(_)) => second,
            (Some(_), _) => first,
        };
    }
    let (_, numeric) = along(&range)?;
    let at = range.start;
    Some(Element {
        index: unravel(at, shape),
        analytic: gradient[at],
        numeric: numeric.value / v[at],
        error: (numeric.error / v[at]).abs(),
    })
}

fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (i, &n) in index.iter_mut().zip(shape).rev() {
        *i = flat % n.max(1);
        flat /= n.max(1);
    }
    index
}
