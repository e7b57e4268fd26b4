//! Random streams, counted: which numbers are drawn depends on the seed and on
//! what they are for, and on nothing else, least of all on what was drawn
//! before or by which thread.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The order of the examples in an epoch.
    Shuffle { epoch: usize },
    /// Dropout and the like in one chunk of one step.
    Chunk { step: usize, chunk: usize },
    /// The penalty of one step.
    Penalty { step: usize },
    /// A context made by hand.
    Context,
}

/// A stream of its own for every seed and purpose.
///
/// The 32 bytes of the ChaCha key are seed, kind of purpose, and its two
/// counters: different keys give unrelated streams, and no two coincide.
pub(crate) fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let (kind, a, b) = match purpose {
        Purpose::Context => (0, 0, 0),
        Purpose::Shuffle { epoch } => (1, epoch, 0),
        Purpose::Chunk { step, chunk } => (2, step, chunk),
        Purpose::Penalty { step } => (3, step, 0),
    };
    let mut key = [0; 32];
    for (bytes, word) in key
        .chunks_exact_mut(8)
        .zip([seed, kind, a as u64, b as u64])
    {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn streams_differ_by_seed_and_purpose_and_repeat() {
        let purposes = [
            Purpose::Context,
            Purpose::Shuffle { epoch: 1 },
            Purpose::Chunk { step: 1, chunk: 0 },
            Purpose::Chunk { step: 0, chunk: 1 },
            Purpose::Penalty { step: 1 },
        ];
        let mut first = Vec::new();
        for seed in [0, 1] {
            for purpose in purposes {
                let number = stream(seed, purpose).next_u64();
                assert_eq!(number, stream(seed, purpose).next_u64());
                assert!(!first.contains(&number));
                first.push(number);
            }
        }
    }
}
