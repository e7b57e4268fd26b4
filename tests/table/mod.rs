//! One table of operations, which drives every check.
//!
//! | module | what |
//! |---|---|
//! | `rows` | every operation: its parameters, domain, kinks, ties and poles |
//! | `naive` | what each is to compute, a second time |
//! | `case` | what a row is made of |
//! | `checks` | what is checked of every row |
//!
//! A new operation does not compile here until it has a row and a naive
//! value; with these two it is checked like all others, and takes part in
//! random programs.

pub mod case;
pub mod checks;
pub mod naive;
mod rows;

pub use case::{Regime, Row};
pub use checks::{Check, Found, Outcome, examine, examine_shape};
pub use rows::{Cube, rows};
