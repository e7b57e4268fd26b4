//! Parameters and configuration in one file.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic, `wengert\n` |
//! | 4 | format version, 1 |
//! | 8 | length of the header |
//! | 4 | CRC-32 of the header |
//! | | header: JSON with crate version, element type, configuration, names, shapes, CRC-32 of the data |
//! | | data: all numbers, parameter after parameter, row-major |
//!
//! All integers and floats are little-endian. Numbers are kept bit by bit:
//! NaN, infinity and -0 come back as they were. Which parameters are frozen,
//! and the state of an optimiser, are not in the file.

mod error;
mod format;
mod load;
mod save;

pub use error::CheckpointError;
pub use load::{config, load};
pub use save::save;

#[cfg(test)]
mod tests;
