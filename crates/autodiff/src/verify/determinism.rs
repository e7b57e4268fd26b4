//! Whether a function is one: recorded twice, and evaluated again, it has to
//! give the same bits.

use super::node::Node;
use crate::eval::Plan;
use crate::op::Results;
use crate::tape::Tape;
use crate::value::Value;

fn bits(value: &Value) -> Vec<u64> {
    value.to_f64().into_iter().map(f64::to_bits).collect()
}

/// Where two recordings of one function differ. A fresh dropout mask is seen
/// here, and only here: it is a constant of each tape.
pub(super) fn recorded_twice(a: &Tape, b: &Tape) -> Option<String> {
    let (a, b) = (a.inner(), b.inner());
    for id in a.insts() {
        let x = a.inst(id);
        let node = || Node::new(&a, id);
        if id.index() >= b.insts().len() {
            return Some(format!(
                "recorded again, the tape ends before {}   {}",
                node(),
                x.site.location
            ));
        }
        if b.inst(id).op.name() != x.op.name() {
            return Some(format!(
                "recorded again, `{}` follows instead of {}   {}",
                b.inst(id).op.name(),
                node(),
                x.site.location
            ));
        }
        for (r, s) in a.results(id).zip(b.results(id)) {
            if a.value(r).ty() != b.value(s).ty() || bits(a.value(r)) != bits(b.value(s)) {
                return Some(format!(
                    "recorded again, {} has another value   {}",
                    node(),
                    x.site.location
                ));
            }
        }
    }
    (b.insts().len() > a.insts().len()).then(|| "recorded again, the tape is longer".into())
}

/// The first instruction that gives another value when it is evaluated again:
/// one that keeps a state of its own.
pub(super) fn evaluated_again(tape: &Tape, y: crate::ValueId) -> Option<String> {
    let plan = Plan::whole(tape, &[], &[y]);
    let mut first = None;
    let run = plan.run_with(vec![], &mut |inst, _, results: &mut Results<Value>| {
        let inner = tape.inner();
        let recorded = inner.results(inst).map(|r| inner.value(r));
        let same = recorded
            .zip(results.iter())
            .all(|(a, b)| bits(a) == bits(b));
        if !same && first.is_none() {
            first = Some(format!(
                "evaluated again, {} has another value   {}",
                Node::new(&inner, inst),
                inner.inst(inst).site.location
            ));
        }
    });
    match run {
        Ok(_) => first,
        Err(error) => Some(format!("evaluated again: {error}")),
    }
}
