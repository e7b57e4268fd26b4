//! Laws that hold of every program, whatever its operations: the reverse
//! sweep is linear in the cotangent, gradients add up, what a program does
//! not use has no gradient, Hessians are symmetric, every way of computing
//! one derivative gives the same, a tape evaluated again is the same program,
//! and the same program gives the same bits.

use std::sync::LazyLock;

use ndarray::{Array1, ArrayD, IxDyn, array};
use proptest::prelude::*;
use wengert_autodiff::{
    Any, Dependence, Tape, Value, Var, concat, grad, hessian, hvp, jacobian, jvp, vjp,
};
use wengert_tests::table::{Row, case};
use wengert_tests::{
    Bound, Program, Random, assert_bits, assert_close, config, mismatches, players, sketch,
};

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(players);

/// Programs of up to so many steps over every operation.
fn program(longest: usize) -> impl Strategy<Value = Program> {
    sketch(TABLE.len(), longest).prop_map(|s| Program::build(&s, &TABLE))
}

/// The same with so few variables that every column can be looked at.
fn small(longest: usize) -> impl Strategy<Value = Program> {
    let few = |p: &Program| point(p).iter().map(|x| x.len()).sum::<usize>() <= 16;
    program(longest).prop_filter("few variables", few)
}

/// Where a program was built.
fn point(program: &Program) -> Vec<ArrayD<f64>> {
    program.variables().iter().map(case::numbers).collect()
}

/// Another point.
fn elsewhere(program: &Program, seed: u64) -> Vec<ArrayD<f64>> {
    let mut random = Random::new(seed);
    let like = |x: ArrayD<f64>| random.array(x.shape(), -1.5, 1.5);
    point(program).into_iter().map(like).collect()
}

fn inputs<'t>(tape: &'t Tape, at: &[ArrayD<f64>]) -> Vec<Var<'t, f64>> {
    let named = at.iter().enumerate();
    named
        .map(|(i, x)| tape.input(format!("x{i}"), x.clone()))
        .collect()
}

/// The program as a function of one vector that holds all variables.
fn packed<'t>(program: &Program, flat: Var<'t, f64>) -> Var<'t, f64> {
    let at = point(program);
    let sizes: Vec<usize> = at.iter().map(|x| x.len()).collect();
    let parts = flat.split(&sizes, 0);
    let x: Vec<_> = parts
        .iter()
        .zip(&at)
        .map(|(p, x)| p.reshape(x.shape()))
        .collect();
    program.run(&x)
}

fn pack(at: &[ArrayD<f64>]) -> Array1<f64> {
    at.iter().flatten().copied().collect()
}

/// What is absent counts as zero.
fn or_zero(g: Option<Var<'_, f64>>, x: Var<'_, f64>) -> ArrayD<f64> {
    g.map_or(ArrayD::zeros(IxDyn(&x.shape())), |g| g.to_array())
}

fn fine(bad: String) -> Result<(), TestCaseError> {
    prop_assert!(bad.is_empty(), "{bad}");
    Ok(())
}

