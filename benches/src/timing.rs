//! How a time is taken.

use std::hint::black_box;
use std::time::Instant;

/// The median time of a call in seconds, after a tenth as many that warm up.
///
/// ```
/// let mut calls = 0;
/// let time = wengert_benches::timing::median(20, || calls += 1);
/// assert!(time < 1.0 && calls == 22);
/// ```
pub fn median<T>(calls: usize, mut call: impl FnMut() -> T) -> f64 {
    for _ in 0..calls.div_ceil(10) {
        black_box(call());
    }
    let mut times: Vec<f64> = (0..calls)
        .map(|_| {
            let start = Instant::now();
            black_box(call());
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[calls / 2]
}
