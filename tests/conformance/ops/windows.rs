//! Windows along the last axes: what convolution and pooling are made of.

use ndarray::Array2;

use super::reduce::range;
use super::{Entry, call};
use crate::conformance::call::{Call, Unsupported, V, one, unsupported};

/// How windows lie along one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub size: usize,
    pub stride: usize,
    dilation: usize,
    pub before: i64,
    after: i64,
    /// How many windows there are.
    pub count: usize,
}

/// One number per spatial axis; a single one stands for all.
pub(super) fn per_axis(
    c: &Call<'_>,
    name: &str,
    d: usize,
    default: i64,
) -> Result<Vec<i64>, Unsupported> {
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
    pub fn over(
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
pub(super) fn windows<'t>(x: V<'t>, all: &[Window], value: f64) -> V<'t> {
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
pub(super) fn batched<'t>(x: V<'t>, d: usize) -> Result<(V<'t>, bool), Unsupported> {
    match x.rank() {
        n if n == d + 2 => Ok((x, false)),
        n if n == d + 1 => Ok((x.expand_dims(0), true)),
        n => unsupported(format!("rank {n} with {d} spatial axes")),
    }
}

pub(super) const OPS: &[Entry] = &[
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
