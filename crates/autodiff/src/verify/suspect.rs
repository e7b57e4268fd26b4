//! Which rule is to blame: every instruction on the way is put to the test on
//! its own, at the values that were recorded, with random cotangents.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use smallvec::SmallVec;

use super::cause::local_cause;
use super::compare::{Claim, Outcome};
use super::judge::{scales, signs};
use super::node::Node;
use super::noise::noise;
use super::probe::Probe;
use super::report::WrongRule;
use crate::diff::{Rules, influenced, passes};
use crate::dtype::Any;
use crate::error::Error;
use crate::eval::ancestors;
use crate::op::Results;
use crate::tape::{InstId, Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

/// The first instruction between `x` and `y` whose reverse (or forward) rule
/// is wrong on its own.
///
/// # Errors
/// If an operation has no rule.
pub(super) fn first_wrong_rule(
    tape: &Tape,
    rules: &dyn Rules,
    (x, y): (ValueId, ValueId),
    reverse: bool,
    seed: u64,
) -> Result<Option<WrongRule>, Error> {
    let candidates: Vec<(InstId, Vec<usize>)> = {
        let inner = tape.inner();
        let last = inner.producer(y);
        let active = influenced(&inner, &[x], last);
        let needed = ancestors(&inner, &[y], |_| true);
        let between = inner
            .insts()
            .take(last.index() + 1)
            .filter(|&inst| passes(&inner, inst) && inner.results(inst).any(|r| needed[r.index()]));
        let operands = |inst| {
            let args = inner.args(inst).iter().enumerate();
            args.filter(|(_, a)| active[a.index()])
                .map(|(i, _)| i)
                .collect()
        };
        between.map(|inst| (inst, operands(inst))).collect()
    };
    let mut first: Option<WrongRule> = None;
    for (inst, operands) in candidates {
        let mut trial = None;
        for operand in operands {
            let trial = match &mut trial {
                Some(trial) => trial,
                none => none.insert(Trial::new(tape, inst, seed)?),
            };
            if let Some(rule) = trial.operand(rules, operand, reverse)? {
                match &mut first {
                    Some(first) => first.others += 1,
                    none => *none = Some(rule),
                }
                break;
            }
        }
    }
    Ok(first)
}

/// One instruction on a tape of its own, and `<w, op(operands)>` there.
struct Trial<'t> {
    tape: &'t Tape,
    inst: InstId,
    alone: Tape,
    operands: Vec<ValueId>,
    y: ValueId,
    /// The random cotangents `w`, of results that can have one.
    cotangents: Results<Option<Value>>,
    rng: ChaCha8Rng,
    seed: u64,
}

