//! The ways in: a function at a point, a tape, a gradient from elsewhere.

use std::panic::Location;
use std::time::Instant;

use ndarray::ArrayD;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::determinism::{evaluated_again, recorded_twice};
use super::judge::{Judge, signs};
use super::laws::{Watch, broken_laws};
use super::report::{InputReport, Report};
use super::rounding;
use crate::diff::{Own, Rules};
use crate::dtype::{DType, Float};
use crate::error::{Error, Fault};
use crate::functional::{Point, inputs};
use crate::ops::{Leaf, Op};
use crate::tape::{Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

/// A check of gradients, and what can be chosen about it. The defaults are
/// those of [`check_gradients`].
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::verify::Check;
///
/// let x = array![0.5, -1.0, 2.0];
/// let report = Check::new().order(2).exhaustive().function(|[x]| x.tanh().sum(), &x)?;
/// report.assert_passed();
/// assert!(report.next.is_some(), "the second derivative was checked as well");
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Check<'r> {
    pub(super) order: usize,
    pub(super) directions: usize,
    pub(super) seed: u64,
    pub(super) exhaustive: bool,
    pub(super) rules: &'r dyn Rules,
}

impl Default for Check<'_> {
    fn default() -> Self {
        Check {
            order: 1,
            directions: 2,
            seed: 0x5EED,
            exhaustive: false,
            rules: &Own,
        }
    }
}

