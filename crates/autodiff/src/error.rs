//! What can go wrong when an operation is recorded or differentiated. A
//! message names the operation, its operands, the rule that failed, and the
//! line of the caller.

use std::fmt;
use std::panic::Location;

use crate::dtype::DType;
use crate::shape::Shape;
use crate::value::Type;

/// An operation that could not be recorded, evaluated or differentiated.
///
/// Operators and methods panic with this message at the caller's line;
/// [`Tape::apply`](crate::Tape::apply) returns it.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    op: String,
    operands: Vec<Type>,
    fault: Fault,
    location: &'static Location<'static>,
}

impl Error {
    pub(crate) fn new(
        op: impl Into<String>,
        operands: Vec<Type>,
        fault: Fault,
        location: &'static Location<'static>,
    ) -> Error {
        Error(Box::new(Inner {
            op: op.into(),
            operands,
            fault,
            location,
        }))
    }

    /// The operation that refused.
    pub fn op(&self) -> &str {
        &self.0.op
    }

    /// Types and shapes of the operands.
    pub fn operands(&self) -> &[Type] {
        &self.0.operands
    }

    /// The rule that failed.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }

    /// The caller's line.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// Panics at the caller's line, which `panic!` prints by itself.
    #[track_caller]
    pub(crate) fn raise(&self) -> ! {
        panic!("{}", self.message())
    }

    fn message(&self) -> String {
        let operands: Vec<String> = self.0.operands.iter().map(Type::to_string).collect();
        format!("{}({}): {}", self.0.op, operands.join(", "), self.0.fault)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n   at {}", self.message(), self.0.location)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.fault)
    }
}

