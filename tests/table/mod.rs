//! One table of operations, which drives every check.
//!
//! | module | what |
//! |---|---|
//! | `rows` | every operation: its parameters, domain, kinks, ties and poles |
//! | `naive` | what each is to compute, a second time |
//! | `row` | what a row is made of |
//! | `case` | an operation at a point |
//! | `checks` | what is checked of every row |
//!
//! A new operation does not compile here until it has a row and a naive
//! value; with these two it is checked like all others, and takes part in
//! random programs. No test framework is needed, and the result is data:
//!
//! ```
//! use wengert_tests::table::{Check, examine, rows};
//!
//! let exp = rows().into_iter().find(|row| row.name == "exp").expect("a row");
//! let outcome = examine(&exp, 0);
//! assert!(outcome.failures.is_empty());
//! assert!(outcome.checks[&Check::Gradient].worst < 1e-9);
//! ```

pub mod case;
pub mod checks;
pub mod naive;
pub mod row;
mod rows;

pub use checks::{Check, Found, Outcome, examine, examine_shape};
pub use row::{Regime, Row};
pub use rows::{Cube, rows};
