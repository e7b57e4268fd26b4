//! Reductions that skip what is masked out. The files ask for 0 in results
//! that everything was masked out of.

use wengert_autodiff::Var;

use super::activation::along;
use super::spread::{correction, norm};
use super::{Entry, Run, call};
use crate::conformance::call::{Answer, Call, Unsupported, V, one};

const ZERO: &str = "0 where masked out";

/// An operation that gives 0 where everything was masked out.
const fn masked(
    name: &'static str,
    signature: &'static str,
    f: for<'t> fn(&Call<'t>) -> Answer<'t>,
) -> Entry {
    let (run, post) = (Run::Call(f), Some(ZERO));
    Entry {
        name,
        signature,
        run,
        post,
    }
}

/// The input, its mask (what counts), and the axes of the reduction.
struct Masked<'t> {
    x: V<'t>,
    mask: Var<'t, bool>,
    axes: Vec<isize>,
    keep: bool,
}

fn operands<'t>(c: &Call<'t>) -> Result<Masked<'t>, Unsupported> {
    c.only_f64()?;
    let x = c.array("input")?;
    Ok(Masked {
        x,
        mask: mask_of(c, x, "mask")?,
        axes: c.axes("dim", x.rank())?,
        keep: c.flag("keepdim", false)?,
    })
}

fn mask_of<'t>(c: &Call<'t>, x: V<'t>, name: &str) -> Result<Var<'t, bool>, Unsupported> {
    let mask = c
        .optional_mask(name)?
        .unwrap_or_else(|| c.tape().scalar(true));
    Ok(mask.broadcast_to(x.shape()))
}

impl<'t> Masked<'t> {
    /// With another number where it is masked out.
    fn or(&self, other: f64) -> V<'t> {
        self.mask.where_(self.x, other)
    }

    fn count(&self, keep: bool) -> V<'t> {
        self.mask.cast::<f64>().sum_axes(&self.axes, keep)
    }

    /// A result, 0 where nothing counted.
    fn result(&self, y: V<'t>) -> Answer<'t> {
        one(self.count(self.keep).greater(0.0).where_(y, 0.0))
    }

    fn mean(&self, keep: bool) -> V<'t> {
        self.or(0.0).sum_axes(&self.axes, keep) / self.count(keep).maximum(1.0)
    }

    /// Distances from the mean, 0 where masked out.
    fn centred(&self) -> V<'t> {
        self.mask.where_(self.x - self.mean(true), 0.0)
    }

    /// How many count, less the correction, but not less than none.
    fn freedom(&self, c: &Call<'t>) -> Result<V<'t>, Unsupported> {
        Ok((self.count(self.keep) - correction(c)?).maximum(0.0))
    }
}

/// Along one axis, keeping the shape.
fn elementwise<'t>(c: &Call<'t>, other: f64, f: fn(V<'t>, isize) -> V<'t>) -> Answer<'t> {
    c.only_f64()?;
    let x = c.array("input")?;
    let axis = c.axis("dim", 0, x.rank())?;
    let mask = mask_of(c, x, "mask")?;
    one(mask.where_(along(mask.where_(x, other), axis, f), 0.0))
}

const REDUCTION: &str = "input dim keepdim dtype mask";
const ALONG: &str = "input dim dtype mask";
const SPREAD: &str = "input dim unbiased keepdim dtype mask correction";

pub(super) const OPS: &[Entry] = &[
    call("masked.sum", REDUCTION, |c| {
        let m = operands(c)?;
        one(m.or(0.0).sum_axes(&m.axes, m.keep))
    }),
    call("masked.prod", REDUCTION, |c| {
        let m = operands(c)?;
        one(m.or(1.0).prod_axes(&m.axes, m.keep))
    }),
    masked("masked.mean", REDUCTION, |c| {
        let m = operands(c)?;
        m.result(m.mean(m.keep))
    }),
    masked("masked.amax", REDUCTION, |c| {
        let m = operands(c)?;
        m.result(m.or(f64::NEG_INFINITY).max_axes(&m.axes, m.keep))
    }),
    masked("masked.amin", REDUCTION, |c| {
        let m = operands(c)?;
        m.result(m.or(f64::INFINITY).min_axes(&m.axes, m.keep))
    }),
    masked("masked.logsumexp", REDUCTION, |c| {
        let m = operands(c)?;
        m.result(m.or(f64::NEG_INFINITY).logsumexp_axes(&m.axes, m.keep))
    }),
    masked("masked.var", SPREAD, |c| {
        let m = operands(c)?;
        let squares = m.centred().square().sum_axes(&m.axes, m.keep);
        m.result(squares / m.freedom(c)?)
    }),
    masked("masked.std", SPREAD, |c| {
        let m = operands(c)?;
        let length = m.centred().norm_axes(2.0, &m.axes, m.keep);
        m.result(length / m.freedom(c)?.sqrt())
    }),
    masked("masked.norm", "input ord dim keepdim dtype mask", |c| {
        let m = operands(c)?;
        let p = c.number("ord", 2.0)?;
        let other = if p < 0.0 { f64::INFINITY } else { 0.0 };
        m.result(norm(m.or(other), p, &m.axes, m.keep)?)
    }),
    masked("masked.softmax", ALONG, |c| {
        elementwise(c, f64::NEG_INFINITY, |x, a| x.softmax(a))
    }),
    masked("masked.log_softmax", ALONG, |c| {
        elementwise(c, f64::NEG_INFINITY, |x, a| x.log_softmax(a))
    }),
    masked("masked.softmin", ALONG, |c| {
        elementwise(c, f64::INFINITY, |x, a| (-x).softmax(a))
    }),
    masked("masked.cumsum", ALONG, |c| {
        elementwise(c, 0.0, |x, a| x.cumsum(a))
    }),
    masked("masked.cumprod", ALONG, |c| {
        elementwise(c, 1.0, |x, a| x.cumprod(a))
    }),
    call("masked.normalize", "input ord dim eps dtype mask", |c| {
        c.only_default(&["mask"])?;
        c.only_f64()?;
        let x = c.array("input")?;
        let axes = c.axes("dim", x.rank())?;
        let length = norm(x, c.number("ord", 2.0)?, &axes, true)?;
        one(x / length.clamp(c.number("eps", 1e-12)?, f64::INFINITY))
    }),
    Entry {
        post: Some("0 where either is masked out"),
        ..call(
            "masked.logaddexp",
            "input other dtype input_mask other_mask",
            |c| {
                c.only_f64()?;
                let (x, y) = (c.array("input")?, c.array("other")?);
                let (a, b) = (mask_of(c, x, "input_mask")?, mask_of(c, y, "other_mask")?);
                one(a.and(b).where_(x.logaddexp(y), 0.0))
            },
        )
    },
];
