//! The battery of checks that every differentiable operation has to pass at
//! every point at which it is smooth.
//!
//! For `y = f(x₁, …)`, random weights `w` and directions `v`:
//!
//! 1. the gradient of `<w, y>` agrees with differences and the forward sweep,
//! 2. `<w, J v> = <Jᵀ w, v>`,
//! 3. the gradient of `<v, Jᵀ w>`, a second derivative, reverse over reverse,
//!    agrees with differences, with respect to the `x` and to `w`,
//! 4. so does the gradient of `<w, J v>`, reverse over forward.
//!
//! To each function that is checked, `<c, x>` is added, with random `c` above
//! 100 in magnitude, larger than the derivatives here. A derivative that
//! vanishes, identically (the sum of a softmax) or by chance, has no scale to
//! measure rounding by; with the added term it has.

use ndarray::ArrayD;
use proptest::test_runner::TestCaseError;
use wengert_autodiff::verify::Report;
use wengert_autodiff::{Error, Tape, Var};

use crate::random::Random;

type Case = Result<(), TestCaseError>;

/// A function of several variables, on whatever tape they are.
pub trait Function: for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64> {}
impl<F: for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>> Function for F {}

fn broken(e: Error) -> TestCaseError {
    TestCaseError::fail(e.to_string())
}

/// A report as the outcome of a test case, with the tape if it is bad.
pub fn passes(what: &str, tape: &Tape, report: Result<Report, Error>) -> Case {
    let report = report.map_err(broken)?;
    if report.passed() {
        return Ok(());
    }
    let text = format!("{what}\n{report}\n{}", tape.to_text());
    Err(TestCaseError::fail(text))
}

/// `<c, x>` over all variables.
fn linear<'t>(x: &[Var<'t, f64>], random: &mut Random) -> Var<'t, f64> {
    let mut total = x[0].tape().scalar(0.0);
    for &x in x {
        // `signs` are at least 1/2 in magnitude.
        let c = x.tape().constant(200.0 * random.signs(&x.shape()));
        total = total + (c * x).sum();
    }
    total
}

/// The whole battery, for an operation; the value of `f` is returned.
///
/// # Errors
/// What failed first, with the tape.
pub fn check_operation(
    inputs: &[ArrayD<f64>],
    seed: u64,
    f: impl Function,
) -> Result<ArrayD<f64>, TestCaseError> {
    check(inputs, seed, f, true)
}

/// Gradient and second derivative only, for a long expression.
///
/// # Errors
/// What failed first, with the tape.
pub fn check_function(
    inputs: &[ArrayD<f64>],
    seed: u64,
    f: impl Function,
) -> Result<ArrayD<f64>, TestCaseError> {
    check(inputs, seed, f, false)
}

fn check(
    inputs: &[ArrayD<f64>],
    seed: u64,
    f: impl Function,
    forward: bool,
) -> Result<ArrayD<f64>, TestCaseError> {
    let random = &mut Random::new(seed ^ 0xBA77E27);
    let tape = Tape::new();
    let named = |(i, x): (usize, &ArrayD<f64>)| tape.input(format!("x{i}"), x.clone());
    let x: Vec<Var<'_, f64>> = inputs.iter().enumerate().map(named).collect();
    let y = f(&x);
    let w = tape.input("w", random.signs(&y.shape()));
    let v: Vec<Var<'_, f64>> = x
        .iter()
        .enumerate()
        .map(|(i, x)| tape.input(format!("v{i}"), random.signs(&x.shape())))
        .collect();
    let mut x_and_w = x.clone();
    x_and_w.push(w);

    let first = (w * y).sum() + linear(&x, random);
    let report = tape.check_gradients(first, &x);
    passes("first order", &tape, report)?;

    let pulled = tape.vjp(&[y], &[w], &x).map_err(broken)?;
    let pushed = tape.jvp(&[y], &x, &v).map_err(broken)?[0];
    let smooth = pulled.iter().any(Option::is_some);
    if smooth != pushed.is_some() {
        return Err(TestCaseError::fail(format!(
            "reverse {} a derivative, forward {}",
            if smooth { "finds" } else { "does not find" },
            if smooth { "does not" } else { "does" },
        )));
    }
    let Some(pushed) = pushed else {
        return Ok(y.to_array());
    };
    let present = pulled.iter().zip(&v);
    let present: Vec<_> = present.filter_map(|(g, &v)| g.map(|g| (g, v))).collect();
    adjoint(&tape, (w, pushed), &present)?;

    let mut second = linear(&x_and_w, random);
    for (g, v) in present {
        second = second + (g * v).sum();
    }
    let report = tape.check_gradients(second, &x_and_w);
    passes("second order, reverse over reverse", &tape, report)?;
    if forward {
        let mut x_and_v = x.clone();
        x_and_v.extend(&v);
        let mixed = (pushed * w).sum() + linear(&x_and_v, random);
        let report = tape.check_gradients(mixed, &x_and_v);
        passes("second order, reverse over forward", &tape, report)?;
    }
    Ok(y.to_array())
}

/// `<w, J v> = <Jᵀ w, v>`, up to the rounding of the two sums.
fn adjoint(
    tape: &Tape,
    (w, pushed): (Var<'_, f64>, Var<'_, f64>),
    pulled: &[(Var<'_, f64>, Var<'_, f64>)],
) -> Case {
    let size = |a: Var<'_, f64>| a.value().iter().map(|x| x.abs()).sum::<f64>();
    let dot = |a: Var<'_, f64>, b: Var<'_, f64>| -> (f64, f64) {
        let (x, y) = (a.value(), b.value());
        let products: Vec<f64> = x.iter().zip(y.iter()).map(|(x, y)| x * y).collect();
        let magnitude = products.iter().map(|p| p.abs()).sum::<f64>();
        (products.iter().sum(), magnitude + size(a) + size(b))
    };
    let (forward, mut scale) = dot(w, pushed);
    let mut reverse = 0.0;
    for &(g, v) in pulled {
        let (sum, magnitude) = dot(g, v);
        reverse += sum;
        scale += magnitude;
    }
    if (forward - reverse).abs() <= 32.0 * f64::EPSILON * scale {
        return Ok(());
    }
    Err(TestCaseError::fail(format!(
        "<w, Jv> = {forward:e}, <J'w, v> = {reverse:e}, scale {scale:e}\n{}",
        tape.to_text()
    )))
}
