//! Losses on classes and probabilities.

use wengert_autodiff::Var;

use super::loss::{reduced, weighed};
use super::{Entry, call};
use crate::conformance::array::{Array, Data, array};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, V, one, unsupported};

/// Class numbers, and which of them count.
struct Labels<'t> {
    at: Var<'t, usize>,
    counts: Var<'t, bool>,
}

/// The labels of `target`; what is ignored stands for class 0 and counts not.
fn labels<'t>(c: &Call<'t>, target: &Array) -> Result<Labels<'t>, Unsupported> {
    let Data::Int(data) = &target.data else {
        unreachable!("made from integers")
    };
    let ignored = c.int("ignore_index", -100)?;
    let counts: Vec<bool> = data.iter().map(|&i| i != ignored).collect();
    let numbers = data.iter().map(|&i| {
        if i == ignored {
            Some(0)
        } else {
            usize::try_from(i).ok()
        }
    });
    let Some(numbers) = numbers.collect::<Option<Vec<usize>>>() else {
        return unsupported("a class out of range");
    };
    Ok(Labels {
        at: target.laid_out(&numbers, usize::MAX, |view| c.tape().constant(view)),
        counts: c.tape().constant(array(&target.shape, counts)),
    })
}

/// The axis of the classes: the only one, or the second.
fn class_axis(x: V<'_>) -> isize {
    isize::from(x.rank() > 1)
}

/// Weights of the classes along their axis.
fn class_weights<'t>(c: &Call<'t>, x: V<'t>) -> Result<Option<V<'t>>, Unsupported> {
    let Some(w) = c.optional_array("weight")? else {
        return Ok(None);
    };
    let mut own = vec![1; x.rank()];
    own[class_axis(x) as usize] = w.size();
    Ok(Some(w.reshape(own)))
}

/// Losses, with the weight that each counts with in the mean.
fn mean_by_weight<'t>(c: &Call<'t>, losses: V<'t>, weights: V<'t>) -> Answer<'t> {
    c.only_default(&["size_average", "reduce"])?;
    one(match &c.text("reduction", "mean")?[..] {
        "none" => losses,
        "sum" => losses.sum(),
        "mean" => losses.sum() / weights.sum(),
        other => return unsupported(format!("reduction `{other}`")),
    })
}

/// `-Σ w log p` at the labels, and the weights.
fn at_labels<'t>(log_p: V<'t>, labels: &Labels<'t>, weights: Option<V<'t>>) -> (V<'t>, V<'t>) {
    let axis = class_axis(log_p);
    let pick = |x: V<'t>| x.gather(axis, labels.at.expand_dims(axis)).squeeze(axis);
    let w = match weights {
        Some(w) => pick(w.broadcast_to(log_p.shape())),
        None => pick(log_p).full_like(1.0),
    };
    let w = labels.counts.where_(w, 0.0);
    (labels.counts.where_(-(w * pick(log_p)), 0.0), w)
}

fn nll<'t>(c: &Call<'t>) -> Answer<'t> {
    let log_p = c.array("input")?;
    let labels = labels(c, c.integers("target")?)?;
    let (losses, w) = at_labels(log_p, &labels, class_weights(c, log_p)?);
    mean_by_weight(c, losses, w)
}

fn cross_entropy<'t>(c: &Call<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    let axis = class_axis(x);
    let log_p = x.log_softmax(axis);
    let classes = x.shape()[axis as usize] as f64;
    let smoothing = c.number("label_smoothing", 0.0)?;
    let weights = class_weights(c, x)?;
    let times_weights = |v: V<'t>| weights.map_or(v, |w| w * v);
    if let Some(Arg::Ints(target)) = c.get("target") {
        let labels = labels(c, target)?;
        let (losses, w) = at_labels(log_p, &labels, weights);
        let smooth = -times_weights(log_p).sum_axes([axis], false);
        let smooth = labels.counts.where_(smooth, 0.0);
        let losses = match smoothing {
            0.0 => losses,
            s => (1.0 - s) * losses + (s / classes) * smooth,
        };
        return mean_by_weight(c, losses, w);
    }
    // Probabilities as targets: nothing can be ignored.
    c.get("ignore_index");
    let y = c.array("target")?;
    let y = match smoothing {
        0.0 => y,
        s => (1.0 - s) * y + s / classes,
    };
    let losses = -times_weights(y * log_p).sum_axes([axis], false);
    mean_by_weight(c, losses, losses.full_like(1.0))
}

