//! Variance, covariance, norms, distances.

use super::loss::reduced;
use super::{Entry, call};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, V, many, one, unsupported};

/// What is subtracted from the count: `correction`, or 1 or 0 by `unbiased`.
pub(super) fn correction(c: &Call<'_>) -> Result<f64, Unsupported> {
    match c.has("correction") {
        true => c.number("correction", 1.0),
        false => Ok(f64::from(u8::from(c.flag("unbiased", true)?))),
    }
}

/// Variance over the axes of `dim`. A correction that is not a number of
/// degrees of freedom scales the variance without one.
fn variance<'t>(c: &Call<'t>, root: bool) -> Result<V<'t>, Unsupported> {
    let x = c.array("input")?;
    let (axes, keep) = (c.axes("dim", x.rank())?, c.flag("keepdim", false)?);
    let less = correction(c)?;
    let n: usize = axes.iter().map(|&a| x.shape()[a as usize]).product();
    let natural = less >= 0.0 && less.fract() == 0.0;
    let (ddof, factor) = match natural || n as f64 <= less {
        true => (less.max(0.0) as usize, 1.0),
        false => (0, n as f64 / (n as f64 - less)),
    };
    Ok(match root {
        true => factor.sqrt() * x.std_axes(axes, ddof, keep),
        false => factor * x.var_axes(axes, ddof, keep),
    })
}

fn with_mean<'t>(c: &Call<'t>, root: bool) -> Answer<'t> {
    let x = c.array("input")?;
    let (axes, keep) = (c.axes("dim", x.rank())?, c.flag("keepdim", false)?);
    many([variance(c, root)?, x.mean_axes(axes, keep)])
}

/// The `p`-norm over axes; for `p = 0` the number of elements that are not 0.
pub(super) fn norm<'t>(x: V<'t>, p: f64, axes: &[isize], keep: bool) -> Result<V<'t>, Unsupported> {
    match p {
        0.0 => Ok(x.not_equal(0.0).cast::<f64>().sum_axes(axes, keep)),
        p if p > 0.0 || p == f64::NEG_INFINITY => Ok(x.norm_axes(p, axes, keep)),
        p if p < 0.0 => Ok(negative_norm(x, p, axes, keep)),
        p => unsupported(format!("a norm of order {p}")),
    }
}

/// `(Σ |x|^p)^(1/p)` for `p < 0`: nearly the least magnitude, and 0, with no
/// gradient, if that is 0. It is divided out so that the powers stay in range;
/// the result does not depend on it, so its own gradient is left out.
fn negative_norm<'t>(x: V<'t>, p: f64, axes: &[isize], keep: bool) -> V<'t> {
    let least = x.abs().min_axes(axes, true).stop_gradient();
    let zero = least.equal(0.0);
    let least = zero.where_(1.0, least);
    let scaled = zero.where_(1.0, x.abs() / least);
    let sum = scaled.powf(p).sum_axes(axes, true);
    let y = zero.where_(0.0, least * sum.powf(1.0 / p));
    if keep { y } else { y.sum_axes(axes, false) }
}

fn vector_norm<'t>(c: &Call<'t>, order: &str) -> Answer<'t> {
    c.only_f64()?;
    c.only_default(&["out"])?;
    let x = c.array("input")?;
    let (axes, keep) = (c.axes("dim", x.rank())?, c.flag("keepdim", false)?);
    one(norm(x, c.number(order, 2.0)?, &axes, keep)?)
}

/// A norm of the matrices in two axes.
fn matrix_norm<'t>(x: V<'t>, order: &Arg<'t>, axes: &[isize], keep: bool) -> Answer<'t> {
    let [rows, columns] = axes[..] else {
        return unsupported("a matrix norm over other than two axes");
    };
    if let Arg::Text(name) = order
        && name == "fro"
    {
        return one(x.norm_axes(2.0, axes, keep));
    }
    // The largest or smallest sum of magnitudes along rows or columns.
    let sums = |along: isize| x.abs().sum_axes([along], true);
    let y = match crate::conformance::call::as_number(order) {
        Some(1.0) => sums(rows).max_axes([columns], true),
        Some(-1.0) => sums(rows).min_axes([columns], true),
        Some(f64::INFINITY) => sums(columns).max_axes([rows], true),
        Some(f64::NEG_INFINITY) => sums(columns).min_axes([rows], true),
        _ => {
            return unsupported(format!(
                "the matrix norm {order:?}, which needs singular values"
            ));
        }
    };
    one(if keep { y } else { y.sum_axes(axes, false) })
}

