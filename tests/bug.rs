//! Wrong derivative rules, to be planted in one instruction of a tape. A bug
//! replaces what the rule sends to one operand by another linear map; forward,
//! by that map's transpose, so that both sweeps can be wrong in the same way.

use std::cell::RefCell;

use wengert_autodiff::custom::{Jvp, NoRule, Vjp};

use wengert_autodiff::verify::Rules;
use wengert_autodiff::{Any, Op, Tape, ValueId, Var};

use crate::random::Random;

/// What people get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The wrong sign.
    Sign,
    /// A factor too much or missing.
    Factor,
    /// A matrix that should have been transposed, or should not.
    Transposed,
    /// A cotangent that was broadcast forward is not summed backward.
    MissingSum,
    /// Multiplied with the wrong thing, or sent to the wrong operand.
    WrongOperand,
    /// One term of several is forgotten.
    DroppedTerm,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] = [
        Kind::Sign,
        Kind::Factor,
        Kind::Transposed,
        Kind::MissingSum,
        Kind::WrongOperand,
        Kind::DroppedTerm,
    ];
}

/// What the operand's cotangent becomes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Map {
    /// So many times what it should be; -1 is a wrong sign, the inverse of a
    /// length a mean instead of a sum, 0 a detached operand.
    Times(f64),
    /// Nothing is sent.
    Nothing,
    /// Its transpose.
    Transposed,
    /// In a matrix product, the other factor is not transposed.
    NotTransposed,
    /// Of what was broadcast, the first only, with this sign.
    First(f64),
    /// The result's cotangent times an operand, or the result.
    CotangentTimes(Factor),
    /// The result's cotangent as it is.
    Cotangent,
    /// What the other operand should get.
    Swapped,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Factor {
    Operand(usize),
    Result,
}

/// One instruction that the reverse sweep has come through.
#[derive(Clone, Debug)]
pub struct Site {
    at: ValueId,
    op: &'static str,
    args: Vec<ValueId>,
    shapes: Vec<Vec<usize>>,
    result: Vec<usize>,
    /// Which operands got something.
    sent: Vec<bool>,
}

/// A wrong rule in its place.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The first result of the instruction.
    pub at: ValueId,
    /// The instruction's operation.
    pub op: &'static str,
    operand: usize,
    map: Map,
    /// Whether the forward rule is wrong in the same way.
    pub forward: bool,
}

/// The own rules, watched.
struct Survey(RefCell<Vec<Site>>);

impl Rules for Survey {
    fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        op.primitive().vjp(cx)?;
        let args = cx.all_args();
        self.0.borrow_mut().push(Site {
            at: cx.results()[0].id(),
            op: op.name(),
            args: args.iter().map(|a| a.id()).collect(),
            shapes: args.iter().map(|a| a.shape().to_vec()).collect(),
            result: cx.results()[0].shape().to_vec(),
            sent: (0..args.len()).map(|i| cx.sent(i).is_some()).collect(),
        });
        Ok(())
    }
}

/// Every instruction whose rule the gradient of `y` depends on.
pub fn survey<'t>(tape: &'t Tape, y: Var<'t, f64>, wrt: &[Var<'t, f64>]) -> Vec<Site> {
    let survey = Survey(RefCell::default());
    tape.grads_by(&survey, y, wrt)
        .expect("every operation has a rule");
    survey.0.into_inner()
}

fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Site {
    /// The bugs of a kind that operand `i` can have.
    fn bugs(
        &self,
        kind: Kind,
        i: usize,
        batch: usize,
        uses: usize,
        random: &mut Random,
    ) -> Vec<Map> {
        let (own, op) = (&self.shapes[i], self.op);
        let square = |shape: &[usize]| matches!(shape, [m, n] if m == n && *n > 1);
        let two = self.sent == [true, true];
        let mut found = Vec::new();
        match kind {
            Kind::Sign => found.push(Map::Times(-1.0)),
            Kind::Factor => {
                let any = 10f64.powf(random.between(1.001f64.log10(), 1.0));
                let near = 1.0 + 10f64.powf(random.between(-3.0, 0.0));
                let mut factors = vec![any, near, 0.5, 2.0];
                factors.extend((batch > 1).then_some(batch as f64));
                found.push(Map::Times(factors[random.below(factors.len())]));
            }
            Kind::Transposed => {
                found.extend(square(own).then_some(Map::Transposed));
                let product = op == "matmul" && self.shapes.len() == 2;
                if product && own.len() == 2 && square(&self.shapes[1 - i]) {
                    found.push(Map::NotTransposed);
                }
            }
            Kind::MissingSum => {
                let smaller = size(own) < size(&self.result);
                let elementwise = ["add", "sub", "mul", "div", "maximum", "broadcast_to"];
                if smaller && elementwise.contains(&op) {
                    found.push(Map::Times(size(own) as f64 / size(&self.result) as f64));
                }
                if smaller && ["add", "sub", "broadcast_to"].contains(&op) {
                    let sign = if op == "sub" && i == 1 { -1.0 } else { 1.0 };
                    found.push(Map::First(sign));
                }
            }
            Kind::WrongOperand => {
                let functions = [
                    "exp", "sigmoid", "tanh", "softplus", "square", "sin", "sqrt",
                ];
                if op == "mul" {
                    found.push(Map::CotangentTimes(Factor::Operand(i)));
                }
                if functions.contains(&op) {
                    found.push(Map::CotangentTimes(Factor::Result));
                    found.push(Map::CotangentTimes(Factor::Operand(0)));
                }
                let pairs = ["mul", "sub", "maximum", "matmul"];
                if two && self.shapes[0] == self.shapes[1] && pairs.contains(&op) {
                    found.push(Map::Swapped);
                }
            }
            Kind::DroppedTerm => {
                let several = self.sent.iter().filter(|s| **s).count() > 1;
                found.extend((several || uses > 1).then_some(Map::Nothing));
                match op {
                    "softmax" => found.push(Map::CotangentTimes(Factor::Result)),
                    "log_softmax" => found.push(Map::Cotangent),
                    _ => {}
                }
            }
        }
        found
    }
}

