//! No false alarm: random correct networks, half of them trained to a small
//! loss, are not called wrong.
//!
//! A routine run takes a few; the long one is
//!
//! ```sh
//! NETWORKS=10000 cargo test --release -p wengert-tests --test networks -- --nocapture
//! ```

use std::thread;

use wengert_autodiff::Tape;
use wengert_autodiff::verify::{Report, Verdict};
use wengert_tests::{Network, Random};

/// What became of one network.
struct Outcome {
    seed: u64,
    /// Seeds that were drawn until a network reached its goal.
    draws: usize,
    loss: f64,
    report: Report,
    text: String,
}

/// Even numbers stay where they were drawn; odd ones are trained until the
/// loss is below 1e-3, most of them further.
fn check(number: u64) -> Outcome {
    let mut random = Random::new(number ^ 0x6E65_7473);
    let mut draws = 0;
    loop {
        let seed = random.bits();
        draws += 1;
        let network = if number % 2 == 0 {
            Network::draw(seed)
        } else {
            let mut network = Network::draw_trainable(seed);
            let loss = network.train(10f64.powf(random.between(-9.0, -3.0)));
            if loss.is_nan() || loss >= 1e-3 {
                continue;
            }
            network
        };
        let tape = Tape::new();
        let recorded = network.record(&tape);
        let mut wrt = recorded.params;
        if random.below(4) == 0 {
            wrt.push(recorded.x);
        }
        let report = tape.check_gradients(recorded.loss, &wrt);
        return Outcome {
            seed,
            draws,
            loss: recorded.loss.item(),
            report: report.expect("every operation has a rule"),
            text: format!("{network:?}"),
        };
    }
}

#[test]
fn correct_networks_raise_no_alarm() {
    let given = std::env::var("NETWORKS").ok().and_then(|n| n.parse().ok());
    let first: u64 = std::env::var("FIRST")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let count: u64 = given.unwrap_or(150);
    let workers = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let mut outcomes: Vec<Outcome> = thread::scope(|scope| {
        let part = |worker: u64| {
            (first + worker..first + count)
                .step_by(workers as usize)
                .map(check)
        };
        let started: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || part(worker).collect::<Vec<_>>()))
            .collect();
        let done = started.into_iter().map(|t| t.join().expect("no panic"));
        done.flatten().collect()
    });
    outcomes.sort_by_key(|o| o.seed);
    let (mut ok, mut kinks, mut unsure, mut wrong, mut absent) = (0, 0, 0, 0, 0);
    for o in &outcomes {
        let any = |f: &dyn Fn(&Verdict) -> bool| o.report.inputs.iter().any(|i| f(&i.verdict));
        let w = any(&|v| matches!(v, Verdict::Wrong { .. } | Verdict::Inconsistent { .. }));
        let k = any(&|v| matches!(v, Verdict::NonDifferentiable { .. }));
        let u = any(&|v| matches!(v, Verdict::Inconclusive { .. }));
        let a = any(&|v| matches!(v, Verdict::Absent { .. }));
        wrong += u32::from(w);
        kinks += u32::from(k);
        unsure += u32::from(u);
        absent += u32::from(a);
        ok += u32::from(!(w || k || u));
        if w || k || u || a {
            println!(
                "=== {} loss {:e}\n{}\n{}\n",
                o.seed, o.loss, o.report, o.text
            );
        }
    }
    let draws: usize = outcomes.iter().map(|o| o.draws).sum();
    let evals: usize = outcomes.iter().map(|o| o.report.evaluations).sum();
    let secs: f64 = outcomes.iter().map(|o| o.report.seconds).sum();
    println!(
        "SUMMARY {count}: ok {ok} wrong {wrong} kink {kinks} inconclusive {unsure} absent {absent}; draws {draws}, evaluations {evals}, check {secs} s"
    );
    assert_eq!(wrong, 0);
}
