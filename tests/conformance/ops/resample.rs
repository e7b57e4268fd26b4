//! Other resolutions of the same picture: adaptive averages, interpolation.

use wengert_autodiff::concat;

use super::arrange::pick;
use super::getitem::numbered;
use super::reduce::range;
use super::{Entry, call};
use crate::conformance::call::{
    Answer, Arg, Call, Output, Unsupported, V, as_int, as_number, one, unsupported,
};

/// The mean of `out` parts of an axis, as equal as whole elements allow; they
/// overlap where the length is no multiple.
fn parts_mean<'t>(x: V<'t>, axis: usize, out: usize) -> V<'t> {
    let n = x.shape()[axis];
    if out == n {
        return x;
    }
    let parts = (0..out).map(|i| {
        let (from, to) = (i * n / out, ((i + 1) * n).div_ceil(out));
        range(x, axis, from, to).mean_axes([axis as isize], true)
    });
    concat(&parts.collect::<Vec<_>>(), axis as isize)
}

/// Lengths along the last `d` axes; `None` keeps one, a single number stands
/// for all.
fn lengths(c: &Call<'_>, name: &str, x: V<'_>, d: usize) -> Result<Vec<usize>, Unsupported> {
    let own = x.shape()[x.rank() - d..].to_vec();
    let wrong = || unsupported(format!("argument `{name}` that is not a size"));
    let list = match c.get(name) {
        Some(Arg::List(list) | Arg::Tuple(list)) if list.len() == d => list.clone(),
        Some(Arg::List(list) | Arg::Tuple(list)) if list.len() == 1 => vec![list[0].clone(); d],
        Some(arg @ Arg::Int(_)) => vec![arg.clone(); d],
        _ => return wrong(),
    };
    let mut out = Vec::new();
    for (arg, &n) in list.iter().zip(&own) {
        out.push(match (arg, as_int(arg)) {
            (Arg::None, _) => n,
            (_, Some(i)) if i > 0 => i as usize,
            _ => return wrong(),
        });
    }
    Ok(out)
}

fn adaptive<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    let x = c.array("input")?;
    let out = lengths(c, "output_size", x, d)?;
    let first = x.rank() - d;
    one((0..d).fold(x, |x, i| parts_mean(x, first + i, out[i])))
}

/// The largest of every part, and its number in the plane. The gradient goes
/// to the one that the number names.
fn adaptive_max<'t>(c: &Call<'t>, d: usize) -> Answer<'t> {
    let x = c.array("input")?;
    let out = lengths(c, "output_size", x, d)?;
    let (lead, plane) = (
        x.shape()[..x.rank() - d].to_vec(),
        x.shape()[x.rank() - d..].to_vec(),
    );
    let numbers = numbered(c.tape(), &plane);
    let (mut values, mut winners) = (Vec::new(), Vec::new());
    for part in ndarray::indices(out.clone()) {
        let (mut block, mut within) = (x, numbers);
        for (i, (&n, &out)) in plane.iter().zip(&out).enumerate() {
            let part = part[i];
            let entries: Vec<usize> = (part * n / out..((part + 1) * n).div_ceil(out)).collect();
            block = pick(block, lead.len() + i, entries.clone());
            within = pick(within, i, entries);
        }
        let size = within.size();
        let flat = block.reshape([&lead[..], &[size]].concat());
        let winner = flat.argmax(-1).expand_dims(-1);
        let within = within.reshape([size]).broadcast_to(flat.shape());
        values.push(flat.gather(-1, winner));
        winners.push(within.gather(-1, winner));
    }
    let shape = [&lead[..], &out[..]].concat();
    let value = Output::Float(concat(&values, -1).reshape(&shape));
    Ok(match c.flag("return_indices", false)? {
        false => vec![value],
        true => vec![value, Output::Index(concat(&winners, -1).reshape(&shape))],
    })
}

/// New length of an axis, and the distance of new elements in old ones.
#[derive(Clone, Copy)]
struct Scale {
    out: usize,
    step: f64,
}

fn scales(c: &Call<'_>, x: V<'_>, d: usize) -> Result<Vec<Scale>, Unsupported> {
    let own = x.shape()[2..].to_vec();
    if c.has("size") {
        let out = lengths(c, "size", x, d)?;
        let pairs = out.into_iter().zip(own);
        return Ok(pairs
            .map(|(out, n)| Scale {
                out,
                step: n as f64 / out as f64,
            })
            .collect());
    }
    let factors = match c.get("scale_factor") {
        Some(Arg::List(list) | Arg::Tuple(list)) => list.iter().map(as_number).collect(),
        Some(arg) => as_number(arg).map(|s| vec![s; d]),
        None => None,
    };
    let Some(factors) = factors.filter(|f| f.len() == d) else {
        return unsupported("an interpolation without a size");
    };
    let recomputed = c.flag("recompute_scale_factor", false)?;
    Ok(factors
        .into_iter()
        .zip(own)
        .map(|(factor, n)| {
            let out = (n as f64 * factor).floor() as usize;
            let step = if recomputed {
                n as f64 / out as f64
            } else {
                1.0 / factor
            };
            Scale { out, step }
        })
        .collect())
}

