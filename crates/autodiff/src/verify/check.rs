//! The ways in: a function at a point, a tape, a gradient from elsewhere.

use std::panic::Location;
use std::time::Instant;

use ndarray::ArrayD;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::judge::{Judge, SEED, signs};
use super::report::{InputReport, Report};
use crate::error::{Error, Fault};
use crate::functional::{Point, inputs};
use crate::ops::{Leaf, Op};
use crate::tape::Tape;
use crate::value::Value;
use crate::var::Var;

/// Checks the gradient of a function at a point, in f64: against differences
/// with a derived error bound, and against the forward sweep.
///
/// The result may have any shape; it is reduced to a number with random
/// weights. The function is recorded twice to see whether it is
/// deterministic.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::check_gradients;
///
/// let (x, w) = (array![[0.5, -1.0]], array![[2.0], [3.0]]);
/// let report = check_gradients(|[x, w]| x.dot(w).tanh(), (&x, &w))?;
/// report.assert_passed();
/// println!("{report}");
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// If the function cannot be differentiated: an operation has no rule.
#[track_caller]
pub fn check_gradients<const N: usize, P: Point<f64, N>>(
    f: impl for<'t> Fn([Var<'t, f64>; N]) -> Var<'t, f64>,
    at: P,
) -> Result<Report, Error> {
    let (tape, again) = (Tape::new(), Tape::new());
    let x: [Var<'_, f64>; N] = inputs(&tape, "x", at.values());
    let y = f(x);
    let other = f(inputs(&again, "x", at.values()));
    let difference = first_difference(&tape, &again).or_else(|| {
        (y.id() != other.id()).then(|| "the two recordings have different results".into())
    });
    let mut report = tape.check_gradients(y, &x)?;
    report.nondeterministic = difference;
    Ok(report)
}

/// Where two recordings of one function differ.
fn first_difference(a: &Tape, b: &Tape) -> Option<String> {
    let (a, b) = (a.inner(), b.inner());
    let bits = |v: &Value| v.to_f64().into_iter().map(f64::to_bits).collect::<Vec<_>>();
    for id in a.insts() {
        let (x, line) = (a.inst(id), a.inst(id).site.location);
        if id.index() >= b.insts().len() || b.inst(id).op.name() != x.op.name() {
            return Some(format!(
                "recorded again, another operation follows at {line}"
            ));
        }
        for r in a.results(id) {
            if a.value(r).ty() != b.value(r).ty() || bits(a.value(r)) != bits(b.value(r)) {
                let name = x.op.name();
                return Some(format!(
                    "recorded again, `{name}` at {line} has another value"
                ));
            }
        }
    }
    (b.insts().len() > a.insts().len()).then(|| "recorded again, the tape is longer".into())
}

impl Tape {
    /// Checks the gradient of `y` with respect to inputs of this tape, which
    /// must be of f64; see the function [`check_gradients`].
    ///
    /// # Errors
    /// If one of `wrt` is not an input of this tape, or an operation on the
    /// way has no rule.
    #[track_caller]
    pub fn check_gradients(&self, y: Var<'_, f64>, wrt: &[Var<'_, f64>]) -> Result<Report, Error> {
        self.refuse_foreign(std::iter::once(&y).chain(wrt))?;
        let scalar = self.weighted(y);
        let own: Vec<Var<'_, f64>> = wrt.iter().map(|v| Var::new(self, v.id())).collect();
        let gradients = self.grads(scalar, &own)?;
        self.check(scalar, &own, &gradients)
    }

    /// Checks gradients that were derived by hand, or come from anywhere
    /// else: pairs of an input of this tape and what is claimed to be the
    /// gradient of the scalar `y` with respect to it.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let y = x.square().sum();
    /// let right = tape.check_derived(y, &[(x, array![2.0, 4.0].into_dyn())])?;
    /// let wrong = tape.check_derived(y, &[(x, array![2.0, 5.0].into_dyn())])?;
    /// assert!(right.passed() && !wrong.passed());
    /// assert!(wrong.to_string().contains("WRONG  at [1]"));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Errors
    /// If `y` is not one element, a variable is not an input of this tape, or
    /// a gradient does not have its variable's shape.
    #[track_caller]
    pub fn check_derived(
        &self,
        y: Var<'_, f64>,
        derived: &[(Var<'_, f64>, ArrayD<f64>)],
    ) -> Result<Report, Error> {
        self.refuse_foreign(std::iter::once(&y).chain(derived.iter().map(|(x, _)| x)))?;
        let here = Location::caller();
        if y.size() != 1 {
            let fault = Fault::NotScalar { shape: y.shape() };
            return Err(Error::new("check_derived", vec![y.ty()], fault, here));
        }
        for (x, g) in derived {
            if *x.shape() != *g.shape() {
                let fault = Fault::ShapeMismatch {
                    what: "a gradient must have its variable's shape",
                    left: x.shape(),
                    right: g.shape().into(),
                };
                return Err(Error::new("check_derived", vec![x.ty()], fault, here));
            }
        }
        let own: Vec<_> = derived
            .iter()
            .map(|(x, _)| Var::new(self, x.id()))
            .collect();
        let claimed: Vec<_> = derived
            .iter()
            .map(|(_, g)| Some(self.constant(g.clone())))
            .collect();
        self.check(Var::new(self, y.id()), &own, &claimed)
    }

    #[track_caller]
    fn refuse_foreign<'a>(
        &self,
        vars: impl Iterator<Item = &'a Var<'a, f64>>,
    ) -> Result<(), Error> {
        for (operand, var) in vars.enumerate() {
            if !std::ptr::eq(var.tape(), self) {
                let (types, fault) = (vec![var.ty()], Fault::Foreign { operand });
                return Err(Error::new(
                    "check_gradients",
                    types,
                    fault,
                    Location::caller(),
                ));
            }
        }
        Ok(())
    }

    /// `y` as a scalar: itself, or its elements with random weights.
    fn weighted<'t>(&'t self, y: Var<'_, f64>) -> Var<'t, f64> {
        let y: Var<'t, f64> = Var::new(self, y.id());
        match y.size() {
            1 => y,
            n => {
                let mut rng = ChaCha8Rng::seed_from_u64(SEED);
                let weights = signs(&mut rng, n);
                let weights = self.constant_value(Value::from_vec(&y.shape(), weights));
                (y * Var::new(self, weights.id())).sum()
            }
        }
    }

    #[track_caller]
    fn check<'t>(
        &'t self,
        y: Var<'t, f64>,
        wrt: &[Var<'t, f64>],
        gradients: &[Option<Var<'t, f64>>],
    ) -> Result<Report, Error> {
        let start = Instant::now();
        for x in wrt {
            let inner = self.inner();
            if !matches!(inner.inst(inner.producer(x.id())).op, Op::Leaf(Leaf::Input)) {
                let fault = Fault::Parameter(format!(
                    "{} is not an input of this tape; differences can only be taken in inputs",
                    inner.label(x.id())
                ));
                return Err(Error::new(
                    "check_gradients",
                    vec![],
                    fault,
                    Location::caller(),
                ));
            }
        }
        let mut judge = Judge::new(self, y);
        let mut inputs = Vec::new();
        for (&x, &gradient) in wrt.iter().zip(gradients) {
            let verdict = judge.input(x, gradient)?;
            let name = self
                .inner()
                .name(x.id())
                .map_or(x.id().to_string(), str::to_string);
            inputs.push(InputReport {
                name,
                shape: x.shape(),
                verdict,
            });
        }
        Ok(Report {
            value: y.peek().to_f64()[0],
            inputs,
            nondeterministic: None,
            evaluations: judge.evaluations,
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Verdict;
    use ndarray::{Array1, Array2, array};

    #[test]
    fn a_right_gradient_passes_and_a_wrong_one_is_located() {
        let a = Array2::from_shape_fn((7, 5), |(i, j)| ((3 * i + j) as f64).sin());
        let tape = Tape::new();
        let x = tape.input("x", a.clone());
        let y = x.tanh().square().sum();
        tape.check_gradients(y, &[x]).unwrap().assert_passed();
        let mut g = tape.grad(y, [x]).unwrap()[0].to_array::<ndarray::IxDyn>();
        g[[4, 2]] *= 1.0001;
        let report = tape.check_derived(y, &[(x, g)]).unwrap();
        let Verdict::Wrong {
            element: Some(e), ..
        } = &report.inputs[0].verdict
        else {
            panic!("{report}")
        };
        assert_eq!(e.index, [4, 2]);
        assert!((e.ratio() - 1.0001).abs() < 1e-8);
    }

    #[test]
    fn tiny_scales_and_offsets_are_no_excuse() {
        let x: Array1<f64> = array![1e-3, 2e12, -4.0];
        check_gradients(|[x]| (1e-6 * x.square()).sum(), &x)
            .unwrap()
            .assert_passed();
        let tape = Tape::new();
        let v = tape.input("x", x);
        let y = (1e-6 * v.square()).sum();
        let zero = Array1::zeros(3).into_dyn();
        assert!(!tape.check_derived(y, &[(v, zero)]).unwrap().passed());
    }

    #[test]
    fn kinks_are_named_and_higher_ones_pass() {
        let x = array![0.0, 1.0];
        let report = check_gradients(|[x]| x.relu().sum(), &x).unwrap();
        let verdict = &report.inputs[0].verdict;
        assert!(
            matches!(verdict, Verdict::NonDifferentiable { op, element: 0, .. } if op == "relu"),
            "{report}"
        );
        check_gradients(|[x]| x.relu().square().sum(), &x)
            .unwrap()
            .assert_passed();
        // Close to a kink, but not on it.
        let near = array![1e-7, -1e-6, 1.0];
        check_gradients(|[x]| x.relu().sum(), &near)
            .unwrap()
            .assert_passed();
    }

    #[test]
    fn a_function_that_changes_is_found_out() {
        let calls = std::cell::Cell::new(0.0);
        let report = check_gradients(
            |[x]| {
                calls.set(calls.get() + 1.0);
                (x * calls.get()).sum()
            },
            &array![1.0, 2.0],
        );
        let report = report.unwrap();
        assert!(!report.passed());
        assert!(report.to_string().contains("not deterministic"), "{report}");
    }

    #[test]
    fn out_of_reach_is_inconclusive_not_ok() {
        let x = array![1.0];
        let report = check_gradients(|[x]| ((x + 1e15) - 1e15).sum(), &x).unwrap();
        let verdict = &report.inputs[0].verdict;
        assert!(matches!(verdict, Verdict::Inconclusive { .. }), "{report}");
    }

    #[test]
    fn absent_is_told_from_zero() {
        let x = array![1.5, 2.5];
        let report = check_gradients(|[x]| (x.stop_gradient() * 2.0).sum(), &x).unwrap();
        assert!(report.to_string().contains("stop_gradient"), "{report}");
    }
}
