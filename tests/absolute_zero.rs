//! The absolute zero: a branch that was not selected stays silent, however
//! infinite its derivative, in every mode and to the third order; and a
//! derivative that happens to be zero does not silence the next one.

use ndarray::{ArrayD, array};
use wengert_autodiff::ops::{Binary, Unary};
use wengert_autodiff::{Tape, Var, grad, hessian};
use wengert_tests::{Findings, forward, orders};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

type Scalar = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;

/// In every mode, a branch that was not selected must contribute exactly
/// nothing: the reverse and the forward sweep, reverse over reverse, forward
/// over reverse, reverse over forward, and the third order.
fn silent(f: &mut Findings, what: &str, trap: Scalar, at: f64) {
    let [value, d1, d2, d3] = orders(trap, at);
    f.check(
        format!("{what}: value, reverse, second, third"),
        &[value, d1, d2, d3],
        &[0.0; 4],
    );
    f.check(format!("{what}: forward"), &[forward(trap, at)], &[0.0]);
    let tape = Tape::new();
    let x = tape.input("x", ndarray::arr0(at));
    let v = tape.input("v", ndarray::arr0(1.0));
    let y = trap(x);
    if let Some(g) = tape.grads(y, &[x]).expect("rules")[0] {
        let pushed = tape.jvp(&[g], &[x], &[v]).expect("rules")[0];
        let got = pushed.map_or(0.0, |p| p.item());
        f.check(format!("{what}: forward over reverse"), &[got], &[0.0]);
    }
    if let Some(p) = tape.jvp(&[y], &[x], &[v]).expect("rules")[0] {
        let pulled = tape.grads(p, &[x]).expect("rules")[0];
        let got = pulled.map_or(0.0, |g| g.item());
        f.check(format!("{what}: reverse over forward"), &[got], &[0.0]);
        let twice = tape.jvp(&[p], &[x], &[v]).expect("rules")[0];
        let got = twice.map_or(0.0, |g| g.item());
        f.check(format!("{what}: forward over forward"), &[got], &[0.0]);
    }
}

#[test]
fn unselected_branches_are_silent() {
    let mut f = Findings::default();
    let traps: [(&str, Scalar, f64); 12] = [
        (
            "where(x > 0, ln x, 0) at 0",
            |x| x.greater(0.0).where_(x.ln(), 0.0),
            0.0,
        ),
        (
            "where(x > 0, ln x, 0) at -1",
            |x| x.greater(0.0).where_(x.ln(), 0.0),
            -1.0,
        ),
        (
            "where(x > 0, sqrt x, 0) at 0",
            |x| x.greater(0.0).where_(x.sqrt(), 0.0),
            0.0,
        ),
        (
            "where(x > 0, sqrt x, 0) at -1",
            |x| x.greater(0.0).where_(x.sqrt(), 0.0),
            -1.0,
        ),
        (
            "where(x != 0, 1/x, 0) at 0",
            |x| x.not_equal(0.0).where_(1.0 / x, 0.0),
            0.0,
        ),
        (
            "where(x != 0, recip x, 0) at 0",
            |x| x.not_equal(0.0).where_(x.recip(), 0.0),
            0.0,
        ),
        (
            "where(x != 0, x/x, 0) at 0",
            |x| x.not_equal(0.0).where_(x / x, 0.0),
            0.0,
        ),
        (
            "where(x < 100, exp x, 0) at 1000",
            |x| x.less(100.0).where_(x.exp(), 0.0),
            1000.0,
        ),
        (
            "where(x < 100, expm1 x, 0) at 1000",
            |x| x.less(100.0).where_(x.expm1(), 0.0),
            1000.0,
        ),
        (
            "where(x > 0, x^1.5 , 0) at -1",
            |x| x.greater(0.0).where_(x.powf(1.5), 0.0),
            -1.0,
        ),
        (
            "where(x > 0, x^x, 0) at 0",
            |x| x.greater(0.0).where_(x.pow(x), 0.0),
            0.0,
        ),
        (
            "where(x > -1, log1p x, 0) at -1",
            |x| x.greater(-1.0).where_(x.log1p(), 0.0),
            -1.0,
        ),
    ];
    for (what, trap, at) in traps {
        silent(&mut f, what, trap, at);
    }
    f.report();
}

