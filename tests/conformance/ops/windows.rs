//! Convolution and pooling: windows along the last axes, then a matrix product
//! or a reduction.

use ndarray::Array2;

use super::getitem::numbered;
use super::reduce::range;
use super::{Entry, call};
use crate::conformance::array::array;
use crate::conformance::call::{Answer, Arg, Call, Output, Unsupported, V, one, unsupported};

/// How windows lie along one axis.
#[derive(Clone, Copy, Debug)]
struct Window {
    size: usize,
    stride: usize,
    dilation: usize,
    before: i64,
    after: i64,
    /// How many windows there are.
    count: usize,
}

/// One number per spatial axis; a single one stands for all.
fn per_axis(c: &Call<'_>, name: &str, d: usize, default: i64) -> Result<Vec<i64>, Unsupported> {
    let given = c.ints(name)?.unwrap_or_default();
    match given.len() {
        0 => Ok(vec![default; d]),
        1 => Ok(vec![given[0]; d]),
        n if n == d => Ok(given),
        n => unsupported(format!("argument `{name}` with {n} numbers for {d} axes")),
    }
}

impl Window {
    /// Windows of `size` over an axis of length `n`. With `ceil` a last window
    /// may hang over, if it starts within the axis or its left padding.
    fn over(
        n: usize,
        size: i64,
        stride: i64,
        dilation: i64,
        pad: (i64, i64),
        ceil: bool,
    ) -> Result<Window, Unsupported> {
        if size < 1 || stride < 1 || dilation < 1 {
            return unsupported("a window without extent");
        }
        let (before, mut after) = pad;
        let reach = dilation * (size - 1) + 1;
        let free = n as i64 + before + after - reach;
        if free < 0 {
            return unsupported("a window larger than the array");
        }
        let mut count = 1 + if ceil {
            (free + stride - 1) / stride
        } else {
            free / stride
        };
        if ceil && (count - 1) * stride >= n as i64 + before {
            count -= 1;
        }
        // What hangs over has to be there.
        after += ((count - 1) * stride + reach - (n as i64 + before + after)).max(0);
        Ok(Window {
            size: size as usize,
            stride: stride as usize,
            dilation: dilation as usize,
            before,
            after,
            count: count as usize,
        })
    }

    fn places(&self) -> Array2<usize> {
        Array2::from_shape_fn((self.count, self.size), |(i, k)| {
            i * self.stride + k * self.dilation
        })
    }
}

/// Padded, and cut where the width is negative.
fn padded<'t>(mut x: V<'t>, widths: &[(i64, i64)], value: f64) -> V<'t> {
    let first = x.rank() - widths.len();
    let mut positive = vec![(0, 0); first];
    for (i, &(before, after)) in widths.iter().enumerate() {
        let n = x.shape()[first + i] as i64;
        x = range(
            x,
            first + i,
            (-before).max(0) as usize,
            (n - (-after).max(0)) as usize,
        );
        positive.push((before.max(0) as usize, after.max(0) as usize));
    }
    x.pad(&positive, value)
}

/// All windows: the leading axes, then one axis of positions and one of places
/// within the window for every spatial axis, positions first.
fn windows<'t>(x: V<'t>, all: &[Window], value: f64) -> V<'t> {
    let first = x.rank() - all.len();
    let widths: Vec<(i64, i64)> = all.iter().map(|w| (w.before, w.after)).collect();
    let mut y = padded(x, &widths, value);
    for (i, w) in all.iter().enumerate().rev() {
        let places = y.tape().constant(w.places());
        y = y.index_select((first + i) as isize, places);
    }
    let (first, d) = (first as isize, all.len() as isize);
    let positions = (0..d).map(|i| first + 2 * i);
    let within = (0..d).map(|i| first + 2 * i + 1);
    y.permute(
        (0..first)
            .chain(positions)
            .chain(within)
            .collect::<Vec<_>>(),
    )
}

/// With a batch axis in front, and whether it had to be added.
fn batched<'t>(x: V<'t>, d: usize) -> Result<(V<'t>, bool), Unsupported> {
    match x.rank() {
        n if n == d + 2 => Ok((x, false)),
        n if n == d + 1 => Ok((x.expand_dims(0), true)),
        n => unsupported(format!("rank {n} with {d} spatial axes")),
    }
}

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

/// The windows of a pooling, the stride by default as long as the window.
fn pooling(c: &Call<'_>, shape: &[usize], d: usize) -> Result<Vec<Window>, Unsupported> {
    let size = per_axis(c, "kernel_size", d, 0)?;
    let stride = match c.ints("stride")? {
        Some(s) if !s.is_empty() => per_axis(c, "stride", d, 1)?,
        _ => size.clone(),
    };
    let (pad, dilation) = (
        per_axis(c, "padding", d, 0)?,
        per_axis(c, "dilation", d, 1)?,
    );
    let ceil = c.flag("ceil_mode", false)?;
    let spatial = &shape[shape.len() - d..];
    let all = (0..d).map(|i| {
        Window::over(
            spatial[i],
            size[i],
            stride[i],
            dilation[i],
            (pad[i], pad[i]),
            ceil,
        )
    });
    all.collect()
}

/// How many elements of window number `i` lie in an axis of length `n` with
/// `pad` on either side.
fn inside(w: &Window, i: usize, n: usize, pad: i64) -> i64 {
    let from = (i * w.stride) as i64 - w.before;
    (from + w.size as i64).min(n as i64 + pad) - from.max(-pad)
}

