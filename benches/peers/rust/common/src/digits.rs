//! The data set, as f32.

use std::fs;
use std::path::Path;

/// Images of the training and the test set, pixels from 0 to 1, row-major.
pub struct Digits {
    pub train_x: Vec<f32>,
    pub train_y: Vec<u8>,
    pub test_x: Vec<f32>,
    pub test_y: Vec<u8>,
}

impl Digits {
    /// Reads the four IDX files in `dir`.
    ///
    /// # Panics
    ///
    /// If one of them cannot be read.
    pub fn load(dir: &Path) -> Self {
        // Headers: 4 bytes, and 4 for each of three axes or of one.
        let images = |name| read(dir, name, 16, |byte| f32::from(byte) / 255.0);
        let labels = |name| read(dir, name, 8, |byte| byte);
        Self {
            train_x: images("train-images-idx3-ubyte"),
            train_y: labels("train-labels-idx1-ubyte"),
            test_x: images("t10k-images-idx3-ubyte"),
            test_y: labels("t10k-labels-idx1-ubyte"),
        }
    }

    /// The share of the test images whose answer is their label.
    pub fn accuracy(&self, answers: impl IntoIterator<Item = usize>) -> f64 {
        let pairs = answers.into_iter().zip(&self.test_y);
        let right = pairs
            .filter(|(answer, label)| *answer == usize::from(**label))
            .count();
        right as f64 / self.test_y.len() as f64
    }
}

fn read<T>(dir: &Path, name: &str, header: usize, element: impl Fn(u8) -> T) -> Vec<T> {
    let path = dir.join(name);
    let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    bytes[header..].iter().map(|byte| element(*byte)).collect()
}
