//! From a program back to a tape: to print it, to differentiate it again, to
//! check it.

use super::Program;
use crate::dtype::Any;
use crate::error::Error;
use crate::tape::{Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

impl Program {
    /// Records the program's instructions, as they are after all passes, on a
    /// tape, with these values of its inputs. Returns the variables of the
    /// inputs and of the outputs.
    ///
    /// What can be done with a tape can be done with a program by this: it is
    /// printed as a formula, differentiated again, or compiled for other
    /// inputs.
    ///
    /// ```
    /// use ndarray::{arr0, array};
    /// use wengert_autodiff::{Tape, Value};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let program = tape.compile(&[x.any()], &[x.exp().sum().any()])?;
    ///
    /// let again = Tape::new();
    /// let [inputs, outputs] = program.record(&again, &[Value::from(array![0.0, 3.0])])?;
    /// let (x, y) = (inputs[0].typed::<f64>()?, outputs[0].typed::<f64>()?);
    /// let [dx] = again.grad(y, [x])?;
    /// assert_eq!(y.to_string(), "sum(exp(x))");
    /// assert_eq!(dx.to_array(), array![1.0, 3f64.exp()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If an instruction refuses these values: inputs of other types or
    /// shapes, an index out of range.
    ///
    /// # Panics
    /// If there are not as many values as inputs.
    #[track_caller]
    pub fn record<'t>(
        &self,
        tape: &'t Tape,
        inputs: &[Value],
    ) -> Result<[Vec<Var<'t, Any>>; 2], Error> {
        assert_eq!(
            inputs.len(),
            self.ir.inputs.len(),
            "record: values for the inputs of the program"
        );
        let mut vars: Vec<Option<Var<'t, Any>>> = vec![None; self.ir.types.len()];
        for (input, value) in self.ir.inputs.iter().zip(inputs) {
            let var = tape.input_value(&input.name[..], value.clone());
            vars[input.value.index()] = Some(var);
        }
        for constant in &self.ir.constants {
            vars[constant.value.index()] = Some(tape.constant_value(constant.data.clone()));
        }
        let known = |vars: &[Option<Var<'t, Any>>], value: ValueId| {
            vars[value.index()].expect("defined before it is used")
        };
        for node in &self.ir.nodes {
            let args: Vec<_> = node.args.iter().map(|&a| known(&vars, a)).collect();
            for (id, var) in node.results().zip(tape.apply(node.op.clone(), &args)?) {
                vars[id.index()] = Some(var);
            }
        }
        let of = |value| known(&vars, value);
        let inputs = self.ir.inputs.iter().map(|i| of(i.value)).collect();
        let outputs = self.ir.outputs.iter().map(|o| of(o.value)).collect();
        Ok([inputs, outputs])
    }
}
