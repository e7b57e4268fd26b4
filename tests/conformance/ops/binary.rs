//! Functions of two or three numbers, with broadcasting.

use std::f64::consts::LN_2;

use super::unary::is_nan;
use super::{Entry, call, zip};
use crate::conformance::call::{Answer, Call, Unsupported, V, one, unsupported};

/// `x` to a power that may be a number.
fn power<'t>(c: &Call<'t>, base: &str, exponent: &str) -> Answer<'t> {
    let x = c.array(base)?;
    one(match c.constant(exponent) {
        Some(p) if p.fract() == 0.0 && p.abs() < 1024.0 => x.powi(p as i32),
        Some(p) => x.powf(p),
        None => x.pow(c.array(exponent)?),
    })
}

/// A scalar weight, `alpha` or `value`, on an array.
fn weighted<'t>(c: &Call<'t>, name: &str, x: V<'t>) -> Result<V<'t>, Unsupported> {
    Ok(match c.number(name, 1.0)? {
        1.0 => x,
        alpha => alpha * x,
    })
}

/// `x` between `min` and `max`, each a number, an array, or absent.
fn clip<'t>(x: V<'t>, c: &Call<'t>, min: &str, max: &str) -> Answer<'t> {
    let (lo, hi) = (c.constant(min), c.constant(max));
    if let (Some(lo), Some(hi)) = (lo, hi)
        && lo <= hi
    {
        return one(x.clamp(lo, hi));
    }
    let mut y = x;
    if let Some(lo) = lo {
        y = y.clamp(lo, f64::INFINITY);
    } else if let Some(lo) = c.optional_array(min)? {
        y = y.maximum(lo);
    }
    if let Some(hi) = hi {
        y = y.clamp(f64::NEG_INFINITY, hi);
    } else if let Some(hi) = c.optional_array(max)? {
        y = y.minimum(hi);
    }
    one(y)
}

pub(super) const OPS: &[Entry] = &[
    call("add", "input other alpha", |c| {
        one(c.array("input")? + weighted(c, "alpha", c.array("other")?)?)
    }),
    call("sub", "input other alpha", |c| {
        one(c.array("input")? - weighted(c, "alpha", c.array("other")?)?)
    }),
    zip("mul", |x, y| x * y),
    call("div.no_rounding_mode", "input other rounding_mode", |c| {
        c.only_default(&["rounding_mode"])?;
        one(c.array("input")? / c.array("other")?)
    }),
    call("div.trunc_rounding", "input other rounding_mode", |c| {
        if c.text("rounding_mode", "")? != "trunc" {
            return unsupported("argument `rounding_mode`");
        }
        one((c.array("input")? / c.array("other")?).trunc())
    }),
    zip("atan2", |y, x| y.atan2(x)),
    zip("hypot", |x, y| x.hypot(y)),
    zip("ldexp", |x, n| x * n.exp2()),
    zip("logaddexp", |x, y| x.logaddexp(y)),
    zip("logaddexp2", |x, y| (x * LN_2).logaddexp(y * LN_2) / LN_2),
    zip("xlogy", |x, y| x.xlogy(y)),
    // As `xlogy`: an exact zero absorbs, but for NaN.
    zip("special.xlog1py", |x, y| {
        is_nan(y).where_(y, x.azmul(y.log1p()))
    }),
    zip("maximum", |x, y| x.maximum(y)),
    zip("minimum", |x, y| x.minimum(y)),
    zip("fmax", |x, y| {
        is_nan(x).where_(y, is_nan(y).where_(x, x.maximum(y)))
    }),
    zip("fmin", |x, y| {
        is_nan(x).where_(y, is_nan(y).where_(x, x.minimum(y)))
    }),
    zip("__rdiv__", |x, y| y / x),
    zip("__rsub__", |x, y| y - x),
    call("__rpow__", "input other", |c| power(c, "other", "input")),
    call("pow", "input exponent", |c| power(c, "input", "exponent")),
    call("float_power", "input exponent", |c| {
        power(c, "input", "exponent")
    }),
    // The magnitude of `x` with the sign bit of `y`, which a zero has too.
    zip("copysign", |x, y| {
        let negative = y.less(0.0).or(y.equal(0.0).and(y.recip().less(0.0)));
        negative.where_(-x.abs(), x.abs())
    }),
    call("addcmul", "input tensor1 tensor2 value", |c| {
        let product = c.array("tensor1")? * c.array("tensor2")?;
        one(c.array("input")? + weighted(c, "value", product)?)
    }),
    call("addcdiv", "input tensor1 tensor2 value", |c| {
        let quotient = c.array("tensor1")? / c.array("tensor2")?;
        one(c.array("input")? + weighted(c, "value", quotient)?)
    }),
    // From the nearer end, so that both ends are hit exactly.
    call("lerp", "input end weight", |c| {
        let (a, b, w) = (c.array("input")?, c.array("end")?, c.array("weight")?);
        let step = b - a;
        one(w.less(0.5).where_(a + w * step, b - (1.0 - w) * step))
    }),
    call("where", "input condition other", |c| {
        one(c
            .mask("condition")?
            .where_(c.array("input")?, c.array("other")?))
    }),
    call("masked_fill", "input mask value", |c| {
        let value = c.array("value")?;
        if value.rank() > 0 {
            return unsupported("argument `value` that is not a number");
        }
        one(c.mask("mask")?.where_(value, c.array("input")?))
    }),
    call("clamp", "input min max", |c| {
        clip(c.array("input")?, c, "min", "max")
    }),
    call("clamp_min", "input min", |c| {
        clip(c.array("input")?, c, "min", "max")
    }),
    call("clamp_max", "input max", |c| {
        clip(c.array("input")?, c, "min", "max")
    }),
];
