//! Activations, the softmax family, gates.

use super::unary::normal;
use super::{Entry, call, map};
use crate::conformance::call::{Answer, Call, Unsupported, V, one, unsupported};

/// `f` along an axis, where a scalar counts as an array of one element.
pub(super) fn along<'t>(x: V<'t>, axis: usize, f: impl Fn(V<'t>, isize) -> V<'t>) -> V<'t> {
    match x.rank() {
        0 => f(x.expand_dims(0), 0).squeeze(0),
        _ => f(x, axis as isize),
    }
}

/// The axis of a softmax; PyTorch's rule for a missing one is deprecated.
fn softmax_axis(c: &Call<'_>, rank: usize) -> Result<usize, Unsupported> {
    c.only_f64()?;
    c.get("_stacklevel");
    if !c.has("dim") {
        return unsupported("a softmax without `dim`");
    }
    c.axis("dim", 0, rank)
}

fn softmax<'t>(c: &Call<'t>, f: fn(V<'t>, isize) -> V<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    one(along(x, softmax_axis(c, x.rank())?, f))
}

fn elu(x: V<'_>, alpha: f64, scale: f64) -> V<'_> {
    x.greater(0.0)
        .where_(scale * x, (scale * alpha) * x.expm1())
}

/// Between -`lambd` and `lambd`.
fn inside(x: V<'_>, lambd: f64) -> wengert_autodiff::Var<'_, bool> {
    x.greater_equal(-lambd).and(x.less_equal(lambd))
}

fn leaky(x: V<'_>, slope: f64) -> V<'_> {
    x.greater(0.0).where_(x, slope * x)
}

const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

pub(super) const OPS: &[Entry] = &[
    call("nn.functional.relu", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        one(c.array("input")?.relu())
    }),
    call("nn.functional.relu6", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        one(c.array("input")?.clamp(0.0, 6.0))
    }),
    call(
        "nn.functional.leaky_relu",
        "input negative_slope inplace",
        |c| {
            c.only_default(&["inplace"])?;
            one(leaky(c.array("input")?, c.number("negative_slope", 0.01)?))
        },
    ),
    call(
        "nn.functional.rrelu",
        "input lower upper training inplace",
        |c| {
            c.only_default(&["inplace", "training"])?;
            let (lower, upper) = (c.number("lower", 1.0 / 8.0)?, c.number("upper", 1.0 / 3.0)?);
            one(leaky(c.array("input")?, (lower + upper) / 2.0))
        },
    ),
    // One slope, or one per channel, which is axis 1.
    call("nn.functional.prelu", "input weight", |c| {
        let (x, w) = (c.array("input")?, c.array("weight")?);
        let w = if w.size() == 1 || x.rank() < 2 {
            w.reshape(if w.size() == 1 {
                vec![]
            } else {
                w.shape().to_vec()
            })
        } else {
            let mut shape = vec![1; x.rank()];
            shape[1] = w.size();
            w.reshape(shape)
        };
        one(x.greater(0.0).where_(x, w * x))
    }),
    call("nn.functional.elu", "input alpha inplace", |c| {
        c.only_default(&["inplace"])?;
        one(elu(c.array("input")?, c.number("alpha", 1.0)?, 1.0))
    }),
    call("nn.functional.selu", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        one(elu(c.array("input")?, SELU_ALPHA, SELU_SCALE))
    }),
    call("nn.functional.celu", "input alpha inplace", |c| {
        c.only_default(&["inplace"])?;
        let (x, alpha) = (c.array("input")?, c.number("alpha", 1.0)?);
        one(x.greater(0.0).where_(x, alpha * (x / alpha).expm1()))
    }),
    call("nn.functional.silu", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        let x = c.array("input")?;
        one(x * x.sigmoid())
    }),
    call("nn.functional.gelu", "input approximate", |c| {
        let x = c.array("input")?;
        match &c.text("approximate", "none")?[..] {
            "none" => one(x * normal(x)),
            "tanh" => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
                // (1 + tanh z) / 2 without cancellation.
                one(x * (2.0 * inner).sigmoid())
            }
            other => unsupported(format!("approximation `{other}`")),
        }
    }),
    call("nn.functional.mish", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        let x = c.array("input")?;
        one(x * x.softplus().tanh())
    }),
    map("nn.functional.softsign", |x| x / (1.0 + x.abs())),
    map("nn.functional.tanhshrink", |x| x - x.tanh()),
    call("nn.functional.softplus", "input beta threshold", |c| {
        let x = c.array("input")?;
        let (beta, threshold) = (c.number("beta", 1.0)?, c.number("threshold", 20.0)?);
        let z = beta * x;
        one(z.greater(threshold).where_(x, z.softplus() / beta))
    }),
    map("nn.functional.logsigmoid", |x| x.log_sigmoid()),
    call("nn.functional.hardsigmoid", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        one((c.array("input")? + 3.0).clamp(0.0, 6.0) / 6.0)
    }),
    call("nn.functional.hardswish", "input inplace", |c| {
        c.only_default(&["inplace"])?;
        let x = c.array("input")?;
        one(x * (x + 3.0).clamp(0.0, 6.0) / 6.0)
    }),
    call(
        "nn.functional.hardtanh",
        "input min_val max_val inplace",
        |c| {
            c.only_default(&["inplace"])?;
            let (lo, hi) = (c.number("min_val", -1.0)?, c.number("max_val", 1.0)?);
            one(c.array("input")?.clamp(lo, hi))
        },
    ),
    call("nn.functional.hardshrink", "input lambd", |c| {
        let x = c.array("input")?;
        one(inside(x, c.number("lambd", 0.5)?).where_(0.0, x))
    }),
    call("nn.functional.softshrink", "input lambd", |c| {
        let (x, lambd) = (c.array("input")?, c.number("lambd", 0.5)?);
        let y = x.greater(0.0).where_(x - lambd, x + lambd);
        one(inside(x, lambd).where_(0.0, y))
    }),
    call(
        "nn.functional.threshold",
        "input threshold value inplace",
        |c| {
            c.only_default(&["inplace"])?;
            let (x, value) = (c.array("input")?, c.number("value", 0.0)?);
            one(x.less_equal(c.number("threshold", 0.0)?).where_(value, x))
        },
    ),
    // The first half of an axis, gated by the second.
    call("nn.functional.glu", "input dim", |c| {
        let x = c.array("input")?;
        let axis = c.axis("dim", -1, x.rank())?;
        let half = x.shape()[axis] / 2;
        let parts = x.split(&[half, half], axis as isize);
        one(parts[0] * parts[1].sigmoid())
    }),
    call("softmax", "input dim dtype", |c| {
        softmax(c, |x, a| x.softmax(a))
    }),
    // A row of nothing but -∞ has no softmax; it gives 0.
    call(
        "torch.ops.aten._safe_softmax.default",
        "input dim dtype",
        |c| {
            softmax(c, |x, a| {
                let empty = x.max_axes([a], true).equal(f64::NEG_INFINITY);
                empty.where_(0.0, empty.where_(0.0, x).softmax(a))
            })
        },
    ),
    call("log_softmax", "input dim dtype", |c| {
        softmax(c, |x, a| x.log_softmax(a))
    }),
    call(
        "nn.functional.softmin",
        "input dim _stacklevel dtype",
        |c| softmax(c, |x, a| (-x).softmax(a)),
    ),
];
