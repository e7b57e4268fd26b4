//! Joining, splitting, repeating.

use ndarray::Array1;
use wengert_autodiff::{Kind, Var, concat, stack};

use super::reduce::range;
use super::view::at_least;
use super::{Entry, call};
use crate::conformance::call::{Answer, Arg, Call, V, axis, many, one, unsupported};

/// Entries along an axis, by number.
pub(super) fn pick<'t, T: Kind>(x: Var<'t, T>, axis: usize, numbers: Vec<usize>) -> Var<'t, T> {
    let at = x.tape().constant(Array1::from(numbers));
    x.index_select(axis as isize, at)
}

/// Arrays one after the other; PyTorch passes over empty vectors.
fn joined<'t>(arrays: Vec<V<'t>>, at: i64) -> Answer<'t> {
    let most = arrays.iter().map(|x| x.rank()).max().unwrap_or(0);
    let skip = |x: &V<'t>| x.rank() == 1 && x.size() == 0 && most > 1;
    let arrays: Vec<V<'t>> = arrays.into_iter().filter(|x| !skip(x)).collect();
    one(concat(&arrays, axis(at, most)? as isize))
}

fn split<'t>(x: V<'t>, lengths: &[usize], at: usize) -> Answer<'t> {
    many(x.split(lengths, at as isize))
}

/// Pieces of length `size`, and a last shorter one.
fn pieces(n: usize, size: usize) -> Vec<usize> {
    match n {
        0 => vec![0],
        n => (0..n)
            .step_by(size.max(1))
            .map(|i| size.min(n - i))
            .collect(),
    }
}

/// The pieces between the given places, which may lie outside, as in slicing,
/// and may go back, which leaves a piece empty.
fn between(n: usize, places: &[i64]) -> Vec<(usize, usize)> {
    let place = |i: i64| (if i < 0 { i + n as i64 } else { i }).clamp(0, n as i64) as usize;
    let mut ends: Vec<usize> = places.iter().map(|&i| place(i)).collect();
    ends.push(n);
    let starts = std::iter::once(0).chain(ends.clone());
    starts.zip(ends).map(|(a, b)| (a, b.max(a))).collect()
}

/// `sections` pieces, the first ones longer by one.
fn even(n: usize, sections: usize) -> Vec<usize> {
    (0..sections)
        .map(|i| n / sections + usize::from(i < n % sections))
        .collect()
}

/// NumPy's `array_split`: a number of sections, or where to cut.
fn tensor_split<'t>(c: &Call<'t>, x: V<'t>, at: usize) -> Answer<'t> {
    let n = x.shape()[at];
    let name = [
        "indices_or_sections",
        "tensor_indices_or_sections",
        "sections",
        "indices",
    ];
    let Some(name) = name.into_iter().find(|name| c.has(name)) else {
        return unsupported("a split without sections");
    };
    let whole = match c.get(name) {
        Some(Arg::Ints(a)) => a.shape.is_empty(),
        Some(Arg::Int(_)) => true,
        _ => false,
    };
    let numbers = c.need_ints(name)?;
    match whole {
        true if numbers[0] < 1 => unsupported("less than one section"),
        true => split(x, &even(n, numbers[0] as usize), at),
        false => many(
            between(n, &numbers)
                .into_iter()
                .map(|(from, to)| range(x, at, from, to)),
        ),
    }
}

/// All windows of length `size`, `step` apart, as a new last axis.
fn windows<'t>(x: V<'t>, at: usize, size: usize, step: usize) -> V<'t> {
    let n = x.shape()[at];
    let starts: Vec<usize> = (0..=n - size).step_by(step).collect();
    let places: Vec<usize> = starts.iter().flat_map(|&s| s..s + size).collect();
    let shape = x.shape().to_vec();
    let count = starts.len();
    let y = pick(x, at, places);
    let y = y.reshape([&shape[..at], &[count, size], &shape[at + 1..]].concat());
    let mut order: Vec<isize> = (0..y.rank() as isize).collect();
    let window = order.remove(at + 1);
    order.push(window);
    y.permute(order)
}

fn raised_join<'t>(c: &Call<'t>, rank: usize, at: i64) -> Answer<'t> {
    let arrays = c.arrays("tensors")?;
    joined(arrays.into_iter().map(|x| at_least(x, rank)).collect(), at)
}

