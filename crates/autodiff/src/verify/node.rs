//! An instruction of a tape, as reports name it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tape::{Inner, InstId, ValueId};

/// An instruction of a tape: what it is, on what, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its first result, as the tape prints it: `%3`.
    pub id: String,
    /// The operation.
    pub op: String,
    /// Names and shapes of the operands: `x [32, 784]`.
    pub operands: Vec<String>,
    /// The line of the program that recorded it; of an instruction that was
    /// appended by differentiation, the line that was differentiated.
    pub line: String,
    /// The scope in which it was recorded; empty outside of any.
    pub scope: String,
    /// The instruction that it is part of the derivative of, if it is.
    pub derivative_of: Option<String>,
}

impl Node {
    pub(crate) fn new(inner: &Inner, inst: InstId) -> Node {
        let record = inner.inst(inst);
        let first = |inst| inner.results(inst).next().map(|r| r.to_string());
        Node {
            id: first(inst).unwrap_or_default(),
            op: record.op.name().to_string(),
            operands: inner
                .args(inst)
                .iter()
                .map(|&a| described(inner, a))
                .collect(),
            line: record.site.location.to_string(),
            scope: inner.scope_name(record.site).to_string(),
            derivative_of: record.origin.and_then(first),
        }
    }
}

/// Name (or number) and shape of a value.
fn described(inner: &Inner, id: ValueId) -> String {
    let shape = inner.value(id).ty().shape;
    match inner.name(id) {
        Some(name) => format!("{name} {shape}"),
        None => format!("{id} {shape}"),
    }
}

/// `%3 = dot(x [32, 784], hidden.weight [784, 128])`.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}({})", self.id, self.op, self.operands.join(", "))?;
        match &self.derivative_of {
            Some(of) => write!(f, ", in the derivative of {of}"),
            None => Ok(()),
        }
    }
}
