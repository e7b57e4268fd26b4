//! A digits step, forward and backward, on one thread: where the time goes,
//! what compiling costs and when it has paid, what the gradient costs beside
//! the value, and what the width of the registers does.
//!
//!     cargo run --release -p wengert-benches --bin steps -- [batch]

use wengert_autodiff::program::Program;
use wengert_autodiff::simd::{self, Level};
use wengert_autodiff::{Value, View, Workspace};
use wengert_benches::timing::median;
use wengert_benches::training::{Outputs, Training};

fn main() {
    let batch = std::env::args().nth(1);
    let batch = batch.map_or(64, |b| b.parse().expect("a number of examples"));
    let training = Training::new(batch, 128);
    let (program, inputs) = training.program(Outputs::Gradient);
    let views: Vec<View<'_>> = inputs.iter().map(View::from).collect();
    let timing = program
        .time(&mut Workspace::new(), &views, 2000)
        .expect("it runs");
    println!("{program}\n{timing}");

    let gradient = median(2000, runs(&program, &inputs));
    let (value, value_inputs) = training.program(Outputs::Loss);
    let value = median(2000, runs(&value, &value_inputs));
    let recorded = median(500, || training.record(Outputs::Gradient));
    let both = median(200, || training.program(Outputs::Gradient).0);
    let compiling = both - recorded;
    let saved = recorded - gradient;
    let us = 1e6;
    println!("recorded    {:>8.1} µs", us * recorded);
    println!("compiling   {:>8.1} µs", us * compiling);
    println!("replayed    {:>8.1} µs", us * gradient);
    println!("paid after  {:>8.1} runs", compiling / saved);
    println!("value alone {:>8.1} µs", us * value);
    println!("gradient / value   {:.2}", gradient / value);
    for level in Level::available() {
        let time = simd::with_level(level, || median(2000, runs(&program, &inputs)));
        println!(
            "{:<9} {:>8.1} µs, {:.2} of it",
            level.to_string(),
            us * time,
            time / gradient
        );
    }
    println!("(matrix products choose their registers by themselves, at every level)");
}

/// Runs a program.
fn runs<'p>(program: &'p Program, inputs: &'p [Value]) -> impl FnMut() -> usize + use<'p> {
    let mut workspace = Workspace::new();
    move || {
        let views: Vec<View<'_>> = inputs.iter().map(View::from).collect();
        program.run(&mut workspace, &views).expect("it runs").len()
    }
}
