//! Losses on differences, scores and margins.

use super::{Entry, call};
use crate::conformance::call::{Answer, Call, Unsupported, V, one, unsupported};

/// Losses reduced as `reduction` says; the older arguments for the same are
/// not offered.
pub(super) fn reduced<'t>(c: &Call<'t>, losses: V<'t>) -> Answer<'t> {
    c.only_default(&["size_average", "reduce"])?;
    one(match &c.text("reduction", "mean")?[..] {
        "none" => losses,
        "sum" => losses.sum(),
        "mean" => losses.mean(),
        other => return unsupported(format!("reduction `{other}`")),
    })
}

/// Losses times the weight of each, if there is one.
pub(super) fn weighed<'t>(c: &Call<'t>, losses: V<'t>) -> Result<V<'t>, Unsupported> {
    Ok(match c.optional_array("weight")? {
        Some(w) => w * losses,
        None => losses,
    })
}

fn difference<'t>(c: &Call<'t>) -> Result<V<'t>, Unsupported> {
    Ok(c.array("input")? - c.array("target")?)
}

/// Cosine of the angle between two arrays along an axis. Norms below `eps`
/// count as `eps`, which keeps the cosine with the zero vector at 0.
fn cosine<'t>(x: V<'t>, y: V<'t>, axis: isize, eps: f64) -> V<'t> {
    let square = |v: V<'t>| v.square().sum_axes([axis], false).maximum(eps * eps);
    (x * y).sum_axes([axis], false) / (square(x) * square(y)).sqrt()
}

pub(super) const OPS: &[Entry] = &[
    call(
        "nn.functional.mse_loss",
        "input target size_average reduce reduction weight",
        |c| reduced(c, weighed(c, difference(c)?.square())?),
    ),
    call(
        "nn.functional.l1_loss",
        "input target size_average reduce reduction weight",
        |c| reduced(c, weighed(c, difference(c)?.abs())?),
    ),
    call(
        "nn.functional.smooth_l1_loss",
        "input target size_average reduce reduction beta",
        |c| {
            let (d, beta) = (difference(c)?, c.number("beta", 1.0)?);
            if beta == 0.0 {
                return reduced(c, d.abs());
            }
            let near = d.abs().less(beta);
            reduced(
                c,
                near.where_(0.5 * d.square() / beta, d.abs() - 0.5 * beta),
            )
        },
    ),
    call(
        "nn.functional.huber_loss",
        "input target reduction delta weight",
        |c| {
            let (d, delta) = (difference(c)?, c.number("delta", 1.0)?);
            let near = d.abs().less_equal(delta);
            let losses = near.where_(0.5 * d.square(), delta * (d.abs() - 0.5 * delta));
            reduced(c, weighed(c, losses)?)
        },
    ),
    call(
        "nn.functional.soft_margin_loss",
        "input target size_average reduce reduction",
        |c| reduced(c, (-(c.array("target")? * c.array("input")?)).softplus()),
    ),
    call(
        "nn.functional.margin_ranking_loss",
        "input1 input2 target margin size_average reduce reduction",
        |c| {
            let d = c.array("input1")? - c.array("input2")?;
            let losses = -c.array("target")? * d + c.number("margin", 0.0)?;
            reduced(c, losses.relu())
        },
    ),
    call(
        "nn.functional.hinge_embedding_loss",
        "input target margin size_average reduce reduction",
        |c| {
            let (x, y) = (c.array("input")?, c.array("target")?);
            // A target that is neither sign counts as both.
            let far = (c.number("margin", 1.0)? - x).relu();
            let losses = y.not_equal(-1.0).where_(x, 0.0) + y.not_equal(1.0).where_(far, 0.0);
            reduced(c, losses)
        },
    ),
    call("nn.functional.cosine_similarity", "x1 x2 dim eps", |c| {
        let (x, y) = (c.array("x1")?, c.array("x2")?);
        let eps = c.number("eps", 1e-8)?;
        let rank = x.rank().max(y.rank());
        let axis = c.axis("dim", 1, rank)?;
        one(match rank {
            0 => cosine(x.expand_dims(0), y.expand_dims(0), 0, eps),
            _ => {
                let shape = super::view::common(&[x, y]);
                cosine(
                    x.broadcast_to(&shape),
                    y.broadcast_to(&shape),
                    axis as isize,
                    eps,
                )
            }
        })
    }),
    call(
        "nn.functional.cosine_embedding_loss",
        "input1 input2 target margin size_average reduce reduction",
        |c| {
            let cosine = cosine(c.array("input1")?, c.array("input2")?, -1, 1e-6);
            let far = (cosine - c.number("margin", 0.0)?).relu();
            // A target that is neither sign counts as none.
            let y = c.array("target")?;
            let losses = y.equal(1.0).where_(1.0 - cosine, 0.0) + y.equal(-1.0).where_(far, 0.0);
            reduced(c, losses)
        },
    ),
    call(
        "nn.functional.multilabel_soft_margin_loss",
        "input target weight size_average reduce reduction",
        |c| {
            let (x, y) = (c.array("input")?, c.array("target")?);
            let losses = y * (-x).softplus() + (1.0 - y) * x.softplus();
            reduced(c, weighed(c, losses)?.mean_axes([-1], false))
        },
    ),
    // The variance is held above `eps`, and its gradient passes unheld.
    call(
        "nn.functional.gaussian_nll_loss",
        "input target var full eps reduction",
        |c| {
            let (x, y, var) = (c.array("input")?, c.array("target")?, c.array("var")?);
            // One variance per row.
            let shape = x.shape();
            let rows = shape.split_last().map_or(&[][..], |(_, rows)| rows);
            let per_row = var.shape() != shape && var.shape()[..] == *rows;
            let var = if per_row && x.rank() > 0 {
                var.expand_dims(-1)
            } else {
                var
            };
            let held =
                var + (var.clamp(c.number("eps", 1e-6)?, f64::INFINITY) - var).stop_gradient();
            let losses = 0.5 * (held.ln() + (x - y).square() / held);
            let full = if c.flag("full", false)? {
                0.5 * (2.0 * std::f64::consts::PI).ln()
            } else {
                0.0
            };
            reduced(c, losses + full)
        },
    ),
    call(
        "nn.functional.poisson_nll_loss",
        "input target log_input full size_average eps reduce reduction",
        |c| {
            let (x, y) = (c.array("input")?, c.array("target")?);
            let losses = match c.flag("log_input", true)? {
                true => x.exp() - y * x,
                false => x - y * (x + c.number("eps", 1e-8)?).ln(),
            };
            c.get("eps");
            let losses = match c.flag("full", false)? {
                false => losses,
                // Stirling's approximation of ln y!, where it is one.
                true => {
                    let tail = y * y.ln() - y + 0.5 * (2.0 * std::f64::consts::PI * y).ln();
                    losses + y.greater(1.0).where_(tail, 0.0)
                }
            };
            reduced(c, losses)
        },
    ),
];
