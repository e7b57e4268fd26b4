//! The two sweeps over a tape that derivatives are made of, and the answer to
//! why there is none. They know no operation: rules are called, and what they
//! record is appended to the same tape.

mod explain;
mod forward;
mod reverse;
mod rules;

pub use explain::Dependence;
pub use rules::{Own, Rules};

use std::panic::Location;

use crate::dtype::{Any, Kind};
use crate::error::{Error, Fault};
use crate::op::Flow;
use crate::tape::{Inner, InstId, Tape, ValueId};
use crate::value::Type;
use crate::var::Var;

/// Refuses variables of another tape.
fn own<'a, T: Kind + 'a>(
    tape: &Tape,
    what: &'static str,
    vars: impl IntoIterator<Item = &'a Var<'a, T>>,
    here: &'static Location<'static>,
) -> Result<Vec<ValueId>, Error> {
    let vars = vars.into_iter().enumerate();
    vars.map(|(operand, v)| match std::ptr::eq(v.tape(), tape) {
        true => Ok(v.id()),
        false => Err(Error::new(
            what,
            vec![v.ty()],
            Fault::Foreign { operand },
            here,
        )),
    })
    .collect()
}

/// Refuses a cotangent or tangent that is not like its value.
fn same_types(
    what: &'static str,
    inner: &Inner,
    pairs: &[(ValueId, ValueId)],
    here: &'static Location<'static>,
) -> Result<(), Error> {
    let ty = |id: ValueId| inner.value(id).ty();
    match pairs.iter().find(|&&(v, d)| ty(v) != ty(d)) {
        None => Ok(()),
        Some(&(v, d)) => {
            let (left, right): (Type, Type) = (ty(v), ty(d));
            let fault = match left.dtype == right.dtype {
                true => Fault::ShapeMismatch {
                    what: "a value and its derivative must have one shape",
                    left: left.shape.clone(),
                    right: right.shape.clone(),
                },
                false => Fault::MixedDTypes {
                    left: left.dtype,
                    right: right.dtype,
                },
            };
            Err(Error::new(what, vec![left, right], fault, here))
        }
    }
}

/// Which values depend on `sources` through operations that pass derivatives
/// on.
pub(crate) fn influenced(inner: &Inner, sources: &[ValueId], last: InstId) -> Vec<bool> {
    let mut active = vec![false; inner.values()];
    for id in sources {
        active[id.index()] = inner.value(*id).dtype().is_float();
    }
    let Some(first) = sources.iter().min() else {
        return active;
    };
    let first = inner.producer(*first).index();
    for inst in inner.insts().take(last.index() + 1).skip(first) {
        if passes(inner, inst) && inner.args(inst).iter().any(|a| active[a.index()]) {
            for r in inner.results(inst) {
                active[r.index()] = inner.value(r).dtype().is_float();
            }
        }
    }
    active
}

/// Whether a derivative goes through an instruction. One without rules lets
/// it in, so that the sweep meets it and says so.
pub(crate) fn passes(inner: &Inner, inst: InstId) -> bool {
    matches!(flow(inner, inst), Flow::Smooth | Flow::Unsupported)
}

fn flow(inner: &Inner, inst: InstId) -> Flow {
    inner.inst(inst).op.primitive().flow()
}

fn unsupported(tape: &Tape, inst: InstId, mode: &'static str) -> Error {
    let inner = tape.inner();
    let record = inner.inst(inst);
    let location = record.site.location;
    let types = inner
        .args(inst)
        .iter()
        .map(|&a| inner.value(a).ty())
        .collect();
    let fault = Fault::Unsupported {
        mode,
        node: inst.0,
        line: location.to_string(),
    };
    Error::new(record.op.name(), types, fault, location)
}

fn handles<'t>(
    tape: &'t Tape,
    ids: impl IntoIterator<Item = ValueId>,
) -> impl Iterator<Item = Var<'t, Any>> {
    ids.into_iter().map(move |id| Var::new(tape, id))
}
