//! Normalisation layers, attention, dropout that does nothing.

use super::arrange::pick;
use super::{Entry, call};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, V, one, unsupported};

/// `(x - mean) / √(variance + eps)` over axes.
fn standardised<'t>(x: V<'t>, axes: &[isize], eps: f64) -> V<'t> {
    let centred = x - x.mean_axes(axes, true);
    let variance = centred.square().mean_axes(axes, true);
    centred / (variance + eps).sqrt()
}

/// Times `weight`, plus `bias`, where they are given, in a shape that
/// broadcasts.
fn affine<'t>(c: &Call<'t>, y: V<'t>, shape: &[usize]) -> Answer<'t> {
    let y = match c.optional_array("weight")? {
        Some(w) => y * w.reshape(shape),
        None => y,
    };
    one(match c.optional_array("bias")? {
        Some(b) => y + b.reshape(shape),
        None => y,
    })
}

/// A shape that broadcasts what there is one of per channel (axis 1).
fn per_channel(x: V<'_>) -> Result<Vec<usize>, Unsupported> {
    let mut shape = vec![1; x.rank()];
    match x.rank() {
        0 | 1 => unsupported("an array without channels"),
        _ => {
            shape[1] = x.shape()[1];
            Ok(shape)
        }
    }
}

/// The last axes, as many as `normalized_shape` has.
fn last_axes(c: &Call<'_>, x: V<'_>) -> Result<(Vec<isize>, Vec<usize>), Unsupported> {
    let shape = c.sizes("normalized_shape")?;
    if shape.len() > x.rank() || x.shape()[x.rank() - shape.len()..] != shape[..] {
        return unsupported("argument `normalized_shape` that is not the shape");
    }
    Ok(((-(shape.len() as isize)..0).collect(), shape))
}

fn only_if_idle<'t>(c: &Call<'t>) -> Answer<'t> {
    c.only_default(&["inplace"])?;
    let (x, p) = (c.array("input")?, c.number("p", 0.5)?);
    match c.flag("training", true)? {
        true if p == 1.0 => one(0.0 * x),
        true if p != 0.0 => unsupported("dropout at random"),
        _ => one(x),
    }
}

/// Normalised with the running averages, and not with those of the input.
fn with_running<'t>(c: &Call<'t>, x: V<'t>, shape: &[usize]) -> Answer<'t> {
    c.get("momentum");
    let running = (
        c.optional_array("running_mean")?,
        c.optional_array("running_var")?,
    );
    let (Some(mean), Some(var)) = running else {
        return unsupported("normalisation without statistics");
    };
    let width = (var.reshape(shape) + c.number("eps", 1e-5)?).sqrt();
    affine(c, (x - mean.reshape(shape)) / width, shape)
}

fn batch_norm<'t>(c: &Call<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    let (eps, training) = (c.number("eps", 1e-5)?, c.flag("training", false)?);
    // The running averages are buffers, not results.
    for unread in ["running_mean", "running_var", "momentum"] {
        c.get(unread);
    }
    if x.rank() < 2 && x.size() == 0 {
        // No channels are no reason to refuse nothing.
        return one(x);
    }
    let shape = per_channel(x)?;
    if !training {
        return with_running(c, x, &shape);
    }
    let axes: Vec<isize> = (0..x.rank() as isize).filter(|&a| a != 1).collect();
    affine(c, standardised(x, &axes, eps), &shape)
}

/// The keys or values of grouped queries, one for every head (axis -3):
/// neighbouring heads share theirs.
fn per_head<'t>(q: V<'t>, x: V<'t>) -> Result<V<'t>, Unsupported> {
    let (Some(axis), Some(at)) = (x.rank().checked_sub(3), q.rank().checked_sub(3)) else {
        return unsupported("grouped queries without heads");
    };
    let (heads, groups) = (q.shape()[at], x.shape()[axis]);
    if groups == 0 || heads % groups != 0 {
        return unsupported(format!("{heads} heads in {groups} groups"));
    }
    let sharing = heads / groups;
    Ok(pick(
        x,
        axis,
        (0..heads).map(|head| head / sharing).collect(),
    ))
}

