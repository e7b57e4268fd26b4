//! The ways in, tried on small functions; larger ones are checked in the
//! workspace's `tests`.

use ndarray::{Array1, Array2, array};

use super::{Verdict, check_gradients};
use crate::tape::Tape;

#[test]
fn a_right_gradient_passes_and_a_wrong_one_is_located() {
    let a = Array2::from_shape_fn((7, 5), |(i, j)| ((3 * i + j) as f64).sin());
    let tape = Tape::new();
    let x = tape.input("x", a.clone());
    let y = x.tanh().square().sum();
    tape.check_gradients(y, &[x]).unwrap().assert_passed();
    let mut g = tape.grad(y, [x]).unwrap()[0].to_array::<ndarray::IxDyn>();
    g[[4, 2]] *= 1.0001;
    let report = tape.check_derived(y, &[(x, g)]).unwrap();
    let Verdict::Wrong(mistake) = &report.inputs[0].verdict else {
        panic!("{report}")
    };
    let [e] = &mistake.elements[..] else {
        panic!("{report}")
    };
    assert_eq!(e.index, [4, 2]);
    assert!((e.ratio() - 1.0001).abs() < 1e-8);
}

#[test]
fn tiny_scales_and_offsets_are_no_excuse() {
    let x: Array1<f64> = array![1e-3, 2e12, -4.0];
    check_gradients(|[x]| (1e-6 * x.square()).sum(), &x)
        .unwrap()
        .assert_passed();
    let tape = Tape::new();
    let v = tape.input("x", x);
    let y = (1e-6 * v.square()).sum();
    let zero = Array1::zeros(3).into_dyn();
    assert!(!tape.check_derived(y, &[(v, zero)]).unwrap().passed());
}

#[test]
fn kinks_are_named_and_higher_ones_pass() {
    let x = array![0.0, 1.0];
    let report = check_gradients(|[x]| x.relu().sum(), &x).unwrap();
    let verdict = &report.inputs[0].verdict;
    assert!(
        matches!(verdict, Verdict::NonDifferentiable { kink, .. } if kink.node.op == "relu" && kink.element == 0),
        "{report}"
    );
    check_gradients(|[x]| x.relu().square().sum(), &x)
        .unwrap()
        .assert_passed();
    // Close to a kink, but not on it.
    let near = array![1e-7, -1e-6, 1.0];
    check_gradients(|[x]| x.relu().sum(), &near)
        .unwrap()
        .assert_passed();
}

#[test]
fn a_function_that_changes_is_found_out() {
    let calls = std::cell::Cell::new(0.0);
    let report = check_gradients(
        |[x]| {
            calls.set(calls.get() + 1.0);
            (x * calls.get()).sum()
        },
        &array![1.0, 2.0],
    );
    let report = report.unwrap();
    assert!(!report.passed());
    assert!(report.to_string().contains("NON-DETERMINISTIC"), "{report}");
}

#[test]
fn out_of_reach_is_inconclusive_not_ok() {
    let x = array![1.0];
    let report = check_gradients(|[x]| ((x + 1e15) - 1e15).sum(), &x).unwrap();
    let verdict = &report.inputs[0].verdict;
    assert!(matches!(verdict, Verdict::Inconclusive { .. }), "{report}");
}

#[test]
fn absent_is_told_from_zero() {
    let x = array![1.5, 2.5];
    let report = check_gradients(|[x]| (x.stop_gradient() * 2.0).sum(), &x).unwrap();
    assert!(report.to_string().contains("stop_gradient"), "{report}");
}
