//! Plain functions on slices: how values are computed. They know neither the
//! tape nor derivatives; shapes have been checked before they are called.

pub mod arrange;
pub mod elementwise;
pub mod groups;
pub mod matmul;
pub mod reduce;
mod rows;
pub mod scalar;
pub mod softmax;
pub mod spread;
pub mod vector;
