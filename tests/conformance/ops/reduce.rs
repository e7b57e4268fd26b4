//! Reductions over axes, and what accumulates or differs along one.

use wengert_autodiff::concat;

use super::activation::along;
use super::unary::is_nan;
use super::{Entry, call, map};
use crate::conformance::call::{Answer, Call, Output, Unsupported, V, many, one, unsupported};

/// `f` over the axes of `dim`, which may be an integer, several, or all.
fn over<'t>(c: &Call<'t>, f: fn(V<'t>, &[isize], bool) -> V<'t>) -> Answer<'t> {
    c.only_f64()?;
    let x = c.array("input")?;
    let (axes, keep) = (c.axes("dim", x.rank())?, c.flag("keepdim", false)?);
    one(f(x, &axes, keep))
}

/// The largest or smallest along one axis, and where it is. All of the
/// gradient goes to the first of equal ones, because that is the one that the
/// index names.
fn extreme<'t>(c: &Call<'t>, largest: bool) -> Answer<'t> {
    let x = c.array("input")?;
    let (axis, keep) = (c.axis("dim", 0, x.rank())?, c.flag("keepdim", false)?);
    let row = if x.rank() == 0 { x.expand_dims(0) } else { x };
    let at = axis as isize;
    let winner = if largest {
        row.argmax(at)
    } else {
        row.argmin(at)
    };
    let winner = winner.expand_dims(at);
    let value = row.gather(at, winner);
    let kept = keep && x.rank() > 0;
    Ok(vec![
        Output::Float(if kept { value } else { value.squeeze(at) }),
        Output::Index(if kept { winner } else { winner.squeeze(at) }),
    ])
}

/// The elements from `from` to `to` along an axis.
pub(super) fn range<'t>(x: V<'t>, axis: usize, from: usize, to: usize) -> V<'t> {
    let n = x.shape()[axis];
    x.split(&[from, to - from, n - to], axis as isize)[1]
}

/// Differences of neighbours along an axis.
fn differences<'t>(x: V<'t>, axis: usize) -> V<'t> {
    let n = x.shape()[axis];
    match n {
        0 => x,
        _ => range(x, axis, 1, n) - range(x, axis, 0, n - 1),
    }
}

/// Sums of neighbours along an axis, weighed by half their distance.
fn trapezoids<'t>(c: &Call<'t>) -> Result<(V<'t>, usize), Unsupported> {
    let y = c.array("y")?;
    let axis = c.axis("dim", -1, y.rank())?;
    if y.rank() == 0 || y.shape()[axis] == 0 {
        return unsupported("an integral over no samples");
    }
    let n = y.shape()[axis];
    let pairs = range(y, axis, 1, n) + range(y, axis, 0, n - 1);
    let width = match c.optional_array("x")? {
        // A vector of places runs along the axis, whichever it is.
        Some(x) if x.rank() == 1 && y.rank() > 1 => {
            let mut shape = vec![1; y.rank()];
            shape[axis] = n;
            differences(x.reshape(shape), axis)
        }
        Some(x) if x.rank() == y.rank() => differences(x, axis),
        Some(_) => return unsupported("places of another rank than the samples"),
        None => c.tape().scalar(c.number("dx", 1.0)?),
    };
    Ok((pairs * width / 2.0, axis))
}

pub(super) const OPS: &[Entry] = &[
    call("sum", "input dim keepdim dtype", |c| {
        over(c, |x, a, k| x.sum_axes(a, k))
    }),
    call("mean", "input dim keepdim dtype", |c| {
        over(c, |x, a, k| x.mean_axes(a, k))
    }),
    call("amax", "input dim keepdim", |c| {
        over(c, |x, a, k| x.max_axes(a, k))
    }),
    call("amin", "input dim keepdim", |c| {
        over(c, |x, a, k| x.min_axes(a, k))
    }),
    call("prod", "input dim keepdim dtype", |c| {
        over(c, |x, a, k| x.prod_axes(a, k))
    }),
    call("logsumexp", "input dim keepdim", |c| {
        over(c, |x, a, k| x.logsumexp_axes(a, k))
    }),
    call("nansum", "input dim keepdim dtype", |c| {
        over(c, |x, a, k| is_nan(x).where_(0.0, x).sum_axes(a, k))
    }),
    call("nanmean", "input dim keepdim dtype", |c| {
        over(c, |x, a, k| {
            let count = (!is_nan(x)).cast::<f64>().sum_axes(a, k);
            is_nan(x).where_(0.0, x).sum_axes(a, k) / count
        })
    }),
    map("max.reduction_no_dim", |x| x.max()),
    map("min.reduction_no_dim", |x| x.min()),
    call("max.reduction_with_dim", "input dim keepdim", |c| {
        extreme(c, true)
    }),
    call("min.reduction_with_dim", "input dim keepdim", |c| {
        extreme(c, false)
    }),
    call("aminmax", "input dim keepdim", |c| {
        let x = c.array("input")?;
        let axes = match c.has("dim") {
            true => c.axes("dim", x.rank())?,
            false => (0..x.rank() as isize).collect(),
        };
        let keep = c.flag("keepdim", false)?;
        many([x.min_axes(&axes, keep), x.max_axes(&axes, keep)])
    }),
    call("diff", "input n dim prepend append", |c| {
        let x = c.array("input")?;
        let axis = c.axis("dim", -1, x.rank())?;
        let n = c.int("n", 1)?;
        // Nothing is joined to what is not differenced.
        let ends = (c.optional_array("prepend")?, c.optional_array("append")?);
        if n == 0 {
            return one(x);
        }
        let parts = [ends.0, Some(x), ends.1];
        let parts: Vec<V<'_>> = parts.into_iter().flatten().collect();
        let joined = if parts.len() == 1 {
            x
        } else {
            concat(&parts, axis as isize)
        };
        one((0..n).fold(joined, |x, _| differences(x, axis)))
    }),
    call("trapezoid", "y x dx dim", |c| {
        let (parts, axis) = trapezoids(c)?;
        one(parts.sum_axes([axis as isize], false))
    }),
    call("cumulative_trapezoid", "y x dx dim", |c| {
        let (parts, axis) = trapezoids(c)?;
        one(parts.cumsum(axis as isize))
    }),
    call("cumsum", "input dim dtype", |c| scan(c, |x, a| x.cumsum(a))),
    call("cumprod", "input dim dtype", |c| {
        scan(c, |x, a| x.cumprod(a))
    }),
    call("sum_to_size", "input size... shape", |c| {
        let name = if c.has("shape") { "shape" } else { "size" };
        let (x, shape) = (c.array("input")?, c.sizes(name)?);
        let added = x.rank() - shape.len().min(x.rank());
        let leading: Vec<isize> = (0..added as isize).collect();
        let x = x.sum_axes(leading, false);
        let repeated = (0..x.rank()).filter(|&i| shape[i] == 1 && x.shape()[i] != 1);
        let repeated: Vec<isize> = repeated.map(|i| i as isize).collect();
        one(x.sum_axes(repeated, true).reshape(shape))
    }),
];

/// `f` along the axis `dim`, which has to be given.
pub(super) fn scan<'t>(c: &Call<'t>, f: fn(V<'t>, isize) -> V<'t>) -> Answer<'t> {
    c.only_f64()?;
    let x = c.array("input")?;
    one(along(x, c.axis("dim", 0, x.rank())?, f))
}
