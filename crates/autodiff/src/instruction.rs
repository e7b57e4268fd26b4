//! A tape as data for whoever walks it: its instructions, one after the
//! other, and the handle of a value by its number. Reads the tape, never
//! writes to it.

use std::panic::Location;

use crate::dtype::Any;
use crate::ops::Op;
use crate::tape::{Tape, ValueId};
use crate::var::Var;

/// One operation, applied, as [`Tape::instructions`] tells it.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// The operation with its parameters.
    pub op: Op,
    /// Its operands, which come earlier on the tape.
    pub operands: Vec<ValueId>,
    /// Its results.
    pub results: Vec<ValueId>,
    /// The line that recorded it; of an instruction that differentiation
    /// appended, the line that recorded what it differentiates.
    pub location: &'static Location<'static>,
}

impl Tape {
    /// Every instruction, in the order of recording, which is an order of
    /// evaluation.
    ///
    /// With [`Tape::var`] for the values this is all that an interpreter, a
    /// printer or a compiler outside this crate needs.
    ///
    /// ```
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", ndarray::array![1.0, 2.0]);
    /// let y = (x * x).sum();
    /// let names: Vec<_> = tape.instructions().iter().map(|i| i.op.name()).collect();
    /// assert_eq!(names, ["input", "mul", "sum"]);
    /// assert_eq!(tape.instructions()[1].operands, [x.id(), x.id()]);
    /// assert_eq!(tape.instructions()[2].results, [y.id()]);
    /// ```
    pub fn instructions(&self) -> Vec<Instruction> {
        let inner = self.inner();
        let all = inner.insts().map(|id| Instruction {
            op: inner.inst(id).op.clone(),
            operands: inner.args(id).to_vec(),
            results: inner.results(id).collect(),
            location: inner.inst(id).site.location,
        });
        all.collect()
    }

    /// The handle of the value with this number.
    ///
    /// # Panics
    /// At the caller's line, if this tape has no such value.
    ///
    /// ```
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let y = tape.scalar(0.0).exp();
    /// assert_eq!(tape.var(y.id()).typed::<f64>()?.item(), 1.0);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    #[track_caller]
    pub fn var(&self, id: ValueId) -> Var<'_, Any> {
        let count = self.inner().values();
        assert!(
            id.index() < count,
            "var: {id} is not on this tape, which has {count} values"
        );
        Var::new(self, id)
    }
}
