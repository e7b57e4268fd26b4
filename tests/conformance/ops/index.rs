//! Selection and assignment by number.

use ndarray::Array1;
use wengert_autodiff::Var;

use super::arrange::pick;
use super::getitem::{indexed, numbered, slice_of};
use super::{Entry, call};
use crate::conformance::array::{Array, Data, array};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, V, one, unsupported};

/// Integers as indices into an axis of length `n`, from either end.
pub(super) fn indices<'t>(
    c: &Call<'t>,
    ints: &Array,
    n: usize,
) -> Result<Var<'t, usize>, Unsupported> {
    let Data::Int(data) = &ints.data else {
        unreachable!("made from integers")
    };
    let wrapped: Option<Vec<usize>> = data
        .iter()
        .map(|&i| usize::try_from(if i < 0 { i + n as i64 } else { i }).ok())
        .collect();
    match wrapped {
        // A gap of the layout is never a valid index.
        Some(data) => Ok(ints.laid_out(&data, usize::MAX, |view| c.tape().constant(view))),
        None => unsupported("an index out of range"),
    }
}

/// A scalar as an array of one element.
fn lifted<'t, T: wengert_autodiff::Kind>(x: Var<'t, T>) -> Var<'t, T> {
    if x.rank() == 0 { x.expand_dims(0) } else { x }
}

/// The axis, and the indices into it, of an operation on `input`.
fn target<'t>(c: &Call<'t>) -> Result<(V<'t>, usize, Var<'t, usize>), Unsupported> {
    let x = c.array("input")?;
    let axis = c.axis("dim", 0, x.rank())?;
    let n = if x.rank() == 0 { 1 } else { x.shape()[axis] };
    let index = indices(c, c.integers("index")?, n)?;
    Ok((lifted(x), axis, lifted(index)))
}

/// A vector of indices into `axis`, for every place of `shape`.
fn spread<'t>(index: Var<'t, usize>, axis: usize, shape: &[usize]) -> Var<'t, usize> {
    let mut own = vec![1; shape.len()];
    own[axis] = index.size();
    index.reshape(own).broadcast_to(shape)
}

/// The first elements of `x` along every axis, as many as `shape` has.
fn corner<'t>(x: V<'t>, shape: &[usize]) -> V<'t> {
    shape
        .iter()
        .enumerate()
        .fold(x, |x, (axis, &n)| super::reduce::range(x, axis, 0, n))
}

/// How often every place of `x` is named.
fn count<'t>(x: V<'t>, axis: usize, at: Var<'t, usize>) -> V<'t> {
    let ones = x.tape().constant(array(&at.shape(), vec![1.0; at.size()]));
    x.zeros_like().scatter_add(axis as isize, at, ones)
}

/// `x` with `source` at the named places. Which of several sources would win
/// is undefined, and refused.
pub(super) fn assigned<'t>(
    x: V<'t>,
    axis: usize,
    at: Var<'t, usize>,
    source: V<'t>,
) -> Result<V<'t>, Unsupported> {
    let hits = count(x, axis, at);
    if hits.peek().to_f64().iter().any(|&n| n > 1.0) {
        return unsupported("an assignment to the same place twice");
    }
    let placed = x.zeros_like().scatter_add(axis as isize, at, source);
    Ok(hits.greater(0.0).where_(placed, x))
}

/// `x` with `source` at numbered places in row-major order.
fn assigned_flat<'t>(
    x: V<'t>,
    places: Var<'t, usize>,
    source: V<'t>,
) -> Result<V<'t>, Unsupported> {
    let at = places.reshape([places.size()]);
    let source = source.broadcast_to(places.shape()).reshape([places.size()]);
    Ok(assigned(x.reshape([x.size()]), 0, at, source)?.reshape(x.shape()))
}

