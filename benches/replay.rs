//! The digits step, 784-128-10 in f32 on one thread, forward and backward:
//! recorded anew every time, and replayed from a compiled program.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array, Array1, Array2, Dimension, ShapeBuilder};
use wengert_autodiff::{Any, Tape, Value, Var, View, Workspace};

/// Numbers of a size that networks have.
fn wave<Sh: ShapeBuilder>(shape: Sh) -> Array<f32, Sh::Dim>
where
    Sh::Dim: Dimension,
{
    let mut i = 0;
    Array::from_shape_simple_fn(shape, || {
        i += 1;
        0.05 * ((7 * i) as f32).sin()
    })
}

struct Step {
    x: Array2<f32>,
    labels: Array1<usize>,
    w: [Array2<f32>; 2],
    b: [Array1<f32>; 2],
}

impl Step {
    fn new(batch: usize) -> Step {
        Step {
            x: wave((batch, 784)),
            labels: Array1::from_shape_fn(batch, |i| i % 10),
            w: [wave((784, 128)), wave((128, 10))],
            b: [wave(128), wave(10)],
        }
    }

    /// Inputs, and the loss with its gradient.
    fn record<'t>(&self, tape: &'t Tape) -> (Vec<Var<'t, Any>>, Vec<Var<'t, Any>>) {
        let x = tape.input("x", self.x.view());
        let labels = tape.input("labels", self.labels.view());
        let [w1, w2] = [0, 1].map(|i| tape.input(format!("w{i}"), self.w[i].view()));
        let [b1, b2] = [0, 1].map(|i| tape.input(format!("b{i}"), self.b[i].view()));
        let logits = (x.dot(w1) + b1).sigmoid().dot(w2) + b2;
        let rows = logits.log_softmax(-1).gather(1, labels.expand_dims(1));
        let loss = -rows.mean();
        let gradient = tape.grad(loss, [w1, b1, w2, b2]).expect("all are used");
        let mut outputs = vec![loss.any()];
        outputs.extend(gradient.map(|g| g.any()));
        let inputs = vec![
            x.any(),
            labels.any(),
            w1.any(),
            b1.any(),
            w2.any(),
            b2.any(),
        ];
        (inputs, outputs)
    }
}

fn replay(c: &mut Criterion) {
    let mut group = c.benchmark_group("digits step");
    for batch in [32, 64, 512] {
        let step = Step::new(batch);
        group.throughput(Throughput::Elements(batch as u64));
        let mut tape = Tape::new();
        group.bench_function(BenchmarkId::new("recorded", batch), |b| {
            b.iter(|| {
                tape.reset();
                step.record(&tape).1.len()
            });
        });
        tape.reset();
        let (inputs, outputs) = step.record(&tape);
        let program = tape.compile(&inputs, &outputs).expect("nothing was read");
        let values: Vec<Value> = inputs.iter().map(|x| x.peek()).collect();
        let views: Vec<View<'_>> = values.iter().map(View::from).collect();
        let mut workspace = Workspace::new();
        group.bench_function(BenchmarkId::new("replayed", batch), |b| {
            b.iter(|| {
                let outputs = program.run(&mut workspace, &views).expect("it runs");
                outputs.slice::<f32>(0)[0]
            });
        });
        group.bench_function(BenchmarkId::new("compiled", batch), |b| {
            b.iter(|| {
                tape.compile(&inputs, &outputs)
                    .expect("nothing was read")
                    .len()
            });
        });
    }
    group.finish();
}

/// A chain of 1,000 operations on 8 elements, forward and backward.
fn chain(c: &mut Criterion) {
    let tape = Tape::new();
    let x = tape.input("x", Array1::linspace(0.1, 0.8, 8));
    let mut y = x;
    for i in 0..1_000 {
        y = if i % 2 == 0 { y.square() } else { y + x };
    }
    let [dx] = tape.grad(y.sum(), [x]).expect("it has rules");
    let program = tape
        .compile(&[x.any()], &[dx.any()])
        .expect("nothing was read");
    let value = x.peek();
    let mut workspace = Workspace::new();
    let mut group = c.benchmark_group("chain of 1,000 operations on 8 elements");
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("replayed", |b| {
        b.iter(|| {
            let inputs = [View::from(&value)];
            let outputs = program.run(&mut workspace, &inputs).expect("it runs");
            outputs.slice::<f64>(0)[0]
        });
    });
    group.finish();
}

criterion_group!(benches, replay, chain);
criterion_main!(benches);
