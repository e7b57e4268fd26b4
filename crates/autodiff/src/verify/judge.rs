//! The verdict about the gradient with respect to each input: what is compared
//! with what.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::check::Check;
use super::compare::{Claim, Outcome, SAFETY};
use super::difference::{Estimate, Slope, slope};
use super::locate::unravel;
use super::mistake::Finding;
use super::noise::{RUNS, noise};
use super::probe::Probe;
use super::report::{Kink, Verdict};
use crate::Dependence;
use crate::error::Error;
use crate::ops::Op;
use crate::tape::{Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

/// If a disagreement shows along one direction only, this many more decide.
const MORE: usize = 2;
/// A disagreement counts only if it shows along as many directions.
const WITNESSES: usize = 2;
/// Uncertain by more than this part of the derivative is inconclusive.
const RESOLUTION: f64 = 1e-3;
/// Random numbers of either sign, between 1/2 and 3/2 in magnitude: equal
/// errors do not cancel, and no element is lost.
pub(super) fn signs(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let one = |_| {
        let magnitude = rng.random_range(0.5..1.5);
        if rng.random() { magnitude } else { -magnitude }
    };
    (0..n).map(one).collect()
}

/// The scale on which each element may be moved: its own magnitude, or the
/// typical one where it is zero.
pub(super) fn scales(x: &[f64]) -> Vec<f64> {
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

/// Judges gradients of one scalar.
pub(super) struct Judge<'a, 't> {
    pub check: &'a Check<'a>,
    pub tape: &'t Tape,
    pub y: Var<'t, f64>,
    pub wrt: &'a [Var<'t, f64>],
    pub gradients: &'a [Option<Var<'t, f64>>],
    /// How many times the function has been evaluated.
    pub evaluations: usize,
    /// The closest kink.
    pub nearest: Option<Kink>,
    /// The largest disagreement of the sweeps, relative to the derivative.
    pub sweeps: Option<f64>,
}

/// One direction, in one input, and what the tape says about it.
pub(super) struct Line {
    pub v: Vec<f64>,
    /// The derivative, by the gradient, and its rounding.
    pub analytic: f64,
    pub own: f64,
    /// The same by the forward sweep, with its rounding.
    forward: Option<(f64, f64)>,
    /// Rounding noise of the function.
    pub noise: f64,
}

/// A direction before it is measured: the gradient, the direction itself, and
/// the derivative along it by both sweeps.
type Drawn<'t> = (Option<Var<'t, f64>>, Vec<f64>, [Option<ValueId>; 2]);

/// What one direction says.
enum Seen {
    Agrees {
        difference: f64,
        scale: f64,
        tolerance: f64,
    },
    Differs {
        line: Line,
        numeric: Estimate,
    },
    Final(Verdict),
}

