//! A copy of a tape that others may append to, as it is or in f64.

use std::convert::Infallible;

use smallvec::SmallVec;

use super::{Inner, InstId, Tape, ValueId, evaluate};
use crate::dtype::DType;
use crate::error::Error;
use crate::op::Results;
use crate::ops::{Cast, OneHot, Op};
use crate::value::Value;

impl Tape {
    /// The tape as far as the last of `values`. Values, names and lines keep
    /// their numbers.
    pub(crate) fn copy(&self, values: impl Iterator<Item = ValueId>) -> Tape {
        let inner = self.inner();
        let as_it_is = |copy: &mut Inner, id| {
            let values = inner.results(id).map(|r| inner.value(r).clone());
            copy.adopt(&inner, id, inner.inst(id).op.clone(), values.collect());
            Ok::<(), Infallible>(())
        };
        match replica(&inner, values, as_it_is) {
            Ok(tape) => tape,
            Err(never) => match never {},
        }
    }

    /// The tape as far as the last of `values`, with every f32 in it an f64
    /// and everything that follows from one computed anew. Values, names and
    /// lines keep their numbers; the original is left alone.
    ///
    /// # Errors
    /// If an operation that was recorded on f32 refuses f64.
    pub(crate) fn in_f64(&self, values: impl Iterator<Item = ValueId>) -> Result<Tape, Error> {
        let inner = self.inner();
        let mut changed = vec![false; inner.values()];
        replica(&inner, values, |copy, id| {
            let (op, values) = widened(&inner, copy, id, &mut changed)?;
            copy.adopt(&inner, id, op, values);
            Ok(())
        })
    }
}

fn replica<E>(
    inner: &Inner,
    values: impl Iterator<Item = ValueId>,
    mut each: impl FnMut(&mut Inner, InstId) -> Result<(), E>,
) -> Result<Tape, E> {
    let last = values.map(|v| inner.producer(v).index() + 1).max();
    let mut copy = Inner::default();
    copy.adopt_names(inner);
    for id in inner.insts().take(last.unwrap_or(0)) {
        each(&mut copy, id)?;
    }
    let tape = Tape::new();
    tape.inner.replace(copy);
    Ok(tape)
}

/// The instruction and its results in f64; notes which values have changed.
fn widened(
    inner: &Inner,
    copy: &Inner,
    id: InstId,
    changed: &mut [bool],
) -> Result<(Op, Results<Value>), Error> {
    let op = &inner.inst(id).op;
    let old = || inner.results(id).map(|r| inner.value(r).clone());
    let moved = inner.args(id).iter().any(|a| changed[a.index()]);
    if !moved && old().all(|v| v.dtype() != DType::F32) {
        return Ok((op.clone(), old().collect()));
    }
    for r in inner.results(id) {
        changed[r.index()] = true;
    }
    let op = match op {
        Op::Leaf(_) => return Ok((op.clone(), old().map(widen).collect())),
        Op::Cast(Cast { to: DType::F32 }) => Op::from(Cast { to: DType::F64 }),
        Op::OneHot(one_hot) => Op::from(OneHot {
            dtype: DType::F64,
            ..*one_hot
        }),
        other => other.clone(),
    };
    let args: SmallVec<[&Value; 4]> = inner.args(id).iter().map(|&a| copy.value(a)).collect();
    let values = evaluate(&op, &args).map_err(|fault| {
        let types = args.iter().map(|v| v.ty()).collect();
        Error::new(op.name(), types, fault, inner.inst(id).site.location)
    })?;
    Ok((op, values))
}

fn widen(value: Value) -> Value {
    match value.dtype() {
        DType::F32 => Value::from_vec(value.shape(), value.to_f64()),
        _ => value,
    }
}
