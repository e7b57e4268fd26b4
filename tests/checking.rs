//! The checker of gradients, checked: right gradients pass, also where the
//! answer is exactly zero or has cancelled, and wrong ones do not, however
//! small the mistake.

use std::sync::LazyLock;

use ndarray::{Array1, ArrayD, IxDyn, array};
use proptest::prelude::*;
use wengert_autodiff::{Tape, Var, check_gradients};
use wengert_tests::table::{Row, case};
use wengert_tests::{
    Program, Random, assert_central_difference, config, indices, sketch, smooth_players,
};

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(smooth_players);

/// Smooth programs, so that plain differences can be compared with.
fn program(longest: usize) -> impl Strategy<Value = Program> {
    sketch(TABLE.len(), longest).prop_map(|s| Program::build(&s, &TABLE))
}

fn point(program: &Program) -> Vec<ArrayD<f64>> {
    program.variables().iter().map(case::numbers).collect()
}

/// A gradient that is a difference of nearly equal numbers, none of which
/// depends on the input.
#[test]
fn a_cancelled_constant_gradient_passes() {
    let mut bad = Vec::new();
    let mut random = Random::new(1);
    for _ in 0..100 {
        let (a, x) = (random.between(1.0, 2.0), random.between(-2.0, 2.0));
        let b = a - random.between(0.0, 1e-3);
        let report = check_gradients(|[x]| a * x - b * x, &ndarray::arr0(x)).expect("rules");
        if !report.passed() {
            bad.push(format!("{a} x - {b} x at {x}: {report}"));
        }
    }
    assert!(
        bad.is_empty(),
        "{} of 100, the first:\n{}",
        bad.len(),
        bad[0]
    );
}

/// Functions whose derivative is exactly zero, though rules are run.
#[test]
fn a_gradient_of_exact_zeros_passes() {
    type Function = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;
    let functions: [(&str, Function); 7] = [
        ("x - x", |x| x - x),
        ("sin x - sin x", |x| x.sin() - x.sin()),
        ("0 x", |x| 0.0 * x),
        ("x^0", |x| x.powi(0)),
        ("sum softmax", |x| x.softmax(0).sum()),
        ("softmax of one", |x| x.expand_dims(0).softmax(0)),
        ("relu(-x²)", |x| (-x.square()).relu()),
    ];
    let mut bad = Vec::new();
    for (what, f) in functions {
        let report = check_gradients(|[x]| f(x), &array![0.7, 1.3, -0.4]).expect("rules");
        if !report.passed() {
            bad.push(format!("{what}\n{report}"));
        }
    }
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

#[test]
fn nothing_to_check_passes() {
    let x = Array1::<f64>::zeros(0);
    check_gradients(|[x]| x.exp(), &x)
        .expect("rules")
        .assert_passed();
    check_gradients(|[x]| x.sum(), &x)
        .expect("rules")
        .assert_passed();
}

proptest! {
    #![proptest_config(config(64))]

    /// One element of the gradient of a random program, off by one part in a
    /// million of its largest, is found out, and found.
    #[test]
    fn a_wrong_element_is_found(program in program(8), seed: u64) {
        let mut random = Random::new(seed);
        let at = point(&program);
        let tape = Tape::new();
        let x: Vec<Var<'_, f64>> = at.iter().map(|x| tape.input("x", x.clone())).collect();
        // The first variable occurs for certain.
        let y = program.run(&x).sum() + (1.37 * x[0]).sin().sum();
        let right: ArrayD<f64> = tape.grad(y, [x[0]]).expect("a gradient")[0].to_array();
        let report = tape.check_derived(y, &[(x[0], right.clone())]).expect("an input");
        prop_assert!(report.passed(), "{report}");

        let largest = right.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        let places: Vec<Vec<usize>> = indices(right.shape()).collect();
        let place = &places[random.below(places.len())];
        let mut wrong = right;
        wrong[IxDyn(place)] += 1e-6 * largest;
        let report = tape.check_derived(y, &[(x[0], wrong)]).expect("an input");
        prop_assert!(!report.passed(), "{report}");
        let text = report.to_string();
        prop_assert!(text.contains(&format!("WRONG  at {place:?}")), "{text}");
    }

    /// Its verdict is the one of plain central differences.
    #[test]
    fn plain_differences_agree(program in program(8)) {
        let at = point(&program);
        let tape = Tape::new();
        let x: Vec<Var<'_, f64>> = at.iter().map(|x| tape.input("x", x.clone())).collect();
        let used = x.iter().fold(tape.scalar(0.0), |s, x| s + x.cos().sum());
        let y = program.run(&x).sum() + used;
        let report = tape.check_gradients(y, &x).expect("rules");
        prop_assert!(report.passed(), "{report}");
        let gradients = tape.grads(y, &x).expect("rules");
        let gradients: Vec<ArrayD<f64>> =
            gradients.into_iter().map(|g| g.expect("it occurs").to_array()).collect();
        let by_hand = |at: &[ArrayD<f64>]| {
            program.sum_by_hand(at) + at.iter().flatten().map(|x| x.cos()).sum::<f64>()
        };
        assert_central_difference(by_hand, &at, &gradients);
    }
}