impl<'t> Judge<'_, 't> {
    /// One verdict per input.
    pub fn verdicts(&mut self) -> Result<Vec<Verdict>, Error> {
        let count = self.check.directions;
        let all: Vec<usize> = (0..self.wrt.len()).collect();
        let mut lines = self.lines(&all, count, 0)?.into_iter();
        let mut verdicts = Vec::new();
        for input in all {
            let first: Vec<Line> = lines.by_ref().take(count).collect();
            if let Some(verdict) = self.not_finite(input) {
                verdicts.push(verdict);
                continue;
            }
            let mut probe = Probe::new(self.tape, self.wrt[input].id(), self.y.id());
            let mut seen = Vec::new();
            let mut forward = None;
            for line in first {
                forward = forward.or(self.sweeps_agree(input, &line));
                seen.push(self.look(&mut probe, input, line)?);
            }
            let odd = seen
                .iter()
                .filter(|s| matches!(s, Seen::Differs { .. }))
                .count();
            if odd > 0 && odd < WITNESSES {
                for line in self.lines(&[input], MORE, 1)? {
                    seen.push(self.look(&mut probe, input, line)?);
                }
            }
            let mut verdict = self.conclude(&mut probe, input, seen)?;
            if let (Some((reverse, forward)), Verdict::Ok { .. }) = (forward, &verdict) {
                let rule = self.wrong_rule(input, false)?.map(Box::new);
                verdict = Verdict::Inconsistent {
                    reverse,
                    forward,
                    rule,
                };
            }
            self.evaluations += probe.evaluations;
            let nearest = [self.nearest.take(), probe.nearest()].into_iter().flatten();
            self.nearest = nearest.min_by(|a, b| a.margin.total_cmp(&b.margin));
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    /// A value or a gradient that is not a number at all, and where that
    /// comes from.
    fn not_finite(&self, input: usize) -> Option<Verdict> {
        let bad = |of: Var<'t, f64>| {
            let of = Var::<f64>::new(self.tape, of.id());
            let value = of.peek();
            let at = value.slice::<f64>().iter().position(|x| !x.is_finite())?;
            Some(Verdict::NotFinite {
                index: unravel(at, value.shape()),
                value: value.slice::<f64>()[at],
                first: of.first_non_finite()?.to_string(),
            })
        };
        bad(self.y).or_else(|| bad(self.gradients[input]?))
    }

    /// `count` random directions in each of these inputs. The noise of all of
    /// them is measured in one go.
    fn lines(&mut self, inputs: &[usize], count: usize, round: u64) -> Result<Vec<Line>, Error> {
        let mut lines: Vec<Drawn<'t>> = Vec::new();
        let mut outputs = vec![self.y.id()];
        for &input in inputs {
            let (x, gradient) = (self.wrt[input], self.gradients[input]);
            let seed = self.check.seed.wrapping_add(u64::from(x.id().0)) ^ round << 32;
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let scale = scales(x.peek().slice());
            for _ in 0..count {
                let signs = signs(&mut rng, x.size());
                let v: Vec<f64> = signs.iter().zip(&scale).map(|(v, s)| v * s).collect();
                let direction = Value::from_vec(&x.shape(), v.clone());
                let direction = Var::new(self.tape, self.tape.constant_value(direction).id());
                let reverse = gradient.map(|g| (g * direction).sum());
                let rules = self.check.rules;
                let forward = self.tape.jvp_by(rules, &[self.y], &[x], &[direction])?[0];
                let ids = [reverse, forward].map(|v| v.map(Var::id));
                outputs.extend(ids.into_iter().flatten());
                lines.push((gradient, v, ids));
            }
        }
        let points: Vec<ValueId> = inputs.iter().map(|&i| self.wrt[i].id()).collect();
        self.evaluations += RUNS;
        let noises = noise(self.tape, &points, &outputs, self.check.seed);
        let found = |id: Option<ValueId>| {
            let at = outputs.iter().position(|&y| Some(y) == id)?;
            Some((
                self.tape.inner().value(outputs[at]).to_f64()[0],
                noises[at][0],
            ))
        };
        let line = |(gradient, v, [reverse, forward]): Drawn<'t>| {
            let forward = found(forward);
            let (analytic, mut own) = found(reverse).unwrap_or((0.0, 0.0));
            if let Some(gradient) = gradient {
                // A gradient from elsewhere has been rounded as well, about
                // as much as the tape's own.
                if !self.is_swept(gradient) {
                    own = own.max(forward.map_or(0.0, |(_, noise)| noise));
                }
                let terms = gradient.peek().to_f64();
                let size: f64 = terms.iter().zip(&v).map(|(g, v)| (g * v).abs()).sum();
                own += 4.0 * f64::EPSILON * size;
            }
            Line {
                v,
                analytic,
                own,
                forward,
                noise: noises[0][0],
            }
        };
        Ok(lines.into_iter().map(line).collect())
    }

    /// Whether a gradient came from this tape's sweep.
    pub fn is_swept(&self, gradient: Var<'t, f64>) -> bool {
        let inner = self.tape.inner();
        !matches!(inner.inst(inner.producer(gradient.id())).op, Op::Leaf(_))
    }

    /// Reverse and forward sweep are exact up to rounding: `(reverse,
    /// forward)` if they disagree by more. A gradient from elsewhere is not
    /// this tape's to be consistent with.
    fn sweeps_agree(&mut self, input: usize, line: &Line) -> Option<(f64, f64)> {
        let gradient = self.gradients[input]?;
        let (forward, noise) = line.forward.filter(|_| self.is_swept(gradient))?;
        let apart = (forward - line.analytic).abs();
        if forward.is_nan() && line.analytic.is_nan() {
            return None;
        }
        let size = forward.abs().max(line.own / f64::EPSILON);
        let relative = if apart == 0.0 { 0.0 } else { apart / size };
        self.sweeps = Some(self.sweeps.unwrap_or(0.0).max(relative));
        let agree = apart <= 8.0 * (line.own + noise);
        (!agree).then_some((line.analytic, forward))
    }

    fn look(&mut self, probe: &mut Probe<'t>, input: usize, line: Line) -> Result<Seen, Error> {
        if self.gradients[input].is_none() {
            return Ok(self.absent(probe, input, line));
        }
        let claim = Claim {
            slope: line.analytic,
            own: line.own,
            noise: line.noise,
            enough: 0.0,
        };
        let lost = Verdict::Inconclusive {
            uncertainty: f64::INFINITY,
        };
        Ok(match claim.against(&mut |h| probe.along(&line.v, h)) {
            Outcome::Agrees {
                numeric,
                difference,
                tolerance,
            } => {
                // A derivative far below the value itself, or below the terms
                // that it is the sum of (`own` is their rounding), counts as
                // vanishing.
                let value = self.y.peek().to_f64()[0].abs();
                let floor = 1e-4 * value.max(line.own / f64::EPSILON);
                Seen::Agrees {
                    difference,
                    scale: line.analytic.abs().max(numeric.abs()).max(floor),
                    tolerance,
                }
            }
            Outcome::Differs(numeric) => Seen::Differs { line, numeric },
            Outcome::Kink { left, right } => {
                Seen::Final(self.around_kink(probe, input, &line, (left, right))?)
            }
            Outcome::Undefined => Seen::Final(lost),
        })
    }

    /// No gradient: then the value must not change either, unless the user
    /// has stopped it.
    fn absent(&self, probe: &mut Probe<'t>, input: usize, line: Line) -> Seen {
        let why = self.tape.explain(self.y, self.wrt[input]);
        let reason = why.to_string();
        if matches!(why, Dependence::Stopped { .. }) {
            return Seen::Final(Verdict::Absent { reason });
        }
        match slope(&mut |h| probe.along(&line.v, h), line.noise, 0.0) {
            Slope::Smooth(numeric) if numeric.value.abs() > SAFETY * numeric.error => {
                Seen::Differs { line, numeric }
            }
            _ => Seen::Final(Verdict::Absent { reason }),
        }
    }

    fn conclude(
        &mut self,
        probe: &mut Probe<'t>,
        input: usize,
        seen: Vec<Seen>,
    ) -> Result<Verdict, Error> {
        let (mut agreement, mut uncertainty) = (0.0f64, 0.0f64);
        let mut wrong = Vec::new();
        for direction in seen {
            match direction {
                Seen::Final(verdict) => return Ok(verdict),
                Seen::Agrees {
                    difference,
                    scale,
                    tolerance,
                } => {
                    let relative = |x: f64| if x == 0.0 { 0.0 } else { x / scale };
                    agreement = agreement.max(relative(difference));
                    uncertainty = uncertainty.max(relative(tolerance));
                }
                Seen::Differs { line, numeric } => wrong.push((line, numeric)),
            }
        }
        if wrong.len() >= WITNESSES.min(self.check.directions) {
            let findings = wrong.into_iter().map(|(line, numeric)| Finding {
                v: line.v,
                analytic: line.analytic,
                numeric,
                own: line.own,
                noise: line.noise,
            });
            return self.mistake(probe, input, findings.collect());
        }
        // One direction of four: an error estimate that was too good. It counts
        // as what it is, an uncertainty.
        for (line, numeric) in &wrong {
            let difference = (line.analytic - numeric.value).abs();
            let relative = difference / line.analytic.abs().max(numeric.value.abs());
            agreement = agreement.max(relative);
            uncertainty = uncertainty.max(relative);
        }
        if self.check.exhaustive
            && let Some(verdict) = self.every_element(probe, input)?
        {
            return Ok(verdict);
        }
        Ok(match uncertainty > RESOLUTION {
            true => Verdict::Inconclusive { uncertainty },
            false => Verdict::Ok {
                agreement,
                resolution: uncertainty,
            },
        })
    }
}