fn scattered<'t>(c: &Call<'t>) -> Result<(V<'t>, usize, Var<'t, usize>, V<'t>), Unsupported> {
    let (x, axis, at) = target(c)?;
    let source = lifted(c.array("src")?);
    let source = if c.constant("src").is_some() {
        source.broadcast_to(at.shape())
    } else {
        source
    };
    Ok((x, axis, at, corner(source, &at.shape())))
}

/// Sum or mean of what is sent to every place; places that nothing is sent to
/// stay as they are.
fn scatter_reduce<'t>(
    c: &Call<'t>,
    x: V<'t>,
    axis: usize,
    at: Var<'t, usize>,
    source: V<'t>,
) -> Result<V<'t>, Unsupported> {
    let own = c.flag("include_self", true)?;
    let hits = count(x, axis, at);
    let sum = x.zeros_like().scatter_add(axis as isize, at, source);
    let sum = if own { x + sum } else { sum };
    let total = match &c.text("reduce", "")?[..] {
        "sum" => sum,
        "mean" => sum / (hits + f64::from(u8::from(own))).maximum(1.0),
        other => return unsupported(format!("reduction `{other}`")),
    };
    Ok(hits.greater(0.0).where_(total, x))
}

fn like_input<'t>(c: &Call<'t>, y: V<'t>) -> Answer<'t> {
    one(y.reshape(c.array("input")?.shape()))
}

/// The numbers of the places that a `select`, `slice` or `diagonal` reads.
fn select_of<'t, T: super::getitem::Indexed>(
    c: &Call<'t>,
    x: Var<'t, T>,
) -> Result<Var<'t, T>, Unsupported> {
    let axis = c.axis("dim", 0, x.rank())?;
    let mut index = vec![Arg::Slice([None; 3]); axis];
    index.push(Arg::Int(c.need_int("index")?));
    indexed(x, &index)
}

fn slice_at<'t>(c: &Call<'t>, n: usize) -> Result<Vec<usize>, Unsupported> {
    let part = |name: &str| c.ints(name).map(|found| found.map(|list| list[0]));
    slice_of(n, [part("start")?, part("end")?, part("step")?])
}

