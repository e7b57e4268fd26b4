//! The gradient that a compiled program computes, held against the function
//! that it computes: whatever the passes have made of both.

use std::panic::Location;
use std::time::Instant;

use super::check::Check;
use super::report::Report;
use crate::dtype::{Any, DType};
use crate::error::{Error, Fault};
use crate::program::Program;
use crate::tape::Tape;
use crate::value::Value;
use crate::var::Var;

impl Program {
    /// Checks that outputs of this program are the gradient of another:
    /// `gradients` are pairs of the number of an input and the number of the
    /// output that is said to be the gradient of output `y` with respect to
    /// it. The values of `inputs` say where.
    ///
    /// What is checked are the instructions after all passes, in f64, by
    /// differences of `y`: nothing of it relies on the rules that the gradient
    /// was recorded by. (That a run of the program gives what its instructions
    /// give is checked as well.)
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, Value};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let y = x.exp().sum();
    /// let [dx] = tape.grad(y, [x])?;
    /// let program = tape.compile(&[x.any()], &[y.any(), dx.any(), x.square().any()])?;
    ///
    /// let at = [Value::from(array![0.5, -1.0])];
    /// assert!(program.check_gradients(&at, 0, &[(0, 1)])?.passed());
    /// assert!(!program.check_gradients(&at, 0, &[(0, 2)])?.passed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such input or output, `y` is not one element, a gradient
    /// does not have its input's shape, or the program cannot be run.
    #[track_caller]
    pub fn check_gradients(
        &self,
        inputs: &[Value],
        y: usize,
        gradients: &[(usize, usize)],
    ) -> Result<Report, Error> {
        Check::new().program(self, inputs, y, gradients)
    }
}

impl Check<'_> {
    /// Checks a gradient that a program computes; see
    /// [`Program::check_gradients`].
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn program(
        &self,
        program: &Program,
        inputs: &[Value],
        y: usize,
        gradients: &[(usize, usize)],
    ) -> Result<Report, Error> {
        let start = Instant::now();
        let here = Location::caller();
        let refuse = |types, fault| Err(Error::new("check_gradients", types, fault, here));
        let (takes, gives) = (program.inputs().len(), program.outputs().len());
        let known = gradients.iter().all(|&(i, o)| i < takes && o < gives);
        if inputs.len() != takes || y >= gives || !known {
            return refuse(
                vec![],
                Fault::Parameter(format!(
                    "has values for {} of {takes} inputs, and is asked for output {y} and the \
                 gradients (input, output) {gradients:?} of a program with {gives} outputs",
                    inputs.len()
                )),
            );
        }
        let tape = Tape::new();
        let [takes, gives] = program.record(&tape, inputs)?;
        let run = match program.call(inputs) {
            Ok(run) => run,
            Err(e) => return refuse(vec![], Fault::Parameter(e.to_string())),
        };
        if gives[y].size() != 1 || !gives[y].dtype().is_float() {
            let fault = Fault::NotScalar {
                shape: gives[y].shape(),
            };
            return refuse(vec![gives[y].ty()], fault);
        }
        for &(i, o) in gradients {
            if takes[i].ty() != gives[o].ty() {
                let fault = Fault::ShapeMismatch {
                    what: "a gradient must have its input's shape and element type",
                    left: takes[i].shape(),
                    right: gives[o].shape(),
                };
                return refuse(vec![takes[i].ty(), gives[o].ty()], fault);
            }
        }
        if let Some(o) = (0..run.len()).find(|&o| !same(&run[o], &gives[o].peek())) {
            return refuse(
                vec![gives[o].ty()],
                Fault::Parameter(format!(
                    "ran the program, and output {o} is not what its instructions give one by one"
                )),
            );
        }
        let ids = takes.iter().chain(&gives).map(|v| v.id());
        let work = tape.in_f64(ids)?;
        let of = |v: &Var<'_, Any>| Var::<f64>::new(&work, v.id());
        let wrt: Vec<Var<'_, f64>> = gradients.iter().map(|&(i, _)| of(&takes[i])).collect();
        let claimed: Vec<_> = gradients
            .iter()
            .map(|&(_, o)| Some(of(&gives[o])))
            .collect();
        let mut report = self.judged(&work, of(&gives[y]), &wrt, &claimed, 1)?;
        report.name = program
            .outputs()
            .nth(y)
            .filter(|n| !n.is_empty())
            .map(str::to_string);
        report.f32 = gives[y].dtype() == DType::F32;
        report.seconds = start.elapsed().as_secs_f64();
        Ok(report)
    }
}

/// Bit for bit, but that a NaN is a NaN.
fn same(a: &Value, b: &Value) -> bool {
    let equal = |x: f64, y: f64| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    a.ty() == b.ty()
        && a.to_f64()
            .into_iter()
            .zip(b.to_f64())
            .all(|(x, y)| equal(x, y))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use crate::verify::Verdict;
    use crate::{Program, Tape, Value};

    /// `Σ sin(x) · w` and its gradient, with a factor that should be 1.
    fn program(factor: f32) -> Program {
        let tape = Tape::new();
        let x = tape.input("x", Array1::from_elem(5, 0.5_f32));
        let w = tape.input("w", Array1::from_elem(5, 2.0_f32));
        let y = (x.sin() * w).sum().named("y");
        let [dx, dw] = tape.grad(y, [x, w]).unwrap();
        let outputs = [y.any(), (dx * f64::from(factor)).any(), dw.any()];
        tape.compile(&[x.any(), w.any()], &outputs).unwrap()
    }

    fn inputs() -> [Value; 2] {
        let x: Array1<f32> = array![0.1, -0.7, 1.3, 2.0, 0.4];
        [Value::new(&x), Value::new(&x.mapv(|x| 1.0 - x))]
    }

    #[test]
    fn in_single_precision_and_away_from_where_it_was_recorded() {
        let report = program(1.0).check_gradients(&inputs(), 0, &[(0, 1), (1, 2)]);
        let report = report.unwrap();
        assert!(report.passed() && report.f32, "{report}");
        assert_eq!(report.name.as_deref(), Some("y"));
    }

    #[test]
    fn a_wrong_gradient_is_found_after_compilation() {
        let program = program(1.001);
        let report = program
            .check_gradients(&inputs(), 0, &[(0, 1), (1, 2)])
            .unwrap();
        let verdict = |name| &report.input(name).unwrap().verdict;
        assert!(matches!(verdict("x"), Verdict::Wrong(_)), "{report}");
        assert!(matches!(verdict("w"), Verdict::Ok { .. }), "{report}");
        let saved = serde_json::to_string(&program).unwrap();
        let loaded: Program = serde_json::from_str(&saved).unwrap();
        let report = loaded.check_gradients(&inputs(), 0, &[(0, 1)]);
        assert!(!report.unwrap().passed());
    }

    #[test]
    fn misuse_is_refused() {
        let program = program(1.0);
        for (y, gradients) in [
            (3, (0, 1)),
            (0, (2, 1)),
            (0, (0, 3)),
            (1, (0, 1)),
            (0, (0, 0)),
        ] {
            assert!(program.check_gradients(&inputs(), y, &[gradients]).is_err());
        }
        assert!(
            program
                .check_gradients(&inputs()[..1], 0, &[(0, 1)])
                .is_err()
        );
    }
}
