//! The tutorial that the digits network comes from prints one loss and
//! descends another.

use std::error::Error;

use ndarray::{Array1, Array2, ArrayD, Axis};
use wengert_autodiff::verify::Check;
use wengert_autodiff::{Tape, Var};
use wengert_tests::Random;

use crate::show;

/// The parameters of 784-128-10, drawn as the tutorial draws them: normal,
/// divided by the root of the width that goes in.
pub fn parameters() -> (Array2<f64>, Array1<f64>, Array2<f64>, Array1<f64>) {
    let mut random = Random::new(1);
    let mut weights = |rows: usize, columns: usize| {
        let bound = (3.0 / rows as f64).sqrt();
        Array2::from_shape_simple_fn((rows, columns), || random.between(-bound, bound))
    };
    let (w1, w2) = (weights(784, 128), weights(128, 10));
    (w1, Array1::zeros(128), w2, Array1::zeros(10))
}

fn sigmoid(z: &Array2<f64>) -> Array2<f64> {
    z.mapv(|z| 1.0 / (1.0 + (-z).exp()))
}

/// The backward pass as the tutorial derives it, from `dZ2 = a2 - y` on.
fn by_hand(
    [x, y]: [&Array2<f64>; 2],
    (w1, b1, w2, b2): &(Array2<f64>, Array1<f64>, Array2<f64>, Array1<f64>),
) -> [ArrayD<f64>; 4] {
    let m = x.nrows() as f64;
    let a1 = sigmoid(&(x.dot(w1) + b1));
    let a2 = sigmoid(&(a1.dot(w2) + b2));
    let dz2 = (&a2 - y) / m;
    let dw2 = a1.t().dot(&dz2);
    let db2 = dz2.sum_axis(Axis(0));
    let dz1 = dz2.dot(&w2.t()) * &a1 * &(1.0 - &a1);
    let dw1 = x.t().dot(&dz1);
    let db1 = dz1.sum_axis(Axis(0));
    [
        dw1.into_dyn(),
        db1.into_dyn(),
        dw2.into_dyn(),
        db2.into_dyn(),
    ]
}

pub fn refuted() -> Result<(), Box<dyn Error>> {
    println!("    The tutorial's network ends in sigmoids, p. It prints the loss");
    println!("    -sum(y ln p) / m, and its backward pass begins with dZ2 = p - y.\n");
    let few = wengert_mnist::test().take(32);
    let (x, y) = (few.features::<f64>(), few.one_hot::<f64>(10));
    let parameters = parameters();

    // The same network, as an expression.
    let tape = Tape::new();
    let (w1, b1, w2, b2) = &parameters;
    let [w1, w2] = [("W1", w1), ("W2", w2)].map(|(name, w)| tape.input(name, w.view()));
    let [b1, b2] = [("b1", b1), ("b2", b2)].map(|(name, b)| tape.input(name, b.view()));
    let (vx, vy) = (tape.constant(x.view()), tape.constant(y.view()));
    let z2 = (vx.dot(w1) + b1).sigmoid().dot(w2) + b2;
    let m = x.nrows() as f64;
    let reported: Var<'_, f64> = -(vy * z2.log_sigmoid()).sum() / m;
    let cross_entropy = (z2.softplus() - z2 * vy).sum() / m;

    let derived = [w1, b1, w2, b2]
        .into_iter()
        .zip(by_hand([&x, &y], &parameters));
    let derived: Vec<_> = derived.collect();
    let losses = [
        ("the reported loss -sum(y ln p) / m", reported),
        ("the binary cross-entropy", cross_entropy),
    ];
    let found = Check::new().candidates(&tape, &losses, &derived)?;
    show(&found.to_string());
    match found.matching().map(|c| &c.name[..]).collect::<Vec<_>>()[..] {
        ["the binary cross-entropy"] => Ok(()),
        _ => Err("the gradient should be that of the binary cross-entropy alone".into()),
    }
}
