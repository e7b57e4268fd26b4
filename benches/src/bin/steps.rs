//! Where the time of a digits step goes: what each instruction of the
//! compiled program takes at its fastest.
//!
//!     cargo run --release -p wengert-benches --bin steps -- [batch]

use wengert_autodiff::{View, Workspace};
use wengert_benches::training::Training;

fn main() {
    let batch = std::env::args().nth(1);
    let batch = batch.map_or(64, |b| b.parse().expect("a number of examples"));
    let training = Training::new(batch, 128);
    let (program, inputs) = training.program();
    let views: Vec<View<'_>> = inputs.iter().map(View::from).collect();
    let timing = program
        .time(&mut Workspace::new(), &views, 2000)
        .expect("it runs");
    println!("{program}\n{timing}");
    let total: f64 = timing.steps.iter().map(|s| s.time.as_secs_f64()).sum();
    println!("{:.1} µs in all", 1e6 * total);
}
