//! Automatic differentiation for [`ndarray`](https://docs.rs/ndarray) that
//! you can trust.
//!
//! This package re-exports the crates of the project under one roof:
//!
//! | here | crate | what |
//! |---|---|---|
//! | [`wengert`](crate) itself | `wengert-autodiff` | the tape, operations, derivatives, gradient checking |
//! | [`nn`] | `wengert-nn` | parameters, layers, losses, optimisers, training |
//! | [`mnist`] | `wengert-mnist` | the MNIST digits, embedded; a reader for IDX files |
//! | [`plot`] | `wengert-plot` | figures as PNG or SVG |
//!
//! Each is a feature of the same name, on by default; `default-features =
//! false` leaves the tape alone.
//!
//! ```
//! use ndarray::array;
//! use wengert::{Tape, check_gradients, grad};
//!
//! // A function of two matrices, its gradient, and the proof.
//! let (x, w) = (array![[0.5, -1.0]], array![[2.0], [3.0]]);
//! let (dx, dw) = grad(|[x, w]| x.dot(w).sigmoid().sum(), (&x, &w))?;
//! check_gradients(|[x, w]| x.dot(w).sigmoid().sum(), (&x, &w))?.assert_passed();
//! # assert_eq!((dx.dim(), dw.dim()), ((1, 2), (2, 1)));
//!
//! // The same on a tape, where everything can be read.
//! let tape = Tape::new();
//! let (x, w) = (tape.input("x", x), tape.input("w", w));
//! let y = x.dot(w).sigmoid().sum();
//! assert_eq!(y.to_string(), "sum(sigmoid(x · w))");
//! let [dw] = tape.grad(y, [w])?;
//! println!("{dw}");
//! # Ok::<(), wengert::Error>(())
//! ```

pub use wengert_autodiff::*;

#[cfg(feature = "mnist")]
pub use wengert_mnist as mnist;
#[cfg(feature = "nn")]
pub use wengert_nn as nn;
#[cfg(feature = "plot")]
pub use wengert_plot as plot;

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// And those of the measurements.
#[cfg(doctest)]
#[doc = include_str!("../docs/measurements.md")]
struct Measurements;
