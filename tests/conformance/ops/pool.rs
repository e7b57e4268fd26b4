//! Pooling: every window, reduced.

use ndarray::Array2;

use super::getitem::numbered;
use super::windows::{Window, per_axis, windows};
use super::{Entry, call};
use crate::conformance::array::array;
use crate::conformance::call::{Answer, Call, Output, Unsupported, one, unsupported};

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

const AVERAGE: &str =
    "input kernel_size stride padding ceil_mode count_include_pad divisor_override";
const LARGEST: &str = "input kernel_size stride padding dilation ceil_mode return_indices";
const UNPOOL: &str = "input indices kernel_size stride padding output_size";

pub(super) const OPS: &[Entry] = &[
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
];
