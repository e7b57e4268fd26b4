//! No bug is missed: wrong rules planted in random correct networks are found,
//! and the report names the very instruction. Half of them are wrong in
//! reverse alone, which the forward sweep contradicts; half in both sweeps,
//! which only differences can tell.
//!
//! A routine run plants a few; the long one is
//!
//! ```sh
//! BUGS=1000 cargo test --release -p wengert-tests --test planted_bugs -- --nocapture
//! ```

use wengert_autodiff::Tape;
use wengert_autodiff::verify::{Check, Report, Verdict};
use wengert_tests::{Kind, Network, Planted, Random, in_parallel, survey, times};

/// A bug that changes the gradient by less, relative to it, does not count.
const MATTERS: f64 = 1e-6;

struct Outcome {
    kind: Kind,
    bug: Planted,
    change: f64,
    report: Report,
    tape: String,
}

/// Plants bug number `i`: draws until there is a network with a place for it
/// that passes without it, and in which it matters.
fn plant(i: u64) -> Outcome {
    let mut random = Random::new(i ^ 0x6275_6773);
    let kind = Kind::ALL[(i % 6) as usize];
    loop {
        let network = Network::numbered(random.bits());
        let tape = Tape::new();
        let recorded = network.record(&tape);
        let wrt = recorded.params;
        let sites = survey(&tape, recorded.loss, &wrt);
        let forward = i / 6 % 2 == 1;
        let Some(bug) = Planted::draw(&sites, kind, network.batch(), forward, &mut random) else {
            continue;
        };
        let numbers = |wrong: bool| -> Vec<f64> {
            let found = match wrong {
                true => tape.grads_by(&bug, recorded.loss, &wrt),
                false => tape.grads(recorded.loss, &wrt),
            };
            let found = found.expect("every operation has a rule").into_iter();
            let each = found.zip(&wrt).map(|(g, x)| match g {
                Some(g) => g.value().iter().copied().collect(),
                None => vec![0.0; x.size()],
            });
            each.collect::<Vec<_>>().concat()
        };
        let (right, wrong) = (numbers(false), numbers(true));
        let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
        let change = norm(&mut right.iter().zip(&wrong).map(|(r, w)| r - w))
            / norm(&mut right.iter().copied());
        let matters = change >= MATTERS && change.is_finite();
        if !matters
            || !tape
                .check_gradients(recorded.loss, &wrt)
                .is_ok_and(|r| r.passed())
        {
            continue;
        }
        let report = Check::new().rules(&bug).on(&tape, recorded.loss, &wrt);
        return Outcome {
            kind,
            bug,
            change,
            report: report.expect("every operation has a rule"),
            tape: tape.to_text(),
        };
    }
}

impl Outcome {
    fn is_found(&self) -> bool {
        let wrong = |v: &Verdict| matches!(v, Verdict::Wrong(_) | Verdict::Inconsistent { .. });
        self.report.inputs.iter().any(|i| wrong(&i.verdict))
    }

    /// Whether a rule is named, and no other than the wrong one.
    fn is_named(&self) -> bool {
        let rules = self
            .report
            .inputs
            .iter()
            .filter_map(|i| i.verdict.wrong_rule());
        let mut named = rules
            .map(|rule| rule.node.id == self.bug.at.to_string())
            .peekable();
        named.peek().is_some() && named.all(|right| right)
    }
}

#[test]
fn every_planted_bug_is_found_and_named() {
    let count = times("BUGS", 60);
    let outcomes = in_parallel(count, plant);
    let mut bad = Vec::new();
    for kind in Kind::ALL {
        let of_kind: Vec<&Outcome> = outcomes.iter().filter(|o| o.kind == kind).collect();
        let count = |f: fn(&Outcome) -> bool| of_kind.iter().filter(|o| f(o)).count();
        println!(
            "{kind:?}: {} planted, {} found, {} named",
            of_kind.len(),
            count(Outcome::is_found),
            count(Outcome::is_named)
        );
    }
    for (i, o) in outcomes.iter().enumerate() {
        if !(o.is_found() && o.is_named()) {
            bad.push(format!(
                "bug {i}, found: {}, {:?} changes the gradient by {:.1e}\n{}\n{}",
                o.is_found(),
                o.bug,
                o.change,
                o.report,
                o.tape
            ));
        }
    }
    assert!(bad.is_empty(), "{} missed\n{}", bad.len(), bad.join("\n"));
}
