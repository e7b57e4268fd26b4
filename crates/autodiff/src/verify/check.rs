//! The check itself: what is compared with what, and the verdict.

use std::panic::Location;
use std::time::Instant;

use ndarray::ArrayD;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::difference::{Estimate, Slope, slope};
use super::probe::{Probe, noise};
use super::report::{Element, InputReport, Report, Verdict};
use crate::error::{Error, Fault};
use crate::functional::{Point, inputs};
use crate::ops::{Leaf, Op};
use crate::tape::Tape;
use crate::value::Value;
use crate::var::Var;

/// Every random choice of a check follows from this.
const SEED: u64 = 0x5EED;
/// A disagreement counts only if it shows along this many directions.
const DIRECTIONS: usize = 2;
/// Uncertain by more than this part of the derivative is inconclusive.
const RESOLUTION: f64 = 1e-3;

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
        let mut check = Check {
            tape: self,
            y,
            evaluations: 0,
        };
        let mut reports = Vec::new();
        for (i, (&x, &gradient)) in wrt.iter().zip(gradients).enumerate() {
            let verdict = check.input(x, gradient, SEED + i as u64)?;
            let name = self
                .inner()
                .name(x.id())
                .map_or(x.id().to_string(), str::to_string);
            reports.push(InputReport {
                name,
                shape: x.shape(),
                verdict,
            });
        }
        Ok(Report {
            value: y.peek().to_f64()[0],
            inputs: reports,
            nondeterministic: None,
            evaluations: check.evaluations,
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}

/// Random numbers of either sign, between 1/2 and 3/2 in magnitude: equal
/// errors do not cancel, and no element is lost.
fn signs(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let one = |_| {
        let magnitude = rng.random_range(0.5..1.5);
        if rng.random() { magnitude } else { -magnitude }
    };
    (0..n).map(one).collect()
}

struct Check<'t> {
    tape: &'t Tape,
    y: Var<'t, f64>,
    evaluations: usize,
}

/// What one direction says.
enum Seen {
    Agrees {
        difference: f64,
        scale: f64,
        tolerance: f64,
    },
    Differs {
        analytic: f64,
        numeric: Estimate,
    },
    Final(Verdict),
}

