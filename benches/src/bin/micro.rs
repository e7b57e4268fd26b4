//! The chain and the Rosenbrock function, recorded anew every time and
//! replayed, timed as `peers/` times them in other libraries; one JSON object.
//! With `--replayed` the replayed ones alone, under the names of the others.

use ndarray::Array1;
use wengert_autodiff::{Tape, Value, Var, View, Workspace};
use wengert_benches::timing::median;
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
    let chain_replayed = [false, true].map(|g| replayed(200, &start, recorded_chain, g));
    let rosenbrock = [false, true].map(|g| replayed(1000, &point, rosenbrock::record, g));
    let per_op = 1e9 / chain::LENGTH as f64;
    let chain_replayed = chain_replayed.map(|seconds| seconds * per_op);
    let rosenbrock_replayed = rosenbrock.map(|seconds| seconds * 1e6);
    let ratio = rosenbrock[1] / rosenbrock[0];
    // Alone, under the names that other programs use.
    let figures = match std::env::args().nth(1).as_deref() {
        Some("--replayed") => serde_json::json!({
            "chain_ns_per_op": chain_replayed[1],
            "chain_forward_ns_per_op": chain_replayed[0],
            "rosenbrock_gradient_us": rosenbrock_replayed[1],
            "rosenbrock_value_us": rosenbrock_replayed[0],
            "rosenbrock_gradient_over_value": ratio,
        }),
        _ => serde_json::json!({
            "chain_ns_per_op": both * per_op,
            "chain_forward_ns_per_op": forward * per_op,
            "rosenbrock_gradient_us": gradient * 1e6,
            "rosenbrock_value_us": value * 1e6,
            "rosenbrock_gradient_over_value": gradient / value,
            "chain_replayed_ns_per_op": chain_replayed[1],
            "chain_replayed_forward_ns_per_op": chain_replayed[0],
            "rosenbrock_replayed_gradient_us": rosenbrock_replayed[1],
            "rosenbrock_replayed_value_us": rosenbrock_replayed[0],
            "rosenbrock_replayed_gradient_over_value": ratio,
        }),
    };
    println!("{figures}");
}

fn recorded_chain(x: Var<'_, f32>) -> Var<'_, f32> {
    chain::record(x.tape(), x)
}

/// The median time of a replay of a function of `x`, or of its gradient.
fn replayed(
    calls: usize,
    x: &Array1<f32>,
    f: impl for<'t> Fn(Var<'t, f32>) -> Var<'t, f32>,
    gradient: bool,
) -> f64 {
    let tape = Tape::new();
    let at = tape.input("x", x.view());
    let mut y = f(at);
    if gradient {
        [y] = tape.grad(y, [at]).expect("it depends on x");
    }
    let program = tape.compile(&[at.any()], &[y.any()]);
    let program = program.expect("nothing was read");
    let (mut workspace, x) = (Workspace::new(), Value::new(x));
    let inputs = [View::from(&x)];
    median(calls, || {
        let outputs = program.run(&mut workspace, &inputs);
        outputs.expect("it runs").slice::<f32>(0)[0]
    })
}
