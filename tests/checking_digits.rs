//! The checker of gradients on the network of the digits example: 784 pixels,
//! 128 hidden units, 10 classes, 32 real digits, in f64; where it was drawn,
//! and after training on these digits.
//!
//! A routine run looks at one entry per tensor; `ENTRIES=100` looks at more.

use ndarray::{Array1, Array2, ArrayD};
use std::sync::OnceLock;
use wengert_autodiff::verify::{InputReport, Report, Verdict};
use wengert_autodiff::{Tape, Var};
use wengert_tests::{Random, indices, times};

/// Images and labels, decoded once.
fn digits() -> &'static (Array2<f64>, Array2<usize>) {
    static DIGITS: OnceLock<(Array2<f64>, Array2<usize>)> = OnceLock::new();
    DIGITS.get_or_init(|| {
        let few = wengert_mnist::test().take(32);
        let labels = few.targets().insert_axis(ndarray::Axis(1));
        (few.features(), labels)
    })
}

#[derive(Clone, Copy)]
enum Unit {
    Sigmoid,
    Relu,
}

/// The values of the parameters.
#[derive(Clone)]
struct Network {
    unit: Unit,
    w1: Array2<f64>,
    b1: Array1<f64>,
    w2: Array2<f64>,
    b2: Array1<f64>,
}

impl Network {
    fn draw(unit: Unit, seed: u64) -> Network {
        let mut random = Random::new(seed);
        let mut weights = |rows: usize, columns: usize| {
            let bound = (6.0 / (rows + columns) as f64).sqrt();
            Array2::from_shape_simple_fn((rows, columns), || random.between(-bound, bound))
        };
        Network {
            unit,
            w1: weights(784, 128),
            b1: Array1::zeros(128),
            w2: weights(128, 10),
            b2: Array1::zeros(10),
        }
    }

    /// Loss and parameters on a tape.
    fn record<'t>(&self, tape: &'t Tape) -> (Var<'t, f64>, [Var<'t, f64>; 4]) {
        let (images, labels) = digits();
        let x = tape.constant(images.view());
        let (w1, b1) = (
            tape.input("w1", self.w1.view()),
            tape.input("b1", self.b1.view()),
        );
        let (w2, b2) = (
            tape.input("w2", self.w2.view()),
            tape.input("b2", self.b2.view()),
        );
        let hidden = x.dot(w1) + b1;
        let hidden = match self.unit {
            Unit::Sigmoid => hidden.sigmoid(),
            Unit::Relu => hidden.relu(),
        };
        let logits = hidden.dot(w2) + b2;
        let labels = tape.constant(labels.view());
        let loss = -logits.log_softmax(1).gather(1, labels).mean();
        (loss, [w1, b1, w2, b2])
    }

    /// Gradient descent with momentum until the loss is below `goal`.
    fn train(mut self, goal: f64) -> Network {
        let mut velocity: Option<[ArrayD<f64>; 4]> = None;
        for _ in 0..1000 {
            let tape = Tape::new();
            let (loss, parameters) = self.record(&tape);
            if loss.item() < goal {
                return self;
            }
            let gradient = tape.grad(loss, parameters).expect("rules");
            let gradient = gradient.map(|g| g.to_array::<ndarray::IxDyn>());
            let v = match velocity.take() {
                None => gradient,
                Some(mut v) => {
                    for (v, g) in v.iter_mut().zip(&gradient) {
                        v.zip_mut_with(g, |v, g| *v = 0.9 * *v + g);
                    }
                    v
                }
            };
            self.w1.zip_mut_with(&matrix(&v[0]), |p, v| *p -= 0.1 * v);
            self.b1.zip_mut_with(&vector(&v[1]), |p, v| *p -= 0.1 * v);
            self.w2.zip_mut_with(&matrix(&v[2]), |p, v| *p -= 0.1 * v);
            self.b2.zip_mut_with(&vector(&v[3]), |p, v| *p -= 0.1 * v);
            velocity = Some(v);
        }
        panic!("the loss did not fall below {goal}");
    }
}

fn matrix(v: &ArrayD<f64>) -> Array2<f64> {
    v.clone().into_dimensionality().expect("a matrix")
}

fn vector(v: &ArrayD<f64>) -> Array1<f64> {
    v.clone().into_dimensionality().expect("a vector")
}

/// Every network that is looked at, with its description.
fn networks() -> &'static [(String, Network)] {
    static ALL: OnceLock<Vec<(String, Network)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for (name, unit) in [("sigmoid", Unit::Sigmoid), ("relu", Unit::Relu)] {
            let network = Network::draw(unit, 7);
            all.push((format!("{name}, trained"), network.clone().train(0.02)));
            all.push((format!("{name}, drawn"), network));
        }
        all
    })
}

fn is_wrong(report: &Report) -> bool {
    let mut verdicts = report.inputs.iter().map(|i| &i.verdict);
    verdicts.any(|v| matches!(v, Verdict::Wrong(_) | Verdict::Inconsistent { .. }))
}

