//! The tutorial's backprop, derived by hand, beside the gradient that the
//! tape derives: a hidden layer and an output layer of sigmoids, judged by
//! the binary cross-entropy.

use std::error::Error;

use ndarray::{Array1, Array2, ArrayD, Axis};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use wengert::Tape;
use wengert::mnist::Digits;
use wengert::nn::{Activation, Context, Mlp, MlpConfig, Params, loss};

use crate::options::Options;

fn sigmoid(z: &Array2<f64>) -> Array2<f64> {
    z.mapv(|z| 1.0 / (1.0 + (-z).exp()))
}

/// The gradient of `-Σ (y ln a2 + (1 - y) ln (1 - a2)) / m`, as the tutorial
/// derives it: from the output back to the input.
fn by_hand(
    [x, y]: [&Array2<f64>; 2],
    (w1, b1): (&Array2<f64>, &Array1<f64>),
    (w2, b2): (&Array2<f64>, &Array1<f64>),
) -> [ArrayD<f64>; 4] {
    let m = x.nrows() as f64;
    let a1 = sigmoid(&(x.dot(w1) + b1));
    let a2 = sigmoid(&(a1.dot(w2) + b2));

    let dz2 = (&a2 - y) / m;
    let dw2 = a1.t().dot(&dz2);
    let db2 = dz2.sum_axis(Axis(0));
    let da1 = dz2.dot(&w2.t());
    let dz1 = da1 * &a1 * &(1.0 - &a1);
    let dw1 = x.t().dot(&dz1);
    let db1 = dz1.sum_axis(Axis(0));
    [
        dw1.into_dyn(),
        db1.into_dyn(),
        dw2.into_dyn(),
        db2.into_dyn(),
    ]
}

/// How far the tape's gradient is from the one derived by hand: per
/// parameter, its name and the largest difference, relative to the largest
/// entry.
pub fn compare(digits: &Digits, options: &Options) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let mut params = Params::<f64>::new();
    let config = MlpConfig {
        hidden: vec![options.hidden[0]],
        activation: Activation::Sigmoid,
        init: options.init,
        ..MlpConfig::new(digits.pixels(), digits.classes())
    };
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let model = Mlp::new(&config, &mut params, &mut rng)?;
    let few = digits.take(32);
    let (x, y) = (few.features::<f64>(), few.one_hot::<f64>(digits.classes()));

    let tape = Tape::new();
    let cx = Context::eval(&tape, &params);
    let logits = model.forward(&cx, tape.input("x", x.view()));
    let loss = loss::binary_cross_entropy(logits, tape.constant(y.view())).mean();
    let (ids, vars): (Vec<_>, Vec<_>) = cx.recorded().into_iter().unzip();
    let derived = tape.grads(loss, &vars)?;

    let matrix = |i: usize| params.view(ids[i]).to_owned().into_dimensionality();
    let vector = |i: usize| params.view(ids[i]).to_owned().into_dimensionality();
    let (w1, b1, w2, b2) = (matrix(0)?, vector(1)?, matrix(2)?, vector(3)?);
    let hand = by_hand([&x, &y], (&w1, &b1), (&w2, &b2));

    let mut rows = Vec::new();
    for ((id, tape), hand) in ids.iter().zip(derived).zip(&hand) {
        let tape = tape.ok_or("a parameter has no gradient")?.value();
        let largest = hand.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let apart = tape
            .iter()
            .zip(hand)
            .fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
        // With all weights zero the first layer has no slope at all.
        let relative = if apart == 0.0 { 0.0 } else { apart / largest };
        rows.push((params.name(*id).to_string(), relative));
    }
    Ok(rows)
}
