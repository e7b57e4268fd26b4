//! `x[...]`: slices, numbers, new axes, an ellipsis, integer arrays, masks.
//!
//! PyTorch's rule, not NumPy's: single integers select first, like slices,
//! and only arrays index jointly.

use ndarray::{SliceInfoElem, arr1};
use wengert_autodiff::{Tape, Var, custom};

use super::{Entry, call};
use crate::conformance::array::{Array, Data, array};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, one, unsupported};

/// An element type that can be indexed: floats, and the numbers of places.
pub(super) trait Indexed: wengert_autodiff::Element {}
impl Indexed for f64 {}
impl Indexed for usize {}

/// One integer array among the indices, with the axis that it stands for.
struct Advanced {
    axis: usize,
    shape: Vec<usize>,
    numbers: Vec<i64>,
}

/// The number of axes that an index uses up.
fn consumed(arg: &Arg<'_>) -> usize {
    match arg {
        Arg::None | Arg::Ellipsis => 0,
        Arg::Mask(mask) => mask.rank(),
        _ => 1,
    }
}

/// A nested list of integers or booleans as an array.
fn nested(list: &[Arg<'_>]) -> Option<(Vec<usize>, Vec<i64>, bool)> {
    let mut shape = None;
    let mut numbers = Vec::new();
    let mut bools = false;
    for item in list {
        let (inner, values, is_bool) = match item {
            Arg::Int(i) => (vec![], vec![*i], false),
            Arg::Bool(b) => (vec![], vec![i64::from(*b)], true),
            Arg::List(list) => nested(list)?,
            _ => return None,
        };
        if shape.get_or_insert(inner.clone()) != &inner {
            return None;
        }
        bools |= is_bool;
        numbers.extend(values);
    }
    let inner = shape.unwrap_or_default();
    Some(([&[list.len()], &inner[..]].concat(), numbers, bools))
}

/// Where a mask is true, one list of numbers per axis.
fn places(mask: Var<'_, bool>) -> Vec<Vec<i64>> {
    let value = mask.peek();
    let mask = value.array::<bool>().expect("a mask").clone();
    let hits: Vec<_> = mask
        .indexed_iter()
        .filter(|(_, b)| **b)
        .map(|(i, _)| i)
        .collect();
    let along = |axis: usize| hits.iter().map(|i| i[axis] as i64).collect();
    (0..mask.ndim()).map(along).collect()
}

/// Python's slice: out of range is cut off, nothing is empty.
pub(super) fn slice_of(
    n: usize,
    [start, end, step]: [Option<i64>; 3],
) -> Result<Vec<usize>, Unsupported> {
    let step = step.unwrap_or(1);
    if step < 1 {
        return unsupported("a slice that does not go forwards");
    }
    let n = n as i64;
    let place = |i: i64| (if i < 0 { i + n } else { i }).clamp(0, n);
    let (from, to) = (place(start.unwrap_or(0)), place(end.unwrap_or(n)));
    Ok((from..to.max(from))
        .step_by(step as usize)
        .map(|i| i as usize)
        .collect())
}

/// `x[index]`.
pub(super) fn indexed<'t, T: Indexed>(
    x: Var<'t, T>,
    index: &[Arg<'t>],
) -> Result<Var<'t, T>, Unsupported> {
    let used: usize = index.iter().map(consumed).sum();
    let Some(left) = x.rank().checked_sub(used) else {
        return unsupported("more indices than axes");
    };
    let shape = x.shape();
    let mut basic: Vec<SliceInfoElem> = Vec::new();
    let mut advanced: Vec<Advanced> = Vec::new();
    let all = SliceInfoElem::Slice {
        start: 0,
        end: None,
        step: 1,
    };
    // `at` counts axes of x, `out` those of what slicing leaves.
    let (mut at, mut out) = (0, 0);
    for arg in index {
        let mut array = |shape: Vec<usize>, numbers: Vec<i64>, out: &mut usize| {
            basic.push(all);
            advanced.push(Advanced {
                axis: *out,
                shape,
                numbers,
            });
            *out += 1;
        };
        match arg {
            Arg::None => {
                basic.push(SliceInfoElem::NewAxis);
                out += 1;
                continue;
            }
            Arg::Ellipsis => {
                basic.extend(std::iter::repeat_n(all, left));
                at += left;
                out += left;
                continue;
            }
            Arg::Slice(parts) => {
                let numbers = slice_of(shape[at], *parts)?;
                let step = parts[2].unwrap_or(1) as isize;
                let start = numbers.first().map_or(0, |&i| i as isize);
                let end = numbers.last().map_or(start, |&i| i as isize + 1);
                basic.push(SliceInfoElem::Slice {
                    start,
                    end: Some(end),
                    step,
                });
                out += 1;
            }
            Arg::Int(i) => basic.push(SliceInfoElem::Index(*i as isize)),
            Arg::Ints(Array {
                shape,
                data: Data::Int(data),
                ..
            }) => match shape[..] {
                [] => basic.push(SliceInfoElem::Index(data[0] as isize)),
                _ => array(shape.clone(), data.clone(), &mut out),
            },
            Arg::List(list) => match nested(list) {
                Some((shape, numbers, false)) => array(shape, numbers, &mut out),
                Some((shape, hits, true)) if shape.len() == 1 => {
                    let hit = (0..).zip(&hits).filter(|(_, h)| **h != 0);
                    let numbers: Vec<i64> = hit.map(|(i, _)| i).collect();
                    array(vec![numbers.len()], numbers, &mut out);
                }
                _ => return unsupported("an index written as a list of other things"),
            },
            Arg::Mask(mask) => {
                if mask.rank() == 0 {
                    return unsupported("a single boolean as an index");
                }
                if mask.shape()[..] != shape[at..at + mask.rank()] {
                    return unsupported("a mask of another shape");
                }
                for numbers in places(*mask) {
                    array(vec![numbers.len()], numbers, &mut out);
                }
            }
            other => return unsupported(format!("an index written {other:?}")),
        }
        at += consumed(arg);
    }
    let sliced = x.slice(&basic[..]);
    if advanced.is_empty() {
        Ok(sliced)
    } else {
        jointly(sliced, &advanced)
    }
}

