//! The micro-benchmarks: their constants, and how a time is taken.

use std::hint::black_box;
use std::time::Instant;

use serde_json::json;

/// Pairs of a sine and a product in the chain: 1,000 operations.
pub const PAIRS: usize = 500;
/// The chain's input, and the factor after each sine, have 8 elements of:
pub const START: f32 = 0.5;
pub const FACTOR: f32 = 0.999;

/// Where the Rosenbrock function is differentiated: 1,000 numbers near 0.5.
pub fn rosenbrock_point() -> Vec<f32> {
    (0..1000).map(|i| 0.5 + 0.001 * (i % 7) as f32).collect()
}

/// The figures of one peer, in seconds a call.
pub struct Times {
    /// The chain recorded, or evaluated where nothing is recorded.
    pub chain_forward: f64,
    /// The chain and its gradient.
    pub chain: f64,
    /// The Rosenbrock function without its gradient.
    pub value: f64,
    /// The gradient of the Rosenbrock function, from the point to the array.
    pub gradient: f64,
}

impl Times {
    pub fn print(&self) {
        let per_op = 1e9 / (2 * PAIRS) as f64;
        let figures = json!({
            "chain_ns_per_op": self.chain * per_op,
            "chain_forward_ns_per_op": self.chain_forward * per_op,
            "rosenbrock_gradient_us": self.gradient * 1e6,
            "rosenbrock_value_us": self.value * 1e6,
            "rosenbrock_gradient_over_value": self.gradient / self.value,
        });
        println!("{figures}");
    }
}

/// The median time of a call, over `calls` of them after a tenth as many that
/// warm up.
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