/// Where new element `i` stands among `n` old ones; the corners, or the edges,
/// of both pictures lie on each other.
fn place(i: usize, n: usize, s: Scale, corners: bool) -> f64 {
    match corners {
        true if s.out > 1 => i as f64 * (n - 1) as f64 / (s.out - 1) as f64,
        true => 0.0,
        false => s.step * (i as f64 + 0.5) - 0.5,
    }
}

/// Weighted sums of entries along an axis: `taps(place)` lists the weights of
/// the entries from `first` on.
fn mixed<'t>(
    x: V<'t>,
    axis: usize,
    places: &[f64],
    first: i64,
    taps: fn(f64) -> Vec<f64>,
) -> V<'t> {
    let last = x.shape()[axis] as i64 - 1;
    let weights: Vec<Vec<f64>> = places.iter().map(|p| taps(p - p.floor())).collect();
    let terms = (0..weights[0].len()).map(|k| {
        let entry = |p: &f64| (p.floor() as i64 + first + k as i64).clamp(0, last) as usize;
        let column = weights.iter().map(|w| w[k]).collect::<Vec<f64>>();
        let mut own = vec![1; x.rank()];
        own[axis] = column.len();
        let column = x
            .tape()
            .constant(crate::conformance::array::array(&own, column));
        pick(x, axis, places.iter().map(entry).collect()) * column
    });
    terms.reduce(|a, b| a + b).expect("at least one tap")
}

fn linear(t: f64) -> Vec<f64> {
    vec![1.0 - t, t]
}

/// R. Keys' cubic convolution with -3/4, as in PyTorch.
fn cubic(t: f64) -> Vec<f64> {
    const A: f64 = -0.75;
    let near = |x: f64| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    vec![far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]
}

fn interpolate<'t>(c: &Call<'t>) -> Answer<'t> {
    c.only_default(&["antialias"])?;
    let x = c.array("input")?;
    let Some(d) = x.rank().checked_sub(2).filter(|&d| d > 0) else {
        return unsupported("an interpolation of no axes");
    };
    let (mode, corners) = (c.text("mode", "nearest")?, c.flag("align_corners", false)?);
    let mut y = x;
    for (i, s) in scales(c, x, d)?.into_iter().enumerate() {
        let (axis, n) = (2 + i, x.shape()[2 + i]);
        let places = |low: f64| -> Vec<f64> {
            (0..s.out)
                .map(|i| place(i, n, s, corners).max(low))
                .collect()
        };
        let nearest = |shift: f64| -> Vec<usize> {
            let at = |i: usize| ((i as f64 + shift) * s.step).floor() as usize;
            (0..s.out).map(|i| at(i).min(n - 1)).collect()
        };
        y = match &mode[..] {
            "nearest" => pick(y, axis, nearest(0.0)),
            "nearest-exact" => pick(y, axis, nearest(0.5)),
            "linear" | "bilinear" | "trilinear" => mixed(y, axis, &places(0.0), 0, linear),
            "bicubic" => mixed(y, axis, &places(f64::NEG_INFINITY), -1, cubic),
            "area" => parts_mean(y, axis, s.out),
            other => return unsupported(format!("interpolation `{other}`")),
        };
    }
    one(y)
}

const LARGEST: &str = "input output_size return_indices";
const INTERPOLATE: &str =
    "input size scale_factor mode align_corners recompute_scale_factor antialias";

pub(super) const OPS: &[Entry] = &[
    call(
        "nn.functional.adaptive_avg_pool1d",
        "input output_size",
        |c| adaptive(c, 1),
    ),
    call(
        "nn.functional.adaptive_avg_pool2d",
        "input output_size",
        |c| adaptive(c, 2),
    ),
    call(
        "nn.functional.adaptive_avg_pool3d",
        "input output_size",
        |c| adaptive(c, 3),
    ),
    call("nn.functional.adaptive_max_pool1d", LARGEST, |c| {
        adaptive_max(c, 1)
    }),
    call("nn.functional.adaptive_max_pool2d", LARGEST, |c| {
        adaptive_max(c, 2)
    }),
    call("nn.functional.adaptive_max_pool3d", LARGEST, |c| {
        adaptive_max(c, 3)
    }),
    call(
        "nn.functional.interpolate.nearest",
        INTERPOLATE,
        interpolate,
    ),
    call(
        "nn.functional.interpolate.nearest-exact",
        INTERPOLATE,
        interpolate,
    ),
    call("nn.functional.interpolate.linear", INTERPOLATE, interpolate),
    call(
        "nn.functional.interpolate.bilinear",
        INTERPOLATE,
        interpolate,
    ),
    call(
        "nn.functional.interpolate.trilinear",
        INTERPOLATE,
        interpolate,
    ),
    call(
        "nn.functional.interpolate.bicubic",
        INTERPOLATE,
        interpolate,
    ),
    call("nn.functional.interpolate.area", INTERPOLATE, interpolate),
];
