//! Every convention at a kink, a tie, a pole or another singular point, in
//! both modes, and at second order where that says more. What happens to the
//! branch that a `where_` did not select is in `absolute_zero.rs`.

use ndarray::{ArrayD, array};
use wengert_autodiff::{Tape, Var, grad, hessian, hvp, jvp, value_and_grad, vjp};
use wengert_tests::{Findings, flat, orders, same, slope};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

type Scalar = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;

#[test]
fn kinks_of_functions_of_one_number() {
    assert_eq!(slope(|x| x.abs(), 0.0), 0.0);
    assert_eq!(slope(|x| x.abs(), -0.0), 0.0);
    assert_eq!(slope(|x| x.relu(), 0.0), 0.0);
    assert_eq!(slope(|x| x.relu(), -0.0), 0.0);
    assert_eq!(slope(|x| x.softplus(), 0.0), 0.5);
    assert_eq!(slope(|x| x.clamp(-1.0, 1.0), 1.0), 1.0);
    assert_eq!(slope(|x| x.clamp(-1.0, 1.0), -1.0), 1.0);
    assert_eq!(slope(|x| x.clamp(-1.0, 1.0), 1.0 + 1e-15), 0.0);
    // Between equal bounds there is no inside.
    assert_eq!(slope(|x| x.clamp(1.0, 1.0), 1.0), 0.0);
    assert_eq!(slope(|x| x.sqrt(), 0.0), INF);
    assert_eq!(slope(|x| x.ln(), 0.0), INF);
    assert_eq!(slope(|x| x.log1p(), -1.0), INF);
    assert_eq!(slope(|x| x.recip(), 0.0), -INF);
    assert!(slope(|x| x.relu(), NAN) == 1.0);
    // Smooth to first order only.
    assert_eq!(orders(|x| x * x.abs(), 0.0)[..2], [0.0, 0.0]);
    assert_eq!(orders(|x| x.relu().square(), 0.0)[..3], [0.0, 0.0, 0.0]);
    // Values at the ends.
    assert_eq!(orders(|x| x.relu(), -0.0)[0].to_bits(), 0f64.to_bits());
    assert!(orders(|x| x.relu(), NAN)[0].is_nan());
    assert!(orders(|x| x.clamp(-1.0, 1.0), NAN)[0].is_nan());
    assert!(orders(|x| x.sqrt(), -1.0)[0].is_nan());
}

#[test]
fn what_is_piecewise_constant_has_no_gradient() {
    let tape = Tape::new();
    let x = tape.input("x", array![-2.0, 0.0, 3.0]);
    assert_eq!(x.sign().to_array(), array![-1.0, 0.0, 1.0]);
    for y in [
        x.sign().sum(),
        x.greater(0.0).cast::<f64>().sum(),
        x.argmax(0).cast::<f64>().sum(),
        x.argmax(0).one_hot::<f64>(3).sum(),
    ] {
        assert!(
            tape.grads(y, &[x]).expect("rules exist")[0].is_none(),
            "{y}"
        );
        assert!(tape.grad(y, [x]).is_err(), "{y}");
        let v = tape.constant(array![1.0, 1.0, 1.0]);
        assert!(
            tape.jvp(&[y], &[x], &[v]).expect("rules exist")[0].is_none(),
            "{y}"
        );
    }
    // x sign(x) has one: sign(x), the convention of |x|.
    let [g] = tape.grad((x * x.sign()).sum(), [x]).expect("a gradient");
    assert_eq!(g.to_array(), array![-1.0, 0.0, 1.0]);
}

#[test]
fn ties_of_two_numbers_share_evenly() {
    for (a, b) in [(1.0, 1.0), (0.0, -0.0), (INF, INF)] {
        let (x, y) = (ndarray::arr0(a), ndarray::arr0(b));
        for (dx, dy) in [
            grad(|[x, y]| x.maximum(y), (&x, &y)).expect("a gradient"),
            grad(|[x, y]| x.minimum(y), (&x, &y)).expect("a gradient"),
        ] {
            assert_eq!((dx.sum(), dy.sum()), (0.5, 0.5), "{a}, {b}");
        }
        let v = (&ndarray::arr0(1.0), &ndarray::arr0(3.0));
        let (_, pushed) = jvp(|[x, y]| x.maximum(y), (&x, &y), v).expect("a derivative");
        assert_eq!(pushed.sum(), 2.0);
    }
    assert_eq!(slope(|x| x.maximum(0.0), 0.0), 0.5);
    assert_eq!(slope(|x| x.maximum(x), 2.0), 1.0);
    // NaN in, NaN out, whichever side it is on.
    for (a, b) in [(NAN, 1.0), (1.0, NAN), (NAN, NAN)] {
        let tape = Tape::new();
        let (x, y) = (tape.scalar(a), tape.scalar(b));
        assert!(x.maximum(y).item().is_nan() && x.minimum(y).item().is_nan());
    }
}

