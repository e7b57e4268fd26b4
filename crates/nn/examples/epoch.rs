use ndarray::Array2;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::ops::ControlFlow;
use wengert_autodiff::Var;
use wengert_nn::*;
struct Digits {
    model: Mlp,
    x: Array2<f32>,
    y: Vec<usize>,
    bce: bool,
}
impl Objective<f32> for Digits {
    fn losses<'t>(&self, cx: &Context<'t, '_, f32>, rows: &[usize]) -> Var<'t, f32> {
        let z = self.model.forward(cx, cx.rows("x", &self.x, rows));
        let y = cx.labels("labels", rows.iter().map(|&r| self.y[r]).collect());
        if self.bce {
            loss::binary_cross_entropy(z, y.one_hot(10))
        } else {
            loss::softmax_cross_entropy(z, y)
        }
    }
}
fn main() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let x = Array2::from_shape_simple_fn((60000, 784), || {
        if rng.random::<f32>() < 0.8 {
            0.0
        } else {
            rng.random::<f32>()
        }
    });
    let y: Vec<usize> = (0..60000).map(|_| rng.random_range(0..10)).collect();
    let args: Vec<String> = std::env::args().collect();
    let filter = args.get(1).cloned().unwrap_or_default();
    for (act, dropout, name) in [
        (Activation::Relu, 0.0, "relu"),
        (Activation::Sigmoid, 0.0, "sigmoid-bce"),
        (Activation::Relu, 0.2, "relu-dropout"),
    ] {
        if !name.contains(&filter) {
            continue;
        }
        for batch in [64, 128, 512] {
            for threads in [1, 2] {
                let mut params = Params::new();
                let config = MlpConfig {
                    hidden: vec![128],
                    activation: act,
                    dropout,
                    ..MlpConfig::new(784, 10)
                };
                let model =
                    Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
                let d = Digits {
                    model,
                    x: x.clone(),
                    y: y.clone(),
                    bce: name == "sigmoid-bce",
                };
                let t = Trainer {
                    epochs: 3,
                    batch: BatchSize::Of(batch),
                    threads,
                    ..Trainer::default()
                };
                let h = t
                    .fit(&d, &mut params, &mut Adam::default(), 60000, &mut |_| {
                        ControlFlow::Continue(())
                    })
                    .unwrap();
                let s: Vec<String> = h
                    .epochs
                    .iter()
                    .map(|e| format!("{:.3}", e.seconds))
                    .collect();
                println!("{name} batch {batch} threads {threads}: {}", s.join(" "));
            }
        }
    }
}
