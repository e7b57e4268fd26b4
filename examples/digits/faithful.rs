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
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed.rotate_left(32));
    add_noise(&mut features, options.noise as f32, &mut rng)?;
    Ok(features)
}

/// The two losses of the tutorial, per image.
pub struct Losses {
    /// The binary cross-entropy `-Σ (y ln p + (1 - y) ln (1 - p))` with
    /// `p = σ(logit)`: what the backward pass `p - y` belongs to, and what
    /// falls.
    pub descended: f64,
    /// `-Σ y ln p`, what the tutorial prints: only the surprise at the right
    /// class. Differentiating it would give another backward pass.
    pub reported: f64,
}

/// Both losses, at the same parameters and the same images.
pub fn losses(logits: &Array2<f32>, labels: impl Iterator<Item = usize>) -> Losses {
    // -ln σ(z) = softplus(-z), -ln (1 - σ(z)) = softplus(z).
    let softplus = |z: f64| z.max(0.0) + (-z.abs()).exp().ln_1p();
    let (mut descended, mut reported) = (0.0, 0.0);
    for (row, label) in logits.outer_iter().zip(labels) {
        let right = f64::from(row[label]);
        reported += softplus(-right);
        descended += row.iter().map(|&z| softplus(f64::from(z))).sum::<f64>() - right;
    }
    let images = logits.nrows() as f64;
    Losses {
        descended: descended / images,
        reported: reported / images,
    }
}
