//! Padding: with a number, or with elements of the array itself.

use super::arrange::pick;
use super::reduce::range;
use super::{Entry, call};
use crate::conformance::call::{Answer, Call, Unsupported, V, one, unsupported};

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

/// An axis, and how many elements to put before and after it.
type Width = (usize, i64, i64);

/// Padding pairs, the last axis first.
fn widths(c: &Call<'_>, rank: usize) -> Result<Vec<Width>, Unsupported> {
    let pad = c.need_ints("pad")?;
    if pad.len() % 2 == 1 || pad.len() / 2 > rank {
        return unsupported("padding that does not come in pairs");
    }
    let pairs = pad.chunks_exact(2).enumerate();
    Ok(pairs.map(|(i, w)| (rank - 1 - i, w[0], w[1])).collect())
}

fn given<'t>(c: &Call<'t>) -> Result<(V<'t>, Vec<Width>), Unsupported> {
    let x = c.array("input")?;
    Ok((x, widths(c, x.rank())?))
}

/// The input without what negative widths cut off, and the widths that are
/// left.
fn cut<'t>(c: &Call<'t>) -> Result<(V<'t>, Vec<Width>), Unsupported> {
    let (mut x, mut all) = given(c)?;
    for (axis, before, after) in &mut all {
        let n = x.shape()[*axis] as i64;
        let (from, to) = ((-*before).max(0), n - (-*after).max(0));
        x = range(x, *axis, from as usize, to as usize);
        (*before, *after) = ((*before).max(0), (*after).max(0));
    }
    Ok((x, all))
}

fn pad_by<'t>(c: &Call<'t>, x: V<'t>, all: Vec<Width>, outside: fn(i64, i64) -> i64) -> Answer<'t> {
    c.get("mode");
    c.only_default(&["value"])?;
    let mut y = x;
    for (axis, before, after) in all {
        let n = y.shape()[axis];
        if n == 0 && (before > 0 || after > 0) {
            return unsupported("padding of nothing");
        }
        y = pick(y, axis, padded(n, before, after, outside));
    }
    one(y)
}

fn replicate<'t>(c: &Call<'t>) -> Answer<'t> {
    let (x, all) = given(c)?;
    pad_by(c, x, all, |i, n| i.clamp(0, n - 1))
}

fn pad_constant<'t>(c: &Call<'t>) -> Answer<'t> {
    if c.text("mode", "constant")? != "constant" {
        return unsupported("argument `mode`");
    }
    let (x, all) = cut(c)?;
    let mut widths = vec![(0, 0); x.rank()];
    for (axis, before, after) in all {
        widths[axis] = (before as usize, after as usize);
    }
    one(x.pad(&widths, c.number("value", 0.0)?))
}

pub(super) const OPS: &[Entry] = &[
    call(
        "nn.functional.pad.constant",
        "input pad mode value",
        pad_constant,
    ),
    call("nn.functional.pad.reflect", "input pad mode value", |c| {
        let (x, all) = given(c)?;
        pad_by(c, x, all, |i, n| if i < 0 { -i } else { 2 * (n - 1) - i })
    }),
    call(
        "nn.functional.pad.replicate",
        "input pad mode value",
        replicate,
    ),
    call(
        "nn.functional.pad.replicate_negative",
        "input pad mode value",
        replicate,
    ),
    // What is cut off does not come back on the other side.
    call("nn.functional.pad.circular", "input pad mode value", |c| {
        let (x, all) = cut(c)?;
        pad_by(c, x, all, |i, n| i.rem_euclid(n))
    }),
];
