//! Which elements of a gradient are wrong: by halving, by sampling, or one
//! after the other.

use std::ops::Range;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::compare::{Claim, Outcome, SAFETY};
use super::difference::{Estimate, Slope, slope};
use super::probe::Probe;
use super::report::Element;

/// How exactly elements are looked at that were picked at random.
const COARSE: f64 = 1e-6;

/// A gradient that is wrong somewhere, and what to compare it with.
pub(super) struct Search<'a, 't> {
    pub probe: &'a mut Probe<'t>,
    pub shape: &'a [usize],
    pub gradient: &'a [f64],
    /// A direction along which gradient and differences disagree.
    pub v: &'a [f64],
    /// Rounding noise of the function.
    pub noise: f64,
    /// Rounding noise of one element's part of the gradient along `v`.
    pub own: f64,
}

impl Search<'_, '_> {
    /// Analytic and numeric derivative along the part of `v` in `range`, the
    /// latter about as exact as `enough`.
    fn along(&mut self, range: &Range<usize>, enough: f64) -> Option<(f64, Estimate)> {
        let mut part = vec![0.0; self.v.len()];
        part[range.clone()].copy_from_slice(&self.v[range.clone()]);
        let analytic = range.clone().map(|i| self.gradient[i] * self.v[i]).sum();
        match slope(&mut |h| self.probe.along(&part, h), self.noise, enough) {
            Slope::Smooth(numeric) => Some((analytic, numeric)),
            _ => None,
        }
    }

    /// Of two halves, follows the one that holds more of the disagreement,
    /// which was found to be `gap`, down to one element. `None` if it drowns
    /// in uncertainty on the way: then many elements are wrong by little.
    pub fn halve(&mut self, mut gap: f64) -> Option<usize> {
        let mut range = 0..self.gradient.len();
        while range.len() > 1 {
            let middle = range.start + range.len() / 2;
            let halves = [range.start..middle, middle..range.end];
            // What is missing in one half is in the other.
            let enough = gap.abs() / 16.0;
            let (left, right) = match self.along(&halves[0], enough) {
                Some((analytic, numeric)) => {
                    let left = analytic - numeric.value;
                    (left, gap - left)
                }
                None => {
                    let (analytic, numeric) = self.along(&halves[1], enough)?;
                    let right = analytic - numeric.value;
                    (gap - right, right)
                }
            };
            let [first, second] = halves;
            (range, gap) = match left.abs() >= right.abs() {
                true => (first, left),
                false => (second, right),
            };
        }
        Some(range.start)
    }

    /// One element, if it is wrong by more than about `precision` of itself:
    /// steps of two sizes have to say so.
    pub fn element(&mut self, at: usize, precision: f64) -> Option<Element> {
        let v = self.v[at];
        let mut worst = None;
        for scale in [1.0, 0.6] {
            let mut part = vec![0.0; self.v.len()];
            part[at] = scale * v;
            let analytic = self.gradient[at] * part[at];
            let claim = Claim {
                slope: analytic,
                own: self.own + 4.0 * f64::EPSILON * analytic.abs(),
                noise: self.noise,
                enough: precision * analytic.abs(),
            };
            let Outcome::Differs(numeric) = claim.against(&mut |h| self.probe.along(&part, h))
            else {
                return None;
            };
            worst = worst.or(Some(Element {
                index: unravel(at, self.shape),
                analytic: self.gradient[at],
                numeric: numeric.value / part[at],
                error: (numeric.error / part[at]).abs(),
            }));
            // What is off by far needs no second witness.
            if (analytic - numeric.value).abs() > 100.0 * SAFETY * (numeric.error + claim.own) {
                break;
            }
        }
        worst
    }

    /// Some elements, tried at random: the wrong ones, and of how many.
    pub fn sample(&mut self, seed: u64, tries: usize) -> (Vec<Element>, usize) {
        let n = self.gradient.len();
        if n <= tries {
            let wrong = (0..n).filter_map(|at| self.element(at, 0.0)).collect();
            return (wrong, n);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let picks: Vec<usize> = (0..tries).map(|_| rng.random_range(0..n)).collect();
        let wrong = picks
            .into_iter()
            .filter_map(|at| self.element(at, COARSE))
            .collect();
        (wrong, tries)
    }

    /// `analytic / numeric` along random halves of the elements, if it is one
    /// number and that number means something.
    pub fn common_ratio(&mut self, seed: u64, gap: f64) -> Option<f64> {
        const SUBSETS: usize = 4;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut ratios = Vec::new();
        for _ in 0..SUBSETS {
            let kept: Vec<bool> = self.v.iter().map(|_| rng.random()).collect();
            let part: Vec<f64> = self
                .v
                .iter()
                .zip(&kept)
                .map(|(v, &k)| if k { *v } else { 0.0 })
                .collect();
            let analytic: f64 = part.iter().zip(self.gradient).map(|(v, g)| v * g).sum();
            let Slope::Smooth(numeric) = slope(
                &mut |h| self.probe.along(&part, h),
                self.noise,
                gap.abs() * 1e-7,
            ) else {
                return None;
            };
            if numeric.value.abs() <= 1e3 * numeric.error {
                continue;
            }
            ratios.push(analytic / numeric.value);
        }
        let first = *ratios.first()?;
        let same = |r: &f64| (r - first).abs() <= 1e-6 * first.abs().max(1.0);
        (ratios.len() >= 2 && ratios.iter().all(same)).then_some(first)
    }
}

pub(super) fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (i, &n) in index.iter_mut().zip(shape).rev() {
        *i = flat % n.max(1);
        flat /= n.max(1);
    }
    index
}
