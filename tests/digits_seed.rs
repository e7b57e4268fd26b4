//! The tutorial's network, `digits_seed.json`, step by step: outputs, both
//! losses, the gradients of both, the loss before each of 50 steps of
//! gradient descent, and the weights after them. The expected numbers were
//! derived by hand in NumPy and confirmed with another framework; all
//! gradients here come from the tape.
//!
//! The tutorial updates with `dZ2 = A2 - Y`, the gradient of the binary
//! cross-entropy, but prints `-Σ y log p / m`, whose gradient is another one.
//! Both are checked.

use ndarray::{Array1, Array2, ArrayD, Ix1, Ix2, IxDyn};
use serde_json::Value as Json;
use wengert_autodiff::{Tape, Var};
use wengert_tests::{Bound, Random, assert_close};

/// Of the largest entry. After 50 steps errors of rounding have been fed
/// back 50 times and are still below it.
const BOUND: f64 = 1e-12;

fn file() -> Json {
    serde_json::from_str(include_str!("data/digits_seed.json")).expect("JSON")
}

fn number(json: &Json) -> f64 {
    json.as_f64().expect("a number")
}

fn list(json: &Json) -> Vec<f64> {
    json.as_array()
        .expect("a list")
        .iter()
        .map(number)
        .collect()
}

fn whole(json: &Json) -> usize {
    json.as_u64().expect("a whole number") as usize
}

/// An array that is stored in full, or by its fingerprint: sums and a few
/// entries.
fn check(what: &str, got: &ArrayD<f64>, want: &Json) {
    let shape: Vec<usize> = want["shape"]
        .as_array()
        .expect("a shape")
        .iter()
        .map(whole)
        .collect();
    assert_eq!(got.shape(), shape, "{what}");
    if want["data"].is_array() {
        let want = ArrayD::from_shape_vec(IxDyn(&shape), list(&want["data"])).expect("full");
        assert_close(what, got, &want, Bound::OfLargest(BOUND));
        return;
    }
    let flat: Vec<f64> = got.iter().copied().collect();
    let size: f64 = flat.iter().map(|x| x.abs()).sum();
    let squares: f64 = flat.iter().map(|x| x * x).sum();
    let weight = |i: usize| ((i * 7919) % 1000) as f64 / 1000.0;
    let weighted: f64 = flat.iter().enumerate().map(|(i, x)| x * weight(i)).sum();
    // A sum is only as exact as its terms: relative to their magnitudes.
    let near = |name: &str, got: f64, scale: f64| {
        let want = number(&want[name]);
        let bad = (got - want).abs() > BOUND * scale;
        assert!(!bad, "{what}, {name}: got {got:e}, want {want:e}");
    };
    near("sum", flat.iter().sum(), size);
    near("sum_of_squares", squares, squares);
    near("weighted_sum", weighted, size);
    let largest = flat.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    for (at, want) in want["entries"].as_object().expect("entries") {
        let (got, want) = (flat[at.parse::<usize>().expect("an index")], number(want));
        let bad = (got - want).abs() > BOUND * largest;
        assert!(!bad, "{what}[{at}]: got {got:e}, want {want:e}");
    }
}

/// Data and weights.
struct Network {
    x: Array2<f64>,
    y: Array2<f64>,
    labels: Vec<usize>,
    weights: [ArrayD<f64>; 4],
}

const NAMES: [&str; 4] = ["W1", "b1", "W2", "b2"];

impl Network {
    /// As the file's `generator` says: X row by row, labels, W1, W2 from one
    /// stream; biases are zero.
    fn generate(case: &Json) -> Network {
        let size = |name: &str| whole(&case[name]);
        let (m, inputs) = (size("batch"), size("inputs"));
        let (hidden, classes) = (size("hidden"), size("classes"));
        let mut random = Random::new(case["seed"].as_u64().expect("a seed"));
        let x = Array2::from_shape_simple_fn((m, inputs), || match random.unit() {
            u if u > 0.5 => u,
            _ => 0.0,
        });
        let labels: Vec<usize> = (0..m).map(|_| random.below(classes)).collect();
        let mut weight = || (random.unit() - 0.5) * 0.2;
        let w1 = Array2::from_shape_simple_fn((inputs, hidden), &mut weight);
        let w2 = Array2::from_shape_simple_fn((hidden, classes), &mut weight);
        let mut y = Array2::zeros((m, classes));
        for (i, &label) in labels.iter().enumerate() {
            y[[i, label]] = 1.0;
        }
        Network {
            x,
            y,
            labels,
            weights: [
                w1.into_dyn(),
                Array1::zeros(hidden).into_dyn(),
                w2.into_dyn(),
                Array1::zeros(classes).into_dyn(),
            ],
        }
    }

