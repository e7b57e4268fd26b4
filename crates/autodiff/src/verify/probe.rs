//! A scalar on a tape as a function along a line through the recorded point,
//! with the decisions that its operations take on the way, and with the
//! rounding noise of its value.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::difference::Sample;
use crate::eval::Plan;
use crate::op::{Flow, Results};
use crate::tape::{Tape, ValueId};
use crate::value::Value;

/// A decision that fell differently than at the recorded point.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// The operation that decided.
    pub op: &'static str,
    /// The number of the decision within the operation.
    pub element: usize,
    /// How far the operands are from the kink at the recorded point.
    pub margin: f64,
}

/// One decision: which operation, which element, which side, how far.
struct Decision {
    op: &'static str,
    element: usize,
    distance: f64,
}

impl Decision {
    fn side(&self) -> std::cmp::Ordering {
        self.distance
            .partial_cmp(&0.0)
            .unwrap_or(std::cmp::Ordering::Equal)
    }
}

/// A scalar `y` as a function of one input.
pub struct Probe<'t> {
    tape: &'t Tape,
    plan: Plan<'t>,
    input: ValueId,
    base: Vec<Decision>,
    /// The last decision that was seen to fall differently.
    pub crossing: Option<Crossing>,
    /// How many times the function has been evaluated.
    pub evaluations: usize,
}

impl<'t> Probe<'t> {
    pub fn new(tape: &'t Tape, input: ValueId, y: ValueId) -> Probe<'t> {
        let mut probe = Probe {
            tape,
            plan: Plan::new(tape, &[input], &[y]),
            input,
            base: Vec::new(),
            crossing: None,
            evaluations: 0,
        };
        let here = probe.evaluate(probe.point());
        probe.base = here.map_or(vec![], |(_, decisions)| decisions);
        probe
    }

    fn point(&self) -> Value {
        self.tape.inner().value(self.input).clone()
    }

    fn evaluate(&mut self, at: Value) -> Option<(f64, Vec<Decision>)> {
        self.evaluations += 1;
        let mut decisions = Vec::new();
        let inner = self.tape.inner();
        let values = self.plan.run_with(vec![at], &mut |inst, args, _| {
            let op = &inner.inst(inst).op;
            op.primitive().kinks(args, &mut |element, distance| {
                decisions.push(Decision {
                    op: op.name(),
                    element,
                    distance,
                });
            });
        });
        Some((values.ok()?[0].to_f64()[0], decisions))
    }

    /// The function at `point + h v`.
    pub fn along(&mut self, v: &[f64], h: f64) -> Sample {
        let point = self.point();
        let moved = point
            .to_f64()
            .iter()
            .zip(v)
            .map(|(x, v)| x + h * v)
            .collect();
        let moved = Value::from_vec::<f64>(point.shape(), moved);
        let Some((y, decisions)) = self.evaluate(moved) else {
            return Sample::Outside;
        };
        if !y.is_finite() {
            return Sample::Outside;
        }
        let mut pairs = decisions.iter().zip(&self.base);
        match pairs.find(|(now, base)| now.side() != base.side()) {
            None => Sample::Value(y),
            Some((_, base)) => {
                self.crossing = Some(Crossing {
                    op: base.op,
                    element: base.element,
                    margin: base.distance,
                });
                Sample::Across(y)
            }
        }
    }
}

/// The rounding noise of scalars on a tape: the largest deviation over a few
/// runs in which every input and every intermediate result is multiplied by
/// `1 + ε ξ` with random `|ξ| <= 1`, as if it had been rounded differently.
///
/// Source: D. S. Parker, *Monte Carlo Arithmetic* (1997).
pub fn noise(tape: &Tape, inputs: &[ValueId], outputs: &[ValueId], seed: u64) -> Vec<f64> {
    const RUNS: usize = 8;
    // All instructions round, also those that do not depend on the inputs.
    let plan = Plan::whole(tape, inputs, outputs);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut jitter = move |value: &Value| match value {
        Value::F64(a) => {
            let round = |x: &f64| x * (1.0 + f64::EPSILON * rng.random_range(-1.0..=1.0));
            Value::from_vec(value.shape(), a.iter().map(round).collect())
        }
        other => other.clone(),
    };
    let recorded = |id: ValueId| tape.inner().value(id).clone();
    let exact: Vec<f64> = outputs.iter().map(|&y| recorded(y).to_f64()[0]).collect();
    let mut worst: Vec<f64> = exact.iter().map(|y| f64::EPSILON * y.abs()).collect();
    for _ in 0..RUNS {
        let point: Vec<Value> = inputs.iter().map(|&x| jitter(&recorded(x))).collect();
        let run = plan.run_with(point, &mut |inst, _, results: &mut Results<Value>| {
            let inner = tape.inner();
            let held = inner.inst(inst).op.primitive().flow() == Flow::PiecewiseConstant;
            for (r, id) in results.iter_mut().zip(inner.results(inst)) {
                // Decisions stay as they were: `x = max x` would be decided
                // by the perturbation.
                *r = if held {
                    inner.value(id).clone()
                } else {
                    jitter(r)
                };
            }
        });
        let run: Vec<f64> = run.into_iter().flatten().map(|y| y.to_f64()[0]).collect();
        for (i, (worst, exact)) in worst.iter_mut().zip(&exact).enumerate() {
            // What a rounding error turns into NaN cannot be measured.
            let apart = run.get(i).map_or(f64::INFINITY, |y| (y - exact).abs());
            let lost = apart.is_nan() && exact.is_finite();
            *worst = if lost {
                f64::INFINITY
            } else {
                worst.max(apart)
            };
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_noise_leaves_decisions_alone() {
        let tape = Tape::new();
        let x = tape.input("x", ndarray::array![1.0, 2.0]);
        let y = x.equal(x.max()).where_(x, 0.0).sum();
        let found = noise(&tape, &[x.id()], &[y.id()], 1)[0];
        let rounding = 2.0 * f64::EPSILON..20.0 * f64::EPSILON;
        assert!(rounding.contains(&found), "{found:e}");
    }
}
