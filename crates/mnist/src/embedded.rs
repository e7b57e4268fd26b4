//! MNIST itself, compiled into the program. `data/README.md` says how the two files were packed.

use ruzstd::decoding::StreamingDecoder;

use crate::idx::read_array;
use crate::{Digits, files};

/// The 60,000 digits to train on: 28 x 28 pixels, ten classes, in the order of the original.
///
/// Each call decodes them anew, which takes some 0.3 s; keep what it returns. The tutorial's split
/// into 55,000 to train on and 5,000 to validate is [`Digits::split_at`].
///
/// # Examples
///
/// ```
/// let digits = wengert_mnist::train();
/// assert_eq!(digits.images.dim(), (60_000, 28, 28));
/// assert_eq!(digits.labels[0], 5);
/// ```
pub fn train() -> Digits {
    decode(
        include_bytes!("../data/train.zst"),
        "the embedded train.zst",
    )
}

/// The 10,000 digits to test with, by writers of whom none is in the training set.
///
/// Each call decodes them anew; keep what it returns.
///
/// # Examples
///
/// ```
/// let digits = wengert_mnist::test();
/// assert_eq!(digits.images.dim(), (10_000, 28, 28));
/// assert_eq!(digits.labels[0], 7);
/// ```
pub fn test() -> Digits {
    decode(include_bytes!("../data/test.zst"), "the embedded test.zst")
}

/// Decodes a file of images and, right behind it, the file of their labels.
///
/// Nothing outside the program can make this fail, so it panics where a file would be an error.
fn decode(packed: &[u8], name: &str) -> Digits {
    let mut unpacked = StreamingDecoder::new(packed).expect("the embedded data are a zstd frame");
    let sets = read_array(&mut unpacked, name).and_then(|images| {
        let labels = read_array(&mut unpacked, name)?;
        files::assemble(images, name, labels, name, 10)
    });
    sets.unwrap_or_else(|error| panic!("the embedded data are MNIST: {error}"))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{test, train};
    use crate::{Digits, samples};

    /// SHA-256 of the uncompressed files of images and labels that the set came from.
    fn checksums(digits: &Digits) -> [String; 2] {
        let (n, rows, cols) = digits.images.dim();
        let image_bytes = digits.images.as_slice().expect("in standard layout");
        let label_bytes = digits.labels.as_slice().expect("in standard layout");
        let files = [
            samples::idx(&[n, rows, cols], image_bytes),
            samples::idx(&[n], label_bytes),
        ];
        files.map(|file| {
            Sha256::digest(file)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect()
        })
    }

    fn class_counts(digits: &Digits) -> [usize; 10] {
        let mut counts = [0; 10];
        for class in digits.targets() {
            counts[class] += 1;
        }
        counts
    }

    #[test]
    fn the_training_set_is_that_of_the_original() {
        let digits = train();
        assert_eq!(
            checksums(&digits),
            [
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ]
        );
        assert_eq!(digits.images.dim(), (60_000, 28, 28));
        assert_eq!(digits.labels[0], 5);
        assert_eq!(
            class_counts(&digits),
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        );
        // The mean that everyone normalises with, 0.1307.
        let sum: u64 = digits.images.iter().map(|&byte| u64::from(byte)).sum();
        let mean = sum as f64 / 255.0 / (60_000.0 * 784.0);
        assert!((mean - 0.1307).abs() < 5e-5, "{mean}");
    }

    #[test]
    fn the_test_set_is_that_of_the_original() {
        let digits = test();
        assert_eq!(
            checksums(&digits),
            [
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ]
        );
        assert_eq!(digits.images.dim(), (10_000, 28, 28));
        assert_eq!(digits.labels[0], 7);
        assert_eq!(
            class_counts(&digits),
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        );
    }
}