/// Rounding, of numbers that went through a dozen operations and were never
/// much larger than the largest of these.
fn rounding<'a>(of: impl IntoIterator<Item = &'a ArrayD<f64>>) -> Bound {
    let all = of.into_iter().flatten().map(|x| x.abs());
    Bound::Absolute(1e-11 * all.fold(1.0, f64::max))
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn the_reverse_sweep_is_linear(program in program(10), seed: u64, p in -2.0..2.0f64) {
        let tape = Tape::new();
        let x = inputs(&tape, &point(&program));
        let y = program.run(&x);
        let mut random = Random::new(!seed);
        let u = tape.constant(random.signs(&y.shape()));
        let w = tape.constant(random.signs(&y.shape()));
        let pull = |w| tape.vjp(&[y], &[w], &x).expect("rules exist");
        let (of_u, of_w) = (pull(u), pull(w));
        for (((g, a), b), &x) in pull(p * u + w).into_iter().zip(of_u).zip(of_w).zip(&x) {
            let (a, b) = (p * or_zero(a, x), or_zero(b, x));
            let bound = rounding([&a, &b]);
            fine(mismatches(&or_zero(g, x), &(a + b), bound))?;
        }
    }

    #[test]
    fn a_zero_cotangent_gives_zeros(program in program(10), seed: u64) {
        let tape = Tape::new();
        let x = inputs(&tape, &point(&program));
        let y = program.run(&x);
        let none = tape.constant(ArrayD::<f64>::zeros(IxDyn(&y.shape())));
        for g in tape.vjp(&[y], &[none], &x).expect("rules exist").into_iter().flatten() {
            prop_assert!(g.value().iter().all(|&g| g == 0.0), "{g:?}");
        }
        let still: Vec<_> = x
            .iter()
            .map(|x| tape.constant(ArrayD::<f64>::zeros(IxDyn(&x.shape()))))
            .collect();
        for t in tape.jvp(&[y], &x, &still).expect("rules exist").into_iter().flatten() {
            prop_assert!(t.value().iter().all(|&t| t == 0.0), "{t:?}");
        }
    }

    #[test]
    fn the_gradient_of_a_sum_is_the_sum_of_the_gradients(program in program(10)) {
        let tape = Tape::new();
        let x = inputs(&tape, &point(&program));
        // Two functions that share all of a program.
        let y = program.run(&x);
        let (f, g) = (y.sum(), y.tanh().sum());
        let apart = [f, g].map(|y| tape.grads(y, &x).expect("rules exist"));
        let together = tape.grads(f + g, &x).expect("rules exist");
        // Two outputs pulled back at once are the same again.
        let one = tape.scalar(1.0);
        let at_once = tape.vjp(&[f, g], &[one, one], &x).expect("rules exist");
        for (i, &x) in x.iter().enumerate() {
            let (a, b) = (or_zero(apart[0][i], x), or_zero(apart[1][i], x));
            let (want, bound) = (&a + &b, rounding([&a, &b]));
            fine(mismatches(&or_zero(together[i], x), &want, bound))?;
            fine(mismatches(&or_zero(at_once[i], x), &want, bound))?;
            let some = apart[0][i].is_some() || apart[1][i].is_some();
            prop_assert_eq!(together[i].is_some(), some);
        }
    }

    /// Absence agrees with what `explain` says, in both modes.
    #[test]
    fn absence_is_explained(program in program(6)) {
        let tape = Tape::new();
        let x = inputs(&tape, &point(&program));
        let y = program.run(&x).sum();
        let found = tape.grads(y, &x).expect("rules exist");
        for (&x, g) in x.iter().zip(found) {
            let why = tape.explain(y, x);
            prop_assert_eq!(g.is_some(), matches!(why, Dependence::Smooth { .. }), "{}", why);
            let v = tape.constant(ArrayD::<f64>::ones(IxDyn(&x.shape())));
            let pushed = tape.jvp(&[y], &[x], &[v]).expect("rules exist")[0];
            prop_assert_eq!(g.is_some(), pushed.is_some());
        }
    }

    #[test]
    fn hessians_are_symmetric(program in small(8), seed: u64) {
        let at = pack(&point(&program));
        let Ok([[h]]) = hessian(|[x]| packed(&program, x).sum(), &at) else {
            return Err(TestCaseError::reject("there is no gradient"));
        };
        let bound = rounding([&h]);
        fine(mismatches(&h, &h.t(), bound))?;

        // Its product with a vector, by a forward over the reverse sweep.
        let v = Random::new(!seed).signs(&[at.len()]);
        let product = hvp(|[x]| packed(&program, x).sum(), &at, &v).expect("a gradient exists");
        let matrix = h.clone().into_dimensionality::<ndarray::Ix2>().expect("one block");
        let v = v.into_dimensionality::<ndarray::Ix1>().expect("a vector");
        fine(mismatches(&product, &matrix.dot(&v), bound))?;

        // The same numbers as blocks of separate variables.
        let m = at.len() / 2;
        let (left, right) = (at.slice(ndarray::s![..m]).to_owned(), at.slice(ndarray::s![m..]).to_owned());
        let blocks = hessian(
            |[a, b]| {
                // Every variable occurs, so that each has a gradient.
                packed(&program, concat(&[a, b], 0)).sum() + a.sum() + b.sum()
            },
            (&left, &right),
        );
        let ranges = [0..m, m..at.len()];
        for (of, rows) in blocks.expect("a gradient exists").iter().zip(&ranges) {
            for (block, columns) in of.iter().zip(&ranges) {
                let part = matrix.slice(ndarray::s![rows.clone(), columns.clone()]);
                fine(mismatches(block, &part.into_dyn(), bound))?;
            }
        }
    }

    #[test]
    fn jacobians_by_rows_and_by_columns(program in small(8)) {
        let at = pack(&point(&program));
        let tape = Tape::new();
        let x = tape.input("x", at.clone());
        let y = packed(&program, x);
        let Ok([j]) = jacobian(|[x]| packed(&program, x), &at) else {
            return Err(TestCaseError::reject("there is no gradient"));
        };
        let (rows, columns) = (y.size(), at.len());
        let bound = rounding([&j]);
        prop_assert_eq!(j.shape(), &[&y.shape()[..], &[columns]].concat()[..]);
        let j = j.to_shape((rows, columns)).expect("rows and columns");
        for i in 0..rows {
            let mut unit = vec![0.0; rows];
            unit[i] = 1.0;
            let unit = ArrayD::from_shape_vec(IxDyn(&y.shape()), unit).expect("the shape of y");
            let (_, row) = vjp(|[x]| packed(&program, x), &at, &unit).expect("a gradient");
            fine(mismatches(&row, &j.row(i), bound))?;
        }
        for k in 0..columns {
            let mut unit = Array1::zeros(columns);
            unit[k] = 1.0;
            let (_, column) = jvp(|[x]| packed(&program, x), &at, &unit).expect("a derivative");
            let column = column.to_shape(rows).expect("the shape of y").to_owned();
            fine(mismatches(&column, &j.column(k), bound))?;
        }
    }

    #[test]
    fn a_tape_evaluated_again_is_the_same_program(program in program(8), seed: u64) {
        let (at, other) = (point(&program), elsewhere(&program, seed));
        // A recording with first and second derivatives.
        fn record<'t>(
            tape: &'t Tape,
            program: &Program,
            at: &[ArrayD<f64>],
        ) -> (Vec<Var<'t, f64>>, Vec<Var<'t, f64>>) {
            let x = inputs(tape, at);
            let y = program.run(&x);
            let first = tape.grads(y.sum(), &x).expect("rules exist");
            let mut all = vec![y];
            for g in first.into_iter().flatten() {
                all.push(g);
                all.extend(tape.grads(g.square().sum(), &x).expect("rules").into_iter().flatten());
                let v: Vec<_> = x
                    .iter()
                    .map(|x| tape.constant(ArrayD::<f64>::ones(IxDyn(&x.shape()))))
                    .collect();
                all.extend(tape.jvp(&[g], &x, &v).expect("rules").into_iter().flatten());
            }
            (x, all)
        }
        let bits = |a: &Value, b: &Value| -> Result<(), TestCaseError> {
            let (a, b) = (a.array::<f64>().expect("f64"), b.array::<f64>().expect("f64"));
            fine(mismatches(&a, &b, Bound::Bits))
        };
        let tape = Tape::new();
        let (x, all) = record(&tape, &program, &at);
        let outputs: Vec<Var<'_, Any>> = all.iter().map(|v| v.any()).collect();
        let before = tape.len();

        let with = |values: &[ArrayD<f64>]| {
            let pairs: Vec<_> = x.iter().zip(values).map(|(x, v)| (x.any(), Value::new(v))).collect();
            tape.eval(&pairs, &outputs).expect("the same shapes")
        };
        for (again, recorded) in with(&at).iter().zip(&all) {
            bits(again, &recorded.peek())?;
        }
        let fresh = Tape::new();
        let (_, expected) = record(&fresh, &program, &other);
        prop_assert_eq!(expected.len(), all.len());
        for (again, recorded) in with(&other).iter().zip(&expected) {
            bits(again, &recorded.peek())?;
        }
        // Nothing was appended, and the recorded values are what they were.
        prop_assert_eq!(tape.len(), before);
        for (again, recorded) in with(&at).iter().zip(&all) {
            bits(again, &recorded.peek())?;
        }
        // One input replaced, the others as recorded.
        let mut mixed = at.clone();
        mixed[0] = other[0].clone();
        let some = tape.eval(&[(x[0].any(), Value::new(&other[0]))], &outputs);
        for (a, b) in some.expect("the same shape").iter().zip(with(&mixed)) {
            bits(a, &b)?;
        }
    }

    #[test]
    fn the_same_program_gives_the_same_bits(program in program(10)) {
        let run = || {
            let tape = Tape::new();
            let x = inputs(&tape, &point(&program));
            let y = program.run(&x).sum();
            let first = tape.grads(y, &x).expect("rules exist");
            let total = first.iter().flatten().fold(y, |t, g| t + g.square().sum());
            let second = tape.grads(total, &x).expect("rules exist");
            let all: Vec<_> = first.into_iter().chain(second).flatten().collect();
            let values: Vec<ArrayD<f64>> = all.iter().map(|g| g.to_array()).collect();
            (tape.to_text(), values)
        };
        let ((text, values), (text_again, again)) = (run(), run());
        prop_assert_eq!(text, text_again);
        for (a, b) in values.iter().zip(&again) {
            fine(mismatches(a, b, Bound::Bits))?;
        }
    }
}

