//! What no program can be faster than, here and now: the arithmetic of the
//! step's matrix products at the best rate that any product reaches, the memory
//! traffic of the update, and the gather. All the rest is taken to be free.

use std::hint::black_box;
use std::time::Instant;

use peers_common::{Digits, INPUTS, OUTPUTS, Training};
use serde_json::json;

use crate::layout::count;
use crate::product::{Matrix, Product};

/// Prints the limit as seconds per epoch, once for each epoch asked for.
/// Threads are taken to divide everything evenly, at no cost.
pub fn limit(digits: &Digits, options: &Training) {
    let images = digits.train_y.len();
    let steps = images.div_ceil(options.batch) as f64;
    let hidden = options.hidden;
    // Two products forward, three backward: the images have no slope.
    let multiplications = images * (2 * INPUTS * hidden + 3 * hidden * OUTPUTS);
    let seconds: Vec<f64> = (0..options.epochs)
        .map(|_| {
            let products = 2.0 * multiplications as f64 / best_rate(options.batch, hidden);
            let update = steps * update(count(hidden));
            (products + update + gather(digits, options.batch)) / options.threads as f64
        })
        .collect();
    println!("{}", json!({ "seconds_per_epoch": seconds }));
}

/// Floating-point operations a second of the fastest product: of the step's
/// own shapes, and of a large square one.
fn best_rate(batch: usize, hidden: usize) -> f64 {
    let shapes = [
        (batch, INPUTS, hidden),
        (INPUTS, batch, hidden),
        (512, 512, 512),
    ];
    let mut best = 0.0;
    for (m, k, n) in shapes {
        let (a, b, mut c) = (vec![0.5; m * k], vec![0.5; k * n], vec![0.0; m * n]);
        for product in [Product::Gemm, Product::Matrixmultiply] {
            let time = fastest(20, || {
                product.multiply(Matrix::new(&a, m, k), Matrix::new(&b, k, n), &mut c);
                black_box(&mut c);
            });
            best = f64::max(best, 2.0 * (m * k * n) as f64 / time);
        }
    }
    best
}

/// Seconds to read the gradient, and to read and write parameters and moments.
fn update(count: usize) -> f64 {
    let g = vec![1e-3_f32; count];
    let [mut p, mut m, mut v] = [(); 3].map(|()| vec![0.0_f32; count]);
    fastest(50, || {
        for (((p, m), v), g) in p.iter_mut().zip(&mut m).zip(&mut v).zip(&g) {
            *p -= g;
            *m += g;
            *v += g;
        }
        black_box((&mut p, &mut m, &mut v));
    })
}

/// Seconds to copy all images once, a batch at a time, from all over the set.
fn gather(digits: &Digits, batch: usize) -> f64 {
    let images = digits.train_y.len();
    let mut x = vec![0.0; batch * INPUTS];
    // Coprime to the number of images, so that every one has its turn.
    let rows: Vec<usize> = (0..images).map(|i| i * 48_271 % images).collect();
    fastest(1, || {
        for rows in rows.chunks(batch) {
            for (x, row) in x.chunks_exact_mut(INPUTS).zip(rows) {
                x.copy_from_slice(&digits.train_x[row * INPUTS..(row + 1) * INPUTS]);
            }
            black_box(&mut x);
        }
    })
}

/// The shortest of so many times of a call.
fn fastest(calls: usize, mut call: impl FnMut()) -> f64 {
    (0..calls)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}
