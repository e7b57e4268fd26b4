//! How a tape is shown: as text, as an expression, as a graph. Reads the
//! tape, never writes to it.

mod dot;
mod expr;
mod literal;
mod rust;
mod term;
mod text;

pub use term::{Binding, Term};

pub(crate) use expr::{constant, expression};
