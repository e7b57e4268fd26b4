//! Convolution and its transpose: every window, times every filter.

use super::reduce::range;
use super::windows::{Window, batched, per_axis, windows};
use super::{Entry, call};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, V, one};

/// Padding of a convolution, `valid` and `same` included.
fn conv_padding(c: &Call<'_>, reach: &[i64]) -> Result<Vec<(i64, i64)>, Unsupported> {
    match c.get("padding") {
        Some(Arg::Text(name)) if name == "valid" => Ok(vec![(0, 0); reach.len()]),
        Some(Arg::Text(name)) if name == "same" => Ok(reach
            .iter()
            .map(|r| ((r - 1) / 2, r - 1 - (r - 1) / 2))
            .collect()),
        _ => {
            let pad = per_axis(c, "padding", reach.len(), 0)?;
            Ok(pad.into_iter().map(|p| (p, p)).collect())
        }
    }
}

/// The product of every window with every filter, group by group; the weight
/// is (out, in / groups, window).
fn filtered<'t>(x: V<'t>, w: V<'t>, groups: usize, all: &[Window]) -> V<'t> {
    let (n, channels, out) = (x.shape()[0], x.shape()[1], w.shape()[0]);
    let (d, per) = (all.len() as isize, channels / groups);
    let counts: Vec<usize> = all.iter().map(|w| w.count).collect();
    let sizes: Vec<usize> = all.iter().map(|w| w.size).collect();
    let (positions, places): (usize, usize) = (counts.iter().product(), sizes.iter().product());
    let y = windows(x, all, 0.0).reshape([&[n, groups, per], &counts[..], &sizes].concat());
    // (batch, group, positions, channel, places).
    let order = [0, 1]
        .into_iter()
        .chain(3..3 + d)
        .chain([2])
        .chain(3 + d..3 + 2 * d);
    let y = y.permute(order.collect::<Vec<_>>());
    let y = y.reshape([n, groups, positions, per * places]);
    let w = w
        .reshape([groups, out / groups, per * places])
        .permute([0, 2, 1]);
    let y = y.matmul(w).permute([0, 1, 3, 2]);
    y.reshape([&[n, out], &counts[..]].concat())
}

fn with_bias<'t>(c: &Call<'t>, y: V<'t>, d: usize, added: bool) -> Answer<'t> {
    let y = match c.optional_array("bias")? {
        Some(b) => y + b.reshape([vec![b.size()], vec![1; d]].concat()),
        None => y,
    };
    one(if added { y.squeeze(0) } else { y })
}

fn conv<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    let (w, groups) = (c.array("weight")?, c.int("groups", 1)? as usize);
    let (x, added) = batched(c.array("input")?, d)?;
    let (stride, dilation) = (per_axis(c, "stride", d, 1)?, per_axis(c, "dilation", d, 1)?);
    let sizes: Vec<i64> = w.shape()[2..].iter().map(|&k| k as i64).collect();
    let reach: Vec<i64> = (0..d).map(|i| dilation[i] * (sizes[i] - 1) + 1).collect();
    let padding = conv_padding(c, &reach)?;
    let all = (0..d).map(|i| {
        Window::over(
            x.shape()[2 + i],
            sizes[i],
            stride[i],
            dilation[i],
            padding[i],
            false,
        )
    });
    let all: Vec<Window> = all.collect::<Result<_, _>>()?;
    with_bias(c, filtered(x, w, groups, &all), d, added)
}

/// Zeros between the elements of an axis, so that they are `stride` apart.
fn spread<'t>(x: V<'t>, axis: usize, stride: usize) -> V<'t> {
    let shape = x.shape().to_vec();
    let n = shape[axis];
    if n == 0 || stride == 1 {
        return x;
    }
    let mut widths = vec![(0, 0); x.rank() + 1];
    widths[axis + 1] = (0, stride - 1);
    let apart = x.expand_dims(axis as isize + 1).pad(&widths, 0.0);
    let apart = apart.reshape([&shape[..axis], &[n * stride], &shape[axis + 1..]].concat());
    range(apart, axis, 0, (n - 1) * stride + 1)
}

/// The transpose of a convolution: one with the flipped filters over the
/// spread input. The weight is (in, out / groups, window).
fn conv_transpose<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    let (w, groups) = (c.array("weight")?, c.int("groups", 1)? as usize);
    let (mut x, added) = batched(c.array("input")?, d)?;
    let (stride, dilation) = (per_axis(c, "stride", d, 1)?, per_axis(c, "dilation", d, 1)?);
    let (padding, extra) = (
        per_axis(c, "padding", d, 0)?,
        per_axis(c, "output_padding", d, 0)?,
    );
    let shape = w.shape().to_vec();
    let (per, out) = (shape[0] / groups, shape[1]);
    let mut filters = w.reshape([&[groups, per, out], &shape[2..]].concat());
    let mut all = Vec::new();
    for i in 0..d {
        filters = filters.flip(3 + i as isize);
        x = spread(x, 2 + i, stride[i] as usize);
        let size = shape[2 + i] as i64;
        let side = dilation[i] * (size - 1) - padding[i];
        let pad = (side, side + extra[i]);
        all.push(Window::over(
            x.shape()[2 + i],
            size,
            1,
            dilation[i],
            pad,
            false,
        )?);
    }
    let order = [0, 2, 1].into_iter().chain(3..3 + d as isize);
    let filters = filters.permute(order.collect::<Vec<_>>());
    let filters = filters.reshape([&[groups * out, per], &shape[2..]].concat());
    with_bias(c, filtered(x, filters, groups, &all), d, added)
}

const CONV: &str = "input weight bias stride padding dilation groups";
const TRANSPOSED: &str = "input weight bias stride padding output_padding groups dilation";

pub(super) const OPS: &[Entry] = &[
    call("nn.functional.conv1d", CONV, |c| conv(c, 1)),
    call("nn.functional.conv2d", CONV, |c| conv(c, 2)),
    call("nn.functional.conv3d", CONV, |c| conv(c, 3)),
    call("nn.functional.conv_transpose1d", TRANSPOSED, |c| {
        conv_transpose(c, 1)
    }),
    call("nn.functional.conv_transpose2d", TRANSPOSED, |c| {
        conv_transpose(c, 2)
    }),
    call("nn.functional.conv_transpose3d", TRANSPOSED, |c| {
        conv_transpose(c, 3)
    }),
];