impl<'t> Check<'t> {
    fn input(
        &mut self,
        x: Var<'t, f64>,
        gradient: Option<Var<'t, f64>>,
        seed: u64,
    ) -> Result<Verdict, Error> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let scale = scales(&x.peek().to_f64());
        let mut probe = Probe::new(self.tape, &[x.id()], self.y.id());
        let mut seen = Vec::new();
        for _ in 0..DIRECTIONS {
            let v: Vec<f64> = signs(&mut rng, x.size())
                .iter()
                .zip(&scale)
                .map(|(v, s)| v * s)
                .collect();
            let here = match gradient {
                Some(g) => self.direction(&mut probe, x, g, &v, seed)?,
                None => self.absent(&mut probe, x, &v, seed),
            };
            if let Seen::Final(verdict) = here {
                self.evaluations += probe.evaluations;
                return Ok(verdict);
            }
            seen.push(here);
        }
        let verdict = self.judge(&mut probe, x, gradient, &scale, seen);
        self.evaluations += probe.evaluations;
        Ok(verdict)
    }

    /// Reverse, forward and differences along one direction.
    fn direction(
        &mut self,
        probe: &mut Probe<'t>,
        x: Var<'t, f64>,
        gradient: Var<'t, f64>,
        v: &[f64],
        seed: u64,
    ) -> Result<Seen, Error> {
        let direction = Value::from_vec(&x.shape(), v.to_vec());
        let direction = Var::new(self.tape, self.tape.constant_value(direction).id());
        let reverse = (gradient * direction).sum();
        let forward = self.tape.jvp(&[self.y], &[x], &[direction])?[0];
        let mut outputs = vec![self.y.id(), reverse.id()];
        outputs.extend(forward.map(|f| f.id()));
        let noises = noise(self.tape, &[x.id()], &outputs, seed);
        let analytic = reverse.peek().to_f64()[0];
        let magnitude: f64 = gradient
            .peek()
            .to_f64()
            .iter()
            .zip(v)
            .map(|(g, v)| (g * v).abs())
            .sum();
        let own = noises[1] + 4.0 * f64::EPSILON * magnitude;
        if let Some(forward) = forward.map(|f| f.peek().to_f64()[0]) {
            // Both are exact up to rounding.
            let tolerance = 8.0 * (own + noises.get(2).copied().unwrap_or(0.0));
            let both_nan = forward.is_nan() && analytic.is_nan();
            if !both_nan && !((forward - analytic).abs() <= tolerance) && self.is_own(gradient) {
                return Ok(Seen::Final(Verdict::Inconsistent {
                    reverse: analytic,
                    forward,
                }));
            }
        }
        let found = slope(
            &mut |h| probe.along(std::slice::from_ref(&v.to_vec()), h),
            noises[0],
        );
        Ok(self.compare(probe, analytic, own, found))
    }

    /// Whether a gradient came from this tape's sweep rather than by hand.
    fn is_own(&self, gradient: Var<'t, f64>) -> bool {
        let inner = self.tape.inner();
        !matches!(inner.inst(inner.producer(gradient.id())).op, Op::Leaf(_))
    }

    fn compare(&self, probe: &Probe<'t>, analytic: f64, own: f64, found: Slope) -> Seen {
        let value = self.y.peek().to_f64()[0].abs();
        match found {
            Slope::Smooth(numeric) => {
                let difference = (analytic - numeric.value).abs();
                let tolerance = 3.0 * (numeric.error + own);
                // A derivative far below the value itself counts as vanishing.
                let scale = analytic.abs().max(numeric.value.abs()).max(1e-4 * value);
                if difference <= tolerance {
                    Seen::Agrees {
                        difference,
                        scale,
                        tolerance,
                    }
                } else {
                    Seen::Differs { analytic, numeric }
                }
            }
            Slope::Kink { left, right } => {
                let same = |a: Estimate, b: f64| (a.value - b).abs() <= 3.0 * (a.error + own);
                if same(left, analytic) && same(right, analytic) {
                    // A kink of a higher derivative only: x |x|, Huber.
                    let difference = (left.value - analytic)
                        .abs()
                        .max((right.value - analytic).abs());
                    let scale = analytic.abs().max(1e-4 * value);
                    let tolerance = 3.0 * (left.error.max(right.error) + own);
                    Seen::Agrees {
                        difference,
                        scale,
                        tolerance,
                    }
                } else {
                    Seen::Final(Verdict::kink(
                        probe.crossing.as_ref(),
                        left,
                        right,
                        analytic,
                    ))
                }
            }
            Slope::Undefined => Seen::Final(Verdict::Inconclusive {
                uncertainty: f64::INFINITY,
            }),
        }
    }

    /// No gradient: then the value must not change either, unless the user
    /// has stopped it.
    fn absent(&mut self, probe: &mut Probe<'t>, x: Var<'t, f64>, v: &[f64], seed: u64) -> Seen {
        let why = self.tape.explain(self.y, x);
        if matches!(why, crate::Dependence::Stopped { .. }) {
            return Seen::Final(Verdict::Absent {
                reason: why.to_string(),
            });
        }
        let noises = noise(self.tape, &[x.id()], &[self.y.id()], seed);
        match slope(
            &mut |h| probe.along(std::slice::from_ref(&v.to_vec()), h),
            noises[0],
        ) {
            Slope::Smooth(numeric) if numeric.value.abs() > 3.0 * numeric.error => Seen::Differs {
                analytic: 0.0,
                numeric,
            },
            _ => Seen::Final(Verdict::Absent {
                reason: why.to_string(),
            }),
        }
    }

    fn judge(
        &mut self,
        probe: &mut Probe<'t>,
        x: Var<'t, f64>,
        gradient: Option<Var<'t, f64>>,
        scale: &[f64],
        seen: Vec<Seen>,
    ) -> Verdict {
        let differs = seen.iter().all(|s| matches!(s, Seen::Differs { .. }));
        if let (true, Some(Seen::Differs { analytic, numeric })) = (differs, seen.first()) {
            let element = self.locate(probe, x, gradient, scale);
            let Estimate { value, error } = *numeric;
            return Verdict::Wrong {
                element,
                analytic: *analytic,
                numeric: value,
                error,
            };
        }
        let mut worst = (0.0f64, 0.0f64);
        for s in &seen {
            match *s {
                Seen::Agrees {
                    difference,
                    scale,
                    tolerance,
                } => {
                    let relative = |x: f64| if x == 0.0 { 0.0 } else { x / scale };
                    worst = (
                        worst.0.max(relative(difference)),
                        worst.1.max(relative(tolerance)),
                    );
                }
                // One direction of two: not enough to call it wrong.
                Seen::Differs { analytic, numeric } => {
                    worst.1 = worst
                        .1
                        .max((analytic - numeric.value).abs() / analytic.abs());
                }
                Seen::Final(_) => {}
            }
        }
        match worst {
            (_, uncertainty) if uncertainty > RESOLUTION => Verdict::Inconclusive { uncertainty },
            (agreement, _) => Verdict::Ok { agreement },
        }
    }

    /// Finds a wrong element by halving: of the two halves of the elements,
    /// the one along which gradient and differences disagree more.
    fn locate(
        &mut self,
        probe: &mut Probe<'t>,
        x: Var<'t, f64>,
        gradient: Option<Var<'t, f64>>,
        scale: &[f64],
    ) -> Option<Element> {
        let n = x.size();
        let g = gradient.map_or(vec![0.0; n], |g| g.peek().to_f64());
        let floor = noise(self.tape, &[x.id()], &[self.y.id()], SEED)[0];
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let v: Vec<f64> = signs(&mut rng, n)
            .iter()
            .zip(scale)
            .map(|(v, s)| v * s)
            .collect();
        let mut measure = |range: std::ops::Range<usize>| -> Option<(f64, Estimate)> {
            let mut part = vec![0.0; n];
            part[range.clone()].copy_from_slice(&v[range.clone()]);
            let analytic = range.map(|i| g[i] * v[i]).sum::<f64>();
            match slope(&mut |h| probe.along(std::slice::from_ref(&part), h), floor) {
                Slope::Smooth(numeric) => Some((analytic, numeric)),
                _ => None,
            }
        };
        let mut range = 0..n;
        while range.len() > 1 {
            let middle = range.start + range.len() / 2;
            let halves = [range.start..middle, middle..range.end];
            let excess = |r: &std::ops::Range<usize>, m: &mut dyn FnMut(std::ops::Range<usize>) -> Option<(f64, Estimate)>| {
                m(r.clone()).map_or(0.0, |(a, e)| ((a - e.value).abs() - 3.0 * e.error).max(0.0))
            };
            let (left, right) = (
                excess(&halves[0], &mut measure),
                excess(&halves[1], &mut measure),
            );
            if left == 0.0 && right == 0.0 {
                return None;
            }
            range = if left >= right {
                halves[0].clone()
            } else {
                halves[1].clone()
            };
        }
        let (_, numeric) = measure(range.clone())?;
        let at = range.start;
        Some(Element {
            index: unravel(at, &x.shape()),
            analytic: g[at],
            numeric: numeric.value / v[at],
            error: (numeric.error / v[at]).abs(),
        })
    }
}

/// The scale on which each element may be moved: its own magnitude, or the
/// typical one where it is zero.
fn scales(x: &[f64]) -> Vec<f64> {
    let finite = x.iter().filter(|x| x.is_finite() && **x != 0.0);
    let (count, sum) = finite.fold((0, 0.0), |(n, s), x| (n + 1, s + x.abs()));
    let typical = if count == 0 { 1.0 } else { sum / count as f64 };
    x.iter()
        .map(|x| {
            if *x == 0.0 || !x.is_finite() {
                typical
            } else {
                x.abs()
            }
        })
        .collect()
}

fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (i, &n) in index.iter_mut().zip(shape).rev() {
        *i = flat % n.max(1);
        flat /= n.max(1);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
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