impl Planted {
    /// A random bug of this kind, if there is a place for one.
    pub fn draw(
        sites: &[Site],
        kind: Kind,
        batch: usize,
        forward: bool,
        random: &mut Random,
    ) -> Option<Planted> {
        let uses = |id: ValueId| {
            sites
                .iter()
                .flat_map(|s| &s.args)
                .filter(|a| **a == id)
                .count()
        };
        let mut all = Vec::new();
        for site in sites {
            for operand in (0..site.args.len()).filter(|&i| site.sent[i]) {
                let maps = site.bugs(kind, operand, batch, uses(site.args[operand]), random);
                all.extend(maps.into_iter().map(|map| Planted {
                    at: site.at,
                    op: site.op,
                    operand,
                    map,
                    forward,
                }));
            }
        }
        (!all.is_empty()).then(|| all.swap_remove(random.below(all.len())))
    }

    /// 1 for the first of what was broadcast from this shape, 0 for the rest.
    fn first<'t>(&self, tape: &'t Tape, own: &[usize], result: &[usize]) -> Var<'t, Any> {
        let lead = result.len() - own.len();
        let mask = ndarray::ArrayD::from_shape_fn(result, |at| {
            let repeated =
                |(axis, &i): (usize, &usize)| i > 0 && (axis < lead || own[axis - lead] == 1);
            let at = ndarray::Dimension::slice(&at);
            f64::from(!at.iter().enumerate().any(repeated))
        });
        tape.constant(mask).any()
    }
}

/// What the two operands, of one shape, should get, to the respective other.
fn swapped<'t>(op: &str, g: Var<'t, Any>, [a, b]: [Var<'t, Any>; 2]) -> [Var<'t, Any>; 2] {
    match op {
        "mul" => [g * a, g * b],
        "sub" => [-g, g],
        "maximum" => [b.greater(a).where_(g, 0.0), a.greater(b).where_(g, 0.0)],
        "matmul" => [a.transpose().dot(g), g.dot(b.transpose())],
        _ => unreachable!("no bug of this kind is drawn for {op}"),
    }
}

impl Rules for Planted {
    fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        op.primitive().vjp(cx)?;
        let i = self.operand;
        if cx.results()[0].id() != self.at {
            return Ok(());
        }
        let (args, result, g) = (cx.all_args().to_vec(), cx.result(), cx.cotangent());
        let factor = |factor| match factor {
            Factor::Operand(i) => args[i],
            Factor::Result => result,
        };
        match self.map {
            Map::Times(factor) => cx.alter(i, |sent| sent.map(|s| factor * s)),
            Map::Nothing => cx.alter(i, |_| None),
            Map::Transposed => cx.alter(i, |sent| sent.map(|s| s.transpose())),
            Map::Swapped => {
                let swapped = swapped(self.op, g, [args[0], args[1]]);
                for (operand, wrong) in swapped.into_iter().enumerate() {
                    cx.alter(operand, |sent| sent.map(|_| wrong));
                }
            }
            Map::NotTransposed => {
                let wrong = if i == 0 {
                    g.dot(args[1])
                } else {
                    args[0].dot(g)
                };
                cx.alter(i, |sent| sent.map(|_| wrong));
            }
            Map::First(sign) => {
                let first = self.first(cx.tape(), &args[i].shape(), &result.shape());
                cx.alter(i, |_| None);
                cx.to(i, || sign * g * first);
            }
            Map::CotangentTimes(by) => {
                cx.alter(i, |_| None);
                cx.to(i, || g * factor(by));
            }
            Map::Cotangent => cx.alter(i, |sent| sent.map(|_| g)),
        }
        Ok(())
    }

    fn jvp(&self, op: &Op, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let i = self.operand;
        if !self.forward || cx.results()[0].id() != self.at {
            return op.primitive().jvp(cx);
        }
        match self.map {
            Map::Times(factor) => cx.alter_tangent(i, |t| t.map(|t| factor * t)),
            Map::Nothing => cx.alter_tangent(i, |_| None),
            Map::Transposed => cx.alter_tangent(i, |t| t.map(|t| t.transpose())),
            Map::Swapped => {
                let (a, b) = (cx.tangents()[0], cx.tangents()[1]);
                cx.alter_tangent(0, |_| b);
                cx.alter_tangent(1, |_| a);
            }
            Map::NotTransposed | Map::First(_) | Map::CotangentTimes(_) | Map::Cotangent => {
                let Some(t) = cx.tangents()[i] else {
                    return op.primitive().jvp(cx);
                };
                let (args, result) = (cx.all_args().to_vec(), cx.result());
                let wrong = match self.map {
                    Map::NotTransposed if i == 0 => t.dot(args[1].transpose()),
                    Map::NotTransposed => args[0].transpose().dot(t),
                    Map::First(sign) => {
                        sign * t * self.first(cx.tape(), &args[i].shape(), &result.shape())
                    }
                    Map::CotangentTimes(Factor::Operand(j)) => t * args[j],
                    Map::CotangentTimes(Factor::Result) => t * result,
                    _ => t,
                };
                cx.alter_tangent(i, |_| None);
                cx.send(0, wrong);
            }
        }
        if cx.tangents().iter().any(Option::is_some) {
            op.primitive().jvp(cx)?;
        }
        Ok(())
    }
}
