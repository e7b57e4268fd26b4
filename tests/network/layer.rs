//! What a network is made of: functions from `[batch, features]` to
//! `[batch, features]`, with parameters.

use ndarray::s;
use wengert_autodiff::{Var, ops::concat};

use super::activation::Activation;

/// A kind of layer, its activation `f` where it has one, and which of the
/// network's parameters it uses. Two layers may use the same ones.
#[derive(Clone, Debug)]
pub struct Layer {
    pub kind: Kind,
    pub activation: Activation,
    pub params: Vec<usize>,
}

/// What a layer computes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `f(x W + b)`; `b` is `[features]`, `[1, features]`, `[batch, 1]` or a
    /// number.
    Dense,
    /// `f((W xᵀ)ᵀ + b)`: the same with transposes.
    Turned,
    /// `max(x W + b, x V + c)`.
    Maxout,
    /// `x + f(x W + b)`.
    Residual,
    /// `x` beside `f(x W + b)`.
    Concat,
    /// `gain (x - mean) / √(var + ε) + b`, over the features of an example.
    LayerNorm,
    /// The same over the examples.
    BatchNorm,
    /// `x · softmax(x W) · features`.
    Gate,
    /// `x + softmax(q kᵀ / √features) (x V)` with `q = x Q`, `k = x K`: the
    /// examples attend to each other.
    Attention,
    /// `f(x + table[rows])`: one row of the table per example.
    Embedding(Vec<usize>),
    /// `f(x[:, columns])`, with repetitions.
    Columns(Vec<usize>),
    /// Every second feature, from the last.
    Halve,
    /// The largest of every so many neighbours.
    MaxPool(usize),
    /// The logarithm of the sum of exponentials of every so many neighbours.
    SoftPool(usize),
    /// `s x` with a number `s`.
    Scale,
}

impl Layer {
    pub fn forward<'t>(&self, x: Var<'t, f64>, params: &[Var<'t, f64>]) -> Var<'t, f64> {
        let f = |x| self.activation.of(x);
        let shape = x.shape();
        let (batch, features) = (shape[0], shape[1]);
        let constant = |of: &[usize]| x.tape().constant(ndarray::Array1::from(of.to_vec()));
        let groups = |width: usize| x.reshape([batch, features / width, width]);
        match (&self.kind, params) {
            (Kind::Dense, &[w, b]) => f(x.dot(w) + b),
            (Kind::Turned, &[w, b]) => f(w.dot(x.transpose()).transpose() + b),
            (Kind::Maxout, &[w, b, v, c]) => (x.dot(w) + b).maximum(x.dot(v) + c),
            (Kind::Residual, &[w, b]) => x + f(x.dot(w) + b),
            (Kind::Concat, &[w, b]) => concat(&[x, f(x.dot(w) + b)], 1),
            (Kind::LayerNorm, &[gain, b]) => gain * normalised(x, 1) + b,
            (Kind::BatchNorm, &[gain, b]) => gain * normalised(x, 0) + b,
            (Kind::Gate, &[w]) => x * x.dot(w).softmax(1) * features as f64,
            (Kind::Attention, &[q, k, v]) => {
                let scores = x.dot(q).dot(x.dot(k).transpose()) / (features as f64).sqrt();
                x + scores.softmax(-1).dot(x.dot(v))
            }
            (Kind::Embedding(rows), &[table]) => f(x + table.index_select(0, constant(rows))),
            (Kind::Columns(columns), &[]) => f(x.index_select(1, constant(columns))),
            (Kind::Halve, &[]) => x.slice(s![.., ..;-2]),
            (&Kind::MaxPool(width), &[]) => groups(width).max_axes([2], false),
            (&Kind::SoftPool(width), &[]) => groups(width).logsumexp_axes([2], false),
            (Kind::Scale, &[s]) => s * x,
            (kind, params) => unreachable!("{kind:?} with {} parameters", params.len()),
        }
    }
}

fn normalised<'t>(x: Var<'t, f64>, axis: isize) -> Var<'t, f64> {
    let centred = x - x.mean_axes([axis], true);
    let variance = centred.square().mean_axes([axis], true);
    centred / (variance + 1e-5).sqrt()
}
