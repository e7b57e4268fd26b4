//! The same elements in another shape, order or number of copies.

use super::{Entry, call, map};
use crate::conformance::call::{Answer, Call, Unsupported, V, axis, many, one, unsupported};

/// A shape in which one length may be -1: what is left.
fn inferred(sizes: &[i64], size: usize) -> Result<Vec<usize>, Unsupported> {
    let known: i64 = sizes.iter().filter(|&&n| n != -1).product();
    let infer = || match known {
        0 => unsupported("a length of -1 beside one of 0"),
        n => Ok(size / n as usize),
    };
    let lengths = sizes.iter().map(|&n| match n {
        -1 => infer(),
        n if n >= 0 => Ok(n as usize),
        n => unsupported(format!("a length of {n}")),
    });
    lengths.collect()
}

fn reshape<'t>(c: &Call<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    one(x.reshape(inferred(&c.need_ints("shape")?, x.size())?))
}

/// Broadcast to a shape in which -1 stands for the length that is there.
fn expand<'t>(c: &Call<'t>, name: &str) -> Answer<'t> {
    let (x, sizes) = (c.array("input")?, c.need_ints(name)?);
    let own = x.shape();
    let Some(added) = sizes.len().checked_sub(own.rank()) else {
        return unsupported("an expansion to a lower rank");
    };
    let lengths = sizes.iter().enumerate().map(|(i, &n)| match n {
        -1 if i >= added => Ok(own[i - added]),
        n if n >= 0 => Ok(n as usize),
        n => unsupported(format!("a length of {n}")),
    });
    one(x.broadcast_to(lengths.collect::<Result<Vec<_>, _>>()?))
}

/// The shape that several arrays broadcast to.
pub(super) fn common<'t>(arrays: &[V<'t>]) -> Vec<usize> {
    let sum = arrays
        .iter()
        .copied()
        .reduce(|a, b| a.zeros_like() + b.zeros_like());
    sum.map_or(vec![], |s| s.shape().to_vec())
}

fn swapped<'t>(x: V<'t>, a: usize, b: usize) -> V<'t> {
    let mut axes: Vec<isize> = (0..x.rank() as isize).collect();
    if a < axes.len() && b < axes.len() {
        axes.swap(a, b);
    }
    x.permute(axes)
}

/// The axes of `dim` flipped, one after the other.
fn flipped<'t>(x: V<'t>, axes: &[usize]) -> V<'t> {
    match x.rank() {
        0 => x,
        _ => axes.iter().fold(x, |x, &a| x.flip(a as isize)),
    }
}

fn axes(list: Vec<i64>, rank: usize) -> Result<Vec<usize>, Unsupported> {
    list.into_iter().map(|a| axis(a, rank)).collect()
}

/// Shifted along an axis, what falls off coming back in front.
fn rolled<'t>(x: V<'t>, shift: i64, axis: usize) -> V<'t> {
    let n = x.shape()[axis];
    if n == 0 {
        return x;
    }
    let back = shift.rem_euclid(n as i64) as usize;
    let parts = x.split(&[n - back, back], axis as isize);
    wengert_autodiff::concat(&[parts[1], parts[0]], axis as isize)
}

/// The axes of length 1 among `axes` taken away.
fn squeezed<'t>(x: V<'t>, axes: &[usize]) -> V<'t> {
    let shape = x.shape();
    let kept = (0..x.rank()).filter(|&i| shape[i] != 1 || !axes.contains(&i));
    x.reshape(kept.map(|i| shape[i]).collect::<Vec<_>>())
}

fn squeeze<'t>(c: &Call<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    let all = || (0..x.rank()).collect();
    one(squeezed(
        x,
        &c.ints("dim")?
            .map_or_else(|| Ok(all()), |d| axes(d, x.rank()))?,
    ))
}

