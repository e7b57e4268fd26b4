//! The verdict about the gradient with respect to one input: what is compared
//! with what.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::difference::{Estimate, Slope, slope};
use super::locate::locate;
use super::probe::{Probe, noise};
use super::report::Verdict;
use crate::Dependence;
use crate::error::Error;
use crate::ops::Op;
use crate::tape::Tape;
use crate::value::Value;
use crate::var::Var;

/// Every random choice of a check follows from this.
pub(super) const SEED: u64 = 0x5EED;
/// A gradient is looked at along this many directions, and a disagreement
/// counts only if it shows along as many.
const DIRECTIONS: usize = 2;
/// If it shows along one of them only, this many more have to decide.
const MORE: usize = 2;
/// Uncertain by more than this part of the derivative is inconclusive.
const RESOLUTION: f64 = 1e-3;
/// Between an estimated error and a verdict.
pub(super) const SAFETY: f64 = 3.0;

/// Random numbers of either sign, between 1/2 and 3/2 in magnitude: equal
/// errors do not cancel, and no element is lost.
pub(super) fn signs(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let one = |_| {
        let magnitude = rng.random_range(0.5..1.5);
        if rng.random() { magnitude } else { -magnitude }
    };
    (0..n).map(one).collect()
}

/// Judges gradients of one scalar.
pub(super) struct Judge<'t> {
    tape: &'t Tape,
    y: Var<'t, f64>,
    /// The magnitude of the scalar.
    size: f64,
    /// How many times it has been evaluated.
    pub evaluations: usize,
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

