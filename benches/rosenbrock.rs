//! A function of 1,000 variables with little to compute for each: its value,
//! and its gradient.

use criterion::{Criterion, criterion_group, criterion_main};
use wengert_autodiff::Tape;
use wengert_benches::rosenbrock;

fn bench(c: &mut Criterion) {
    let point = rosenbrock::point();
    let mut group = c.benchmark_group("Rosenbrock of 1,000 variables");
    let mut tape = Tape::new();
    group.bench_function("value, recorded", |b| {
        b.iter(|| {
            tape.reset();
            rosenbrock::record(tape.input("x", point.view())).item()
        });
    });
    group.bench_function("gradient, recorded", |b| {
        b.iter(|| {
            tape.reset();
            let x = tape.input("x", point.view());
            let [dx] = tape
                .grad(rosenbrock::record(x), [x])
                .expect("it depends on x");
            dx.value()[[0]]
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