fn avg_pool<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    let x = c.array("input")?;
    let all = pooling(c, &x.shape(), d)?;
    let within: Vec<isize> = (-(d as isize)..0).collect();
    let sum = windows(x, &all, 0.0).sum_axes(within, false);
    let with_padding = c.flag("count_include_pad", true)?;
    if let Some(divisor) = c.constant("divisor_override") {
        return one(sum / divisor);
    }
    let first = x.rank() - d;
    let counts = all.iter().enumerate().map(|(axis, w)| {
        let pad = if with_padding { w.before } else { 0 };
        let n = x.shape()[first + axis];
        let counts = (0..w.count).map(|i| inside(w, i, n, pad) as f64).collect();
        let mut own = vec![1; d];
        own[axis] = w.count;
        c.tape().constant(array(&own, counts))
    });
    one(counts.fold(sum, |sum, count| sum / count))
}

/// The largest of every window, and its number in the plane. The gradient goes
/// to the one that the number names.
fn max_pool<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    let x = c.array("input")?;
    let all = pooling(c, &x.shape(), d)?;
    let shape = x.shape().to_vec();
    let (lead, plane) = shape.split_at(shape.len() - d);
    let counts: Vec<usize> = all.iter().map(|w| w.count).collect();
    let places: usize = all.iter().map(|w| w.size).product();
    let flat = [lead, &counts[..], &[places]].concat();
    let y = windows(x, &all, f64::NEG_INFINITY).reshape(&flat);
    let winner = y.argmax(-1).expand_dims(-1);
    let value = Output::Float(y.gather(-1, winner).squeeze(-1));
    if !c.flag("return_indices", false)? {
        return Ok(vec![value]);
    }
    // The same windows over the numbers of the plane, exact as floats.
    let numbers = numbered(c.tape(), plane).cast::<f64>();
    let numbers = windows(numbers, &all, 0.0).reshape([&counts[..], &[places]].concat());
    let numbers = numbers
        .peek()
        .to_f64()
        .into_iter()
        .map(|i| i as usize)
        .collect();
    let numbers = array(&[&counts[..], &[places]].concat(), numbers);
    let numbers = c.tape().constant(numbers).broadcast_to(&flat);
    Ok(vec![
        value,
        Output::Index(numbers.gather(-1, winner).squeeze(-1)),
    ])
}

/// Elements back at the places that pooling took them from.
fn max_unpool<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    for unread in ["kernel_size", "stride", "padding"] {
        c.get(unread);
    }
    let x = c.array("input")?;
    if !c.has("output_size") {
        return unsupported("an unpooling without `output_size`");
    }
    let sizes = c.sizes("output_size")?;
    let shape = x.shape().to_vec();
    let lead = &shape[..shape.len() - d];
    let plane = &sizes[sizes.len() - d..];
    let (rows, n): (usize, usize) = (lead.iter().product(), plane.iter().product());
    let places = shape[shape.len() - d..].iter().product();
    let at = super::index::indices(c, c.integers("indices")?, n)?.reshape([rows, places]);
    let zeros = c.tape().constant(Array2::<f64>::zeros((rows, n)));
    let y = super::index::assigned(zeros, 1, at, x.reshape([rows, places]))?;
    one(y.reshape([lead, plane].concat()))
}

const CONV: &str = "input weight bias stride padding dilation groups";
const TRANSPOSED: &str = "input weight bias stride padding output_padding groups dilation";
const AVERAGE: &str =
    "input kernel_size stride padding ceil_mode count_include_pad divisor_override";
const LARGEST: &str = "input kernel_size stride padding dilation ceil_mode return_indices";
const UNPOOL: &str = "input indices kernel_size stride padding output_size";

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
    call("nn.functional.avg_pool1d", AVERAGE, |c| avg_pool(c, 1)),
    call("nn.functional.avg_pool2d", AVERAGE, |c| avg_pool(c, 2)),
    call("nn.functional.avg_pool3d", AVERAGE, |c| avg_pool(c, 3)),
    call("nn.functional.max_pool1d", LARGEST, |c| max_pool(c, 1)),
    call("nn.functional.max_pool2d", LARGEST, |c| max_pool(c, 2)),
    call("nn.functional.max_pool3d", LARGEST, |c| max_pool(c, 3)),
    call("nn.functional.max_unpool1d.grad", UNPOOL, |c| {
        max_unpool(c, 1)
    }),
    call("nn.functional.max_unpool2d.grad", UNPOOL, |c| {
        max_unpool(c, 2)
    }),
    call("nn.functional.max_unpool3d.grad", UNPOOL, |c| {
        max_unpool(c, 3)
    }),
    // Windows as columns.
    call(
        "nn.functional.unfold",
        "input kernel_size dilation padding stride",
        |c| {
            let (x, added) = batched(c.array("input")?, 2)?;
            let (size, stride) = (
                per_axis(c, "kernel_size", 2, 1)?,
                per_axis(c, "stride", 2, 1)?,
            );
            let (pad, dilation) = (
                per_axis(c, "padding", 2, 0)?,
                per_axis(c, "dilation", 2, 1)?,
            );
            let all = (0..2).map(|i| {
                let pad = (pad[i], pad[i]);
                Window::over(
                    x.shape()[2 + i],
                    size[i],
                    stride[i],
                    dilation[i],
                    pad,
                    false,
                )
            });
            let y =
                windows(x, &all.collect::<Result<Vec<_>, _>>()?, 0.0).permute([0, 1, 4, 5, 2, 3]);
            let s = y.shape().to_vec();
            let y = y.reshape([s[0], s[1] * s[2] * s[3], s[4] * s[5]]);
            one(if added { y.squeeze(0) } else { y })
        },
    ),
];