/// NumPy's `norm`: of vectors or of matrices, by the axes and the order.
fn any_norm<'t>(c: &Call<'t>, order: &str) -> Answer<'t> {
    c.only_f64()?;
    c.only_default(&["out"])?;
    let x = c.array("input")?;
    let (axes, keep) = (c.axes("dim", x.rank())?, c.flag("keepdim", false)?);
    match c.get(order) {
        None => one(norm(x, 2.0, &axes, keep)?),
        Some(Arg::Text(name)) if name == "nuc" => unsupported("the nuclear norm"),
        Some(arg) if axes.len() == 2 && x.rank() >= 2 => matrix_norm(x, arg, &axes, keep),
        Some(_) => one(norm(x, c.number(order, 2.0)?, &axes, keep)?),
    }
}

/// `torch.norm`, whose numbers are orders of vector norms whatever the rank.
fn old_norm<'t>(c: &Call<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    match c.get("p") {
        Some(Arg::Text(name)) if name == "fro" => {
            let (axes, keep) = (c.axes("dim", x.rank())?, c.flag("keepdim", false)?);
            c.only_f64()?;
            one(norm(x, 2.0, &axes, keep)?)
        }
        _ => vector_norm(c, "p"),
    }
}

/// Distance of rows, every one of which `eps` was added to.
fn distance<'t>(x: V<'t>, y: V<'t>, p: f64, eps: f64, keep: bool) -> Result<V<'t>, Unsupported> {
    norm(x - y + eps, p, &[-1], keep)
}

/// Rows as variables, columns as observations, weighed by how often each was
/// made.
fn covariance<'t>(c: &Call<'t>) -> Result<V<'t>, Unsupported> {
    let x = c.array("input")?;
    let rows = if x.rank() < 2 {
        x.reshape([1, x.size()])
    } else {
        x
    };
    let n = rows.shape()[1];
    if n == 0 {
        return unsupported("the covariance of no observations");
    }
    let frequency = match c.optional_array("fweights")? {
        Some(w) => w,
        None => c.tape().constant(ndarray::Array1::<f64>::ones(n)),
    };
    // How much an observation is worth is not how often it was made: only the
    // latter counts as more of them.
    let worth = c.optional_array("aweights")?;
    let w = worth.map_or(frequency, |worth| frequency * worth);
    let total = w.sum();
    let centred = rows - (rows * w).sum_axes([1], true) / total;
    let lost = worth.map_or(total, |worth| (w * worth).sum()) / total;
    let freedom = total - c.number("correction", 1.0)? * lost;
    let y = (centred * w).dot(centred.transpose()) / freedom.maximum(0.0);
    // Of a single variable it is its variance.
    Ok(if rows.shape()[0] == 1 {
        y.reshape([])
    } else {
        y
    })
}

