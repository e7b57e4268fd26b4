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

use std::fmt;

use ndarray::ArrayD;
use wengert_autodiff::verify::{Report, Verdict};
use wengert_autodiff::{Error, Tape, Var};

use crate::random::Random;

/// What a check has found wrong: a page for a person, the program that shows
/// it as Rust code at its end.
#[derive(Clone, Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        Failure(e.to_string())
    }
}

/// Several functions of several variables, on whatever tape they are.
pub trait Function: for<'t> Fn(&[Var<'t, f64>]) -> Vec<Var<'t, f64>> {}
impl<F: for<'t> Fn(&[Var<'t, f64>]) -> Vec<Var<'t, f64>>> Function for F {}

/// What counts as passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// The point is smooth: anything but agreement is a failure.
    Smooth,
    /// A kink may be there, and whoever says so is right; it is not compared.
    Any,
}

/// The largest relative disagreements; `None` where there was nothing to
/// compare.
#[derive(Clone, Copy, Debug, Default)]
pub struct Agreement {
    /// The gradient, with differences and the forward sweep.
    pub first: Option<f64>,
    /// `<w, J v>` with `<Jᵀ w, v>`.
    pub adjoint: Option<f64>,
    /// The second derivative, reverse over reverse, with differences.
    pub reverse: Option<f64>,
    /// The second derivative, reverse over forward, with differences.
    pub forward: Option<f64>,
    /// How many checks met a kink.
    pub kinks: usize,
}

