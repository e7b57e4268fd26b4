//! Cases in which checkers of gradients are known to fail: to pass what is
//! wrong, to refuse what is right, or to say nothing that helps. The digits
//! network has a file of its own, `checking_digits.rs`.

use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{Array1, Array2, array};
use wengert_autodiff::custom::{Jvp, NoRule, Vjp};
use wengert_autodiff::verify::{Check, Report, Rules, Verdict};
use wengert_autodiff::{Op, Tape, Var, assert_gradients, check_gradients};
use wengert_tests::Random;

mod odd;

use odd::Odd;

fn verdict(report: &Report) -> &Verdict {
    &report.inputs[0].verdict
}

/// A reverse rule that is wrong on purpose, for one operation.
struct Wrong<F: Fn(&mut Vjp<'_>)>(&'static str, F);

impl<F: Fn(&mut Vjp<'_>)> Rules for Wrong<F> {
    fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        op.primitive().vjp(cx)?;
        if op.name() == self.0 {
            (self.1)(cx);
        }
        Ok(())
    }
}

#[test]
fn a_gradient_that_is_zero_where_it_is_small() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, -2.0, 3.0]);
    let y = 1e-6 * x.square().sum();
    let zero = Array1::zeros(3).into_dyn();
    let report = tape.check_derived(y, &[(x, zero)]).expect("an input");
    assert!(
        !report.passed() && report.to_string().contains("detached"),
        "{report}"
    );
}

#[test]
fn a_gradient_off_by_one_part_in_a_billion() {
    let mut random = Random::new(5);
    let tape = Tape::new();
    let x = tape.input("x", random.array(&[30, 20], -1.0, 1.0));
    let y = x.tanh().square().sum();
    let right = tape.grad(y, [x]).expect("smooth")[0].to_array::<ndarray::IxDyn>();
    let report = tape
        .check_derived(y, &[(x, right.clone())])
        .expect("an input");
    assert!(report.passed(), "{report}");
    let report = tape
        .check_derived(y, &[(x, right * (1.0 + 1e-9))])
        .expect("an input");
    let Verdict::Wrong(mistake) = verdict(&report) else {
        panic!("{report}")
    };
    assert!(
        (mistake.ratio.expect("all of it") - 1.0 - 1e-9).abs() < 1e-10,
        "{report}"
    );
}

#[test]
fn at_a_kink_the_report_names_it_and_checks_the_rest() {
    let x = array![0.0, 1.0, -2.0];
    let line = line!() + 1;
    let report = check_gradients(|[x]| x.relu().sum(), &x).expect("rules");
    let Verdict::NonDifferentiable {
        kink,
        kinked: 1,
        unchecked: 0,
        ..
    } = verdict(&report)
    else {
        panic!("{report}")
    };
    assert_eq!(
        (&kink.node.op[..], kink.element, kink.margin),
        ("relu", 0, 0.0)
    );
    assert!(
        kink.node
            .line
            .contains(&format!("what_others_miss/main.rs:{line}"))
    );
    assert!(report.passed() && !report.differentiable());

    // A wrong element does not hide behind a kink elsewhere.
    let tape = Tape::new();
    let v = tape.input("x", x);
    let wrong = array![0.0, 1.1, 0.0].into_dyn();
    let report = tape
        .check_derived(v.relu().sum(), &[(v, wrong)])
        .expect("an input");
    assert!(report.to_string().contains("WRONG  at [1]"), "{report}");
    // Nor does one that no convention allows: its slopes are 0 and 1.
    let wrong = array![2.0, 1.0, 0.0].into_dyn();
    let report = tape
        .check_derived(v.relu().sum(), &[(v, wrong)])
        .expect("an input");
    assert!(report.to_string().contains("WRONG  at [0]"), "{report}");
}

