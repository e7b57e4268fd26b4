//! No false alarm: the gradients of random correct networks are not called
//! wrong, half of them trained to a small loss, where a loss is what is left
//! of much larger numbers.
//!
//! A routine run takes a few; the long one is
//!
//! ```sh
//! NETWORKS=10000 cargo test --release -p wengert-tests --test networks -- --nocapture
//! ```

use wengert_autodiff::Tape;
use wengert_autodiff::verify::{Report, Verdict};
use wengert_tests::{Network, in_parallel, times};

/// The report about network number `i`, and its tape.
fn check(i: u64) -> (Report, String) {
    let network = Network::numbered(i);
    let tape = Tape::new();
    let recorded = network.record(&tape);
    let mut wrt = recorded.params;
    if i % 8 < 2 {
        wrt.push(recorded.x);
    }
    let report = tape.check_gradients(recorded.loss, &wrt);
    let report = report.expect("every operation has a rule");
    let text = match report.passed() {
        true => String::new(),
        false => tape.to_text(),
    };
    (report, text)
}

fn some(report: &Report, what: impl Fn(&Verdict) -> bool) -> bool {
    report.inputs.iter().any(|i| what(&i.verdict))
}

#[test]
fn correct_networks_raise_no_alarm() {
    let count = times("NETWORKS", 150);
    let reports = in_parallel(count, check);
    let (mut alarms, mut unsure, mut kinks, mut ok) = (vec![], 0, 0, 0);
    for (i, (report, tape)) in reports.iter().enumerate() {
        let wrong = |v: &Verdict| {
            matches!(
                v,
                Verdict::Wrong(_) | Verdict::Inconsistent { .. } | Verdict::NotFinite { .. }
            )
        };
        // A kink that is reported has to be one: bias 0 behind dead units.
        let near =
            |v: &Verdict| matches!(v, Verdict::NonDifferentiable { kink, .. } if kink.margin > 0.0);
        let kink = |v: &Verdict| matches!(v, Verdict::NonDifferentiable { .. });
        let absent = |v: &Verdict| matches!(v, Verdict::Absent { .. });
        if some(report, |v| wrong(v) || near(v) || absent(v)) || !report.broken_laws.is_empty() {
            alarms.push(format!("network {i}\n{report}\n{tape}"));
        } else if some(report, kink) {
            kinks += 1;
            println!("network {i}\n{report}");
        } else if !report.passed() {
            unsure += 1;
            println!("network {i}\n{report}");
        } else {
            ok += 1;
        }
    }
    let evaluations: usize = reports.iter().map(|(r, _)| r.evaluations).sum();
    let seconds: f64 = reports.iter().map(|(r, _)| r.seconds).sum();
    println!(
        "{count} networks: {ok} ok, {} alarms, {kinks} at a kink, {unsure} inconclusive; \
         {evaluations} evaluations, {seconds:.1} s",
        alarms.len()
    );
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
    assert!(ok * 100 >= 95 * count, "{ok} of {count}");
}
