//! What only the tutorial's own set-up needs: noise that is drawn once, and
//! the loss that the tutorial reports, which is not the one it descends.

use std::error::Error;

use ndarray::Array2;
use rand::{SeedableRng, rngs::ChaCha8Rng};
use wengert::mnist::{Digits, add_noise};

use crate::options::Options;

/// All training images with noise added once, before training.
pub fn noisy_features(digits: &Digits, options: &Options) -> Result<Array2<f32>, Box<dyn Error>> {
    let mut features = digits.features();
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed ^ 0x6E01_5E);
    add_noise(&mut features, options.noise as f32, &mut rng)?;
    Ok(features)
}

/// The tutorial prints `-Σ y ln p / m` with `p = σ(logit)`: of each image only
/// the surprise at the right class. Its backward pass starts from `p - y`,
/// which is the gradient of the binary cross-entropy, so that is what falls.
pub fn reported_loss(logits: &Array2<f32>, labels: impl Iterator<Item = usize>) -> f64 {
    let right = logits
        .outer_iter()
        .zip(labels)
        .map(|(row, label)| f64::from(row[label]));
    let surprise: f64 = right
        .map(|z| (-z.abs()).exp().ln_1p() + (-z).max(0.0))
        .sum();
    surprise / logits.nrows() as f64
}
