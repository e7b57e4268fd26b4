//! MNIST's 70,000 handwritten digits, embedded, so that nothing is downloaded; and any other set
//! in the same file format, read strictly.
//!
//! What lives here: reading images and labels, and handing them to a network as floating-point
//! rows. What must not: anything that learns.
//!
//! ```
//! use ndarray::Array2;
//!
//! let digits = wengert_mnist::test();
//! assert_eq!((digits.len(), digits.pixels(), digits.classes()), (10_000, 28 * 28, 10));
//! assert_eq!(digits.labels[0], 7);
//!
//! // Bytes until a minibatch asks for them as numbers from 0 to 1.
//! let batch = [3, 1, 4];
//! let x: Array2<f32> = digits.features_of(&batch);
//! let t = digits.targets_of(&batch);
//! assert_eq!((x.dim(), t.len()), ((3, 784), 3));
//! ```
//!
//! | module | what |
//! |---|---|
//! | `digits` | [`Digits`]: images and labels as bytes, features and targets made from them |
//! | `embedded` | [`train()`] and [`test()`]: MNIST itself |
//! | `files` | [`Digits::from_files`] and [`Digits::from_dir`]: any other set on disk |
//! | [`idx`] | the file format |
//! | `feature` | [`Feature`]: bytes as numbers from 0 to 1 |
//! | `noise` | [`add_noise`]: Gaussian noise on features |
//! | `error` | [`Error`]: every fault by its own name |
//!
//! # Licence
//!
//! The code: MIT or Apache-2.0. The data: MNIST by Yann LeCun and Corinna Cortes, under
//! [CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), repacked without a change to
//! any image or label; `data/README.md` has source, checksums, and how to pack it again.

mod digits;
mod embedded;
mod error;
mod feature;
mod files;
pub mod idx;
mod noise;

#[cfg(test)]
mod samples;

pub use digits::Digits;
pub use embedded::{test, train};
pub use error::{Error, Result};
pub use feature::Feature;
pub use noise::{add_noise, draw_noise};
