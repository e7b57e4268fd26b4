//! How the time of a training step grows with the batch and with the network.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wengert_benches::training::Training;

fn by_batch(c: &mut Criterion) {
    let mut group = c.benchmark_group("training step of 784-128-10, by batch");
    for batch in [1, 4, 16, 32, 64, 128, 512, 1024, 4096] {
        let mut training = Training::new(batch, 128);
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::from_parameter(batch), |b| {
            b.iter(|| training.step());
        });
    }
    group.finish();
}

fn by_hidden_units(c: &mut Criterion) {
    let mut group = c.benchmark_group("training step with batch 64, by hidden units");
    for hidden in [32, 128, 512, 2048] {
        let mut training = Training::new(64, hidden);
        group.bench_function(BenchmarkId::from_parameter(hidden), |b| {
            b.iter(|| training.step());
        });
    }
    group.finish();
}

criterion_group!(benches, by_batch, by_hidden_units);
criterion_main!(benches);