/// Every axis `repeats` times over; missing axes in front have length 1.
fn tiled<'t>(x: V<'t>, repeats: &[usize]) -> V<'t> {
    let rank = repeats.len().max(x.rank());
    let padded = |list: &[usize]| [vec![1; rank - list.len()], list.to_vec()].concat();
    let (shape, repeats) = (padded(&x.shape()), padded(repeats));
    let apart: Vec<usize> = shape.iter().flat_map(|&n| [1, n]).collect();
    let pairs = || repeats.iter().zip(&shape);
    let wide: Vec<usize> = pairs().flat_map(|(&r, &n)| [r, n]).collect();
    let shape: Vec<usize> = pairs().map(|(r, n)| r * n).collect();
    x.reshape(apart).broadcast_to(wide).reshape(shape)
}

/// At least `rank` axes, where NumPy puts them.
pub(super) fn at_least<'t>(x: V<'t>, rank: usize) -> V<'t> {
    match (rank, x.rank()) {
        (r, n) if n >= r => x,
        (1, _) => x.reshape([1]),
        (2, 0) => x.reshape([1, 1]),
        (2, _) => x.expand_dims(0),
        (_, 0) => x.reshape([1, 1, 1]),
        (_, 1) => x.expand_dims(0).expand_dims(2),
        _ => x.expand_dims(2),
    }
}

fn raised<'t>(c: &Call<'t>, rank: usize) -> Answer<'t> {
    many(c.arrays("tensors")?.into_iter().map(|x| at_least(x, rank)))
}