pub(super) const OPS: &[Entry] = &[
    call("var", "input dim unbiased keepdim correction", |c| {
        one(variance(c, false)?)
    }),
    call("std", "input dim unbiased keepdim correction", |c| {
        one(variance(c, true)?)
    }),
    call("var.unbiased", "input unbiased", |c| {
        one(variance(c, false)?)
    }),
    call("std.unbiased", "input unbiased", |c| {
        one(variance(c, true)?)
    }),
    call("var_mean", "input dim unbiased keepdim correction", |c| {
        with_mean(c, false)
    }),
    call("std_mean", "input dim unbiased keepdim correction", |c| {
        with_mean(c, true)
    }),
    call("var_mean.unbiased", "input unbiased", |c| {
        with_mean(c, false)
    }),
    call("std_mean.unbiased", "input unbiased", |c| {
        with_mean(c, true)
    }),
    call("cov", "input correction fweights aweights", |c| {
        one(covariance(c)?)
    }),
    call("norm", "input p dim keepdim out dtype", old_norm),
    call("norm.fro", "input p dim keepdim out dtype", old_norm),
    call("norm.inf", "input p dim keepdim out dtype", old_norm),
    call(
        "linalg.vector_norm",
        "input ord dim keepdim dtype out",
        |c| vector_norm(c, "ord"),
    ),
    call("linalg.norm", "input ord dim keepdim dtype out", |c| {
        any_norm(c, "ord")
    }),
    call(
        "linalg.norm.subgradients_at_zero",
        "input ord dim keepdim dtype out",
        |c| any_norm(c, "ord"),
    ),
    call(
        "linalg.matrix_norm",
        "input ord dim keepdim dtype out",
        |c| {
            c.only_f64()?;
            c.only_default(&["out"])?;
            let x = c.array("input")?;
            let axes = match c.has("dim") {
                true => c.axes("dim", x.rank())?,
                false => vec![x.rank() as isize - 2, x.rank() as isize - 1],
            };
            let fro = Arg::Text("fro".into());
            matrix_norm(
                x,
                c.get("ord").unwrap_or(&fro),
                &axes,
                c.flag("keepdim", false)?,
            )
        },
    ),
    call("dist", "input other p", |c| {
        let d = c.array("input")? - c.array("other")?;
        let all: Vec<isize> = (0..d.rank() as isize).collect();
        one(norm(d, c.number("p", 2.0)?, &all, false)?)
    }),
    call("cdist", "x1 x2 p compute_mode", |c| {
        c.get("compute_mode");
        let (x, y) = (c.array("x1")?, c.array("x2")?);
        let d = x.expand_dims(-2) - y.expand_dims(y.rank() as isize - 2);
        one(norm(d, c.number("p", 2.0)?, &[-1], false)?)
    }),
    // Pairs of rows above the diagonal, in order.
    call("nn.functional.pdist", "input p", |c| {
        let x = c.array("input")?;
        let n = x.shape()[0];
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let (i, j): (Vec<usize>, Vec<usize>) = pairs.unzip();
        let pick = |rows| super::arrange::pick(x, 0, rows);
        one(norm(pick(i) - pick(j), c.number("p", 2.0)?, &[-1], false)?)
    }),
    call(
        "nn.functional.pairwise_distance",
        "x1 x2 p eps keepdim",
        |c| {
            let (x, y) = (c.array("x1")?, c.array("x2")?);
            let (p, eps) = (c.number("p", 2.0)?, c.number("eps", 1e-6)?);
            one(distance(x, y, p, eps, c.flag("keepdim", false)?)?)
        },
    ),
    call(
        "nn.functional.triplet_margin_loss",
        "anchor positive negative margin p eps swap size_average reduce reduction",
        |c| {
            let (a, b, n) = (
                c.array("anchor")?,
                c.array("positive")?,
                c.array("negative")?,
            );
            let (p, eps) = (c.number("p", 2.0)?, c.number("eps", 1e-6)?);
            let near = distance(a, b, p, eps, false)?;
            let far = distance(a, n, p, eps, false)?;
            let far = match c.flag("swap", false)? {
                true => far.minimum(distance(b, n, p, eps, false)?),
                false => far,
            };
            reduced(c, (near - far + c.number("margin", 1.0)?).relu())
        },
    ),
    call("nn.functional.normalize", "input p dim eps out", |c| {
        c.only_default(&["out"])?;
        let x = c.array("input")?;
        let axes = match c.has("dim") {
            true => c.axes("dim", x.rank())?,
            false => vec![1],
        };
        let length = norm(x, c.number("p", 2.0)?, &axes, true)?;
        one(x / length.clamp(c.number("eps", 1e-12)?, f64::INFINITY))
    }),
    // Slices along an axis that are longer than `maxnorm`, cut to it.
    call("renorm", "input p dim maxnorm", |c| {
        let x = c.array("input")?;
        let axis = c.axis("dim", 0, x.rank())? as isize;
        let others: Vec<isize> = (0..x.rank() as isize).filter(|&a| a != axis).collect();
        let length = norm(x, c.number("p", 2.0)?, &others, true)?;
        let most = c.number("maxnorm", 1.0)?;
        let factor = length.greater(most).where_(most / (length + 1e-7), 1.0);
        one(x * factor)
    }),
    call("corrcoef", "input", |c| {
        let y = covariance(c)?;
        if y.rank() == 0 {
            // A variable agrees with itself, unless it does not vary.
            return one((y / y.abs()).clamp(-1.0, 1.0));
        }
        let n = y.shape()[0];
        let places = super::diagonal::diagonal_places(n, n, 0);
        let width = super::arrange::pick(y.reshape([n * n]), 0, places).sqrt();
        one((y / width.expand_dims(1) / width.expand_dims(0)).clamp(-1.0, 1.0))
    }),
];
