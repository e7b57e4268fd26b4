//! A branch that replay watches.

use std::panic::Location;

use crate::tape::Decision;
use crate::var::Var;

impl<'t> Var<'t, bool> {
    /// The only element of this mask, for a branch of the program: `if
    /// x.less(y).decide() { … }`. The tape notes the decision and its line. A
    /// [`Program`](crate::Program) compiled from it takes the mask as a guard:
    /// inputs with which it would go the other way are an error that names the
    /// line, because the other branch was never recorded. They are an error of
    /// [`Tape::eval`](crate::Tape::eval) as well.
    ///
    /// ```
    /// use ndarray::arr0;
    /// use wengert_autodiff::{Tape, Value, program::RunError};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", arr0(4.0));
    /// let y = if x.greater(0.0).decide() { x.sqrt() } else { x * x };
    /// let program = tape.compile(&[x.any()], &[y.any()])?;
    /// assert_eq!(program.call(&[Value::scalar(9.0)])?, [Value::scalar(3.0)]);
    ///
    /// let error = program.call(&[Value::scalar(-9.0)]).unwrap_err();
    /// assert!(matches!(error, RunError::Guard { taken: true, .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if there is not exactly one element.
    #[track_caller]
    pub fn decide(self) -> bool {
        let value = self.peek();
        let &[taken] = value.slice::<bool>() else {
            panic!(
                "decide: a mask of shape {} is not one element",
                self.shape()
            );
        };
        self.tape().note_decision(Decision {
            mask: self.id(),
            taken,
            location: Location::caller(),
        });
        taken
    }
}