/// Parameters with their right gradients.
type Claims<'t> = Vec<(Var<'t, f64>, ArrayD<f64>)>;

/// The network on a tape: loss, parameters and right gradients.
fn right<'t>(network: &Network, tape: &'t Tape) -> (Var<'t, f64>, Claims<'t>) {
    let (loss, parameters) = network.record(tape);
    let gradients = tape.grad(loss, parameters).expect("rules");
    let claims = parameters.into_iter().zip(gradients);
    (loss, claims.map(|(x, g)| (x, g.to_array())).collect())
}

#[test]
fn a_right_gradient_passes_in_few_evaluations() {
    for (what, network) in networks() {
        let tape = Tape::new();
        let (loss, parameters) = network.record(&tape);
        let report = tape.check_gradients(loss, &parameters).expect("rules");
        println!("{what}\n{report}");
        assert!(report.passed(), "{what}\n{report}");
        assert!(report.evaluations < 500, "{what}\n{report}");
    }
}

/// One entry of at least the median non-zero magnitude, 0.1 % too large.
#[test]
fn one_entry_of_a_hundred_thousand_is_found() {
    let mut random = Random::new(11);
    for (what, network) in networks() {
        let tape = Tape::new();
        let (loss, claims) = right(network, &tape);
        for (x, g) in claims {
            let mut sizes: Vec<f64> = g.iter().map(|g| g.abs()).filter(|g| *g > 0.0).collect();
            sizes.sort_by(f64::total_cmp);
            let median = sizes[sizes.len() / 2];
            let large: Vec<Vec<usize>> = indices(g.shape())
                .filter(|at| g[&at[..]].abs() >= median)
                .collect();
            for _ in 0..times("ENTRIES", 1) {
                let at = &large[random.below(large.len())];
                let mut claimed = g.clone();
                claimed[&at[..]] *= 1.001;
                let report = tape.check_derived(loss, &[(x, claimed)]).expect("inputs");
                println!("{what}\n{report}");
                let Verdict::Wrong(mistake) = &report.inputs[0].verdict else {
                    panic!("{what}, {at:?}\n{report}");
                };
                let found: Vec<_> = mistake.elements.iter().map(|e| &e.index).collect();
                assert_eq!(found, [at], "{what}\n{report}");
                assert!(report.evaluations < 500, "{what}\n{report}");
            }
        }
    }
}

/// One entry of the first layer's weights wrong by various factors, in a
/// check of all four parameters: found, and the other three are cleared.
#[test]
fn one_entry_among_all_parameters_is_found() {
    for (what, network) in networks() {
        for factor in [1.001, 1.01, 1.5, 10.0, -1.0] {
            let tape = Tape::new();
            let (loss, mut claims) = right(network, &tape);
            let largest = indices(claims[0].1.shape()).max_by(|a, b| {
                let size = |at: &Vec<usize>| claims[0].1[&at[..]].abs();
                size(a).total_cmp(&size(b))
            });
            let at = largest.expect("there are weights");
            claims[0].1[&at[..]] *= factor;
            let report = tape.check_derived(loss, &claims).expect("inputs");
            let Verdict::Wrong(mistake) = &report.inputs[0].verdict else {
                panic!("{what}, {factor}\n{report}");
            };
            assert_eq!(mistake.elements[0].index, at, "{what}\n{report}");
            assert_eq!(mistake.count, 1, "{what}\n{report}");
            let cleared = |i: &InputReport| matches!(i.verdict, Verdict::Ok { .. });
            assert!(report.inputs[1..].iter().all(cleared), "{what}\n{report}");
            assert!(report.evaluations < 500, "{what}\n{report}");
        }
    }
}

/// A whole tensor off by a tiny factor. How tiny it may be, the report says:
/// one part in a thousand million where the network was drawn, and hardly
/// more after training, where the loss is small beside what it is made of.
#[test]
fn a_tiny_factor_is_found() {
    for (what, network) in networks() {
        let bound = if what.ends_with("drawn") { 1e-9 } else { 1e-8 };
        let tape = Tape::new();
        let (loss, claims) = right(network, &tape);
        for (x, g) in claims {
            let check = |factor: f64| {
                let claimed = [(x, factor * &g)];
                tape.check_derived(loss, &claimed).expect("inputs")
            };
            let report = check(1.0);
            let Verdict::Ok { resolution, .. } = report.inputs[0].verdict else {
                panic!("{what}\n{report}");
            };
            let name = &report.inputs[0].name;
            println!("{what}, {name}: resolution {resolution:.1e}");
            assert!(resolution <= bound, "{what}: {resolution:e}\n{report}");
            for factor in [1.0 + bound, 1.0 - bound, 1.0 + 2.0 * resolution] {
                let report = check(factor);
                assert!(is_wrong(&report), "{what}, {factor}\n{report}");
            }
        }
    }
}