pub(super) const OPS: &[Entry] = &[
    call("gather", "input dim index sparse_grad", |c| {
        c.only_default(&["sparse_grad"])?;
        let (x, axis, at) = target(c)?;
        let shape = &c.integers("index")?.shape;
        one(match at.size() {
            // Any shape without elements names nothing.
            0 => c.tape().constant(array(shape, vec![])),
            _ => x.gather(axis as isize, at).reshape(shape),
        })
    }),
    call("take", "input index", |c| {
        let x = c.array("input")?;
        let at = indices(c, c.integers("index")?, x.size())?;
        one(x.reshape([x.size()]).index_select(0, at))
    }),
    call("take_along_dim", "input indices dim", |c| {
        let (x, ints) = (c.array("input")?, c.integers("indices")?);
        if !c.has("dim") {
            let at = indices(c, ints, x.size())?;
            return one(x.reshape([x.size()]).gather(0, at.reshape([at.size()])));
        }
        let axis = c.axis("dim", 0, x.rank())?;
        let at = indices(c, ints, x.shape()[axis])?;
        // Everything but the indexed axis broadcasts.
        let (mut a, mut b) = (x.shape().to_vec(), at.shape().to_vec());
        let (n, m) = (a[axis], b[axis]);
        (a[axis], b[axis]) = (1, 1);
        let mut shape = super::view::common(&[
            c.tape().constant(array(&a, vec![0.0; a.iter().product()])),
            c.tape().constant(array(&b, vec![0.0; b.iter().product()])),
        ]);
        shape[axis] = n;
        let x = x.broadcast_to(&shape);
        shape[axis] = m;
        one(x.gather(axis as isize, at.broadcast_to(&shape)))
    }),
    call("index_select", "input dim index", |c| {
        let (x, axis, at) = target(c)?;
        let y = x.index_select(axis as isize, at);
        one(if c.array("input")?.rank() == 0 {
            y.reshape([])
        } else {
            y
        })
    }),
    call("index_add", "input dim index source alpha", |c| {
        let (x, axis, at) = target(c)?;
        let source = lifted(c.array("source")?);
        let source = c.number("alpha", 1.0)? * source;
        let at = spread(at, axis, &source.shape());
        like_input(c, x.scatter_add(axis as isize, at, source))
    }),
    call("index_copy", "input dim index source", |c| {
        let (x, axis, at) = target(c)?;
        let source = lifted(c.array("source")?);
        let at = spread(at, axis, &source.shape());
        like_input(c, assigned(x, axis, at, source)?)
    }),
    call("index_fill", "input dim index value", |c| {
        let (x, axis, at) = target(c)?;
        let mut hit = vec![false; x.shape()[axis]];
        for i in at.peek().to_f64() {
            hit[i as usize] = true;
        }
        let mut own = vec![1; x.rank()];
        own[axis] = hit.len();
        let hit = c.tape().constant(array(&own, hit));
        like_input(c, hit.where_(c.array("value")?, x))
    }),
    call(
        "index_reduce.mean",
        "input dim index source reduce include_self",
        |c| {
            let (x, axis, at) = target(c)?;
            let source = lifted(c.array("source")?);
            let at = spread(at, axis, &source.shape());
            like_input(c, scatter_reduce(c, x, axis, at, source)?)
        },
    ),
    call("scatter", "input dim index src reduce value", |c| {
        c.only_default(&["reduce", "value"])?;
        let (x, axis, at, source) = scattered(c)?;
        like_input(c, assigned(x, axis, at, source)?)
    }),
    call("scatter_add", "input dim index src", |c| {
        let (x, axis, at, source) = scattered(c)?;
        like_input(c, x.scatter_add(axis as isize, at, source))
    }),
    call(
        "scatter_reduce.sum",
        "input dim index src reduce include_self",
        |c| {
            let (x, axis, at, source) = scattered(c)?;
            like_input(c, scatter_reduce(c, x, axis, at, source)?)
        },
    ),
    call(
        "scatter_reduce.mean",
        "input dim index src reduce include_self",
        |c| {
            let (x, axis, at, source) = scattered(c)?;
            like_input(c, scatter_reduce(c, x, axis, at, source)?)
        },
    ),
    call("put", "input index source accumulate", |c| {
        let x = c.array("input")?;
        let at = indices(c, c.integers("index")?, x.size())?;
        let source = c.array("source")?;
        match c.flag("accumulate", false)? {
            false => one(assigned_flat(x, at, source.reshape(at.shape()))?),
            true => {
                let (at, source) = (at.reshape([at.size()]), source.reshape([at.size()]));
                like_input(c, x.reshape([x.size()]).scatter_add(0, at, source))
            }
        }
    }),
    call("index_put", "input indices values accumulate", |c| {
        let (x, values) = (c.array("input")?, c.array("values")?);
        let Some(Arg::List(index) | Arg::Tuple(index)) = c.get("indices") else {
            return unsupported("argument `indices` that is not a list");
        };
        if index.iter().any(|arg| matches!(arg, Arg::None)) {
            return unsupported("an index of None");
        }
        let places = indexed(numbered(c.tape(), &x.shape()), index)?;
        match c.flag("accumulate", false)? {
            false => one(assigned_flat(x, places, values)?),
            true => {
                let values = values.broadcast_to(places.shape()).reshape([places.size()]);
                let at = places.reshape([places.size()]);
                like_input(c, x.reshape([x.size()]).scatter_add(0, at, values))
            }
        }
    }),
    call("select", "input dim index", |c| {
        one(select_of(c, c.array("input")?)?)
    }),
    call("select_scatter", "input src dim index", |c| {
        let x = c.array("input")?;
        let places = select_of(c, numbered(c.tape(), &x.shape()))?;
        one(assigned_flat(x, places, c.array("src")?)?)
    }),
    call("narrow", "input dim start length", |c| {
        let x = c.array("input")?;
        let axis = c.axis("dim", 0, x.rank())?;
        let (start, len) = (c.need_int("start")?, c.need_int("length")?);
        let from = if start < 0 {
            start + x.shape()[axis] as i64
        } else {
            start
        };
        one(super::reduce::range(
            x,
            axis,
            from as usize,
            (from + len) as usize,
        ))
    }),
    call("slice", "input dim start end step", |c| {
        let x = c.array("input")?;
        let axis = c.axis("dim", 0, x.rank())?;
        one(pick(x, axis, slice_at(c, x.shape()[axis])?))
    }),
    call("slice_scatter", "input src dim start end step", |c| {
        let x = c.array("input")?;
        let axis = c.axis("dim", 0, x.rank())?;
        let at = c
            .tape()
            .constant(Array1::from(slice_at(c, x.shape()[axis])?));
        let places = numbered(c.tape(), &x.shape()).index_select(axis as isize, at);
        one(assigned_flat(x, places, c.array("src")?)?)
    }),
    call("diagonal_scatter", "input src offset dim1 dim2", |c| {
        let x = c.array("input")?;
        let (d1, d2) = (c.axis("dim1", 0, x.rank())?, c.axis("dim2", 1, x.rank())?);
        let numbers = numbered(c.tape(), &x.shape());
        let places = super::diagonal::diagonal(numbers, c.int("offset", 0)?, d1, d2)?;
        one(assigned_flat(x, places, c.array("src")?)?)
    }),
    call("masked_scatter", "input mask source", |c| {
        let (x, source) = (c.array("input")?, c.array("source")?);
        let mask = c.mask("mask")?;
        let shape = super::view::common(&[x, mask.cast()]);
        let (x, mask) = (x.broadcast_to(&shape), mask.broadcast_to(&shape));
        // The n-th place that is hit takes the n-th element.
        let mut taken = 0;
        let numbers = mask.peek().to_f64().into_iter().map(|hit| {
            taken += hit as usize;
            if hit == 1.0 { taken - 1 } else { 0 }
        });
        let numbers: Vec<usize> = numbers.collect();
        if taken == 0 {
            return one(x);
        }
        let at = c.tape().constant(array(&x.shape(), numbers));
        let spread = source.reshape([source.size()]).index_select(0, at);
        one(mask.where_(spread, x))
    }),
    call("masked_select", "input mask", |c| {
        let (x, mask) = (c.array("input")?, c.mask("mask")?);
        let shape = super::view::common(&[x, mask.cast()]);
        let hits = mask.broadcast_to(&shape).peek().to_f64();
        let hits = hits
            .iter()
            .enumerate()
            .filter(|(_, h)| **h == 1.0)
            .map(|(i, _)| i);
        let hits: Vec<usize> = hits.collect();
        let flat = x.broadcast_to(&shape).reshape([shape.iter().product()]);
        one(pick(flat, 0, hits))
    }),
    call(
        "nn.functional.embedding",
        "weight indices padding_idx max_norm norm_type scale_grad_by_freq sparse",
        |c| {
            c.only_default(&["max_norm", "scale_grad_by_freq", "sparse"])?;
            c.get("norm_type");
            let w = c.array("weight")?;
            let at = indices(c, c.integers("indices")?, w.shape()[0])?;
            let w = match c.has("padding_idx") {
                false => w,
                // The row of the padding is not trained.
                true => {
                    let row = c.axis("padding_idx", 0, w.shape()[0])?;
                    let mut pad = vec![false; w.shape()[0]];
                    pad[row] = true;
                    c.tape()
                        .constant(array(&[pad.len(), 1], pad))
                        .where_(w.stop_gradient(), w)
                }
            };
            one(w.index_select(0, at))
        },
    ),
];