#[test]
fn one_sided_slopes_that_agree_are_a_gradient() {
    let x = array![0.0, 1.0, -1.0, 0.5];
    assert_gradients!(|[x]| x.relu().square(), &x);
    assert_gradients!(|[x]| x.abs() * x, &x);
    // Huber: a parabola that goes over into lines at ±1.
    fn huber(x: Var<'_, f64>) -> Var<'_, f64> {
        let clamped = x.clamp(-1.0, 1.0);
        (clamped * (x - 0.5 * clamped)).sum()
    }
    let report = check_gradients(|[x]| huber(x), &x).expect("rules");
    assert!(report.passed() && report.differentiable(), "{report}");
}

#[test]
fn a_mask_that_is_drawn_anew_is_not_a_function() {
    let draws = AtomicU64::new(1);
    let report = check_gradients(
        |[x]| {
            let mask = Random::new(draws.fetch_add(1, Ordering::Relaxed)).mask(&[8]);
            let kept = x.tape().constant(mask).where_(2.0 * x, 0.0);
            kept.square().sum()
        },
        &Array1::<f64>::ones(8),
    )
    .expect("rules");
    let why = report
        .nondeterministic
        .as_deref()
        .expect("non-deterministic");
    assert!(
        why.contains("constant") && why.contains("what_others_miss/main.rs"),
        "{why}"
    );
    assert!(!report.passed());
}

#[test]
fn an_operation_with_a_state_is_found_by_evaluating_again() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 2.0]);
    let counts = Odd::Counts(AtomicU64::new(0));
    let y: Var<'_, f64> = counts.of(x);
    let report = tape.check_gradients(y.sum(), &[x]).expect("rules");
    let why = report
        .nondeterministic
        .as_deref()
        .expect("non-deterministic");
    assert!(why.contains("%1 = counts(x [2])"), "{why}");
}

#[test]
fn extreme_scales_are_right_or_out_of_reach() {
    assert_gradients!(|[x]| (1e-6 * x.square()).sum(), &array![1e12, -3e12]);
    assert_gradients!(|[x]| x.ln().sum(), &array![1e-7, 3e-300, 2e300]);
    assert_gradients!(|[x]| (1000.0 * x).sin().sum(), &array![0.3, 0.7]);
    assert_gradients!(|[x]| (1e9 * x).sin().sum(), &array![0.3, 0.7]);
    let lost = check_gradients(|[x]| (x + 1e15) - 1e15, &array![1.0]).expect("rules");
    assert!(
        matches!(verdict(&lost), Verdict::Inconclusive { .. }),
        "{lost}"
    );
    assert!(
        !lost.passed() && lost.to_string().contains("out of reach"),
        "{lost}"
    );
}

#[test]
fn models_in_f32_are_checked_in_f64() {
    let mut random = Random::new(3);
    let mut matrix = |shape: &[usize]| random.array(shape, -1.0, 1.0).mapv(|x| x as f32);
    let (x, w, b) = (matrix(&[4, 3]), matrix(&[3, 2]), matrix(&[2]));
    let report = check_gradients(
        |[x, w, b]| (x.dot(w) + b).tanh().square().mean(),
        (&x, &w, &b),
    )
    .expect("rules");
    assert!(report.passed() && report.f32, "{report}");
    for input in &report.inputs {
        let rounding = input.rounding.expect("an f32 model").relative;
        assert!((1e-9..1e-5).contains(&rounding), "{report}");
    }
}

#[test]
fn a_kink_that_f32_steps_over_is_no_alarm() {
    // In f64 the sum is 1e-9, in f32 it is 0.
    let x = array![1.0_f32, 1e-9, -1.0];
    let report = check_gradients(|[x]| x.sum().relu() + x.sum(), &x).expect("rules");
    let rounding = report.inputs[0].rounding.expect("an f32 model");
    assert!(rounding.flipped > 0 && report.passed(), "{report}");
}

#[test]
fn a_kernel_that_is_wrong_in_f32_alone_is_found() {
    let tape = Tape::new();
    let x = tape.input("x", array![0.5_f32, 1.5, -2.0]);
    let careless = Odd::Careless;
    let y: Var<'_, f32> = careless.of(x);
    // The gradient goes through the careless value.
    let report = tape.check_gradients(y.square().sum(), &[x]).expect("rules");
    assert!(
        !report.passed() && report.to_string().contains("WRONG IN F32"),
        "{report}"
    );
    let right = tape
        .check_gradients(x.square().square().sum(), &[x])
        .expect("rules");
    assert!(right.passed(), "{right}");
}

