//! The order in which an epoch goes through the examples.

use rand::seq::SliceRandom;

use crate::random::{Purpose, stream};

/// The numbers `0..rows`, shuffled; decided by the seed and the epoch alone.
pub(super) fn order(rows: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut stream(seed, Purpose::Shuffle { epoch }));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_has_an_order_of_its_own() {
        let first = order(100, 1, 1);
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..100));
        assert_eq!(first, order(100, 1, 1));
        assert_ne!(first, order(100, 1, 2));
        assert_ne!(first, order(100, 2, 1));
    }
}
