//! Derivatives at a single point, in both modes and to the third order, for
//! tests of what happens at kinks and poles.

use wengert_autodiff::{Tape, Var, jvp};

/// Whether two numbers are equal, NaN to NaN and 0 to -0.
pub fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// Collects what differs, so that a test shows all there is to see.
#[derive(Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Notes a difference in numbers that must be the same.
    pub fn check(&mut self, what: impl std::fmt::Display, got: &[f64], want: &[f64]) {
        if got.len() != want.len() || !got.iter().zip(want).all(|(&a, &b)| same(a, b)) {
            self.0.push(format!("{what}: got {got:?}, want {want:?}"));
        }
    }

    /// As `check`, up to rounding.
    pub fn near(&mut self, what: impl std::fmt::Display, got: f64, want: f64) {
        if (got - want).abs() > 1e-13 * want.abs().max(1.0) || got.is_nan() {
            self.0.push(format!("{what}: got {got:e}, want {want:e}"));
        }
    }

    /// Fails if anything was noted.
    ///
    /// # Panics
    /// With everything that was noted.
    #[track_caller]
    pub fn report(self) {
        assert!(self.0.is_empty(), "\n{}", self.0.join("\n"));
    }
}

/// The value, and derivatives of a function of one number to the third
/// order, by repeated reverse sweeps. `None` is an exact zero.
///
/// # Panics
/// If an operation has no rule.
pub fn orders(f: impl for<'t> Fn(Var<'t, f64>) -> Var<'t, f64>, at: f64) -> [f64; 4] {
    let tape = Tape::new();
    let x = tape.input("x", ndarray::arr0(at));
    let mut y = Some(f(x));
    let mut out = [0.0; 4];
    for place in &mut out {
        let Some(now) = y else { break };
        *place = now.item();
        y = tape.grads(now, &[x]).expect("rules exist")[0];
    }
    out
}

/// The slope by a forward sweep.
///
/// # Panics
/// If an operation has no rule, or there is no derivative.
pub fn forward(f: impl for<'t> Fn(Var<'t, f64>) -> Var<'t, f64>, at: f64) -> f64 {
    let at = ndarray::arr0(at);
    let pushed = jvp(|[x]| f(x), &at, &ndarray::arr0(1.0));
    pushed.expect("a derivative").1.sum()
}

/// The slope, which both modes must agree on.
///
/// # Panics
/// If they do not.
#[track_caller]
pub fn slope(f: impl for<'t> Fn(Var<'t, f64>) -> Var<'t, f64>, at: f64) -> f64 {
    let reverse = orders(&f, at)[1];
    let forward = forward(f, at);
    assert!(
        same(reverse, forward),
        "reverse {reverse}, forward {forward}"
    );
    reverse
}

/// The elements in row-major order.
pub fn flat<D: ndarray::Dimension>(a: &ndarray::Array<f64, D>) -> Vec<f64> {
    a.iter().copied().collect()
}