#[test]
fn element_rule_ratio_and_line_are_named() {
    let mut random = Random::new(9);
    let tape = Tape::new();
    let x = tape.input("x", random.array(&[6, 5], -1.0, 1.0));
    let w = tape.input("weight", random.array(&[5, 4], -1.0, 1.0));
    let line = line!() + 1;
    let hidden = x.dot(w);
    let loss = hidden.tanh().square().mean().named("loss");
    // The cotangent of the right operand comes out too large by a tenth.
    let rules = Wrong("matmul", |cx| cx.alter(1, |g| g.map(|g| 1.1 * g)));
    let report = Check::new()
        .rules(&rules)
        .on(&tape, loss, &[x, w])
        .expect("rules");
    let text = report.to_string();
    assert!(matches!(verdict(&report), Verdict::Ok { .. }), "{text}");
    for word in [
        "loss = ",
        "weight [5, 4]  WRONG  at [",
        "all of it, by the factor 1.100000",
        "first wrong rule: %2 = matmul(x [6, 5], weight [5, 4]), cotangent of operand 1",
        &format!("what_others_miss/main.rs:{line}"),
    ] {
        assert!(text.contains(word), "no {word:?} in\n{text}");
    }
}

/// What the report of a small dense layer says about a wrong rule.
fn said(rules: &dyn Rules) -> String {
    let mut random = Random::new(13);
    let tape = Tape::new();
    let x = tape.input("x", random.array(&[5, 5], -1.0, 1.0));
    let w = tape.input("w", random.array(&[5, 5], -1.0, 1.0));
    let b = tape.input("b", random.array(&[5], -1.0, 1.0));
    let loss = (x.dot(w) + b).sin().square().mean();
    let report = Check::new()
        .rules(rules)
        .on(&tape, loss, &[x, w, b])
        .expect("rules");
    assert!(!report.passed(), "{report}");
    report.to_string()
}

#[test]
fn typical_mistakes_have_names() {
    let cases: [(&dyn Rules, &str); 7] = [
        (
            &Wrong("sin", |cx| cx.alter(0, |g| g.map(|g| -g))),
            "the sign is wrong",
        ),
        (
            &Wrong("square", |cx| cx.alter(0, |g| g.map(|g| 2.0 * g))),
            "counted twice",
        ),
        (&Wrong("square", |cx| cx.alter(0, |_| None)), "detached"),
        (
            &Wrong("sum", |cx| cx.alter(0, |g| g.map(|g| 25.0 * g))),
            "a mean over 25 taken for a sum",
        ),
        (
            &Wrong("matmul", |cx| cx.alter(1, |g| g.map(|g| g.transpose()))),
            "transposed",
        ),
        (
            &Wrong("matmul", |cx| {
                cx.alter(1, |g| {
                    g.map(|g| {
                        let rows =
                            Array2::from_shape_fn((5, 5), |(i, _)| if i == 3 { 1.5 } else { 1.0 });
                        g * g.tape().constant(rows).any()
                    })
                })
            }),
            "only index 3 of axis 0",
        ),
        (
            // One row instead of the sum over all of them.
            &Wrong("add", |cx| {
                let first = cx
                    .cotangent()
                    .index_select(0, cx.tape().constant(array![0usize]))
                    .squeeze(0);
                cx.alter(1, |g| g.map(|_| first));
            }),
            "was broadcast to [5, 5], and its cotangent not summed",
        ),
    ];
    for (rules, words) in cases {
        let text = said(rules);
        assert!(text.contains(words), "no {words:?} in\n{text}");
    }
}

#[test]
fn a_rule_that_is_not_linear_breaks_a_law() {
    let text = said(&Wrong("sin", |cx| cx.alter(0, |g| g.map(|g| g.abs()))));
    assert!(text.contains("BROKEN LAW"), "{text}");
}

#[test]
fn a_forward_rule_that_is_wrong_alone_is_found() {
    struct Forward;
    impl Rules for Forward {
        fn jvp(&self, op: &Op, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
            if op.name() == "sin" {
                cx.alter_tangent(0, |t| t.map(|t| 1.5 * t));
            }
            op.primitive().jvp(cx)
        }
    }
    let text = said(&Forward);
    assert!(text.contains("the forward sweep says"), "{text}");
    assert!(
        text.contains("sin(%4 [5, 5]), tangent of operand 0"),
        "{text}"
    );
}

#[test]
fn a_second_derivative_that_is_silently_zero_is_found() {
    let tape = Tape::new();
    let x = tape.input("x", array![0.5, 1.5]);
    let shallow = Odd::Shallow;
    let y: Var<'_, f64> = shallow.of(x);
    let y = (y * x).sum();
    let first = tape.check_gradients(y, &[x]).expect("rules");
    assert!(first.passed(), "{first}");
    let report = Check::new().order(2).on(&tape, y, &[x]).expect("rules");
    assert!(!report.passed(), "{report}");
    let next = report.next.as_deref().expect("the second order");
    assert!(!next.passed() && next.order == 2, "{report}");
}

