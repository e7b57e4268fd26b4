//! Where each parameter stands in the one flat buffer that holds them all, so
//! that the update is one pass over it. Weights are [inputs, outputs].

use peers_common::{INPUTS, OUTPUTS};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// How many parameters there are with so many hidden units.
pub fn count(hidden: usize) -> usize {
    INPUTS * hidden + hidden + hidden * OUTPUTS + OUTPUTS
}

/// The parameters, or their gradients, or anything else that is laid out alike.
pub struct Split<T> {
    /// [784, hidden]
    pub w1: T,
    /// \[hidden\]
    pub b1: T,
    /// [hidden, 10]
    pub w2: T,
    /// \[10\]
    pub b2: T,
}

impl<'a, T> Split<&'a [T]> {
    pub fn new(flat: &'a [T], hidden: usize) -> Self {
        let (w1, rest) = flat.split_at(INPUTS * hidden);
        let (b1, rest) = rest.split_at(hidden);
        let (w2, b2) = rest.split_at(hidden * OUTPUTS);
        Self { w1, b1, w2, b2 }
    }
}

impl<'a, T> Split<&'a mut [T]> {
    pub fn new_mut(flat: &'a mut [T], hidden: usize) -> Self {
        let (w1, rest) = flat.split_at_mut(INPUTS * hidden);
        let (b1, rest) = rest.split_at_mut(hidden);
        let (w2, b2) = rest.split_at_mut(hidden * OUTPUTS);
        Self { w1, b1, w2, b2 }
    }
}

/// Uniform within ±1/√inputs of each layer, as PyTorch's `Linear` begins.
pub fn initial(hidden: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let first = INPUTS * hidden + hidden;
    (0..count(hidden))
        .map(|i| {
            let inputs = if i < first { INPUTS } else { hidden };
            rng.random_range(-1.0..1.0) / (inputs as f32).sqrt()
        })
        .collect()
}
