//! The program as data: a dense list of instructions in static single
//! assignment, each value defined once, by an input, a constant or an
//! instruction, before it is used.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::ops::Op;
use crate::tape::ValueId;
use crate::value::{Type, Value};

/// A program: what depends on the inputs, and the constants that it needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ir {
    /// Of every value.
    pub types: Vec<Type>,
    pub inputs: Vec<Input>,
    pub constants: Vec<Constant>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<Output>,
    pub guards: Vec<Guard>,
}

/// An array that every run is given.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub name: String,
    pub value: ValueId,
}

/// An array that is the same in every run.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    pub value: ValueId,
    pub data: Value,
}

/// An array that every run returns.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub name: String,
    pub value: ValueId,
}

/// One operation, applied.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub op: Op,
    pub args: SmallVec<[ValueId; 3]>,
    /// Results are consecutive values, starting here.
    pub first: ValueId,
    pub results: u32,
    /// The line that recorded it: `src/model.rs:41`.
    pub line: Arc<str>,
}

/// A branch that the recorded program took.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub mask: ValueId,
    pub taken: bool,
    pub line: Arc<str>,
}

impl Node {
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValueId> + use<> {
        (self.first.0..self.first.0 + self.results).map(ValueId)
    }
}

impl Ir {
    pub fn ty(&self, value: ValueId) -> &Type {
        &self.types[value.index()]
    }

    /// A new value of this type.
    pub fn define(&mut self, ty: Type) -> ValueId {
        self.types.push(ty);
        ValueId(self.types.len() as u32 - 1)
    }

    /// What has to be there at the end of a run: outputs and masks.
    pub fn roots(&self) -> impl Iterator<Item = ValueId> + '_ {
        let outputs = self.outputs.iter().map(|o| o.value);
        outputs.chain(self.guards.iter().map(|g| g.mask))
    }

    /// Puts `new(value)` in the place of every value that is used.
    pub fn rename(&mut self, new: impl Fn(ValueId) -> ValueId) {
        for node in &mut self.nodes {
            for arg in &mut node.args {
                *arg = new(*arg);
            }
        }
        for output in &mut self.outputs {
            output.value = new(output.value);
        }
        for guard in &mut self.guards {
            guard.mask = new(guard.mask);
        }
    }
}