#[test]
fn a_hessian_where_the_residual_is_zero() {
    // Least squares that fits exactly: gradient 0, Hessian 2 XᵀX.
    let x = array![[1.0, 2.0], [0.5, -1.0], [3.0, 0.2]];
    let (w, y) = (array![0.7, -0.3], array![0.1, 0.65, 2.04]);
    let h = wengert_autodiff::hessian(
        |[w]| {
            let residual = w.tape().constant(x.view()).matmul(w) - w.tape().constant(y.view());
            residual.square().sum()
        },
        &w,
    )
    .expect("smooth");
    let expected: Array2<f64> = 2.0 * x.t().dot(&x);
    let [[h]] = h;
    for (got, want) in h.iter().zip(expected.iter()) {
        assert!((got - want).abs() < 1e-12 * want.abs(), "{h} {expected}");
    }
    assert_gradients!(
        |[w]| {
            let residual = w.tape().constant(x.view()).matmul(w) - w.tape().constant(y.view());
            residual.square().sum()
        },
        &w,
        order(3)
    );
}

#[test]
fn what_was_not_exercised_is_listed() {
    let report = check_gradients(|[x]| (x.exp() * 0.0 + x).sum(), &array![1.0]).expect("rules");
    assert_eq!(report.unexercised.len(), 1, "{report}");
    assert_eq!(report.unexercised[0].op, "exp");
}

#[test]
fn every_wrong_element_is_listed_on_request() {
    let x = Array2::from_shape_fn((3, 4), |(i, j)| 0.3 + 0.1 * (i + 2 * j) as f64);
    let tape = Tape::new();
    let v = tape.input("x", x);
    let y = v.exp().sum();
    let mut g = tape.grad(y, [v]).expect("smooth")[0].to_array::<ndarray::Ix2>();
    g[[0, 1]] *= 1.0 + 1e-7;
    g[[2, 3]] = 0.0;
    let report = Check::new()
        .exhaustive()
        .derived(&tape, y, &[(v, g.into_dyn())]);
    let report = report.expect("an input");
    let Verdict::Wrong(mistake) = verdict(&report) else {
        panic!("{report}")
    };
    let mut indices: Vec<&[usize]> = mistake.elements.iter().map(|e| &e.index[..]).collect();
    indices.sort();
    assert_eq!(indices, [&[0, 1][..], &[2, 3]], "{report}");
}

#[test]
fn nan_is_followed_to_where_it_comes_from() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 0.0, 4.0]);
    let y = x.sqrt().sum();
    let report = tape.check_gradients(y, &[x]).expect("rules");
    let Verdict::NotFinite {
        index,
        value,
        first,
    } = verdict(&report)
    else {
        panic!("{report}")
    };
    assert_eq!((&index[..], *value), (&[1][..], f64::INFINITY));
    assert!(first.contains("in the derivative of %1"), "{first}");

    let z = (x - 1.0).ln();
    let found = z.first_non_finite().expect("the logarithm of 0");
    assert_eq!((&found.node.op[..], found.value), ("ln", f64::NEG_INFINITY));
    assert_eq!(found.operands[0].there, Some(0.0));
    let found = z.first_nan().expect("the logarithm of -1");
    assert_eq!(
        (&found.index[..], found.operands[0].there),
        (&[1][..], Some(-1.0))
    );
    let text = found.to_string();
    assert!(text.contains("from -1 to 3, -1 there"), "{text}");
    assert!(text.contains("what_others_miss/main.rs"), "{text}");
}

#[test]
fn a_report_survives_json() {
    let tape = Tape::new();
    let x = tape.input("x", array![0.0, 1.0]);
    for y in [
        x.relu().sum(),
        x.sqrt().sum(),
        (x - x).sum(),
        x.stop_gradient().sum(),
    ] {
        let report = Check::new().order(2).on(&tape, y, &[x]).expect("rules");
        let json = serde_json::to_string(&report).expect("serialises");
        let again: Report = serde_json::from_str(&json).expect("deserialises");
        assert_eq!(again, report);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let x = array![1.0];
    let refused = Check::new()
        .order(0)
        .function(|[x]| x.sin(), &x)
        .unwrap_err();
    assert!(
        refused.to_string().contains("at least 1, got 0 and 2"),
        "{refused}"
    );
    assert!(
        Check::new()
            .directions(0)
            .function(|[x]| x.sin(), &x)
            .is_err()
    );
}