/// The rule that an operation broke.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Too many or too few operands.
    #[error("takes {expected} operands, got {found}")]
    Arity {
        /// How many the operation takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An operand of the wrong element type.
    #[error("operand {operand} must be {expected}, but is {found}")]
    DType {
        /// Position of the operand, from 0.
        operand: usize,
        /// What the operation needs there.
        expected: &'static str,
        /// What was given.
        found: DType,
    },
    /// f32 mixed with f64 or the like.
    #[error(
        "operands must have one element type, but are {left} and {right}; convert one with `cast`"
    )]
    MixedDTypes {
        /// Element type of the first operand.
        left: DType,
        /// Element type of the other operand.
        right: DType,
    },
    /// Shapes that NumPy's rule cannot bring together.
    #[error(
        "shapes {left} and {right} cannot be broadcast: axis -{axis} has lengths {} and {}, \
         which must be equal or 1", lengths.0, lengths.1
    )]
    Broadcast {
        /// Shape of the first operand.
        left: Shape,
        /// Shape of the other operand.
        right: Shape,
        /// The axis, counted from the end, starting at 1.
        axis: usize,
        /// The two lengths there.
        lengths: (usize, usize),
    },
    /// A shape that the operand cannot be broadcast to.
    #[error("shape {from} cannot be broadcast to {to}")]
    BroadcastTo {
        /// The operand's shape.
        from: Shape,
        /// The shape that was asked for.
        to: Shape,
    },
    /// Factors of a matrix product that do not fit.
    #[error(
        "cannot multiply {left} by {right}: the last axis of the left ({}) must be as long as \
         the {} axis of the right ({})",
        lengths.0, if right.rank() > 1 { "second to last" } else { "only" }, lengths.1
    )]
    Inner {
        /// Shape of the left factor.
        left: Shape,
        /// Shape of the right factor.
        right: Shape,
        /// The two lengths.
        lengths: (usize, usize),
    },
    /// A rank that the operation is not defined for.
    #[error("needs {expected}, got rank {found}")]
    Rank {
        /// What the operation needs.
        expected: &'static str,
        /// The rank that was given.
        found: usize,
    },
    /// An axis that does not exist.
    #[error(
        "axis {axis} is out of range for rank {rank}{}",
        if *rank == 0 { ", which has no axes".into() } else { format!(": valid are -{rank}..={}", rank - 1) }
    )]
    Axis {
        /// The axis that was asked for.
        axis: isize,
        /// The operand's rank.
        rank: usize,
    },
    /// An axis named twice.
    #[error("axis {axis} is named twice")]
    DuplicateAxis {
        /// The axis.
        axis: usize,
    },
    /// Axes that are not a permutation.
    #[error("axes {axes:?} are not a permutation of the {rank} axes")]
    Permutation {
        /// What was given.
        axes: Vec<isize>,
        /// The operand's rank.
        rank: usize,
    },
    /// Numbers of elements that differ.
    #[error("cannot reshape {from} ({} elements) to {to} ({} elements)", from.size(), to.size())]
    Reshape {
        /// The operand's shape.
        from: Shape,
        /// The shape that was asked for.
        to: Shape,
    },
    /// `squeeze` of an axis that is longer than 1.
    #[error("axis {axis} has length {length}; only an axis of length 1 can be squeezed")]
    Squeeze {
        /// The axis.
        axis: usize,
        /// Its length.
        length: usize,
    },
    /// A reduction that has no identity, over nothing.
    #[error("cannot be taken over no elements: axes {axes:?} of {shape} are empty")]
    EmptyReduction {
        /// The axes that were reduced.
        axes: Vec<usize>,
        /// The operand's shape.
        shape: Shape,
    },
    /// An index past the end.
    #[error(
        "index {index} at position {position} is out of range for axis {axis} of length {length}"
    )]
    Index {
        /// The offending index.
        index: usize,
        /// Where it stands in the index array, in row-major order.
        position: usize,
        /// The axis that is indexed.
        axis: usize,
        /// That axis' length.
        length: usize,
    },
    /// A slice that leaves the array.
    #[error("slice {slice} is out of range for axis {axis} of length {length}")]
    Slice {
        /// The slice as given.
        slice: String,
        /// The axis.
        axis: usize,
        /// That axis' length.
        length: usize,
    },
    /// Shapes that must agree and do not.
    #[error("{what}: {left} and {right}")]
    ShapeMismatch {
        /// What had to be equal.
        what: &'static str,
        /// One shape.
        left: Shape,
        /// The other.
        right: Shape,
    },
    /// A parameter of the operation that makes no sense.
    #[error("{0}")]
    Parameter(String),
    /// A variable of another tape.
    #[error(
        "operand {operand} belongs to another tape; variables of one formula must be recorded on one tape"
    )]
    Foreign {
        /// Position of the operand, from 0.
        operand: usize,
    },
    /// The gradient of something that is not a scalar.
    #[error(
        "the gradient of an array of shape {shape} is a Jacobian; reduce it to one element \
         (`.sum()`, `.mean()`) or use `vjp` with a cotangent"
    )]
    NotScalar {
        /// Shape of what was to be differentiated.
        shape: Shape,
    },
    /// A variable that the output has no derivative with respect to.
    #[error("no gradient with respect to {variable}: {reason}")]
    NoGradient {
        /// The variable's name.
        variable: String,
        /// Why, from [`Tape::explain`](crate::Tape::explain).
        reason: String,
    },
    /// An operation without a derivative rule.
    #[error("has no {mode} rule; node #{node}, recorded at {line}")]
    Unsupported {
        /// `vjp` or `jvp`.
        mode: &'static str,
        /// The node on the tape.
        node: u32,
        /// The line that recorded it.
        line: String,
    },
    /// Values that the program has read while recording and that depend on
    /// the inputs of what was to be compiled.
    #[error(
        "values that depend on the inputs were read at {}; what was done with them would be the \
         same in every run. Branch with `decide`, look at values with `peek`, or compile with \
         `Options::reads_steer_nothing`", lines.join(", ")
    )]
    Reads {
        /// The lines that read, each once.
        lines: Vec<String>,
    },
    /// A branch that would go the other way with the values that the tape is
    /// evaluated with again: see [`Var::decide`](crate::Var::decide).
    #[error(
        "the recorded program decided {taken}, and with these values it would decide {}: the \
         other branch was not recorded", !taken
    )]
    Decision {
        /// What was decided when recording.
        taken: bool,
    },
    /// More than 2^32 values.
    #[error("the tape is full (2^32 values)")]
    Full,
}