#[test]
fn what_is_not_used_has_no_gradient_and_is_named() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 2.0]);
    let unused = tape.input("spare", array![3.0]);
    let y = x.square().sum();
    assert!(tape.grads(y, &[x, unused]).expect("rules exist")[1].is_none());
    let error = tape.grad(y, [x, unused]).expect_err("there is none");
    assert!(error.to_string().contains("`spare`"), "{error}");
    assert!(
        error.to_string().contains("does not depend on it"),
        "{error}"
    );
    assert_eq!(tape.explain(y, unused), Dependence::Independent);
    let Dependence::Smooth { path } = tape.explain(y, x) else {
        panic!("it is used")
    };
    assert_eq!(path.first().map(String::as_str), Some("`x`"));
    // Recorded after the output: it cannot depend on it either.
    let late = tape.input("late", array![1.0]);
    assert!(tape.grads(y, &[late]).expect("rules exist")[0].is_none());
    // Neither does a variable that is combined with it elsewhere.
    let _other = (x.sum() + unused).exp();
    assert!(tape.grads(y, &[unused]).expect("rules exist")[0].is_none());
}

/// A variable and something computed from it, both differentiated with
/// respect to: whatever that means, it must mean one thing, in which the two
/// sweeps are each other's transpose.
#[test]
fn a_variable_beside_its_own_descendant() {
    let tape = Tape::new();
    let x = tape.input("x", ndarray::arr0(2.0));
    let u = x.square();
    let y = 3.0 * u;
    let wrt = [x, u];
    let pulled = tape
        .vjp(&[y], &[tape.scalar(1.0)], &wrt)
        .expect("rules exist");
    let reverse: Vec<f64> = pulled
        .into_iter()
        .map(|g| g.map_or(0.0, |g| g.item()))
        .collect();
    let forward: Vec<f64> = [[1.0, 0.0], [0.0, 1.0]]
        .iter()
        .map(|v| {
            let v = v.map(|v| tape.scalar(v));
            tape.jvp(&[y], &wrt, &v).expect("rules exist")[0].map_or(0.0, |t| t.item())
        })
        .collect();
    assert_eq!(reverse, forward, "reverse {reverse:?}, forward {forward:?}");
}

