//! Random shapes as strategies, which shrink, and random numbers from a seed.

use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// So many cases, the same ones on every run, and nothing written to disk.
///
/// `PROPTEST_CASES` and `PROPTEST_RNG_SEED` override the number and the seed,
/// to search further than a routine run does.
pub fn config(cases: u32) -> ProptestConfig {
    let given = |name| std::env::var(name).ok().and_then(|v| v.parse().ok());
    ProptestConfig {
        cases: given("PROPTEST_CASES").map_or(cases, |n| n as u32),
        rng_seed: RngSeed::Fixed(given("PROPTEST_RNG_SEED").unwrap_or(0x7E57)),
        failure_persistence: None,
        max_global_rejects: 10_000,
        ..ProptestConfig::default()
    }
}

/// A shape of rank 0 to 3, empty axes included.
pub fn shape() -> impl Strategy<Value = Vec<usize>> {
    shape_of(0..=3, 0..=4)
}

/// A shape with ranks and lengths from these ranges.
pub fn shape_of(
    ranks: std::ops::RangeInclusive<usize>,
    lengths: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(lengths, ranks)
}

/// `n` shapes that can be broadcast together: each is the common one with
/// leading axes dropped and others set to length 1.
pub fn broadcast_shapes(n: usize) -> impl Strategy<Value = Vec<Vec<usize>>> {
    let thin = (
        0..=3usize,
        prop::collection::vec(prop::bool::weighted(0.3), 3),
    );
    (shape(), prop::collection::vec(thin, n)).prop_map(|(common, thins)| {
        let operand = |(dropped, ones): (usize, Vec<bool>)| -> Vec<usize> {
            let dropped = dropped.saturating_sub(1).min(common.len());
            let kept = common[dropped..].iter().zip(ones);
            kept.map(|(&len, one)| if one { 1 } else { len }).collect()
        };
        thins.into_iter().map(operand).collect()
    })
}

/// The SplitMix64 generator: enough for test data, and the same everywhere.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, *Fast splittable pseudorandom
/// number generators* (2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator with this state.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = self.0;
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * 2f64.powi(-53)
    }

    /// Uniform in `[lo, hi)`.
    pub fn between(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.unit()
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// An array, uniform in `[lo, hi)`.
    pub fn array(&mut self, shape: &[usize], lo: f64, hi: f64) -> ArrayD<f64> {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || self.between(lo, hi))
    }

    /// An array in `[lo, hi)` that keeps `margin` away from every kink.
    pub fn away_from(
        &mut self,
        shape: &[usize],
        (lo, hi): (f64, f64),
        kinks: &[f64],
        margin: f64,
    ) -> ArrayD<f64> {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || {
            loop {
                let x = self.between(lo, hi);
                if kinks.iter().all(|k| (x - k).abs() >= margin) {
                    return x;
                }
            }
        })
    }

    /// An array of either sign, between 1/2 and 3/2 in magnitude, so that no
    /// element of what it multiplies is lost.
    pub fn signs(&mut self, shape: &[usize]) -> ArrayD<f64> {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || {
            let magnitude = self.between(0.5, 1.5);
            if self.unit() < 0.5 {
                -magnitude
            } else {
                magnitude
            }
        })
    }

    /// An array of whole numbers below `n`.
    pub fn indices(&mut self, shape: &[usize], n: usize) -> ArrayD<usize> {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || self.below(n))
    }

    /// An array of coin tosses.
    pub fn mask(&mut self, shape: &[usize]) -> ArrayD<bool> {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || self.unit() < 0.5)
    }

    /// An axis of an array of this rank, perhaps counted from the end, and
    /// which one that is; none of rank 0.
    pub fn axis(&mut self, rank: usize) -> Option<(isize, usize)> {
        let at = (rank > 0).then(|| self.below(rank))?;
        let back = self.unit() < 0.5;
        let axis = at as isize - if back { rank as isize } else { 0 };
        Some((axis, at))
    }

    /// A permutation of `0..n`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}
