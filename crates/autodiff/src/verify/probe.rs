//! A scalar on a tape as a function along a line through the recorded point,
//! with the decisions that its operations take on the way.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::difference::Sample;
use super::node::Node;
use super::report::Kink;
use crate::eval::Plan;
use crate::op::{Flow, Primitive, one};
use crate::tape::{InstId, Tape, ValueId};
use crate::value::Value;

/// One decision: which operation, which element, which side, how far.
#[derive(Clone, Copy)]
struct Decision {
    inst: InstId,
    element: usize,
    distance: f64,
}

/// A scalar `y` as a function of one input. Decisions count only on the way
/// from the one to the other: an `argmax` beside a loss is none of them.
///
/// Where an operation knows the smooth piece that the recorded point lies on,
/// it stays on that piece ([`Primitive::piece`](crate::custom::Primitive)), and
/// its kinks are no obstacle to large steps.
pub struct Probe<'t> {
    tape: &'t Tape,
    plan: Plan<'t>,
    input: ValueId,
    base: BTreeMap<InstId, Vec<(usize, f64)>>,
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
            base: BTreeMap::new(),
            crossing: None,
            evaluations: 1,
        };
        let mut base = BTreeMap::new();
        let inner = tape.inner();
        // What fails here fails at every point, and is seen there.
        let _ = probe
            .plan
            .run_with(vec![probe.point()], &mut |inst, args, _| {
                let distances = distances(inner.inst(inst).op.primitive(), args);
                if !distances.is_empty() {
                    base.insert(inst, distances);
                }
            });
        probe.base = base;
        probe
    }

    fn point(&self) -> Value {
        self.tape.inner().value(self.input).clone()
    }

    /// The function at `point + h v`.
    pub fn along(&mut self, v: &[f64], h: f64) -> Sample {
        self.evaluations += 1;
        let point = self.point();
        let x = point.slice::<f64>();
        let moved = x.iter().zip(v).map(|(x, v)| x + h * v).collect();
        let moved = Value::from_vec::<f64>(point.shape(), moved);
        let inner = self.tape.inner();
        let mut crossed = None;
        let run = self.plan.run_with(vec![moved], &mut |inst, args, results| {
            let Some(base) = self.base.get(&inst) else {
                return;
            };
            let op = inner.inst(inst).op.primitive();
            let now = distances(op, args);
            let mut pairs = now.iter().zip(base);
            let flipped = pairs.find(|(now, base)| side(now.1) != side(base.1));
            let Some((_, &(element, distance))) = flipped else {
                return;
            };
            let recorded = inner.args(inst).iter().map(|&a| inner.value(a));
            let recorded: SmallVec<[&Value; 4]> = recorded.collect();
            let constant = op.flow() == Flow::PiecewiseConstant && distance != 0.0;
            let held = match constant {
                true => Some(
                    inner
                        .results(inst)
                        .map(|r| inner.value(r).clone())
                        .collect(),
                ),
                false => op.piece(args, &recorded).map(one),
            };
            match held {
                Some(held) => *results = held,
                None => {
                    crossed = crossed.or(Some(Decision {
                        inst,
                        element,
                        distance,
                    }))
                }
            }
        });
        self.crossing = crossed.or(self.crossing);
        match run {
            Ok(values) => match (values[0].to_f64()[0], crossed) {
                (y, _) if !y.is_finite() => Sample::Outside,
                (y, None) => Sample::Value(y),
                (y, Some(_)) => Sample::Across(y),
            },
            Err(_) => Sample::Outside,
        }
    }

    /// The kink that was crossed last.
    pub fn crossed(&self) -> Option<Kink> {
        self.crossing.map(|d| self.kink(d))
    }

    /// The kink that the recorded point is closest to. What won a maximum is
    /// no kink of it.
    pub fn nearest(&self) -> Option<Kink> {
        let all = self.base.iter().flat_map(|(&inst, distances)| {
            let each = distances.iter();
            each.map(move |&(element, distance)| Decision {
                inst,
                element,
                distance,
            })
        });
        let finite = all.filter(|d| d.distance.is_finite() && d.distance != 0.0);
        let nearest = finite.min_by(|a, b| a.distance.abs().total_cmp(&b.distance.abs()));
        nearest.map(|d| self.kink(d))
    }

    fn kink(&self, decision: Decision) -> Kink {
        Kink {
            node: Node::new(&self.tape.inner(), decision.inst),
            element: decision.element,
            margin: decision.distance.abs(),
        }
    }
}

/// Every decision of an operation: its element, and the distance to the kink.
fn distances(op: &dyn Primitive, args: &[&Value]) -> Vec<(usize, f64)> {
    let mut all = Vec::new();
    op.kinks(args, &mut |element, distance| all.push((element, distance)));
    all
}

/// The decision itself: before the kink, on it, or beyond.
pub(super) fn side(distance: f64) -> Ordering {
    distance.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
}
