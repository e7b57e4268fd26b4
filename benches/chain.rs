//! What recording costs when there is nothing to compute: a chain of 1,000
//! operations on 8 elements, recorded and differentiated.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array1;
use wengert_autodiff::Tape;

const LENGTH: usize = 1_000;

fn chain(c: &mut Criterion) {
    let x = Array1::linspace(0.1, 0.8, 8);
    let mut group = c.benchmark_group("chain of 1,000 sines on 8 elements");
    group.throughput(Throughput::Elements(LENGTH as u64));
    let mut tape = Tape::new();
    group.bench_function("recorded", |b| {
        b.iter(|| {
            tape.reset();
            let mut y = tape.input("x", x.view());
            for _ in 0..LENGTH {
                y = y.sin();
            }
            y.sum().item()
        });
    });
    group.bench_function("recorded and differentiated", |b| {
        b.iter(|| {
            tape.reset();
            let x = tape.input("x", x.view());
            let mut y = x;
            for _ in 0..LENGTH {
                y = y.sin();
            }
            let [dx] = tape.grad(y.sum(), [x]).expect("sin has a rule");
            dx.value()[[0]]
        });
    });
    group.finish();
}

criterion_group!(benches, chain);
criterion_main!(benches);