pub(super) const OPS: &[Entry] = &[
    call("reshape", "input shape...", reshape),
    call("view", "input shape...", reshape),
    call("reshape_as", "input other", |c| {
        one(c.array("input")?.reshape(c.array("other")?.shape()))
    }),
    map("ravel", |x| x.reshape([x.size()])),
    call("flatten", "input start_dim end_dim", |c| {
        let x = c.array("input")?;
        let from = c.axis("start_dim", 0, x.rank())?;
        let to = c.axis("end_dim", -1, x.rank())?;
        let shape = x.shape();
        if x.rank() == 0 {
            return one(x.reshape([1]));
        }
        let middle = shape[from..=to].iter().product();
        one(x.reshape([&shape[..from], &[middle], &shape[to + 1..]].concat()))
    }),
    call("unflatten", "input dim sizes", |c| {
        let (x, sizes) = (c.array("input")?, c.need_ints("sizes")?);
        let at = c.axis("dim", 0, x.rank())?;
        let shape = x.shape();
        let sizes = inferred(&sizes, shape[at])?;
        one(x.reshape([&shape[..at], &sizes, &shape[at + 1..]].concat()))
    }),
    call("squeeze", "input dim", squeeze),
    call("squeeze.multiple", "input dim", |c| {
        match c.ints("dim")? {
            // An empty list is no axis here, not all of them.
            Some(dims) if dims.is_empty() => one(c.array("input")?),
            _ => squeeze(c),
        }
    }),
    call("unsqueeze", "input dim", |c| {
        let x = c.array("input")?;
        let at = axis(c.need_int("dim")?, x.rank() + 1)?;
        one(x.expand_dims(at as isize))
    }),
    call("transpose", "input dim0 dim1", |c| {
        let x = c.array("input")?;
        one(swapped(
            x,
            c.axis("dim0", 0, x.rank())?,
            c.axis("dim1", 0, x.rank())?,
        ))
    }),
    map("T", |x| x.transpose()),
    map("t", |x| x.transpose()),
    map("mT", |x| swapped(x, x.rank() - 2, x.rank() - 1)),
    call("permute", "input dims...", |c| {
        let (x, dims) = (c.array("input")?, c.need_ints("dims")?);
        one(x.permute(dims.into_iter().map(|d| d as isize).collect::<Vec<_>>()))
    }),
    call("movedim", "input source destination", |c| {
        let x = c.array("input")?;
        let from = axes(c.need_ints("source")?, x.rank())?;
        let to = axes(c.need_ints("destination")?, x.rank())?;
        let mut moved: Vec<(usize, usize)> = to.into_iter().zip(from.iter().copied()).collect();
        moved.sort_unstable();
        let mut order: Vec<usize> = (0..x.rank()).filter(|i| !from.contains(i)).collect();
        for (to, from) in moved {
            order.insert(to, from);
        }
        one(match x.rank() {
            0 => x,
            _ => x.permute(order.into_iter().map(|i| i as isize).collect::<Vec<_>>()),
        })
    }),
    call("broadcast_to", "input size...", |c| expand(c, "size")),
    call("expand", "input shape... size implicit", |c| {
        c.only_default(&["implicit"])?;
        expand(c, if c.has("size") { "size" } else { "shape" })
    }),
    call("expand_as", "input other", |c| {
        one(c.array("input")?.broadcast_to(c.array("other")?.shape()))
    }),
    call("broadcast_tensors", "tensors...", |c| {
        let arrays = c.arrays("tensors")?;
        let shape = common(&arrays);
        many(arrays.into_iter().map(|x| x.broadcast_to(&shape)))
    }),
    call("flip", "input dims...", |c| {
        let x = c.array("input")?;
        one(flipped(x, &axes(c.need_ints("dims")?, x.rank())?))
    }),
    map("fliplr", |x| x.flip(1)),
    map("flipud", |x| x.flip(0)),
    call("roll", "input shifts dims", |c| {
        let (x, shifts) = (c.array("input")?, c.need_ints("shifts")?);
        let dims = c.ints("dims")?.unwrap_or_default();
        if dims.is_empty() {
            let flat = rolled(x.reshape([x.size()]), shifts[0], 0);
            return one(flat.reshape(x.shape()));
        }
        let dims = axes(dims, x.rank())?;
        one(match x.rank() {
            0 => x,
            _ => shifts
                .iter()
                .zip(dims)
                .fold(x, |x, (&s, a)| rolled(x, s, a)),
        })
    }),
    call("rot90", "input k dims", |c| {
        let x = c.array("input")?;
        let plane = axes(c.ints("dims")?.unwrap_or_else(|| vec![0, 1]), x.rank())?;
        let (a, b) = (plane[0], plane[1]);
        one(match c.int("k", 1)?.rem_euclid(4) {
            0 => x,
            1 => swapped(flipped(x, &[b]), a, b),
            2 => flipped(x, &[a, b]),
            _ => flipped(swapped(x, a, b), &[b]),
        })
    }),
    call("repeat", "input repeats...", |c| {
        one(tiled(c.array("input")?, &c.sizes("repeats")?))
    }),
    call("tile", "input dims...", |c| {
        one(tiled(c.array("input")?, &c.sizes("dims")?))
    }),
    call("atleast_1d", "tensors...", |c| raised(c, 1)),
    call("atleast_2d", "tensors...", |c| raised(c, 2)),
    call("atleast_3d", "tensors...", |c| raised(c, 3)),
    call(
        "nn.functional.pixel_unshuffle",
        "input downscale_factor",
        |c| {
            let (x, r) = (c.array("input")?, c.need_int("downscale_factor")? as usize);
            let shape = x.shape().to_vec();
            let (rest, tail) = shape.split_at(shape.len() - 3);
            let (k, h, w) = (tail[0], tail[1] / r, tail[2] / r);
            let n = rest.len() as isize;
            let order = [n, n + 2, n + 4, n + 1, n + 3];
            let order: Vec<isize> = (0..n).chain(order).collect();
            let apart = x.reshape([rest, &[k, h, r, w, r]].concat());
            one(apart
                .permute(order)
                .reshape([rest, &[k * r * r, h, w]].concat()))
        },
    ),
    call("nn.functional.pixel_shuffle", "input upscale_factor", |c| {
        let (x, r) = (c.array("input")?, c.need_int("upscale_factor")? as usize);
        let shape = x.shape().to_vec();
        let (rest, tail) = shape.split_at(shape.len() - 3);
        let (k, h, w) = (tail[0] / (r * r), tail[1], tail[2]);
        let n = rest.len() as isize;
        let order = [n, n + 3, n + 1, n + 4, n + 2];
        let order: Vec<isize> = (0..n).chain(order).collect();
        let apart = x.reshape([rest, &[k, r, r, h, w]].concat());
        one(apart
            .permute(order)
            .reshape([rest, &[k, h * r, w * r]].concat()))
    }),
];