impl<'t> Judge<'t> {
    pub fn new(tape: &'t Tape, y: Var<'t, f64>) -> Judge<'t> {
        let size = y.peek().to_f64()[0].abs();
        Judge {
            tape,
            y,
            size,
            evaluations: 0,
        }
    }

    /// The verdict about `gradient`, or about the absence of one.
    pub fn input(
        &mut self,
        x: Var<'t, f64>,
        gradient: Option<Var<'t, f64>>,
    ) -> Result<Verdict, Error> {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED + u64::from(x.id().0));
        let scale = scales(&x.peek().to_f64());
        let mut probe = Probe::new(self.tape, x.id(), self.y.id());
        let mut seen: Vec<Seen> = Vec::new();
        loop {
            let odd = seen
                .iter()
                .filter(|s| matches!(s, Seen::Differs { .. }))
                .count();
            let enough = seen.len() >= DIRECTIONS && (odd != 1 || seen.len() == DIRECTIONS + MORE);
            if enough {
                break;
            }
            let signs = signs(&mut rng, x.size());
            let v: Vec<f64> = signs.iter().zip(&scale).map(|(v, s)| v * s).collect();
            let here = match gradient {
                Some(gradient) => self.direction(&mut probe, x, gradient, &v)?,
                None => self.absent(&mut probe, x, &v),
            };
            let last = matches!(here, Seen::Final(_));
            seen.push(here);
            if last {
                break;
            }
        }
        let verdict = self.conclude(&mut probe, x, gradient, &scale, seen);
        self.evaluations += probe.evaluations;
        Ok(verdict)
    }

    /// Reverse, forward and differences along one direction.
    fn direction(
        &self,
        probe: &mut Probe<'t>,
        x: Var<'t, f64>,
        gradient: Var<'t, f64>,
        v: &[f64],
    ) -> Result<Seen, Error> {
        let direction = Value::from_vec(&x.shape(), v.to_vec());
        let direction = Var::new(self.tape, self.tape.constant_value(direction).id());
        let reverse = (gradient * direction).sum();
        let forward = self.tape.jvp(&[self.y], &[x], &[direction])?[0];
        let mut outputs = vec![self.y.id(), reverse.id()];
        outputs.extend(forward.map(|f| f.id()));
        let noises = noise(self.tape, &[x.id()], &outputs, SEED);
        let analytic = reverse.peek().to_f64()[0];
        let terms = gradient.peek().to_f64();
        let magnitude: f64 = terms.iter().zip(v).map(|(g, v)| (g * v).abs()).sum();
        let own = noises[1] + 4.0 * f64::EPSILON * magnitude;
        // Reverse and forward are both exact up to rounding. A gradient that
        // was derived by hand is not this tape's to be consistent with.
        if let Some(forward) = forward.filter(|_| self.is_swept(gradient)) {
            let forward = forward.peek().to_f64()[0];
            let tolerance = 8.0 * (own + noises[2]);
            let both_nan = forward.is_nan() && analytic.is_nan();
            let agree = both_nan || (forward - analytic).abs() <= tolerance;
            if !agree {
                return Ok(Seen::Final(Verdict::Inconsistent {
                    reverse: analytic,
                    forward,
                }));
            }
        }
        let found = slope(&mut |h| probe.along(v, h), noises[0]);
        Ok(self.compare(probe, analytic, own, found))
    }

    /// Whether a gradient came from this tape's sweep.
    fn is_swept(&self, gradient: Var<'t, f64>) -> bool {
        let inner = self.tape.inner();
        !matches!(inner.inst(inner.producer(gradient.id())).op, Op::Leaf(_))
    }

    fn compare(&self, probe: &Probe<'t>, analytic: f64, own: f64, found: Slope) -> Seen {
        // A derivative far below the value itself, or below the terms that it
        // is the sum of (`own` is their rounding), counts as vanishing.
        let floor = 1e-4 * self.size.max(own / f64::EPSILON);
        match found {
            Slope::Smooth(numeric) => {
                let difference = (analytic - numeric.value).abs();
                let tolerance = SAFETY * (numeric.error + own);
                let scale = analytic.abs().max(numeric.value.abs()).max(floor);
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
                let off = |side: Estimate| (side.value - analytic).abs();
                let tolerance = SAFETY * (left.error.max(right.error) + own);
                let difference = off(left).max(off(right));
                if difference <= tolerance {
                    // A kink of a higher derivative only: x |x|, Huber.
                    Seen::Agrees {
                        difference,
                        scale: analytic.abs().max(floor),
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
    fn absent(&self, probe: &mut Probe<'t>, x: Var<'t, f64>, v: &[f64]) -> Seen {
        let why = self.tape.explain(self.y, x);
        let reason = why.to_string();
        if matches!(why, Dependence::Stopped { .. }) {
            return Seen::Final(Verdict::Absent { reason });
        }
        let noise = noise(self.tape, &[x.id()], &[self.y.id()], SEED)[0];
        match slope(&mut |h| probe.along(v, h), noise) {
            Slope::Smooth(numeric) if numeric.value.abs() > SAFETY * numeric.error => {
                Seen::Differs {
                    analytic: 0.0,
                    numeric,
                }
            }
            _ => Seen::Final(Verdict::Absent { reason }),
        }
    }

    fn conclude(
        &self,
        probe: &mut Probe<'t>,
        x: Var<'t, f64>,
        gradient: Option<Var<'t, f64>>,
        scale: &[f64],
        seen: Vec<Seen>,
    ) -> Verdict {
        let (mut agreement, mut uncertainty) = (0.0f64, 0.0f64);
        let mut wrong = Vec::new();
        for direction in seen {
            match direction {
                Seen::Final(verdict) => return verdict,
                Seen::Agrees {
                    difference,
                    scale,
                    tolerance,
                } => {
                    let relative = |x: f64| if x == 0.0 { 0.0 } else { x / scale };
                    agreement = agreement.max(relative(difference));
                    uncertainty = uncertainty.max(relative(tolerance));
                }
                Seen::Differs { analytic, numeric } => wrong.push((analytic, numeric)),
            }
        }
        // One direction of four: an error estimate that was too good. It counts
        // as what it is, an uncertainty.
        if let [(analytic, numeric)] = wrong[..] {
            let difference = (analytic - numeric.value).abs();
            let relative = difference / analytic.abs().max(numeric.value.abs());
            agreement = agreement.max(relative);
            uncertainty = uncertainty.max(relative);
        }
        match wrong[..] {
            [
                (
                    analytic,
                    Estimate {
                        value: numeric,
                        error,
                    },
                ),
                ..,
            ] if wrong.len() >= DIRECTIONS => {
                let gradient = gradient.map(|g| g.peek().to_f64());
                let gradient = gradient.unwrap_or_else(|| vec![0.0; x.size()]);
                let noise = noise(self.tape, &[x.id()], &[self.y.id()], SEED)[0];
                let element = locate(probe, &x.shape(), &gradient, scale, noise);
                Verdict::Wrong {
                    element,
                    analytic,
                    numeric,
                    error,
                }
            }
            _ if uncertainty > RESOLUTION => Verdict::Inconclusive { uncertainty },
            _ => Verdict::Ok { agreement },
        }
    }
}

/// The scale on which each element may be moved: its own magnitude, or the
/// typical one where it is zero.
fn scales(x: &[f64]) -> Vec<f64> {
    let finite = x.iter().filter(|x| x.is_finite() && **x != 0.0);
    let (count, sum) = finite.fold((0, 0.0), |(n, s), x| (n + 1, s + x.abs()));
    let typical = if count == 0 {
        1.0
    } else {
        sum / f64::from(count)
    };
    let own = |x: &f64| {
        if *x == 0.0 || !x.is_finite() {
            typical
        } else {
            x.abs()
        }
    };
    x.iter().map(own).collect()
}
