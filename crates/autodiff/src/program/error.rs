//! Why a run of a program was refused.

use crate::error::Fault;
use crate::value::Type;

/// A run that could not give the result that recording would have given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Too many or too few inputs.
    #[error("the program takes {expected} inputs, got {found}")]
    Count {
        /// How many the program takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An input of another element type or shape than the recorded one.
    #[error(
        "input {position}, `{name}`, was recorded as {expected}, and the new value is {found}; \
         other shapes need a program of their own"
    )]
    Input {
        /// Position of the input, from 0.
        position: usize,
        /// Its name.
        name: String,
        /// What the program was compiled for.
        expected: Box<Type>,
        /// What was given.
        found: Box<Type>,
    },
    /// A branch that would have gone the other way.
    #[error(
        "at {line} the recorded program decided {taken}, and with these inputs it would decide \
         {}: the other branch was not recorded", !taken
    )]
    Guard {
        /// The line of the branch.
        line: String,
        /// What was decided when recording.
        taken: bool,
    },
    /// An operation that refuses these operands: an index out of range.
    #[error("{op}: {fault}\n   at {line}")]
    Operation {
        /// The operation.
        op: String,
        /// The rule that it broke.
        #[source]
        fault: Box<Fault>,
        /// The line that recorded it.
        line: String,
    },
}
