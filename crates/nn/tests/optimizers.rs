//! The optimisers, the cosine schedule and clipping against trajectories of
//! PyTorch: see `data/README.md`.

use ndarray::{ArrayView, Ix1, Ix2};
use serde::Deserialize;
use std::collections::BTreeMap;
use wengert_autodiff::Value;
use wengert_nn::{Adam, AdamW, Decay, Gradient, Momentum, Optimizer, Params, Schedule, Sgd};

#[derive(Deserialize)]
struct Reference {
    gradients: BTreeMap<String, Vec<Vec<f64>>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    optimizer: String,
    options: Options,
    gradients: String,
    base: f64,
    floor: Option<f64>,
    rates: Option<Vec<f64>>,
    max_norm: Option<f64>,
    norms: Option<Vec<f64>>,
    start: Vec<f64>,
    trajectory: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    momentum: f64,
    #[serde(default)]
    nesterov: bool,
    #[serde(default)]
    betas: [f64; 2],
    #[serde(default)]
    eps: f64,
    weight_decay: f64,
    bias_weight_decay: Option<f64>,
}

impl Case {
    fn optimizer(&self) -> Box<dyn Optimizer<f64>> {
        let o = &self.options;
        let adam = || Adam {
            beta1: o.betas[0],
            beta2: o.betas[1],
            epsilon: o.eps,
            ..Adam::default()
        };
        match self.optimizer.as_str() {
            "SGD" if o.momentum == 0.0 => Box::new(Sgd),
            "SGD" => Box::new(Momentum {
                momentum: o.momentum,
                nesterov: o.nesterov,
                ..Momentum::default()
            }),
            "Adam" => Box::new(adam()),
            "AdamW" => Box::new(AdamW {
                adam: adam(),
                decay: o.weight_decay,
                decays: match o.bias_weight_decay {
                    Some(_) => Decay::Matrices,
                    None => Decay::All,
                },
            }),
            other => panic!("no optimiser for {other}"),
        }
    }
}

fn arrays(flat: &[f64]) -> (ArrayView<'_, f64, Ix2>, ArrayView<'_, f64, Ix1>) {
    let (w, b) = flat.split_at(12);
    (
        ArrayView::from_shape((3, 4), w).unwrap(),
        ArrayView::from_shape(5, b).unwrap(),
    )
}

fn close(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-12 * got.abs().max(want.abs()).max(1e-3)
}

#[test]
fn trajectories_are_those_of_pytorch() {
    let reference: Reference = serde_json::from_str(include_str!("data/optimizers.json")).unwrap();
    assert_eq!(reference.cases.len(), 22);
    for case in &reference.cases {
        let mut optimizer = case.optimizer();
        let mut params = Params::new();
        let (w, b) = arrays(&case.start);
        let (w, b) = (params.add("w", w).unwrap(), params.add("b", b).unwrap());
        let schedule = match case.floor {
            Some(floor) => Schedule::Cosine { floor },
            None => Schedule::Constant,
        };
        let gradients = &reference.gradients[&case.gradients];
        let total = gradients.len();
        for (step, numbers) in gradients.iter().enumerate() {
            let mut gradient = Gradient::absent(&params);
            let (dw, db) = arrays(numbers);
            gradient.add(w, &Value::new(&dw));
            gradient.add(b, &Value::new(&db));
            if let (Some(max), Some(norms)) = (case.max_norm, &case.norms) {
                assert!(
                    close(gradient.clip_norm(max), norms[step]),
                    "{} step {step}",
                    case.id
                );
            }
            let rate = schedule.rate(case.base, step, total);
            if let Some(rates) = &case.rates {
                assert!(close(rate, rates[step]), "{} step {step}", case.id);
            }
            optimizer.step(&mut params, &gradient, rate);
            for (i, (&got, &want)) in params.flat().iter().zip(&case.trajectory[step]).enumerate() {
                assert!(
                    close(got, want),
                    "{} step {step} number {i}: {got}, not {want}",
                    case.id
                );
            }
        }
    }
}

/// Stopping half-way, writing the optimiser down and going on changes no bit.
#[test]
fn state_survives_serialisation() {
    fn run<O: Optimizer<f32> + Clone + serde::Serialize + for<'de> Deserialize<'de>>(start: O) {
        let (mut through, mut interrupted) = (start.clone(), start);
        let mut a = Params::new();
        let id = a.add("a", ndarray::array![[1.0f32, -2.0, 1e-9]]).unwrap();
        let mut b = a.clone();
        for step in 0..10 {
            let x = (step as f32).sin();
            let mut gradient = Gradient::absent(&a);
            gradient.add(id, &Value::new(&ndarray::array![[x, 1e-7 * x, 3.0]]));
            through.step(&mut a, &gradient, 0.01);
            interrupted.step(&mut b, &gradient, 0.01);
            let json = serde_json::to_string(&interrupted).unwrap();
            interrupted = serde_json::from_str(&json).unwrap();
        }
        assert_eq!(a.flat(), b.flat());
    }
    run(Sgd);
    run(Momentum::default());
    run(Adam::default());
    run(AdamW::default());
}