impl Agreement {
    /// The disagreement in a report; a kink counts.
    fn read(
        &mut self,
        what: &str,
        points: Points,
        tape: &Tape,
        y: Var<'_, f64>,
        wrt: &[Var<'_, f64>],
    ) -> Result<Option<f64>, Failure> {
        let report = tape.check_gradients(y, wrt)?;
        let kink = |v: &Verdict| matches!(v, Verdict::NonDifferentiable { .. });
        let mut rest = report.clone();
        rest.inputs.retain(|i| !kink(&i.verdict));
        let met = rest.inputs.len() < report.inputs.len();
        self.kinks += usize::from(met);
        if !rest.passed() || (met && points == Points::Smooth) {
            let code = tape.to_rust(y);
            return Err(Failure(format!("{what}\n{report}\n{code}")));
        }
        Ok(worst(&rest))
    }
}

/// The largest disagreement in a report that has passed.
fn worst(report: &Report) -> Option<f64> {
    let agreement = report.inputs.iter().filter_map(|i| match i.verdict {
        Verdict::Ok { agreement, .. } => Some(agreement),
        _ => None,
    });
    agreement.reduce(f64::max)
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

/// `<w, y>` over all results.
fn weighted<'t>(y: &[Var<'t, f64>], w: &[Var<'t, f64>]) -> Var<'t, f64> {
    let products = y.iter().zip(w).map(|(&y, &w)| (w * y).sum());
    products.reduce(|a, b| a + b).expect("there is a result")
}

/// The whole battery, for one function at a smooth point; its value is
/// returned.
///
/// # Errors
/// What failed first, with the program that shows it.
pub fn check_operation(
    inputs: &[ArrayD<f64>],
    seed: u64,
    f: impl for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>,
) -> Result<ArrayD<f64>, Failure> {
    battery(inputs, seed, Points::Smooth, |x| vec![f(x)])?;
    let tape = Tape::new();
    let x: Vec<Var<'_, f64>> = inputs.iter().map(|x| tape.input("x", x.clone())).collect();
    Ok(f(&x).to_array())
}

/// The whole battery, for a function at some point.
///
/// # Errors
/// What failed first, with the program that shows it.
pub fn battery(
    inputs: &[ArrayD<f64>],
    seed: u64,
    points: Points,
    f: impl Function,
) -> Result<Agreement, Failure> {
    let random = &mut Random::new(seed ^ 0xBA77E27);
    let tape = Tape::new();
    let named = |(i, x): (usize, &ArrayD<f64>)| tape.input(format!("x{i}"), x.clone());
    let x: Vec<Var<'_, f64>> = inputs.iter().enumerate().map(named).collect();
    let y = f(&x);
    let mut like = |name: &str, of: &[Var<'_, f64>]| -> Vec<Var<'_, f64>> {
        let one = |(i, x): (usize, &Var<'_, f64>)| {
            tape.input(format!("{name}{i}"), random.signs(&x.shape()))
        };
        of.iter().enumerate().map(one).collect()
    };
    let (w, v) = (like("w", &y), like("v", &x));
    let mut found = Agreement::default();

    let first = weighted(&y, &w) + linear(&x, random);
    found.first = found.read("first order", points, &tape, first, &x)?;

    let pulled = tape.vjp(&y, &w, &x)?;
    let pushed = tape.jvp(&y, &x, &v)?;
    let smooth = pulled.iter().any(Option::is_some);
    if smooth != pushed.iter().any(Option::is_some) {
        return Err(Failure(format!(
            "reverse {} a derivative, forward {}",
            if smooth { "finds" } else { "does not find" },
            if smooth { "does not" } else { "does" },
        )));
    }
    if !smooth {
        return Ok(found);
    }
    let pulled: Vec<_> = pulled
        .iter()
        .zip(&v)
        .filter_map(|(g, &v)| g.map(|g| (g, v)))
        .collect();
    let pushed: Vec<_> = pushed
        .iter()
        .zip(&w)
        .filter_map(|(t, &w)| t.map(|t| (t, w)))
        .collect();
    found.adjoint = Some(adjoint(&tape, &pulled, &pushed)?);

    let x_and_w = [&x[..], &w[..]].concat();
    let x_and_v = [&x[..], &v[..]].concat();
    let second = dots(&pulled) + linear(&x_and_w, random);
    let what = "second order, reverse over reverse";
    found.reverse = found.read(what, points, &tape, second, &x_and_w)?;
    let mixed = dots(&pushed) + linear(&x_and_v, random);
    let what = "second order, reverse over forward";
    found.forward = found.read(what, points, &tape, mixed, &x_and_v)?;
    Ok(found)
}

type Pair<'t> = (Var<'t, f64>, Var<'t, f64>);

/// `Σ <a, b>`.
fn dots<'t>(pairs: &[Pair<'t>]) -> Var<'t, f64> {
    let products = pairs.iter().map(|&(a, b)| (a * b).sum());
    products
        .reduce(|a, b| a + b)
        .expect("there is a derivative")
}

/// `<w, J v> = <Jᵀ w, v>`, up to the rounding of the two sums; how far they
/// are apart, relative to their terms.
fn adjoint(tape: &Tape, pulled: &[Pair<'_>], pushed: &[Pair<'_>]) -> Result<f64, Failure> {
    let size = |a: Var<'_, f64>| a.peek().to_f64().iter().map(|x| x.abs()).sum::<f64>();
    let dot = |pairs: &[Pair<'_>]| {
        let (mut sum, mut scale) = (0.0, 0.0);
        for &(a, b) in pairs {
            let (x, y) = (a.peek().to_f64(), b.peek().to_f64());
            let products = x.iter().zip(&y).map(|(x, y)| x * y);
            sum += products.clone().sum::<f64>();
            scale += products.map(f64::abs).sum::<f64>() + size(a) + size(b);
        }
        (sum, scale)
    };
    let ((reverse, a), (forward, b)) = (dot(pulled), dot(pushed));
    let (off, scale) = ((forward - reverse).abs(), a + b);
    if off <= 32.0 * f64::EPSILON * scale {
        return Ok(if scale == 0.0 { 0.0 } else { off / scale });
    }
    Err(Failure(format!(
        "<w, Jv> = {forward:e}, <J'w, v> = {reverse:e}, scale {scale:e}\n{}",
        tape.to_text()
    )))
}