fn attention<'t>(c: &Call<'t>) -> Answer<'t> {
    let (q, k, v) = (c.array("query")?, c.array("key")?, c.array("value")?);
    let (k, v) = match c.flag("enable_gqa", false)? {
        true => (per_head(q, k)?, per_head(q, v)?),
        false => (k, v),
    };
    if c.number("dropout_p", 0.0)? != 0.0 {
        return unsupported("dropout at random");
    }
    let width = *q.shape().last().unwrap_or(&1) as f64;
    let scale = c.number("scale", 1.0 / width.sqrt())?;
    let mut order: Vec<isize> = (0..k.rank() as isize).collect();
    order.swap(k.rank() - 2, k.rank() - 1);
    let mut scores = scale * q.matmul(k.permute(order));
    if c.flag("is_causal", false)? {
        let seen = crate::conformance::case::triangle(scores, |i, j| j <= i);
        scores = seen.where_(scores, f64::NEG_INFINITY);
    }
    match c.get("attn_mask") {
        None => {}
        Some(Arg::Mask(mask)) => scores = mask.where_(scores, f64::NEG_INFINITY),
        Some(_) => scores = scores + c.array("attn_mask")?,
    }
    one(scores.softmax(-1).matmul(v))
}

pub(super) const OPS: &[Entry] = &[
    call(
        "nn.functional.layer_norm",
        "input normalized_shape weight bias eps",
        |c| {
            let x = c.array("input")?;
            let (axes, shape) = last_axes(c, x)?;
            affine(c, standardised(x, &axes, c.number("eps", 1e-5)?), &shape)
        },
    ),
    call(
        "nn.functional.rms_norm",
        "input normalized_shape weight eps",
        |c| {
            let x = c.array("input")?;
            let (axes, shape) = last_axes(c, x)?;
            let square = x.square().mean_axes(&axes, true);
            affine(
                c,
                x / (square + c.number("eps", f64::EPSILON)?).sqrt(),
                &shape,
            )
        },
    ),
    call(
        "nn.functional.group_norm",
        "input num_groups weight bias eps",
        |c| {
            let (x, groups) = (c.array("input")?, c.need_int("num_groups")? as usize);
            let (n, per) = (x.shape()[0], per_channel(x)?);
            let each = x.shape()[1..].iter().product::<usize>() / groups;
            let y = standardised(x.reshape([n, groups, each]), &[2], c.number("eps", 1e-5)?);
            affine(c, y.reshape(x.shape()), &per)
        },
    ),
    call(
        "nn.functional.instance_norm",
        "input running_mean running_var weight bias use_input_stats momentum eps",
        |c| {
            let x = c.array("input")?;
            if !c.flag("use_input_stats", true)? {
                return with_running(c, x, &per_channel(x)?);
            }
            // Buffers that are updated and not read.
            for unread in ["running_mean", "running_var", "momentum"] {
                c.get(unread);
            }
            let axes: Vec<isize> = (2..x.rank() as isize).collect();
            let y = standardised(x, &axes, c.number("eps", 1e-5)?);
            affine(c, y, &per_channel(x)?)
        },
    ),
    call(
        "nn.functional.batch_norm",
        "input running_mean running_var weight bias training momentum eps",
        batch_norm,
    ),
    // Squares averaged over neighbouring channels.
    call(
        "nn.functional.local_response_norm",
        "input size alpha beta k",
        |c| {
            let (x, size) = (c.array("input")?, c.need_int("size")? as usize);
            let n = per_channel(x)?[1];
            let mut widths = vec![(0, 0); x.rank()];
            widths[1] = (size / 2, (size - 1) / 2);
            let padded = x.square().pad(&widths, 0.0);
            let sums = (0..size).map(|i| super::reduce::range(padded, 1, i, i + n));
            let Some(sum) = sums.reduce(|a, b| a + b) else {
                return unsupported("no neighbours");
            };
            let (alpha, beta) = (c.number("alpha", 1e-4)?, c.number("beta", 0.75)?);
            one(x / (c.number("k", 1.0)? + alpha * sum / size as f64).powf(beta))
        },
    ),
    call(
        "nn.functional.scaled_dot_product_attention",
        "query key value attn_mask dropout_p is_causal scale enable_gqa",
        attention,
    ),
    call(
        "nn.functional.dropout",
        "input p training inplace",
        only_if_idle,
    ),
    call(
        "nn.functional.dropout2d",
        "input p training inplace",
        only_if_idle,
    ),
    call(
        "nn.functional.alpha_dropout",
        "input p training inplace",
        only_if_idle,
    ),
    call(
        "nn.functional.feature_alpha_dropout.without_train",
        "input p training inplace",
        only_if_idle,
    ),
];