/// `ln`, held at -100 as PyTorch does.
fn held_ln(x: V<'_>) -> V<'_> {
    x.maximum(-100.0)
}

pub(super) const OPS: &[Entry] = &[
    call(
        "nn.functional.nll_loss",
        "input target weight size_average ignore_index reduce reduction",
        nll,
    ),
    call(
        "nn.functional.cross_entropy",
        "input target weight size_average ignore_index reduce reduction label_smoothing",
        cross_entropy,
    ),
    // softplus(z) - z y, with both signs of z so that weights can differ.
    call(
        "nn.functional.binary_cross_entropy_with_logits",
        "input target weight size_average reduce reduction pos_weight",
        |c| {
            let (z, y) = (c.array("input")?, c.array("target")?);
            let positive = match c.optional_array("pos_weight")? {
                Some(p) => p * y,
                None => y,
            };
            let losses = positive * (-z).softplus() + (1.0 - y) * z.softplus();
            reduced(c, weighed(c, losses)?)
        },
    ),
    call(
        "nn.functional.binary_cross_entropy",
        "input target weight size_average reduce reduction",
        |c| {
            let (p, y) = (c.array("input")?, c.array("target")?);
            let losses = -(y * held_ln(p.ln()) + (1.0 - y) * held_ln((-p).log1p()));
            reduced(c, weighed(c, losses)?)
        },
    ),
    call(
        "nn.functional.kl_div",
        "input target size_average reduce reduction log_target",
        |c| {
            let (x, y) = (c.array("input")?, c.array("target")?);
            let losses = match c.flag("log_target", false)? {
                true => y.exp() * (y - x),
                false => y.xlogy(y) - y * x,
            };
            match &c.text("reduction", "mean")?[..] {
                "batchmean" => one(losses.sum() / x.shape().first().map_or(1.0, |&n| n as f64)),
                _ => reduced(c, losses),
            }
        },
    ),
    call(
        "nn.functional.multi_margin_loss",
        "input target p margin weight size_average reduce reduction",
        |c| {
            let x = c.array("input")?;
            let rows = if x.rank() < 2 {
                x.reshape([1, x.size()])
            } else {
                x
            };
            let target = c.integers("target")?;
            let at = labels(c, target)?.at.reshape([rows.shape()[0], 1]);
            let margin = c.number("margin", 1.0)?;
            let over = (margin - rows.gather(1, at) + rows).relu();
            let over = match c.int("p", 1)? {
                1 => over,
                2 => over.square(),
                p => return unsupported(format!("p of {p}")),
            };
            let over = match c.optional_array("weight")? {
                Some(w) => over * w.index_select(0, at),
                None => over,
            };
            let own = at.one_hot::<f64>(rows.shape()[1]).squeeze(1).greater(0.5);
            let losses = own.where_(0.0, over).mean_axes([1], false);
            // One loss per target: of a single row it may be a scalar.
            reduced(c, losses.reshape(&target.shape))
        },
    ),
    // Every class that is named, as often as it is, against every class that is
    // not. The list of names ends at the first -1.
    call(
        "nn.functional.multilabel_margin_loss",
        "input target size_average reduce reduction",
        |c| {
            let x = c.array("input")?;
            let Data::Int(names) = &c.integers("target")?.data else {
                unreachable!("made from integers")
            };
            let classes = *x.shape().last().unwrap_or(&1);
            let rows = x.reshape([x.size() / classes.max(1), classes]);
            let mut times = vec![0.0; rows.size()];
            for (row, names) in times.chunks_mut(classes).zip(names.chunks(classes)) {
                for &name in names.iter().take_while(|&&name| name >= 0) {
                    row[name as usize] += 1.0;
                }
            }
            let times = c.tape().constant(array(&rows.shape(), times));
            let over = (1.0 - rows.expand_dims(2) + rows.expand_dims(1)).relu();
            let others = times.equal(0.0).expand_dims(1).where_(over, 0.0);
            let losses = (times.expand_dims(2) * others).sum_axes([1, 2], false) / classes as f64;
            reduced(
                c,
                if x.rank() < 2 {
                    losses.squeeze(0)
                } else {
                    losses
                },
            )
        },
    ),
];