#[test]
fn ties_over_axes_share_evenly() {
    let x = array![[1.0, 1.0, 0.0], [-1.0, 2.0, 2.0]];
    let g = grad(|[x]| x.max_axes([1], false).sum(), &x).expect("a gradient");
    assert_eq!(g, array![[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]);
    let g = grad(|[x]| x.max(), &x).expect("a gradient");
    assert_eq!(g, array![[0.0, 0.0, 0.0], [0.0, 0.5, 0.5]]);
    let g = grad(|[x]| x.min_axes([-2], true).sum(), &x).expect("a gradient");
    assert_eq!(g, array![[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]);
    let v = array![[1.0, 3.0, 7.0], [7.0, 5.0, 9.0]];
    let (_, pushed) = jvp(|[x]| x.max_axes([1], false), &x, &v).expect("a derivative");
    assert_eq!(pushed, array![2.0, 7.0].into_dyn());
    // Which position is said to win is another matter: the first.
    let tape = Tape::new();
    let x = tape.constant(x);
    assert_eq!(x.argmax(1).to_array(), array![0, 1]);
    assert_eq!(x.argmin(0).to_array(), array![1, 0, 0]);
    // Infinite extremes tie as others do; NaN wins.
    let g = grad(|[x]| x.max(), &array![INF, 1.0, INF]).expect("a gradient");
    assert_eq!(g, array![0.5, 0.0, 0.5]);
    let (m, _) = value_and_grad(|[x]| x.max(), &array![1.0, NAN, 2.0]).expect("a gradient");
    assert!(m.is_nan());
    assert_eq!(tape.constant(array![1.0, NAN, NAN]).argmax(0).item(), 1);
}

#[test]
fn powers_at_their_corners() {
    let at = |a: f64, b: f64| {
        let (a, b) = (ndarray::arr0(a), ndarray::arr0(b));
        let (y, (da, db)) = value_and_grad(|[a, b]| a.pow(b), (&a, &b)).expect("a gradient");
        let one = ndarray::arr0(1.0);
        let zero = ndarray::arr0(0.0);
        let along = |v: &ndarray::Array0<f64>, w: &ndarray::Array0<f64>| {
            jvp(|[a, b]| a.pow(b), (&a, &b), (v, w))
                .expect("a derivative")
                .1
                .sum()
        };
        // A zero tangent is absolute too.
        assert!(same(along(&one, &zero), da.sum()), "{a}^{b}, forward in a");
        assert!(same(along(&zero, &one), db.sum()), "{a}^{b}, forward in b");
        [y, da.sum(), db.sum()]
    };
    let mut f = Findings::default();
    f.check("0^0", &at(0.0, 0.0), &[1.0, 0.0, 0.0]);
    f.check("0^0.5", &at(0.0, 0.5), &[0.0, INF, 0.0]);
    f.check("0^1", &at(0.0, 1.0), &[0.0, 1.0, 0.0]);
    f.check("0^2", &at(0.0, 2.0), &[0.0, 0.0, 0.0]);
    f.check("2^0", &at(2.0, 0.0), &[1.0, 0.0, 2f64.ln()]);
    f.check("(-2)^2", &at(-2.0, 2.0), &[4.0, -4.0, NAN]);
    f.check("(-2)^3", &at(-2.0, 3.0), &[-8.0, 12.0, NAN]);
    f.check("1^inf", &at(1.0, INF)[..1], &[1.0]);
    // Constant exponents: no question about the exponent arises.
    f.check(
        "x^2.0 at -2",
        &orders(|x| x.powf(2.0), -2.0),
        &[4.0, -4.0, 2.0, 0.0],
    );
    f.check(
        "pow(x, 2.0) at -2",
        &orders(|x| x.pow(2.0), -2.0),
        &[4.0, -4.0, 2.0, 0.0],
    );
    f.check(
        "x^3 at -2",
        &orders(|x| x.powi(3), -2.0),
        &[-8.0, 12.0, -12.0, 6.0],
    );
    f.check(
        "x^0 at 0",
        &orders(|x| x.powi(0), 0.0),
        &[1.0, 0.0, 0.0, 0.0],
    );
    f.check(
        "x^0.0 at 0",
        &orders(|x| x.powf(0.0), 0.0),
        &[1.0, 0.0, 0.0, 0.0],
    );
    f.check(
        "x^1 at 0",
        &orders(|x| x.powi(1), 0.0),
        &[0.0, 1.0, 0.0, 0.0],
    );
    f.check(
        "x^2 at 0",
        &orders(|x| x.powi(2), 0.0),
        &[0.0, 0.0, 2.0, 0.0],
    );
    f.check(
        "x^2.0 at 0",
        &orders(|x| x.powf(2.0), 0.0),
        &[0.0, 0.0, 2.0, 0.0],
    );
    f.check(
        "x^3 at 0",
        &orders(|x| x.powi(3), 0.0),
        &[0.0, 0.0, 0.0, 6.0],
    );
    f.check(
        "x^1.5 at 0",
        &orders(|x| x.powf(1.5), 0.0)[..3],
        &[0.0, 0.0, INF],
    );
    f.check("x^-1 at 0", &orders(|x| x.powi(-1), 0.0)[..2], &[INF, -INF]);
    f.check(
        "x^0.5 at 0",
        &orders(|x| x.powf(0.5), 0.0)[..2],
        &[0.0, INF],
    );
    f.report();
}

#[test]
fn products_with_zeros() {
    let check = |x: ndarray::Array1<f64>| {
        let n = x.len();
        // The product of all but the elements listed.
        let without = |gone: &[usize]| -> f64 {
            (0..n).filter(|i| !gone.contains(i)).map(|i| x[i]).product()
        };
        let (y, g) = value_and_grad(|[x]| x.prod(), &x).expect("a gradient");
        assert_eq!(y, without(&[]));
        let want: Vec<f64> = (0..n).map(|i| without(&[i])).collect();
        assert_eq!(flat(&g), want, "gradient at {x}");
        let [[h]] = hessian(|[x]| x.prod(), &x).expect("a Hessian");
        let want = ArrayD::from_shape_fn(vec![n, n], |at| match (at[0], at[1]) {
            (i, j) if i == j => 0.0,
            (i, j) => without(&[i, j]),
        });
        assert_eq!(h, want, "Hessian at {x}");
        for i in 0..n {
            let mut v = ndarray::Array1::zeros(n);
            v[i] = 1.0;
            let (_, pushed) = jvp(|[x]| x.prod(), &x, &v).expect("a derivative");
            assert_eq!(pushed.sum(), without(&[i]), "forward at {x}");
        }
    };
    check(array![4.0, 2.0, 3.0]);
    check(array![0.0, 2.0, 3.0]);
    check(array![0.0, 2.0, 0.0]);
    check(array![0.0, 0.0, 0.0]);
    check(array![2.0, 0.0, 3.0, 5.0, 0.0]);
    check(array![7.0]);
    check(array![0.0]);
}

/// The product of nothing is 1 and does not depend on anything.
#[test]
fn products_of_nothing() {
    let x = ndarray::Array1::<f64>::zeros(0);
    let (y, g) = value_and_grad(|[x]| x.prod(), &x).expect("a gradient");
    assert_eq!((y, g.len()), (1.0, 0));
    let x = ndarray::Array2::<f64>::zeros((2, 0));
    let (y, g) = value_and_grad(|[x]| x.prod_axes([1], false).sum(), &x).expect("a gradient");
    assert_eq!((y, g.dim()), (2.0, (2, 0)));
    let (_, pushed) = jvp(|[x]| x.prod(), &x, &x).expect("a derivative");
    assert_eq!(pushed.sum(), 0.0);
}

#[test]
fn reductions_of_nothing() {
    let x = ndarray::Array2::<f64>::zeros((0, 3));
    let g = grad(|[x]| x.sum(), &x).expect("a gradient");
    assert_eq!(g.dim(), (0, 3));
    let (y, _) = value_and_grad(|[x]| x.sum_axes([0], false).sum(), &x).expect("a gradient");
    assert_eq!(y, 0.0);
    let (y, g) = value_and_grad(|[x]| x.logsumexp(), &x).expect("a gradient");
    assert_eq!((y, g.dim()), (-INF, (0, 3)));
    let g = grad(|[x]| x.softmax(0).sum(), &x).expect("a gradient");
    assert_eq!(g.dim(), (0, 3));
    let g = grad(|[x]| x.dot(x.transpose()).sum(), &x).expect("a gradient");
    assert_eq!(g.dim(), (0, 3));
    // A product over no inner axis is zeros, without a slope.
    let (a, b) = (
        ndarray::Array2::<f64>::ones((2, 0)),
        ndarray::Array2::<f64>::ones((0, 3)),
    );
    let (y, (da, db)) = value_and_grad(|[a, b]| a.dot(b).sum(), (&a, &b)).expect("a gradient");
    assert_eq!((y, da.dim(), db.dim()), (0.0, (2, 0), (0, 3)));
}

#[test]
fn exponential_means_at_infinity() {
    let lse = |x: ndarray::Array1<f64>| {
        let (y, g) = value_and_grad(|[x]| x.logsumexp(), &x).expect("a gradient");
        let mut all = vec![y];
        all.extend(flat(&g));
        all
    };
    let mut f = Findings::default();
    f.check("all -inf", &lse(array![-INF, -INF]), &[-INF, 0.0, 0.0]);
    f.check("one -inf", &lse(array![-INF, 3.0]), &[3.0, 0.0, 1.0]);
    f.check(
        "large",
        &lse(array![1000.0, 1000.0]),
        &[1000.0 + 2f64.ln(), 0.5, 0.5],
    );
    f.check(
        "small",
        &lse(array![-1000.0, -1000.0]),
        &[-1000.0 + 2f64.ln(), 0.5, 0.5],
    );
    f.check(
        "far apart",
        &lse(array![1000.0, -1000.0]),
        &[1000.0, 1.0, 0.0],
    );
    f.check("inf", &lse(array![INF, 1.0])[..1], &[INF]);
    let nothing = array![-INF, -INF];
    let v = array![1.0, 1.0];
    let (_, pushed) = jvp(|[x]| x.logsumexp(), &nothing, &v).expect("a derivative");
    f.check("all -inf, forward", &flat(&pushed), &[0.0]);
    let second = hvp(|[x]| x.logsumexp(), &nothing, &v).expect("a product");
    f.check("all -inf, second order", &flat(&second), &[0.0, 0.0]);
    let second = hvp(|[x]| x.logsumexp(), &array![-INF, 3.0], &v).expect("a product");
    f.check("one -inf, second order", &flat(&second), &[0.0, 0.0]);

    let far = array![1000.0, 0.0, -1000.0];
    let tape = Tape::new();
    let x = tape.input("x", far.clone());
    f.check(
        "softmax",
        &flat(&x.softmax(0).to_array::<ndarray::Ix1>()),
        &[1.0, 0.0, 0.0],
    );
    let log = x.log_softmax(0);
    f.check(
        "log_softmax",
        &flat(&log.to_array::<ndarray::Ix1>()),
        &[0.0, -1000.0, -2000.0],
    );
    for (i, want) in [[0.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]
        .iter()
        .enumerate()
    {
        let picked = log.slice(ndarray::s![i as isize]);
        let [g] = tape.grad(picked, [x]).expect("a gradient");
        f.check(
            format!("log_softmax[{i}]"),
            &flat(&g.to_array::<ndarray::Ix1>()),
            want,
        );
        let [picked] = tape
            .grad(x.softmax(0).slice(ndarray::s![i as isize]), [x])
            .expect("one");
        f.check(
            format!("softmax[{i}]"),
            &flat(&picked.to_array::<ndarray::Ix1>()),
            &[0.0; 3],
        );
        let twice = tape.grads((g * g).sum(), &[x]).expect("rules")[0].expect("smooth");
        let twice = flat(&twice.to_array::<ndarray::Ix1>());
        f.check(format!("log_softmax[{i}], second order"), &twice, &[0.0; 3]);
    }
    // Masked logits.
    let masked = array![1.0, -INF, 1.0];
    let g = grad(|[x]| x.softmax(0).square().sum(), &masked).expect("a gradient");
    f.check("softmax with a mask", &flat(&g), &[0.0, 0.0, 0.0]);
    let g = grad(|[x]| -x.log_softmax(0).slice(ndarray::s![0]), &masked).expect("a gradient");
    f.check("log_softmax with a mask", &flat(&g), &[-0.5, 0.0, 0.5]);
    let tail = |x: f64| orders(|x| x.sigmoid().ln(), x)[1];
    f.near("ln sigmoid at -30", tail(-30.0), 1.0);
    f.near("softplus at 800", slope(|x| x.softplus(), 800.0), 1.0);
    f.check(
        "sigmoid at -800",
        &orders(|x| x.sigmoid(), -800.0)[..2],
        &[0.0, 0.0],
    );
    f.check(
        "-softplus(-x) at -800",
        &orders(|x| -(-x).softplus(), -800.0)[..2],
        &[-800.0, 1.0],
    );
    f.report();
}

#[test]
fn repeated_indices_add_up() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 2.0, 3.0]);
    let at = tape.constant(array![0usize, 0, 1]);
    for y in [x.gather(0, at), x.index_select(0, at)] {
        let [g] = tape.grad(y.sum(), [x]).expect("a gradient");
        assert_eq!(g.to_array(), array![2.0, 1.0, 0.0]);
        let [g] = tape.grad(y.square().sum(), [x]).expect("a gradient");
        assert_eq!(g.to_array(), array![4.0, 4.0, 0.0]);
    }
    let source = tape.input("s", array![10.0, 20.0, 30.0]);
    let y = x.scatter_add(0, at, source);
    assert_eq!(y.to_array(), array![31.0, 32.0, 3.0]);
    let w = tape.constant(array![1.0, 10.0, 100.0]);
    let [dx, ds] = tape.grad((y * w).sum(), [x, source]).expect("a gradient");
    assert_eq!(dx.to_array(), array![1.0, 10.0, 100.0]);
    assert_eq!(ds.to_array(), array![1.0, 1.0, 10.0]);
    // Rows, and a result longer than the array.
    let m = tape.input("m", array![[1.0, 2.0], [3.0, 4.0]]);
    let rows = tape.constant(array![1usize, 1, 0, 1]);
    let [g] = tape
        .grad(m.index_select(0, rows).sum(), [m])
        .expect("a gradient");
    assert_eq!(g.to_array(), array![[1.0, 1.0], [3.0, 3.0]]);
}

