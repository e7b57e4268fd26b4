//! The loop around an epoch: what is timed, and what is printed.

use std::time::Instant;

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::ChaCha8Rng};
use serde_json::json;

use crate::Training;

/// Something that learns digits.
pub trait Peer {
    /// Trains on the training images in the given order, as many at a time as
    /// a batch has; the last batch may be smaller. Returns the mean loss.
    fn epoch(&mut self, order: &[u32], batch: usize) -> f64;

    /// The share of the test images that are classified rightly.
    fn accuracy(&mut self) -> f64;
}

/// Trains, and prints the figures. Shuffling is timed, evaluation is not.
/// Returns the last accuracy.
pub fn train(peer: &mut impl Peer, images: usize, options: &Training) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut order: Vec<u32> = (0..images as u32).collect();
    let (mut seconds, mut losses, mut accuracies) = (vec![], vec![], vec![]);
    for _ in 0..options.epochs {
        let start = Instant::now();
        order.shuffle(&mut rng);
        losses.push(peer.epoch(&order, options.batch));
        seconds.push(start.elapsed().as_secs_f64());
        accuracies.push(peer.accuracy());
    }
    let last = accuracies.last().copied().unwrap_or_default();
    let figures = json!({
        "seconds_per_epoch": seconds,
        "train_loss": losses,
        "test_accuracy": accuracies,
    });
    println!("{figures}");
    last
}
