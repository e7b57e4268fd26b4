//! The digits network written by hand, without any autodiff: what a compiled
//! tape is measured against. 784-128-10, sigmoid, softmax cross-entropy, Adam,
//! all in f32; no step allocates, but for what a matrix product packs.

mod adam;
mod exp;
mod layout;
mod limit;
mod product;
mod shard;
mod shared;
mod team;

pub use adam::Adam;
pub use layout::{Split, count, initial};
pub use limit::limit;
pub use product::Product;
pub use shard::Shard;
pub use team::train;
