//! Laws that every reverse sweep obeys, and the question which rules a check
//! has exercised at all.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::node::Node;
use crate::diff::{Rules, influenced, passes};
use crate::error::Error;
use crate::eval::ancestors;
use crate::op::{Jvp, NoRule, Vjp};
use crate::ops::{Leaf, Op};
use crate::tape::{InstId, Tape, ValueId};
use crate::var::Var;

/// Notes which instructions have seen a cotangent that is not zero.
pub(super) struct Watch<'r> {
    rules: &'r dyn Rules,
    seen: RefCell<BTreeSet<ValueId>>,
}

impl<'r> Watch<'r> {
    pub fn new(rules: &'r dyn Rules) -> Watch<'r> {
        Watch {
            rules,
            seen: RefCell::default(),
        }
    }

    /// Instructions between `wrt` and `y` whose rules have seen nothing but
    /// zeros.
    pub fn unexercised(&self, tape: &Tape, wrt: &[ValueId], y: ValueId) -> Vec<Node> {
        let inner = tape.inner();
        let last = inner.producer(y);
        let active = influenced(&inner, wrt, last);
        let needed = ancestors(&inner, &[y], |id| active[id.index()]);
        let seen = self.seen.borrow();
        let idle = |&inst: &InstId| {
            !matches!(inner.inst(inst).op, Op::Leaf(Leaf::Input | Leaf::Constant))
                && passes(&inner, inst)
                && inner.results(inst).any(|r| needed[r.index()])
                && !inner.results(inst).any(|r| seen.contains(&r))
        };
        let idle = inner.insts().take(last.index() + 1).filter(idle);
        idle.map(|inst| Node::new(&inner, inst)).collect()
    }
}

impl Rules for Watch<'_> {
    fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let moves = |g: &Var<'_, _>| g.peek().to_f64().iter().any(|&g| g != 0.0);
        if cx.cotangents().iter().flatten().any(moves) {
            self.seen.borrow_mut().insert(cx.results()[0].id());
        }
        self.rules.vjp(op, cx)
    }

    fn jvp(&self, op: &Op, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        self.rules.jvp(op, cx)
    }
}

/// A gradient is linear in the cotangent that it starts from: of nothing comes
/// nothing, and minus twice as much gives minus twice as much, to the bit.
pub(super) fn broken_laws<'t>(
    tape: &'t Tape,
    rules: &dyn Rules,
    y: Var<'t, f64>,
    wrt: &[Var<'t, f64>],
    gradients: &[Option<Var<'t, f64>>],
) -> Result<Vec<String>, Error> {
    let mut broken = Vec::new();
    let of = |c: f64| tape.vjp_by(rules, &[y], &[y.full_like(c)], wrt);
    let (nothing, twice) = (of(0.0)?, of(-2.0)?);
    for (i, x) in wrt.iter().enumerate() {
        let name = || tape.inner().label(x.id());
        let numbers = |g: Option<Var<'t, f64>>| g.map_or(vec![], |g| g.peek().to_f64());
        let (once, none, twice) = (
            numbers(gradients[i]),
            numbers(nothing[i]),
            numbers(twice[i]),
        );
        let largest = once.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        // Next to the largest and smallest numbers, doubling rounds.
        if !largest.is_finite() || largest > 1e290 || (largest > 0.0 && largest < 1e-290) {
            continue;
        }
        if none.iter().any(|&g| g != 0.0) {
            broken.push(format!(
                "of a cotangent of zero, the gradient of {} is not zero",
                name()
            ));
        }
        let apart = |g: &f64, h: &f64| (-2.0 * g - h).abs() > 64.0 * f64::EPSILON * largest;
        if once.len() != twice.len() || once.iter().zip(&twice).any(|(g, h)| apart(g, h)) {
            broken.push(format!(
                "of -2 times the cotangent, the gradient of {} is not -2 times as large",
                name()
            ));
        }
    }
    Ok(broken)
}
