//! Functions of one number.

use super::{Entry, call, map};
use crate::conformance::call::{Answer, Call, V, one};

/// Where `x` is NaN.
pub(super) fn is_nan<'t>(x: V<'t>) -> wengert_autodiff::Var<'t, bool> {
    !x.equal(x)
}

/// To a number of decimals; halves to even.
fn rounded<'t>(c: &Call<'t>) -> Answer<'t> {
    let x = c.array("input")?;
    one(match c.int("decimals", 0)? {
        0 => x.round(),
        d if d > 0 => (x * 10f64.powi(d as i32)).round() / 10f64.powi(d as i32),
        d => (x / 10f64.powi(-d as i32)).round() * 10f64.powi(-d as i32),
    })
}

/// The normal distribution function; by the complement, so that the left tail
/// keeps its digits.
pub(super) fn normal(x: V<'_>) -> V<'_> {
    0.5 * (-x * std::f64::consts::FRAC_1_SQRT_2).erfc()
}

pub(super) const OPS: &[Entry] = &[
    map("abs", |x| x.abs()),
    map("clone", |x| x),
    map("acos", |x| x.acos()),
    map("acosh", |x| x.acosh()),
    map("asin", |x| x.asin()),
    map("asinh", |x| x.asinh()),
    map("atan", |x| x.atan()),
    map("atanh", |x| x.atanh()),
    map("ceil", |x| x.ceil()),
    map("cos", |x| x.cos()),
    map("cosh", |x| x.cosh()),
    map("erf", |x| x.erf()),
    map("erfc", |x| x.erfc()),
    map("exp2", |x| x.exp2()),
    map("floor", |x| x.floor()),
    map("frac", |x| x - x.trunc()),
    map("log10", |x| x.log10()),
    map("log2", |x| x.log2()),
    map("sinh", |x| x.sinh()),
    map("trunc", |x| x.trunc()),
    map("deg2rad", |x| x * (std::f64::consts::PI / 180.0)),
    map("exp", |x| x.exp()),
    map("expm1", |x| x.expm1()),
    map("log", |x| x.ln()),
    map("log1p", |x| x.log1p()),
    map("neg", |x| -x),
    map("positive", |x| x),
    map("rad2deg", |x| x * (180.0 / std::f64::consts::PI)),
    map("reciprocal", |x| x.recip()),
    map("rsqrt", |x| x.rsqrt()),
    map("sgn", |x| x.sign()),
    map("sigmoid", |x| x.sigmoid()),
    map("sign", |x| x.sign()),
    map("sin", |x| x.sin()),
    map("sqrt", |x| x.sqrt()),
    map("square", |x| x.square()),
    map("tan", |x| x.tan()),
    map("tanh", |x| x.tanh()),
    call("round", "input decimals", rounded),
    call("round.decimals_0", "input decimals", rounded),
    call("round.decimals_3", "input decimals", rounded),
    call("round.decimals_neg_3", "input decimals", rounded),
    map("special.entr", |x| {
        x.less(0.0).where_(f64::NEG_INFINITY, -x.xlogy(x))
    }),
    map("special.ndtr", normal),
    // 0 or π, by the sign.
    map("angle", |x| {
        let angle = x.less(0.0).where_(x.full_like(std::f64::consts::PI), 0.0);
        is_nan(x).where_(x.stop_gradient(), angle)
    }),
    call("logit", "input eps", |c| {
        let x = c.array("input")?;
        let x = match c.constant("eps") {
            // Above one half, every number is outside.
            Some(eps) if eps > 0.5 => x.less(eps).where_(eps, is_nan(x).where_(x, 1.0 - eps)),
            Some(eps) => x.clamp(eps, 1.0 - eps),
            None => x,
        };
        one(x.ln() - (-x).log1p())
    }),
    call("nan_to_num", "input nan posinf neginf", |c| {
        let x = c.array("input")?;
        let nan = c.number("nan", 0.0)?;
        let high = c.number("posinf", f64::MAX)?;
        let low = c.number("neginf", f64::MIN)?;
        let y = x.equal(f64::INFINITY).where_(high, x);
        let y = x.equal(f64::NEG_INFINITY).where_(low, y);
        one(is_nan(x).where_(nan, y))
    }),
];