/// The same, where the branch that was not selected is a composition: the
/// zero must survive every rule on its way, also those whose own derivative
/// is bounded, because their argument may be infinite or NaN.
#[test]
fn unselected_compositions_are_silent() {
    let mut f = Findings::default();
    let traps: [(&str, Scalar, f64); 14] = [
        (
            "where(x != 0, sin(1/x), 0)",
            |x| x.not_equal(0.0).where_((1.0 / x).sin(), 0.0),
            0.0,
        ),
        (
            "where(x != 0, cos(1/x), 0)",
            |x| x.not_equal(0.0).where_((1.0 / x).cos(), 0.0),
            0.0,
        ),
        (
            "where(x != 0, x² sin(1/x), 0)",
            |x| x.not_equal(0.0).where_(x.square() * (1.0 / x).sin(), 0.0),
            0.0,
        ),
        (
            "where(x != 0, (1/x)², 0)",
            |x| x.not_equal(0.0).where_((1.0 / x).square(), 0.0),
            0.0,
        ),
        (
            "where(x > 0, (ln x)², 0)",
            |x| x.greater(0.0).where_(x.ln().square(), 0.0),
            0.0,
        ),
        (
            "where(x > 0, x ln x, 0)",
            |x| x.greater(0.0).where_(x * x.ln(), 0.0),
            0.0,
        ),
        (
            "where(x > 0, tanh ln x, 0)",
            |x| x.greater(0.0).where_(x.ln().tanh(), 0.0),
            -1.0,
        ),
        (
            "where(x > 0, σ(ln x), 0)",
            |x| x.greater(0.0).where_(x.ln().sigmoid(), 0.0),
            -1.0,
        ),
        (
            "where(x > 0, softplus ln x, 0)",
            |x| x.greater(0.0).where_(x.ln().softplus(), 0.0),
            -1.0,
        ),
        (
            "where(x > 0, |ln x|, 0)",
            |x| x.greater(0.0).where_(x.ln().abs(), 0.0),
            -1.0,
        ),
        (
            "where(x > 0, exp(-ln² x), 0)",
            |x| x.greater(0.0).where_((-x.ln().square()).exp(), 0.0),
            0.0,
        ),
        (
            "where(x != 0, sum(1/x), 0)",
            |x| x.not_equal(0.0).where_((1.0 / x).sum(), 0.0),
            0.0,
        ),
        (
            "where(x > 0, logsumexp(ln x, 1), 0)",
            |x| {
                let both = wengert_autodiff::stack(&[x.ln(), x], 0);
                x.greater(0.0).where_(both.logsumexp(), 0.0)
            },
            -1.0,
        ),
        (
            "where(x > 0, max(ln x, 1), 0)",
            |x| {
                let both = wengert_autodiff::stack(&[x.ln(), x], 0);
                x.greater(0.0).where_(both.max(), 0.0)
            },
            -1.0,
        ),
    ];
    for (what, trap, at) in traps {
        silent(&mut f, what, trap, at);
    }
    f.report();
}

/// The quotient in two variables, and elements beside each other: the others
/// keep their gradient.
#[test]
fn selected_elements_keep_their_gradient() {
    let (x, y) = (array![1.0, 2.0, 0.0], array![2.0, 0.0, 0.0]);
    let (dx, dy) =
        grad(|[x, y]| y.not_equal(0.0).where_(x / y, 0.0).sum(), (&x, &y)).expect("a gradient");
    assert_eq!(dx, array![0.5, 0.0, 0.0]);
    assert_eq!(dy, array![-0.25, 0.0, 0.0]);
    let [[xx, xy], [_, yy]] =
        hessian(|[x, y]| y.not_equal(0.0).where_(x / y, 0.0).sum(), (&x, &y)).expect("a Hessian");
    let diagonal = |h: &ArrayD<f64>| -> Vec<f64> { (0..3).map(|i| h[[i, i]]).collect() };
    assert_eq!(diagonal(&xx), [0.0, 0.0, 0.0]);
    assert_eq!(diagonal(&xy), [-0.25, 0.0, 0.0]);
    assert_eq!(diagonal(&yy), [0.25, 0.0, 0.0]);
    assert!([xx, xy, yy].iter().flatten().all(|h| h.is_finite()));
    let x = array![0.0, 2.0];
    let [[h]] = hessian(|[x]| x.greater(0.0).where_(x.ln(), 0.0).sum(), &x).expect("a Hessian");
    assert_eq!(h, array![[0.0, 0.0], [0.0, -0.25]].into_dyn());
}