/// NaN and infinity pass through the linear operations as they are, and a
/// NaN in one element stays there.
#[test]
fn nan_stays_where_it_is() {
    let x = array![1.0, NAN, 4.0];
    let mut f = Findings::default();
    let all: [(&str, Scalar, [f64; 3]); 5] = [
        ("ln", |x| x.ln(), [1.0, NAN, 0.25]),
        ("square", |x| x.square(), [2.0, NAN, 8.0]),
        ("sqrt", |x| x.sqrt(), [0.5, NAN, 0.25]),
        ("linear", |x| 3.0 * x - x, [2.0, 2.0, 2.0]),
        ("where", |x| x.equal(x).where_(x * x, 0.0), [2.0, 0.0, 8.0]),
    ];
    for (what, rule, want) in all {
        let (y, g) = vjp(|[x]| rule(x), &x, &array![1.0, 1.0, 1.0]).expect("a gradient");
        f.check(what, &flat(&g), &want);
        let finite = y.iter().enumerate().all(|(i, y)| i == 1 || y.is_finite());
        f.check(
            format!("{what}, neighbours"),
            &[f64::from(u8::from(finite))],
            &[1.0],
        );
        let (_, pushed) = jvp(|[x]| rule(x), &x, &array![1.0, 1.0, 1.0]).expect("a derivative");
        f.check(format!("{what}, forward"), &flat(&pushed), &want);
    }
    f.report();
}