impl<'t> Trial<'t> {
    fn new(tape: &'t Tape, inst: InstId, seed: u64) -> Result<Trial<'t>, Error> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ u64::from(inst.0));
        let alone = Tape::new();
        let (op, values, location) = {
            let inner = tape.inner();
            let values: Vec<Value> = inner
                .args(inst)
                .iter()
                .map(|&a| inner.value(a).clone())
                .collect();
            let record = inner.inst(inst);
            (record.op.clone(), values, record.site.location)
        };
        let operands: Vec<ValueId> = values
            .into_iter()
            .enumerate()
            .map(|(i, value)| alone.input_value(format!("operand {i}"), value).id())
            .collect();
        let first = alone.record(op, &operands, location)?;
        let results: Results<Var<'_, Any>> = {
            let inner = alone.inner();
            let producer = inner.producer(first);
            inner
                .results(producer)
                .map(|r| Var::new(&alone, r))
                .collect()
        };
        let mut y = alone.scalar(0.0_f64).any();
        let mut cotangents = Results::new();
        for result in results {
            cotangents.push(result.dtype().is_float().then(|| {
                let w = Value::from_vec(&result.shape(), signs(&mut rng, result.size()));
                y = y + (result * alone.constant_value(w.clone())).sum();
                w
            }));
        }
        let y = y.id();
        Ok(Trial {
            tape,
            inst,
            alone,
            operands,
            y,
            cotangents,
            rng,
            seed,
        })
    }

    /// What is wrong with the rule for one operand, if anything: two random
    /// directions have to say so.
    fn operand(
        &mut self,
        rules: &dyn Rules,
        operand: usize,
        reverse: bool,
    ) -> Result<Option<WrongRule>, Error> {
        let id = self.operands[operand];
        let at = self.alone.inner().value(id).clone();
        let scale = scales(&at.to_f64());
        let mut worst = None;
        for _ in 0..2 {
            let signs = signs(&mut self.rng, at.len());
            let v: Vec<f64> = signs
                .iter()
                .zip(&scale)
                .map(|(s, scale)| s * scale)
                .collect();
            let direction = Value::from_vec(at.shape(), v.clone());
            let (analytic, size) = match reverse {
                true => self.pulled(rules, operand, &v)?,
                false => self.pushed(rules, operand, direction.clone())?,
            };
            let alone = &self.alone;
            // How well the derivative is conditioned, the operation's own
            // forward rule tells.
            let y: Var<'_, Any> = Var::new(alone, self.y);
            let x: Var<'_, Any> = Var::new(alone, id);
            let forward = alone.jvp(&[y], &[x], &[alone.constant_value(direction)])?[0];
            let outputs: Vec<ValueId> = std::iter::once(self.y)
                .chain(forward.map(Var::id))
                .collect();
            let noises = noise(alone, &self.operands, &outputs, self.seed);
            let own = noises.get(1).map_or(0.0, |n| n[0]) + 16.0 * f64::EPSILON * size;
            let mut probe = Probe::new(alone, id, self.y);
            let claim = Claim {
                slope: analytic,
                own,
                noise: noises[0][0],
                enough: 0.0,
            };
            let Outcome::Differs(numeric) = claim.against(&mut |h| probe.along(&v, h)) else {
                return Ok(None);
            };
            worst = Some((analytic, numeric.value));
        }
        Ok(worst.map(|(analytic, numeric)| {
            let node = Node::new(&self.tape.inner(), self.inst);
            WrongRule {
                cause: self.cause(operand, analytic, numeric),
                node,
                operand,
                reverse,
                analytic,
                numeric,
                others: 0,
            }
        }))
    }

    /// `<Jᵀ w, v>` by the reverse rule, and the magnitude of its terms.
    fn pulled(&self, rules: &dyn Rules, operand: usize, v: &[f64]) -> Result<(f64, f64), Error> {
        let constant = |value: &Value| self.tape.constant_value(value.clone());
        let cotangents = self.cotangents.iter().map(|w| w.as_ref().map(constant));
        let mut wanted: SmallVec<[bool; 4]> = self.operands.iter().map(|_| false).collect();
        wanted[operand] = true;
        let cx = self
            .tape
            .pull_at(rules, self.inst, cotangents.collect(), wanted)?;
        let Some(sent) = cx.sent(operand) else {
            return Ok((0.0, 0.0));
        };
        let sent = sent.peek().to_f64();
        let terms = || sent.iter().zip(v).map(|(g, v)| g * v);
        Ok((terms().sum(), terms().map(f64::abs).sum()))
    }

    /// `<w, J v>` by the forward rule, and the magnitude of its terms.
    fn pushed(&self, rules: &dyn Rules, operand: usize, v: Value) -> Result<(f64, f64), Error> {
        let mut tangents: SmallVec<[Option<Var<'_, Any>>; 4]> =
            self.operands.iter().map(|_| None).collect();
        tangents[operand] = Some(self.tape.constant_value(v));
        let cx = self.tape.push_at(rules, self.inst, tangents)?;
        let (mut sum, mut size) = (0.0, 0.0);
        for (j, w) in self.cotangents.iter().enumerate() {
            let (Some(w), Some(sent)) = (w, cx.sent(j)) else {
                continue;
            };
            for (w, t) in w.to_f64().iter().zip(sent.peek().to_f64()) {
                sum += w * t;
                size += (w * t).abs();
            }
        }
        Ok((sum, size))
    }

    fn cause(&self, operand: usize, analytic: f64, numeric: f64) -> Option<String> {
        let inner = self.tape.inner();
        let shape = |id: ValueId| inner.value(id).shape().to_vec();
        let operand = shape(inner.args(self.inst)[operand]);
        let result = inner.results(self.inst).next().map(shape)?;
        local_cause(analytic / numeric, &operand, &result)
    }
}