/// A residual of zero has a zero cotangent, and still a second derivative.
#[test]
fn a_zero_residual_does_not_silence_the_next_derivative() {
    let mut f = Findings::default();
    let near = |f: &mut Findings, what: &str, got: [f64; 4], want: [f64; 4]| {
        for (order, (got, want)) in got.into_iter().zip(want).enumerate() {
            f.near(format!("{what}, order {order}"), got, want);
        }
    };
    near(
        &mut f,
        "(ln x)² at 1",
        orders(|x| x.ln().square(), 1.0),
        [0.0, 0.0, 2.0, -6.0],
    );
    near(
        &mut f,
        "(ln x)(ln x) at 1",
        orders(|x| x.ln() * x.ln(), 1.0),
        [0.0, 0.0, 2.0, -6.0],
    );
    near(
        &mut f,
        "(ln x)^2 at 1",
        orders(|x| x.ln().powi(2), 1.0),
        [0.0, 0.0, 2.0, -6.0],
    );
    near(
        &mut f,
        "(sqrt x - 1)² at 1",
        orders(|x| (x.sqrt() - 1.0).square(), 1.0),
        [0.0, 0.0, 0.5, -0.75],
    );
    near(
        &mut f,
        "(x/2 - 1)² at 2, denominator moving",
        orders(|y| (2.0 / y - 1.0).square(), 2.0),
        [0.0, 0.0, 0.5, -1.5],
    );
    near(
        &mut f,
        "(1/x - 1)² at 1",
        orders(|x| (x.recip() - 1.0).square(), 1.0),
        [0.0, 0.0, 2.0, -12.0],
    );
    near(
        &mut f,
        "x e^x at 0",
        orders(|x| x * x.exp(), 0.0),
        [0.0, 1.0, 2.0, 3.0],
    );
    near(
        &mut f,
        "x² ln x at 1",
        orders(|x| x.square() * x.ln(), 1.0),
        [0.0, 1.0, 3.0, 2.0],
    );

    // (x/y - 1)² at x = y = 2, all orders to the third.
    let tape = Tape::new();
    let (x, y) = (
        tape.input("x", ndarray::arr0(2.0)),
        tape.input("y", ndarray::arr0(2.0)),
    );
    let s = (x / y - 1.0).square();
    let [sx, sy] = tape.grad(s, [x, y]).expect("a gradient");
    let [sxx, sxy] = tape.grad(sx, [x, y]).expect("second");
    let [syx, syy] = tape.grad(sy, [x, y]).expect("second");
    let [sxxy] = tape.grad(sxx, [y]).expect("third");
    let [sxyx, sxyy] = tape.grad(sxy, [x, y]).expect("third");
    let [syyx, syyy] = tape.grad(syy, [x, y]).expect("third");
    let got = [s, sx, sy, sxx, sxy, syx, syy, sxxy, sxyx, sxyy, syyx, syyy].map(|v| v.item());
    let want = [
        0.0, 0.0, 0.0, 0.5, -0.5, -0.5, 0.5, -0.5, -0.5, 1.0, 1.0, -1.5,
    ];
    f.check("(x/y - 1)² at (2, 2)", &got, &want);
    f.report();
}

/// The same for every function of the tables: with `r = f(x) - f(a)`, the
/// derivatives of `r²` at `a` are 0, 2 f'², 6 f' f''.
#[test]
fn a_zero_residual_of_every_function() {
    let mut findings = Findings::default();
    for &f in Unary::ALL {
        let domain = f.domain();
        let at = 0.3 * domain.sample.0 + 0.7 * domain.sample.1;
        let tape = Tape::new();
        let x = tape.input("x", ndarray::arr0(at));
        let y = tape.apply(f, &[x.any()]).expect("a value")[0]
            .typed::<f64>()
            .expect("f64");
        let [mut d, mut r] = [[0.0; 4]; 2];
        let mut now = Some(y);
        let mut squared = Some((y - y.item()).square());
        for order in 0..4 {
            let step = |v: Option<Var<'_, f64>>| v.map_or(0.0, |v| v.item());
            (d[order], r[order]) = (step(now), step(squared));
            now = now.and_then(|v| tape.grads(v, &[x]).expect("rules")[0]);
            squared = squared.and_then(|v| tape.grads(v, &[x]).expect("rules")[0]);
        }
        findings.near(format!("{f:?}, value"), r[0], 0.0);
        findings.near(format!("{f:?}, first"), r[1], 0.0);
        findings.near(format!("{f:?}, second"), r[2], 2.0 * d[1] * d[1]);
        findings.near(format!("{f:?}, third"), r[3], 6.0 * d[1] * d[2]);
    }
    for &f in Binary::ALL {
        let at = [ndarray::arr0(1.7), ndarray::arr0(0.8)];
        let apply = |a: Var<'_, f64>, b: Var<'_, f64>| -> Vec<f64> {
            let tape = a.tape();
            let y = tape.apply(f, &[a.any(), b.any()]).expect("a value")[0];
            let y: Var<'_, f64> = y.typed().expect("f64");
            let g: Vec<f64> = tape
                .grads(y, &[Var::clone(&a), b])
                .expect("rules")
                .into_iter()
                .map(|g| g.map_or(0.0, |g| g.item()))
                .collect();
            g
        };
        let tape = Tape::new();
        let (a, b) = (
            tape.input("a", at[0].clone()),
            tape.input("b", at[1].clone()),
        );
        let g = apply(a, b);
        let blocks = hessian(
            |[a, b]| {
                let y = a.tape().apply(f, &[a.any(), b.any()]).expect("a value")[0];
                let y: Var<'_, f64> = y.typed().expect("f64");
                (y - y.item()).square()
            },
            (&at[0], &at[1]),
        );
        let blocks = blocks.expect("a Hessian");
        for (i, row) in blocks.iter().enumerate() {
            for (j, h) in row.iter().enumerate() {
                findings.near(
                    format!("{f:?}, Hessian [{i}][{j}]"),
                    h.sum(),
                    2.0 * g[i] * g[j],
                );
            }
        }
    }
    findings.report();
}

