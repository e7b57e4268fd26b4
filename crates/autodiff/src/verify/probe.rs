//! A scalar on a tape as a function along a line through the recorded point,
//! with the decisions that its operations take on the way.

use std::cmp::Ordering;

use super::difference::Sample;
use super::node::Node;
use super::report::Kink;
use crate::eval::Plan;
use crate::tape::{InstId, Tape, ValueId};
use crate::value::Value;

/// One decision: which operation, which element, which side, how far.
#[derive(Clone, Copy)]
struct Decision {
    inst: InstId,
    element: usize,
    distance: f64,
}

impl Decision {
    fn side(&self) -> Ordering {
        self.distance.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
    }
}

/// A scalar `y` as a function of one input. Decisions count only on the way
/// from the one to the other: an `argmax` beside a loss is none of them.
pub struct Probe<'t> {
    tape: &'t Tape,
    plan: Plan<'t>,
    input: ValueId,
    base: Vec<Decision>,
    /// The last decision that was seen to fall differently.
    crossing: Option<Decision>,
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
                    inst,
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
        let x = point.slice::<f64>();
        let moved = x.iter().zip(v).map(|(x, v)| x + h * v).collect();
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
                self.crossing = Some(*base);
                Sample::Across(y)
            }
        }
    }

    /// The kink that was crossed last.
    pub fn crossed(&self) -> Option<Kink> {
        self.crossing.map(|d| self.kink(d))
    }

    /// The kink that the recorded point is closest to.
    pub fn nearest(&self) -> Option<Kink> {
        let distance = |d: &Decision| d.distance.abs();
        let finite = self.base.iter().filter(|d| d.distance.is_finite());
        let nearest = finite.min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.map(|d| self.kink(*d))
    }

    fn kink(&self, decision: Decision) -> Kink {
        Kink {
            node: Node::new(&self.tape.inner(), decision.inst),
            element: decision.element,
            margin: decision.distance.abs(),
        }
    }
}