pub(super) const OPS: &[Entry] = &[
    call("cat", "tensors dim", |c| {
        joined(c.arrays("tensors")?, c.int("dim", 0)?)
    }),
    call("stack", "tensors dim", |c| {
        let arrays = c.arrays("tensors")?;
        let at = axis(c.int("dim", 0)?, arrays.first().map_or(0, |x| x.rank()) + 1)?;
        one(stack(&arrays, at as isize))
    }),
    call("hstack", "tensors", |c| {
        let flat = c.arrays("tensors")?.iter().all(|x| x.rank() <= 1);
        raised_join(c, 1, if flat { 0 } else { 1 })
    }),
    call("vstack", "tensors", |c| raised_join(c, 2, 0)),
    call("dstack", "tensors", |c| raised_join(c, 3, 2)),
    call("column_stack", "tensors", |c| {
        let columns = c.arrays("tensors")?.into_iter().map(|x| match x.rank() {
            0 | 1 => x.reshape([x.size(), 1]),
            _ => x,
        });
        joined(columns.collect(), 1)
    }),
    call("block_diag", "tensors...", |c| {
        let blocks: Vec<V<'_>> = c
            .arrays("tensors")?
            .into_iter()
            .map(|x| at_least(x, 2))
            .collect();
        let width: usize = blocks.iter().map(|b| b.shape()[1]).sum();
        let mut left = 0;
        let rows = blocks.iter().map(|b| {
            let n = b.shape()[1];
            let row = b.pad(&[(0, 0), (left, width - left - n)], 0.0);
            left += n;
            row
        });
        one(concat(&rows.collect::<Vec<_>>(), 0))
    }),
    call("split", "input split_size_or_sections dim", |c| {
        let x = c.array("input")?;
        let at = c.axis("dim", 0, x.rank())?;
        let sizes = c.sizes("split_size_or_sections")?;
        match c.get("split_size_or_sections") {
            Some(Arg::List(_) | Arg::Tuple(_)) => split(x, &sizes, at),
            _ => split(x, &pieces(x.shape()[at], sizes[0]), at),
        }
    }),
    call("split.list_args", "input split_size dim", |c| {
        let x = c.array("input")?;
        let at = c.axis("dim", 0, x.rank())?;
        let sizes = c.sizes("split_size")?;
        match c.get("split_size") {
            Some(Arg::List(_) | Arg::Tuple(_)) => split(x, &sizes, at),
            _ => split(x, &pieces(x.shape()[at], sizes[0]), at),
        }
    }),
    call("chunk", "input chunks dim", |c| {
        let x = c.array("input")?;
        let at = c.axis("dim", 0, x.rank())?;
        let (n, chunks) = (x.shape()[at], c.need_int("chunks")? as usize);
        match n {
            0 => split(x, &vec![0; chunks], at),
            n => split(x, &pieces(n, n.div_ceil(chunks)), at),
        }
    }),
    call(
        "tensor_split",
        "input indices_or_sections dim sections indices",
        |c| {
            let x = c.array("input")?;
            tensor_split(c, x, c.axis("dim", 0, x.rank())?)
        },
    ),
    call(
        "hsplit",
        "input indices_or_sections sections indices",
        |c| {
            let x = c.array("input")?;
            tensor_split(c, x, usize::from(x.rank() > 1))
        },
    ),
    call(
        "vsplit",
        "input indices_or_sections sections indices",
        |c| tensor_split(c, c.array("input")?, 0),
    ),
    call(
        "dsplit",
        "input indices_or_sections sections indices",
        |c| tensor_split(c, c.array("input")?, 2),
    ),
    call("unbind", "input dim", |c| {
        let x = c.array("input")?;
        let at = c.axis("dim", 0, x.rank())?;
        let parts = x.split(&vec![1; x.shape()[at]], at as isize);
        many(parts.into_iter().map(|part| part.squeeze(at as isize)))
    }),
    call("repeat_interleave", "input repeats dim output_size", |c| {
        let (x, repeats) = (c.array("input")?, c.sizes("repeats")?);
        let (x, at) = match c.has("dim") {
            true => (x, c.axis("dim", 0, x.rank())?),
            false => (x.reshape([x.size()]), 0),
        };
        let n = x.shape()[at];
        let times = |i: usize| {
            if repeats.len() == 1 {
                repeats[0]
            } else {
                repeats[i]
            }
        };
        let numbers: Vec<usize> = (0..n)
            .flat_map(|i| std::iter::repeat_n(i, times(i)))
            .collect();
        if c.int("output_size", numbers.len() as i64)? != numbers.len() as i64 {
            return unsupported("argument `output_size` that is not the size");
        }
        one(pick(x, at, numbers))
    }),
    call("meshgrid.variadic_tensors", "tensors... indexing", |c| {
        let swapped = match &c.text("indexing", "ij")?[..] {
            "ij" => false,
            "xy" => true,
            other => return unsupported(format!("indexing `{other}`")),
        };
        let arrays = c.arrays("tensors")?;
        // `xy` puts the second array along the first axis.
        let place = |i: usize| match i {
            0 | 1 if swapped && arrays.len() > 1 => 1 - i,
            i => i,
        };
        let shape: Vec<usize> = (0..arrays.len())
            .map(|axis| arrays[place(axis)].size())
            .collect();
        many(arrays.iter().enumerate().map(|(i, x)| {
            let mut own = vec![1; shape.len()];
            own[place(i)] = x.size();
            x.reshape(own).broadcast_to(&shape)
        }))
    }),
    call("cartesian_prod", "tensors...", |c| {
        let arrays = c.arrays("tensors")?;
        if let [only] = arrays[..] {
            return one(only);
        }
        let shape: Vec<usize> = arrays.iter().map(|x| x.size()).collect();
        let columns = arrays.iter().enumerate().map(|(i, x)| {
            let mut own = vec![1; shape.len()];
            own[i] = x.size();
            x.reshape(own)
                .broadcast_to(&shape)
                .reshape([shape.iter().product()])
        });
        one(stack(&columns.collect::<Vec<_>>(), 1))
    }),
    call("unfold", "input dimension size step", |c| {
        let x = c.array("input")?;
        let at = c.axis("dimension", 0, x.rank())?;
        let (size, step) = (c.need_int("size")? as usize, c.need_int("step")? as usize);
        one(match x.rank() {
            0 => windows(x.reshape([1]), 0, size, step).reshape([size]),
            _ => windows(x, at, size, step),
        })
    }),
    call("combinations", "input r with_replacement", |c| {
        let (x, r) = (c.array("input")?, c.int("r", 2)? as usize);
        let again = c.flag("with_replacement", false)?;
        let n = x.size();
        let mut rows: Vec<Vec<usize>> = vec![vec![]];
        for _ in 0..r {
            let longer = rows.iter().flat_map(|row| {
                let first = row.last().map_or(0, |&i| if again { i } else { i + 1 });
                (first..n).map(|i| [&row[..], &[i]].concat())
            });
            rows = longer.collect();
        }
        let count = rows.len();
        one(pick(x, 0, rows.concat()).reshape([count, r]))
    }),
];
