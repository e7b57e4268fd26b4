//! What recording and differentiating cost when there is nothing to compute.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wengert_autodiff::Tape;
use wengert_benches::chain;

fn bench(c: &mut Criterion) {
    let start = chain::start();
    let mut group = c.benchmark_group("chain of 1,000 operations on 8 elements");
    group.throughput(Throughput::Elements(chain::LENGTH as u64));
    let mut tape = Tape::new();
    group.bench_function("recorded", |b| {
        b.iter(|| {
            tape.reset();
            chain::record(&tape, tape.input("x", start.view())).item()
        });
    });
    group.bench_function("recorded and differentiated", |b| {
        b.iter(|| {
            tape.reset();
            let x = tape.input("x", start.view());
            let [dx] = tape
                .grad(chain::record(&tape, x), [x])
                .expect("it depends on x");
            dx.value()[[0]]
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
