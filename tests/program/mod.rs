//! Random whole programs: directed acyclic graphs over every operation of the
//! table, with random shapes and parameters, broadcasting, shared parts and
//! many results.
//!
//! | file | what |
//! |---|---|
//! | `sketch` | what proptest draws and shrinks: a few numbers per step |
//! | `build` | from a sketch to operations with operands |
//! | `check` | derivatives to the second order, values against the naive ones |

mod build;
mod check;
mod sketch;

pub use build::{Program, players, smooth_players};
pub use check::{Tally, check};
pub use sketch::{Sketch, Step, sketch};