/// Several integer arrays, broadcast together, each along its axis.
fn jointly<'t, T: Indexed>(x: Var<'t, T>, arrays: &[Advanced]) -> Result<Var<'t, T>, Unsupported> {
    let shape = x.shape().to_vec();
    let tape = x.tape();
    let taken: Vec<usize> = arrays.iter().map(|a| a.axis).collect();
    let rest: Vec<usize> = (0..shape.len()).filter(|i| !taken.contains(i)).collect();
    let order: Vec<isize> = taken.iter().chain(&rest).map(|&i| i as isize).collect();
    let joint: usize = taken.iter().map(|&i| shape[i]).product();
    let kept: Vec<usize> = rest.iter().map(|&i| shape[i]).collect();
    let flat = x.permute(order).reshape([&[joint], &kept[..]].concat());

    let together = arrays
        .iter()
        .map(|a| tape.constant(array(&a.shape, vec![0.0; a.numbers.len()])));
    let together = together
        .reduce(|a, b| a + b)
        .expect("there is one")
        .shape()
        .to_vec();
    let mut numbers = vec![0; together.iter().product()];
    for a in arrays {
        let n = shape[a.axis] as i64;
        if a.numbers.iter().any(|i| !(-n..n).contains(i)) {
            return unsupported("an index out of range");
        }
        let wrapped = a
            .numbers
            .iter()
            .map(|&i| i.rem_euclid(n) as usize)
            .collect();
        let spread = array(&a.shape, wrapped);
        let spread = spread
            .broadcast(&together[..])
            .expect("broadcast together above");
        for (sum, i) in numbers.iter_mut().zip(spread.iter()) {
            *sum = *sum * n as usize + i;
        }
    }
    let picked = flat.index_select(0, tape.constant(array(&together, numbers)));
    // Neighbouring arrays leave their axes where they stood, others in front.
    let neighbours = taken.windows(2).all(|w| w[0] + 1 == w[1]);
    if !neighbours {
        return Ok(picked);
    }
    let (new, before) = (together.len() as isize, taken[0] as isize);
    let all = picked.rank() as isize;
    let order = (new..new + before).chain(0..new).chain(new + before..all);
    Ok(picked.permute(order.collect::<Vec<_>>()))
}

/// The number of every place of an array of a shape, in row-major order.
pub(super) fn numbered<'t>(tape: &'t Tape, shape: &[usize]) -> Var<'t, usize> {
    let n = shape.iter().product();
    let value = custom::Value::new(&arr1(&(0..n).collect::<Vec<usize>>()));
    let flat = tape.constant_value(value).typed().expect("made of indices");
    flat.reshape(shape)
}

/// What stands between the brackets, as a list.
pub(super) fn index_list<'t>(c: &Call<'t>, name: &str) -> Vec<Arg<'t>> {
    match c.get(name) {
        None => vec![Arg::None],
        // A list of numbers is one index; a tuple holds several.
        Some(Arg::Tuple(list)) => list.clone(),
        Some(Arg::List(list)) if nested(list).is_none() => list.clone(),
        Some(arg) => vec![arg.clone()],
    }
}

fn getitem<'t>(c: &Call<'t>) -> Answer<'t> {
    one(indexed(c.array("input")?, &index_list(c, "index"))?)
}

pub(super) const OPS: &[Entry] = &[call("__getitem__", "input index", getitem)];