/// The same for what brings many elements together: with a residual
/// `r = f(x) - f(a)`, the Hessian of `Σ r²` at `a` is `2 JᵀJ`.
#[test]
fn a_zero_residual_of_every_reduction() {
    type Function = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;
    let all: [(&str, Function); 14] = [
        ("sum", |x| x.sum()),
        ("prod", |x| x.prod()),
        ("max", |x| x.max()),
        ("norm 1", |x| x.norm(1.0)),
        ("norm 2", |x| x.norm(2.0)),
        ("norm 3", |x| x.norm(3.0)),
        ("norm 1/2", |x| x.norm(0.5)),
        ("norm inf", |x| x.norm(INF)),
        ("var", |x| x.var(1)),
        ("std", |x| x.std(0)),
        ("cumsum", |x| x.cumsum(0)),
        ("cumprod", |x| x.cumprod(0)),
        ("logsumexp", |x| x.logsumexp()),
        ("softmax", |x| x.softmax(0)),
    ];
    let mut findings = Findings::default();
    for zeros in [false, true] {
        let a = array![0.7, if zeros { 0.0 } else { -1.3 }, 2.1];
        for (what, f) in all {
            if zeros && what == "norm 1/2" {
                continue; // A cusp.
            }
            let jacobian = wengert_autodiff::jacobian(|[x]| f(x), &a).expect("a Jacobian");
            let [j] = jacobian;
            let rows = j.len() / 3;
            let j = j
                .into_shape_with_order((rows, 3))
                .expect("one column per element");
            let blocks = hessian(
                |[x]| {
                    let y = f(x);
                    (y - y.stop_gradient()).square().sum()
                },
                &a,
            );
            let [[h]] = blocks.expect("a Hessian");
            for ((i, k), want) in (2.0 * j.t().dot(&j)).indexed_iter() {
                findings.near(
                    format!("{what}, zeros: {zeros}, [{i}, {k}]"),
                    h[[i, k]],
                    *want,
                );
            }
        }
    }
    findings.report();
}

/// The product in derivative rules: an exact zero absorbs, on the left only,
/// or on either side.
#[test]
fn absorbing_products() {
    let tape = Tape::new();
    let both = |a: f64, b: f64| {
        let (a, b) = (tape.scalar(a), tape.scalar(b));
        [(a * b).item(), a.azmul(b).item(), a.azmul_both(b).item()]
    };
    let mut f = Findings::default();
    f.check("2 · 3", &both(2.0, 3.0), &[6.0, 6.0, 6.0]);
    f.check("0 · inf", &both(0.0, INF), &[NAN, 0.0, 0.0]);
    f.check("-0 · NaN", &both(-0.0, NAN), &[NAN, 0.0, 0.0]);
    f.check("inf · 0", &both(INF, 0.0), &[NAN, NAN, 0.0]);
    f.check("NaN · 0", &both(NAN, 0.0), &[NAN, NAN, 0.0]);
    f.check("NaN · 1", &both(NAN, 1.0), &[NAN, NAN, NAN]);
    f.report();
}
