//! What the peers written in Rust share: arguments, data, the training loop
//! around an epoch, and the micro-benchmarks' set-up. No peer's own work.

mod arguments;
mod digits;
pub mod micro;
mod threads;
mod train;

pub use arguments::{Arguments, Task, Training};
pub use digits::Digits;
pub use threads::{pin, pinned_pool};
pub use train::{Peer, train};

/// Pixels of an image.
pub const INPUTS: usize = 784;
/// Classes.
pub const OUTPUTS: usize = 10;
/// Adam's step size.
pub const RATE: f64 = 1e-3;
