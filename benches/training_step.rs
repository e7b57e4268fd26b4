//! One training step of the 784-128-10 network in f32, recorded eagerly:
//! forward, backward, Adam; on one thread, at several batch sizes.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{SeedableRng, rngs::ChaCha8Rng};
use wengert_autodiff::Tape;
use wengert_nn::{
    Activation, Adam, Context, Gradient, Init, Mlp, MlpConfig, Optimizer, Params, loss,
};

fn training_step(c: &mut Criterion) {
    let config = MlpConfig {
        hidden: vec![128],
        activation: Activation::Sigmoid,
        init: Init::GlorotNormal,
        ..MlpConfig::new(784, 10)
    };
    let mut group = c.benchmark_group("training step");
    for batch in [32, 64, 128, 512] {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut params = Params::<f32>::new();
        let model = Mlp::new(&config, &mut params, &mut rng).expect("a valid configuration");
        let mut optimizer = Adam::default();
        // A fifth of MNIST's pixels carry ink.
        let x = Array2::from_shape_fn((batch, 784), |(i, j)| match (i * 31 + j) % 5 {
            0 => ((i + j) % 255) as f32 / 255.0,
            _ => 0.0,
        });
        let labels: Vec<usize> = (0..batch).map(|i| i % 10).collect();
        let mut tape = Tape::new();
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::from_parameter(batch), |b| {
            b.iter(|| {
                tape.reset();
                let cx = Context::eval(&tape, &params);
                let logits = model.forward(&cx, tape.input("x", x.view()));
                let labels = cx.labels("labels", labels.clone());
                let loss = loss::softmax_cross_entropy(logits, labels).mean();
                let gradient = Gradient::of(loss, &cx).expect("every operation has a rule");
                optimizer.step(&mut params, &gradient, 1e-3);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, training_step);
criterion_main!(benches);
