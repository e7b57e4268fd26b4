//! Functions of one number over 8,192 elements in f32, at every level of SIMD
//! that the processor has, beside the standard library's.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wengert_autodiff::custom::Primitive;
use wengert_autodiff::ops::{LogSoftmax, Unary};
use wengert_autodiff::simd::{self, Level};
use wengert_autodiff::{Axes, View, ViewMut};

const LENGTH: usize = 8192;

/// A function of one number of the standard library.
type Std = fn(f32) -> f32;

/// A function of the table, and the same from the standard library.
const FUNCTIONS: [(Unary, Std); 6] = [
    (Unary::Exp, f32::exp),
    (Unary::Tanh, f32::tanh),
    (Unary::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
    (Unary::Ln, f32::ln),
    (Unary::Softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
    (Unary::Sin, f32::sin),
];

fn bench(c: &mut Criterion) {
    let step = 8.0 / LENGTH as f32;
    let x: Vec<f32> = (0..LENGTH).map(|i| (i as f32 + 0.5) * step - 4.0).collect();
    for (f, std) in FUNCTIONS {
        // Logarithms of positive numbers.
        let x: Vec<f32> = match f {
            Unary::Ln => x.iter().map(|x| x.abs()).collect(),
            _ => x.clone(),
        };
        let mut out = vec![0.0f32; LENGTH];
        let mut group = c.benchmark_group(f.name());
        group.throughput(Throughput::Elements(LENGTH as u64));
        group.bench_function("std", |b| {
            b.iter(|| {
                for (o, &x) in out.iter_mut().zip(black_box(&x)) {
                    *o = std(x);
                }
                black_box(&mut out);
            });
        });
        for level in Level::available() {
            group.bench_function(level.to_string(), |b| {
                simd::with_level(level, || {
                    b.iter(|| {
                        let x = View::new(&[LENGTH], black_box(&x[..]));
                        let mut out = [ViewMut::new(&[LENGTH], &mut out[..])];
                        f.eval_into(&[x], &mut out).expect("no shape is wrong");
                    });
                });
            });
        }
        group.finish();
    }
}

/// The losses of a batch.
fn rows(c: &mut Criterion) {
    const SHAPE: [usize; 2] = [64, 10];
    let f = LogSoftmax {
        axes: Axes::from(&[1][..]),
    };
    let x: Vec<f32> = (0..640).map(|i| (i as f32).sin() * 5.0).collect();
    let mut out = vec![0.0f32; 640];
    let mut group = c.benchmark_group("log_softmax of 64 rows of 10");
    for level in Level::available() {
        group.bench_function(level.to_string(), |b| {
            simd::with_level(level, || {
                b.iter(|| {
                    let x = View::new(&SHAPE, black_box(&x[..]));
                    let mut out = [ViewMut::new(&SHAPE, &mut out[..])];
                    f.eval_into(&[x], &mut out).expect("no shape is wrong");
                });
            });
        });
    }
    group.finish();
}

/// What it costs to choose a level, on eight elements.
fn dispatch(c: &mut Criterion) {
    let mut group = c.benchmark_group("twice 8 elements");
    let mut x = [1.0f32; 8];
    group.bench_function("a loop", |b| {
        b.iter(|| twice(black_box(&mut x)));
    });
    group.bench_function("a loop in `simd::run`", |b| {
        b.iter(|| {
            let x = black_box(&mut x);
            simd::run(
                #[inline(always)]
                || twice(x),
            );
        });
    });
    group.finish();
}

#[inline(always)]
fn twice(x: &mut [f32]) {
    for x in x {
        *x *= 2.0;
    }
}

criterion_group!(benches, dispatch, bench, rows);
criterion_main!(benches);