impl<'r> Check<'r> {
    /// The default check: first order, two random directions per input.
    pub fn new() -> Check<'r> {
        Check::default()
    }

    /// Up to which derivative to check; 1 is the gradient, 2 the gradient of
    /// a random projection of the gradient, and so on.
    pub fn order(self, order: usize) -> Self {
        Check { order, ..self }
    }

    /// Along how many random directions to look, per input.
    pub fn directions(self, directions: usize) -> Self {
        Check { directions, ..self }
    }

    /// What every random choice follows from.
    pub fn seed(self, seed: u64) -> Self {
        Check { seed, ..self }
    }

    /// Besides random directions, every element on its own; the report lists
    /// every wrong one. Some 15 evaluations per element.
    pub fn exhaustive(self) -> Self {
        Check {
            exhaustive: true,
            ..self
        }
    }

    /// Differentiates by these rules instead of the operations' own: to see
    /// whether the check finds a wrong one.
    pub fn rules(self, rules: &'r dyn Rules) -> Self {
        Check { rules, ..self }
    }

    /// Checks the gradient of a function at a point; see [`check_gradients`].
    ///
    /// # Errors
    /// If the function cannot be differentiated, or an option makes no sense.
    #[track_caller]
    pub fn function<F: Float, const N: usize, P: Point<F, N>>(
        &self,
        f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
        at: P,
    ) -> Result<Report, Error> {
        let (tape, again) = (Tape::new(), Tape::new());
        let x: [Var<'_, F>; N] = inputs(&tape, "x", at.values());
        let y = f(x);
        let other = f(inputs(&again, "x", at.values()));
        let difference = recorded_twice(&tape, &again).or_else(|| {
            (y.id() != other.id()).then(|| "the two recordings have different results".into())
        });
        match difference {
            None => self.on(&tape, y, &x),
            // There is no function to take differences of.
            Some(difference) => Ok(Report {
                nondeterministic: Some(difference),
                evaluations: 2,
                ..Report::of(&tape, y.id(), F::DTYPE == Some(DType::F32))
            }),
        }
    }

    /// Checks the gradient of `y` with respect to inputs of a tape, which is
    /// left as it is; see [`check_gradients`].
    ///
    /// # Errors
    /// If one of `wrt` is not an input of this tape, an operation on the way
    /// has no rule, or an option makes no sense.
    #[track_caller]
    pub fn on<F: Float>(
        &self,
        tape: &Tape,
        y: Var<'_, F>,
        wrt: &[Var<'_, F>],
    ) -> Result<Report, Error> {
        let start = Instant::now();
        self.refuse(tape, "check_gradients", y, wrt)?;
        let ids: Vec<ValueId> = wrt.iter().map(|x| x.id()).collect();
        let work = tape.in_f64(ids.iter().copied().chain([y.id()]))?;
        let own: Vec<Var<'_, f64>> = ids.iter().map(|&id| Var::new(&work, id)).collect();
        let result = Var::new(&work, y.id());
        let scalar = weighted(result, self.seed);
        let again = evaluated_again(&work, result.id());
        let mut report = self.derivative(&work, scalar, &own, 1)?;
        if F::DTYPE == Some(DType::F32) {
            rounding::compare(self, tape, (y, wrt), (scalar, &own), &mut report)?;
        }
        report.name = tape.inner().name(y.id()).map(str::to_string);
        report.f32 = F::DTYPE == Some(DType::F32);
        report.nondeterministic = again;
        report.evaluations += 1;
        report.seconds = start.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Checks gradients that were derived by hand, or come from anywhere
    /// else; see [`Tape::check_derived`].
    ///
    /// # Errors
    /// If `y` is not one element, a variable is not an input of this tape, or
    /// a gradient does not have its variable's shape.
    #[track_caller]
    pub fn derived(
        &self,
        tape: &Tape,
        y: Var<'_, f64>,
        derived: &[(Var<'_, f64>, ArrayD<f64>)],
    ) -> Result<Report, Error> {
        let start = Instant::now();
        let here = Location::caller();
        let wrt: Vec<Var<'_, f64>> = derived.iter().map(|(x, _)| *x).collect();
        self.refuse(tape, "check_derived", y, &wrt)?;
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
        let ids: Vec<ValueId> = wrt.iter().map(|x| x.id()).collect();
        let work = tape.in_f64(ids.iter().copied().chain([y.id()]))?;
        let own: Vec<Var<'_, f64>> = ids.iter().map(|&id| Var::new(&work, id)).collect();
        let claimed: Vec<_> = derived
            .iter()
            .map(|(_, g)| Some(work.constant(g.view())))
            .collect();
        let mut report = self.judged(&work, Var::new(&work, y.id()), &own, &claimed, 1)?;
        report.name = tape.inner().name(y.id()).map(str::to_string);
        report.seconds = start.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Derivative number `order` and, if asked for, the next ones.
    fn derivative<'t>(
        &self,
        tape: &'t Tape,
        y: Var<'t, f64>,
        wrt: &[Var<'t, f64>],
        order: usize,
    ) -> Result<Report, Error> {
        let start = Instant::now();
        let watch = Watch::new(self.rules);
        let gradients = tape.grads_by(&watch, y, wrt)?;
        let ids: Vec<ValueId> = wrt.iter().map(|x| x.id()).collect();
        let mut report = self.judged(tape, y, wrt, &gradients, order)?;
        report.unexercised = watch.unexercised(tape, &ids, y.id());
        report.broken_laws = broken_laws(tape, self.rules, y, wrt, &gradients)?;
        report.seconds = start.elapsed().as_secs_f64();
        if order < self.order {
            let mut next: Option<Var<'t, f64>> = None;
            for (i, g) in gradients.iter().enumerate() {
                let Some(g) = g else { continue };
                let part = projected(*g, self.seed.wrapping_add(i as u64));
                next = Some(next.map_or(part, |sum| sum + part));
            }
            if let Some(next) = next {
                report.next = Some(Box::new(self.derivative(tape, next, wrt, order + 1)?));
            }
        }
        Ok(report)
    }

    pub(super) fn judged<'t>(
        &self,
        tape: &'t Tape,
        y: Var<'t, f64>,
        wrt: &[Var<'t, f64>],
        gradients: &[Option<Var<'t, f64>>],
        order: usize,
    ) -> Result<Report, Error> {
        let start = Instant::now();
        let mut judge = Judge {
            check: self,
            tape,
            y,
            wrt,
            gradients,
            evaluations: 0,
            nearest: None,
            sweeps: None,
        };
        let verdicts = judge.verdicts()?;
        let inputs = wrt.iter().zip(verdicts).map(|(x, verdict)| InputReport {
            name: match tape.inner().name(x.id()) {
                Some(name) => name.to_string(),
                None => x.id().to_string(),
            },
            shape: x.shape().to_vec(),
            verdict,
            rounding: None,
        });
        Ok(Report {
            order,
            inputs: inputs.collect(),
            nearest_kink: judge.nearest,
            forward_against_reverse: judge.sweeps,
            evaluations: judge.evaluations,
            seconds: start.elapsed().as_secs_f64(),
            ..Report::of(tape, y.id(), false)
        })
    }

    /// Refuses variables of another tape or that are not inputs, and options
    /// that make no sense.
    #[track_caller]
    fn refuse<F: Float>(
        &self,
        tape: &Tape,
        what: &'static str,
        y: Var<'_, F>,
        wrt: &[Var<'_, F>],
    ) -> Result<(), Error> {
        let here = Location::caller();
        let error = |types, fault| Err(Error::new(what, types, fault, here));
        if self.order == 0 || self.directions == 0 {
            let fault = Fault::Parameter(format!(
                "needs an order and a number of directions of at least 1, got {} and {}",
                self.order, self.directions
            ));
            return error(vec![], fault);
        }
        for (operand, var) in std::iter::once(&y).chain(wrt).enumerate() {
            if !std::ptr::eq(var.tape(), tape) {
                return error(vec![var.ty()], Fault::Foreign { operand });
            }
        }
        let inner = tape.inner();
        for x in wrt {
            if !matches!(inner.inst(inner.producer(x.id())).op, Op::Leaf(Leaf::Input)) {
                let fault = Fault::Parameter(format!(
                    "{} is not an input of this tape; differences can only be taken in inputs",
                    inner.label(x.id())
                ));
                return error(vec![], fault);
            }
        }
        Ok(())
    }
}

impl Report {
    fn of(tape: &Tape, y: ValueId, f32: bool) -> Report {
        let inner = tape.inner();
        Report {
            name: inner.name(y).map(str::to_string),
            value: inner.value(y).to_f64().first().copied().unwrap_or(f64::NAN),
            f32,
            order: 1,
            inputs: vec![],
            nondeterministic: None,
            nearest_kink: None,
            forward_against_reverse: None,
            broken_laws: vec![],
            unexercised: vec![],
            evaluations: 0,
            seconds: 0.0,
            next: None,
        }
    }
}

/// `y` as a scalar: itself, or its elements with random weights.
pub(super) fn weighted<F: Float>(y: Var<'_, F>, seed: u64) -> Var<'_, F> {
    match y.size() {
        1 => y,
        _ => projected(y, seed),
    }
}

/// `<v, y>` with random `v`.
fn projected<F: Float>(y: Var<'_, F>, seed: u64) -> Var<'_, F> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights = signs(&mut rng, y.size()).into_iter().map(F::of).collect();
    let weights = y
        .tape()
        .constant_value(Value::from_vec::<F>(&y.shape(), weights));
    (y * Var::new(y.tape(), weights.id())).sum()
}

/// Checks the gradient of a function at a point: against differences with a
/// derived error bound, and against the forward sweep. There is no tolerance
/// to choose.
///
/// The result may have any shape; it is reduced to a number with random
/// weights. The function is recorded twice to see whether it is
/// deterministic. A model in f32 is replayed in f64, where differences mean
/// something; what f32 did to the gradient is reported beside the verdict.
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
/// More can be chosen with [`Check`].
///
/// # Errors
/// If the function cannot be differentiated: an operation has no rule.
#[track_caller]
pub fn check_gradients<F: Float, const N: usize, P: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
) -> Result<Report, Error> {
    Check::new().function(f, at)
}

impl Tape {
    /// Checks the gradient of `y` with respect to inputs of this tape, which
    /// is left as it is; see the function [`check_gradients`].
    ///
    /// # Errors
    /// If one of `wrt` is not an input of this tape, or an operation on the
    /// way has no rule.
    #[track_caller]
    pub fn check_gradients<F: Float>(
        &self,
        y: Var<'_, F>,
        wrt: &[Var<'_, F>],
    ) -> Result<Report, Error> {
        Check::new().on(self, y, wrt)
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
        Check::new().derived(self, y, derived)
    }
}