#[test]
fn the_derivative_of_a_thing_by_itself() {
    let tape = Tape::new();
    let x = tape.input("x", ndarray::arr0(2.0));
    let [one] = tape.grad(x, [x]).expect("a gradient");
    assert_eq!(one.item(), 1.0);
    let y = x.exp();
    let [one, slope] = tape.grad(y, [y, x]).expect("a gradient");
    assert_eq!((one.item(), slope.item()), (1.0, 2f64.exp()));
    let [half, again] = tape.grad(x * x, [x, x]).expect("a gradient");
    assert_eq!((half.item(), again.item()), (4.0, 4.0));
    // An output twice: its cotangents add up.
    let w = tape.scalar(1.0);
    let twice = tape.vjp(&[y, y], &[w, w], &[x]).expect("a gradient")[0].expect("smooth");
    assert_eq!(twice.item(), 2.0 * 2f64.exp());
}

/// A piece of several results, alone, in every mode.
#[test]
fn one_of_several_results() {
    let x = array![1.0, 2.0, 3.0];
    for i in 0..3 {
        let (_, pushed) = jvp(|[x]| x.square().split(&[1, 1, 1], 0)[i], &x, &x).expect("smooth");
        assert_eq!(pushed, array![2.0 * x[i] * x[i]].into_dyn());
        let g = grad(|[x]| x.square().split(&[1, 1, 1], 0)[i].sum(), &x).expect("smooth");
        let mut want = Array1::zeros(3);
        want[i] = 2.0 * x[i];
        assert_eq!(g, want);
    }
}

/// No pieces at all, of nothing.
#[test]
fn no_results() {
    let tape = Tape::new();
    let nothing = tape.input("x", Array1::<f64>::zeros(0));
    assert!(nothing.split(&[], 0).is_empty());
}

/// Third derivatives do not depend on the order of differentiation.
#[test]
fn mixed_third_derivatives_commute() {
    let tape = Tape::new();
    let names = ["x", "y", "z"];
    let v: Vec<_> = names
        .iter()
        .zip([0.7, 1.3, -0.4])
        .map(|(n, x)| tape.input(*n, ndarray::arr0(x)))
        .collect();
    let (x, y, z) = (v[0], v[1], v[2]);
    let f = (x * y).sin() * (y / (2.0 + z)).exp() + x.pow(y) * z.tanh();
    let third = |order: [usize; 3]| {
        let last = order
            .iter()
            .fold(f, |f, &i| tape.grad(f, [v[i]]).expect("smooth")[0]);
        last.item()
    };
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let all: ArrayD<f64> = orders
        .iter()
        .map(|&o| third(o))
        .collect::<Array1<f64>>()
        .into_dyn();
    let first = ArrayD::from_elem(IxDyn(&[6]), all[0]);
    assert_close("third derivatives", &all, &first, Bound::OfEach(1e-13));
    assert_bits(
        "reproducible",
        &all,
        &orders
            .iter()
            .map(|&o| third(o))
            .collect::<Array1<_>>()
            .into_dyn(),
    );
}
