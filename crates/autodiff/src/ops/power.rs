//! Functions of one number with constant parameters.

use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::elementwise::map;
use crate::kernels::scalar;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, one};
use crate::ops::{arity, float};
use crate::print::Term;
use crate::value::{Type, Value, for_float};
use crate::var::Var;

/// `x^n` with an integer `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Powi {
    /// The exponent.
    pub n: i32,
}

/// `x^p` with a constant `p`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Powf {
    /// The exponent.
    pub p: f64,
}

/// `|x|^p`, or with the sign of `x`, `sign(x) |x|^p`, and a constant `p`. The
/// derivative of either is `p` times the other with `p - 1`: what slopes of
/// norms are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AbsPow {
    /// The exponent.
    pub p: f64,
    /// Whether the result has the sign of the operand.
    pub signed: bool,
}

/// `min(max(x, lo), hi)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clamp {
    /// The smallest value that passes.
    pub lo: f64,
    /// The largest value that passes.
    pub hi: f64,
}

/// What differs between functions of one number; the rest is the same.
trait Elementwise {
    const NAME: &'static str;
    fn value<F: Float>(&self, x: F) -> F;
    fn push<'t>(&self, g: Var<'t, Any>, x: Var<'t, Any>) -> Var<'t, Any>;
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
    fn kinks(&self) -> Vec<f64> {
        vec![]
    }
    /// The value at `x` on the piece that `base` lies on.
    fn piece(&self, _x: f64, _base: f64) -> Option<f64> {
        None
    }
    fn print(&self, x: &Term) -> Term;
}

impl Elementwise for Powi {
    const NAME: &'static str = "powi";

    fn value<F: Float>(&self, x: F) -> F {
        x.powi(self.n)
    }

    // dy = n x^(n-1) dx; x⁰ = 1 everywhere, so its derivative is 0 at 0 too.
    fn push<'t>(&self, g: Var<'t, Any>, x: Var<'t, Any>) -> Var<'t, Any> {
        match self.n {
            0 => g.zeros_like(),
            1 => g,
            n => g.azmul(f64::from(n) * x.powi(n.saturating_sub(1))),
        }
    }

    fn print(&self, x: &Term) -> Term {
        Term::postfix(x, &format!("^{}", self.n))
    }
}

impl Elementwise for Powf {
    const NAME: &'static str = "powf";

    fn value<F: Float>(&self, x: F) -> F {
        x.powf(F::of(self.p))
    }

    // dy = p x^(p-1) dx; x⁰ = 1 everywhere, so its derivative is 0 at 0 too.
    fn push<'t>(&self, g: Var<'t, Any>, x: Var<'t, Any>) -> Var<'t, Any> {
        match self.p {
            0.0 => g.zeros_like(),
            1.0 => g,
            p => g.azmul(p * x.powf(p - 1.0)),
        }
    }

    fn print(&self, x: &Term) -> Term {
        Term::postfix(x, &format!("^{:?}", self.p))
    }
}

impl Elementwise for AbsPow {
    const NAME: &'static str = "abs_pow";

    // With a sign, 0 at 0 even where the power is infinite: the mean of the
    // two sides.
    fn value<F: Float>(&self, x: F) -> F {
        let power = || x.abs().powf(F::of(self.p));
        match self.signed {
            true if x == F::zero() => F::zero(),
            true => scalar::sign(x) * power(),
            false => power(),
        }
    }

    fn push<'t>(&self, g: Var<'t, Any>, x: Var<'t, Any>) -> Var<'t, Any> {
        let derivative = AbsPow {
            p: self.p - 1.0,
            signed: !self.signed,
        };
        match self.p {
            0.0 => g.zeros_like(),
            p => g.azmul(p * x.record::<Any>(derivative, &[])),
        }
    }

    fn kinks(&self) -> Vec<f64> {
        vec![0.0]
    }

    fn print(&self, x: &Term) -> Term {
        let sign = if self.signed { "signed, " } else { "" };
        let attributes = format!("{sign}p={:?}", self.p);
        Term::call("abs_pow", std::slice::from_ref(x), &attributes)
    }
}

impl Elementwise for Clamp {
    const NAME: &'static str = "clamp";

    fn value<F: Float>(&self, x: F) -> F {
        let (lo, hi) = (F::of(self.lo), F::of(self.hi));
        if x < lo {
            lo
        } else if x > hi {
            hi
        } else {
            x
        }
    }

    // Slope 1 inside and on the bounds, 0 outside: a parameter that was
    // projected onto its bound can still move back in. NaN is not inside.
    // Between equal bounds there is no inside: a constant.
    fn push<'t>(&self, g: Var<'t, Any>, x: Var<'t, Any>) -> Var<'t, Any> {
        if self.lo == self.hi {
            return g.zeros_like();
        }
        let inside = x.greater_equal(self.lo).and(x.less_equal(self.hi));
        inside.where_(g, 0.0)
    }

