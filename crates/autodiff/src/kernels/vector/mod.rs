//! Functions of one number that the compiler turns into SIMD: no branches and
//! no calls, only arithmetic, bits and selections. In a loop inside of
//! [`simd::run`](crate::simd::run) they work on whole registers.
//!
//! Each is the one meaning of its function, in loops and elsewhere. Nothing is
//! contracted to fused multiply-add, so an element has the same bits at every
//! level and wherever it stands. The error that each states holds in f32 and
//! in f64, and is tested.

mod exp;
mod expm1;
mod lane;
mod ln;
mod sigmoid;
mod sin;
mod tanh;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

pub use exp::{exp, exp2};
pub use expm1::expm1;
pub use lane::Lane;
pub use ln::{ln, log1p};
pub use sigmoid::{log_sigmoid, sigmoid, softplus};
pub use sin::{Turn, cos, far, sin};
pub use tanh::tanh;
