//! The chain and the Rosenbrock function, timed as `peers/` times them in
//! other libraries; one JSON object.

use std::hint::black_box;
use std::time::Instant;

use wengert_autodiff::Tape;
use wengert_benches::{chain, rosenbrock};

fn main() {
    let mut tape = Tape::new();
    let start = chain::start();
    let forward = median(200, || {
        tape.reset();
        chain::record(&tape, tape.input("x", start.view())).item()
    });
    let both = median(200, || {
        tape.reset();
        let x = tape.input("x", start.view());
        let [dx] = tape
            .grad(chain::record(&tape, x), [x])
            .expect("it depends on x");
        dx.value()
    });
    let point = rosenbrock::point();
    let value = median(500, || {
        tape.reset();
        rosenbrock::record(tape.input("x", point.view())).item()
    });
    let gradient = median(500, || {
        tape.reset();
        let x = tape.input("x", point.view());
        let [dx] = tape
            .grad(rosenbrock::record(x), [x])
            .expect("it depends on x");
        dx.value()
    });
    let per_op = 1e9 / chain::LENGTH as f64;
    println!(
        "{}",
        serde_json::json!({
            "chain_ns_per_op": both * per_op,
            "chain_forward_ns_per_op": forward * per_op,
            "rosenbrock_gradient_us": gradient * 1e6,
            "rosenbrock_value_us": value * 1e6,
            "rosenbrock_gradient_over_value": gradient / value,
        })
    );
}

/// The median time of a call in seconds, after a tenth as many that warm up.
fn median<T>(calls: usize, mut call: impl FnMut() -> T) -> f64 {
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
