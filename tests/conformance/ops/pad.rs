//! Padding: with a number, or with elements of the array itself.

use super::arrange::pick;
use super::reduce::range;
use super::{Entry, call};
use crate::conformance::call::{Answer, Call, Unsupported, one, unsupported};

/// Numbers of the entries that padding by `before` and `after` copies, for an
/// axis of length `n`; `outside` says which one stands at a place that is not
/// within.
fn padded(n: usize, before: i64, after: i64, outside: fn(i64, i64) -> i64) -> Vec<usize> {
    let n = n as i64;
    let inside = |i: i64| (0..n).contains(&i);
    let places = (-before)..(n + after);
    places
        .map(|i| if inside(i) { i } else { outside(i, n) } as usize)
        .collect()
}

/// Padding pairs, the last axis first.
fn widths(c: &Call<'_>, rank: usize) -> Result<Vec<(usize, i64, i64)>, Unsupported> {
    let pad = c.need_ints("pad")?;
    if pad.len() % 2 == 1 || pad.len() / 2 > rank {
        return unsupported("padding that does not come in pairs");
    }
    let pairs = pad.chunks_exact(2).enumerate();
    Ok(pairs.map(|(i, w)| (rank - 1 - i, w[0], w[1])).collect())
}

fn pad_by<'t>(c: &Call<'t>, outside: fn(i64, i64) -> i64) -> Answer<'t> {
    c.get("mode");
    c.only_default(&["value"])?;
    let x = c.array("input")?;
    let mut y = x;
    for (axis, before, after) in widths(c, x.rank())? {
        let n = y.shape()[axis];
        if n == 0 && (before > 0 || after > 0) {
            return unsupported("padding of nothing");
        }
        y = pick(y, axis, padded(n, before, after, outside));
    }
    one(y)
}

fn pad_constant<'t>(c: &Call<'t>) -> Answer<'t> {
    if c.text("mode", "constant")? != "constant" {
        return unsupported("argument `mode`");
    }
    let mut x = c.array("input")?;
    let mut all = vec![(0, 0); x.rank()];
    for (axis, before, after) in widths(c, x.rank())? {
        // Negative widths cut.
        let n = x.shape()[axis] as i64;
        let (from, to) = ((-before).max(0), n - (-after).max(0));
        x = range(x, axis, from as usize, to as usize);
        all[axis] = (before.max(0) as usize, after.max(0) as usize);
    }
    one(x.pad(&all, c.number("value", 0.0)?))
}

pub(super) const OPS: &[Entry] = &[
    call(
        "nn.functional.pad.constant",
        "input pad mode value",
        pad_constant,
    ),
    call("nn.functional.pad.reflect", "input pad mode value", |c| {
        pad_by(c, |i, n| if i < 0 { -i } else { 2 * (n - 1) - i })
    }),
    call("nn.functional.pad.replicate", "input pad mode value", |c| {
        pad_by(c, |i, n| i.clamp(0, n - 1))
    }),
    call(
        "nn.functional.pad.replicate_negative",
        "input pad mode value",
        |c| pad_by(c, |i, n| i.clamp(0, n - 1)),
    ),
    call("nn.functional.pad.circular", "input pad mode value", |c| {
        pad_by(c, |i, n| i.rem_euclid(n))
    }),
];
