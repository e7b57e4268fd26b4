//! Diagonals and triangles of matrices.

use ndarray::Array1;
use wengert_autodiff::{Kind, Var};

use super::arrange::pick;
use super::{Entry, call};
use crate::conformance::call::{Unsupported, V, one, unsupported};
use crate::conformance::case::triangle;

/// The diagonals of the planes of two axes, as a new last axis.
pub(super) fn diagonal<'t, T: Kind>(
    x: Var<'t, T>,
    offset: i64,
    d1: usize,
    d2: usize,
) -> Result<Var<'t, T>, Unsupported> {
    if d1 == d2 {
        return unsupported("the diagonal of one axis");
    }
    let (m, n) = (x.shape()[d1], x.shape()[d2]);
    let rest: Vec<isize> = (0..x.rank())
        .filter(|&i| i != d1 && i != d2)
        .map(|i| i as isize)
        .collect();
    let order: Vec<isize> = rest.into_iter().chain([d1 as isize, d2 as isize]).collect();
    let planes = x.permute(order);
    let shape = planes.shape().to_vec();
    let flat = planes.reshape([&shape[..shape.len() - 2], &[m * n]].concat());
    let last = flat.rank() - 1;
    Ok(pick(flat, last, diagonal_places(m, n, offset)))
}

/// Where the diagonal of an m×n matrix lies in row-major order.
pub(super) fn diagonal_places(m: usize, n: usize, offset: i64) -> Vec<usize> {
    let row = offset.min(0).unsigned_abs() as usize;
    let column = offset.max(0) as usize;
    let len = m.saturating_sub(row).min(n.saturating_sub(column));
    (0..len).map(|i| (row + i) * n + column + i).collect()
}

/// The last axis on the diagonal of planes that are zero elsewhere.
fn diag_embed<'t>(x: V<'t>, offset: i64, d1: usize, d2: usize) -> V<'t> {
    let shape = x.shape().to_vec();
    let (rest, len) = (&shape[..shape.len() - 1], shape[shape.len() - 1]);
    let n = len + offset.unsigned_abs() as usize;
    let zeros = ndarray::ArrayD::<f64>::zeros([rest, &[n * n]].concat());
    let places = x
        .tape()
        .constant(Array1::from(diagonal_places(n, n, offset)));
    let at = places.broadcast_to(&shape);
    let flat = x.tape().constant(zeros).scatter_add(-1, at, x);
    let planes = flat.reshape([rest, &[n, n]].concat());
    let mut order: Vec<isize> = (0..rest.len() as isize).collect();
    let new = [(d1, rest.len()), (d2, rest.len() + 1)];
    let mut new: Vec<(usize, usize)> = new.to_vec();
    new.sort_unstable();
    for (to, from) in new {
        order.insert(to, from as isize);
    }
    planes.permute(order)
}

pub(super) const OPS: &[Entry] = &[
    call("diagonal", "input offset dim1 dim2", |c| {
        let x = c.array("input")?;
        let (d1, d2) = (c.axis("dim1", 0, x.rank())?, c.axis("dim2", 1, x.rank())?);
        one(diagonal(x, c.int("offset", 0)?, d1, d2)?)
    }),
    call("diag", "input diagonal", |c| {
        let (x, offset) = (c.array("input")?, c.int("diagonal", 0)?);
        match x.rank() {
            1 => one(diag_embed(x, offset, 0, 1)),
            2 => one(diagonal(x, offset, 0, 1)?),
            n => unsupported(format!("rank {n}")),
        }
    }),
    call("diagflat", "input offset", |c| {
        let x = c.array("input")?;
        one(diag_embed(x.reshape([x.size()]), c.int("offset", 0)?, 0, 1))
    }),
    call("diag_embed", "input offset dim1 dim2", |c| {
        let (x, offset) = (c.array("input")?, c.int("offset", 0)?);
        let rank = x.rank() + 1;
        let (d1, d2) = (c.axis("dim1", -2, rank)?, c.axis("dim2", -1, rank)?);
        // Axes in the other order mirror the planes.
        one(if d1 < d2 {
            diag_embed(x, offset, d1, d2)
        } else {
            diag_embed(x, -offset, d2, d1)
        })
    }),
    call("trace", "input", |c| {
        one(diagonal(c.array("input")?, 0, 0, 1)?.sum())
    }),
    call("tril", "input diagonal", |c| {
        let (x, k) = (c.array("input")?, c.int("diagonal", 0)?);
        one(triangle(x, |i, j| j - i <= k).where_(x, 0.0))
    }),
    call("triu", "input diagonal", |c| {
        let (x, k) = (c.array("input")?, c.int("diagonal", 0)?);
        one(triangle(x, |i, j| j - i >= k).where_(x, 0.0))
    }),
];