    /// One evaluation at the present weights.
    fn evaluate(&self) -> Step {
        let tape = Tape::new();
        let [w1, b1, w2, b2] = &self.weights;
        let matrix = |name, w: &ArrayD<f64>| {
            let w = w.clone().into_dimensionality::<Ix2>().expect("a matrix");
            tape.input(name, w)
        };
        let vector = |name, b: &ArrayD<f64>| {
            let b = b.clone().into_dimensionality::<Ix1>().expect("a vector");
            tape.input(name, b)
        };
        let theta = [
            matrix("W1", w1),
            vector("b1", b1),
            matrix("W2", w2),
            vector("b2", b2),
        ];
        let x = tape.constant(self.x.view());
        let y = tape.constant(self.y.view());
        let m = self.x.nrows() as f64;

        let a1 = (x.dot(theta[0]) + theta[1]).sigmoid().named("A1");
        let z2 = (a1.dot(theta[2]) + theta[3]).named("Z2");
        let a2 = z2.sigmoid().named("A2");
        let bce = (z2.softplus() - z2 * y).sum() / m;
        let printed = -(y * a2.ln()).sum() / m;

        let numbers = |loss| {
            let gradient = tape.grad(loss, theta).unwrap_or_else(|e| panic!("{e}"));
            gradient.map(|g: Var<'_, f64>| g.to_array())
        };
        Step {
            a2: a2.to_array(),
            bce: bce.item(),
            printed: printed.item(),
            gradients: numbers(bce),
            of_printed: numbers(printed),
        }
    }
}

struct Step {
    a2: ArrayD<f64>,
    bce: f64,
    printed: f64,
    gradients: [ArrayD<f64>; 4],
    of_printed: [ArrayD<f64>; 4],
}

fn relative(what: &str, got: f64, want: f64) {
    let bad = (got - want).abs() > BOUND * want.abs();
    assert!(!bad, "{what}: got {got:e}, want {want:e}");
}

fn follow(case: &Json) {
    let mut network = Network::generate(case);
    check("X", &network.x.clone().into_dyn(), &case["X"]);
    let labels: Vec<usize> = case["labels"]
        .as_array()
        .expect("labels")
        .iter()
        .map(whole)
        .collect();
    assert_eq!(network.labels, labels);
    for (name, w) in NAMES.into_iter().zip(&network.weights) {
        check(name, w, &case[name]);
    }

    let first = network.evaluate();
    let step = &case["step1"];
    check("A2", &first.a2, &step["A2"]);
    for (i, name) in NAMES.into_iter().enumerate() {
        let name = format!("d{name}");
        check(&name, &first.gradients[i], &step["gradients"][&name]);
        let of_printed = &step["gradients_of_tutorial_loss"][&name];
        check(
            &format!("{name} of the printed loss"),
            &first.of_printed[i],
            of_printed,
        );
    }

    let rate = number(&case["learning_rate"]);
    let before = &case["loss_before_each_step"];
    let bce = list(&before["bce_sum_over_m"]);
    let printed = list(&before["tutorial_neg_sum_y_log_p_over_m"]);
    relative(
        "first loss",
        first.bce,
        number(&step["losses_before"]["bce_sum_over_m"]),
    );
    for (i, (bce, printed)) in bce.iter().zip(&printed).enumerate() {
        let now = network.evaluate();
        relative(&format!("loss before step {i}"), now.bce, *bce);
        relative(
            &format!("printed loss before step {i}"),
            now.printed,
            *printed,
        );
        for (w, g) in network.weights.iter_mut().zip(&now.gradients) {
            w.scaled_add(-rate, g);
        }
    }

    let after = &case["after_steps"];
    assert_eq!(whole(&after["steps"]), bce.len());
    for (name, w) in NAMES.into_iter().zip(&network.weights) {
        check(&format!("{name} after all steps"), w, &after[name]);
    }
    let last = network.evaluate();
    let losses = &after["losses"];
    relative("last loss", last.bce, number(&losses["bce_sum_over_m"]));
    relative(
        "last printed loss",
        last.printed,
        number(&losses["tutorial_neg_sum_y_log_p_over_m"]),
    );
    let tape = Tape::new();
    let guess = tape.constant(last.a2).argmax(-1).to_array::<Ix1>();
    let right = guess.iter().zip(&labels).filter(|(a, b)| a == b).count();
    assert_eq!(
        right as f64 / labels.len() as f64,
        number(&after["accuracy"])
    );
}

#[test]
fn the_generator_is_the_one_described() {
    let file = file();
    let mut random = Random::new(20_240_601);
    for want in file["generator"]["first_outputs_hex_of_seed_20240601"]
        .as_array()
        .expect("a list")
    {
        let got = format!("0x{:016x}", random.bits());
        assert_eq!(want.as_str(), Some(&got[..]));
    }
}

#[test]
fn the_small_network() {
    follow(&file()["small"]);
}

#[test]
fn the_full_network() {
    follow(&file()["full"]);
}