    fn check(&self) -> Result<(), Fault> {
        if self.lo <= self.hi {
            Ok(())
        } else {
            Err(Fault::Parameter(format!(
                "the lower bound {} must not be above the upper bound {}",
                self.lo, self.hi
            )))
        }
    }

    fn kinks(&self) -> Vec<f64> {
        vec![self.lo, self.hi]
    }

    fn piece(&self, x: f64, base: f64) -> Option<f64> {
        match base {
            b if b < self.lo => Some(self.lo),
            b if b > self.hi => Some(self.hi),
            b if b > self.lo && b < self.hi => Some(x),
            _ => None,
        }
    }

    fn print(&self, x: &Term) -> Term {
        Term::call(
            "clamp",
            std::slice::from_ref(x),
            &format!("{}, {}", self.lo, self.hi),
        )
    }
}

macro_rules! primitive {
    ($($T:ty: $attributes:expr;)*) => {$(
        impl Primitive for $T {
            fn name(&self) -> &'static str {
                Self::NAME
            }

            fn attributes(&self) -> String {
                let f: fn(&$T) -> String = $attributes;
                f(self)
            }

            fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
                let [x] = arity(args)?;
                float(args, 0)?;
                self.check()?;
                Ok(one(x.clone()))
            }

            fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
                let x = args[0];
                Ok(one(for_float!(x, a => {
                    Value::from_vec(x.shape(), map(a.as_slice(), |x| self.value(x)))
                })))
            }

            fn flow(&self) -> Flow {
                Flow::Smooth
            }

            fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
                let ([x], g) = (cx.args(), cx.cotangent());
                cx.to(0, || self.push(g, x));
                Ok(())
            }

            fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
                let [x] = cx.args();
                cx.from(0, |t| self.push(t, x));
                Ok(())
            }

            fn piece(&self, args: &[&Value], base: &[&Value]) -> Option<Value> {
                let x = args[0].to_f64().into_iter().zip(base[0].to_f64());
                let y: Option<Vec<f64>> = x.map(|(x, b)| Elementwise::piece(self, x, b)).collect();
                Some(Value::from_vec(args[0].shape(), y?))
            }

            fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
                for kink in Elementwise::kinks(self) {
                    for (i, x) in args[0].to_f64().into_iter().enumerate() {
                        visit(i, x - kink);
                    }
                }
            }

            fn formula(&self, args: &[Term], _: &[Type]) -> Term {
                self.print(&args[0])
            }
        }
    )*};
}

primitive! {
    Powi: |s| format!("n={}", s.n);
    Powf: |s| format!("p={:?}", s.p);
    AbsPow: |s| format!("p={:?}, signed={}", s.p, s.signed);
    Clamp: |s| format!("lo={:?}, hi={:?}", s.lo, s.hi);
}

impl<'t, T: Numeric> Var<'t, T> {
    /// `x^n`, elementwise, with an integer `n` of either sign; `x^0 = 1`.
    /// `dy = n x^(n-1) dx`.
    ///
    /// ```
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.scalar(-2.0);
    /// let [dx] = tape.grad(x.powi(3), [x])?;
    /// assert_eq!((x.powi(3).item(), dx.item()), (-8.0, 12.0));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    #[track_caller]
    pub fn powi(self, n: i32) -> Var<'t, T> {
        self.record(Powi { n }, &[])
    }

    /// `x^p`, elementwise, with a constant `p`; NaN for negative `x` unless
    /// `p` is an integer. `dy = p x^(p-1) dx`. For an exponent that is a
    /// variable see [`pow`](Var::pow).
    ///
    /// ```
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.scalar(4.0);
    /// let [dx] = tape.grad(x.powf(1.5), [x])?;
    /// assert_eq!((x.powf(1.5).item(), dx.item()), (8.0, 3.0));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    #[track_caller]
    pub fn powf(self, p: f64) -> Var<'t, T> {
        self.record(Powf { p }, &[])
    }

    /// `min(max(x, lo), hi)`, elementwise. `dy = dx` inside and on the
    /// bounds, 0 outside and wherever `lo = hi`. Panics unless `lo <= hi`.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![-2.0, 0.0, 1.0, 3.0]);
    /// let [dx] = tape.grad(x.clamp(-1.0, 1.0).sum(), [x])?;
    /// assert_eq!(dx.value(), array![0.0, 1.0, 1.0, 0.0].into_dyn());
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    #[track_caller]
    pub fn clamp(self, lo: f64, hi: f64) -> Var<'t, T> {
        self.record(Clamp { lo, hi }, &[])
    }
}
