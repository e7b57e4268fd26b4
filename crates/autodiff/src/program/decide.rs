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

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use crate::program::ir::{Constant, Guard};
    use crate::program::{Program, RunError};
    use crate::{Tape, Value};

    /// A program from elsewhere may branch on a constant: that, too, is checked.
    #[test]
    fn a_mask_that_is_a_constant_is_watched() {
        let tape = Tape::new();
        let x = tape.input("x", ndarray::array![1.0]);
        let program = tape.compile(&[x.any()], &[x.exp().any()]).unwrap();
        for (decided, ok) in [(true, true), (false, false)] {
            let mut ir = program.ir.clone();
            let data = Value::scalar(true);
            let mask = ir.define(data.ty());
            ir.constants.push(Constant { value: mask, data });
            ir.guards.push(Guard {
                mask,
                taken: decided,
                line: "model.rs:7".into(),
            });
            let found =
                Program::new(ir, NonZero::new(64)).call(&[Value::from(ndarray::array![0.0])]);
            match found {
                Ok(_) => assert!(ok),
                Err(RunError::Guard { line, .. }) => assert!(!ok && line == "model.rs:7"),
                Err(other) => panic!("{other}"),
            }
        }
    }
}
