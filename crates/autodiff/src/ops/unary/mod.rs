//! Functions of one number, applied to every element: one table.
//!
//! A row states the function `y = f(x)` and its differential: what becomes of
//! a small change `g` of `x`. For an elementwise function that linear map is
//! its own transpose, so the one line serves reverse mode (`g` a cotangent)
//! and forward mode (`g` a tangent) alike.
//!
//! Rows multiply with [`azmul`](crate::Var::azmul), in which an exact zero `g`
//! absorbs whatever the slope is: the branch that `where_` did not select
//! stays silent, and `where(x > 0, ln x, 0)` has gradient 0 at 0, not NaN.
//! That holds for functions of bounded slope as well: their argument, or that
//! of their own derivative, may be infinite (`sin(1/x)`).
//!
//! Values are computed many at a time where the function is of
//! `kernels::vector`. `unless` names the arguments, few, that are too much for
//! it, and what they get instead.

use crate::DType;
use crate::dtype::Numeric;
use crate::error::Fault;
use crate::lanes::{Kernel, Lanes};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, float};
use crate::print::Term;
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// What a check needs to know about a function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// An interval in which the function is defined and well conditioned.
    pub sample: (f64, f64),
    /// Points at which it is not differentiable.
    pub kinks: &'static [f64],
}

/// Makes the enum, its dispatch, the methods with their documentation, and
/// the known values for the tests, from the rows of the table.
macro_rules! unary {
    ($(
        $(#[$doc:meta])*
        $Variant:ident $method:ident: on [$lo:literal, $hi:literal], kinks $kinks:tt;
            value |$v:ident| $value:expr $(, unless $far:expr => $beyond:expr)?;
            push |$g:pat_param, $x:pat_param, $y:pat_param| $push:expr;
            at $at:literal: $is:literal, slope $slope:literal;
    )*) => {
        /// A function of one number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Unary {
            $($(#[$doc])* $Variant,)*
        }

        impl Unary {
            /// Every function in the table.
            pub const ALL: &'static [Unary] = &[$(Unary::$Variant,)*];

            /// Where the function is smooth, and where it is not.
            pub fn domain(self) -> Domain {
                match self {
                    $(Unary::$Variant => Domain { sample: ($lo, $hi), kinks: &$kinks },)*
                }
            }

            pub(super) fn method(self) -> &'static str {
                match self {
                    $(Unary::$Variant => stringify!($method),)*
                }
            }

            pub(super) fn value<F: Float>(self) -> fn(&mut [F], &[F]) {
                match self {
                    $(Unary::$Variant => |out, x| unary!(@map out, x, |$v| $value $(, unless $far => $beyond)?),)*
                }
            }

            pub(super) fn push<'t>(self, g: Var<'t, Any>, x: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
                match self {
                    $(Unary::$Variant => {
                        let ($g, $x, $y) = (g, x, y);
                        $push
                    })*
                }
            }

            /// An argument, the value and the slope there, computed elsewhere.
            #[cfg(test)]
            pub(super) fn known(self) -> (f64, f64, f64) {
                match self {
                    $(Unary::$Variant => ($at, $is, $slope),)*
                }
            }
        }

        impl<'t, T: Numeric> Var<'t, T> {
            $(
                $(#[$doc])*
                ///
                /// Elementwise; keeps the shape. Panics on masks and indices.
                ///
                /// ```
                /// let tape = wengert_autodiff::Tape::new();
                #[doc = concat!("let x = tape.scalar(", stringify!($at), "_f64);")]
                #[doc = concat!("let y = x.", stringify!($method), "();")]
                #[doc = concat!("assert!((y.item() - ", stringify!($is), ").abs() < 1e-15);")]
                /// ```
                #[track_caller]
                #[allow(clippy::should_implement_trait)]
                pub fn $method(self) -> Var<'t, T> {
                    self.record(Unary::$Variant, &[])
                }
            )*
        }
    };
    (@map $out:ident, $x:ident, |$v:ident| $value:expr) => {
        map_into($out, $x, #[inline(always)] |$v: F| $value)
    };
    (@map $out:ident, $x:ident, |$v:ident| $value:expr, unless $far:expr => $beyond:expr) => {
        map_unless_into(
            $out,
            $x,
            #[inline(always)] |$v: F| $value,
            #[inline(always)] |$v: F| $far,
            |$v: F| $beyond,
        )
    };
}

mod table;

pub use table::Unary;

impl Unary {
    pub(crate) fn lanes(self, dtype: DType) -> Lanes {
        match dtype {
            DType::F32 => Lanes::F32(Kernel::Map(self.value())),
            _ => Lanes::F64(Kernel::Map(self.value())),
        }
    }
}

impl Primitive for Unary {
    fn name(&self) -> &'static str {
        self.method()
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        float(args, 0)?;
        Ok(one(x.clone()))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        match args[0].dtype() {
            DType::F32 => self.value::<f32>()(out[0].of(), args[0].of()),
            _ => self.value::<f64>()(out[0].of(), args[0].of()),
        }
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], y, g) = (cx.args(), cx.result(), cx.cotangent());
        cx.to(0, || self.push(g, x, y));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let ([x], y) = (cx.args(), cx.result());
        cx.from(0, |t| self.push(t, x, y));
        Ok(())
    }

    fn flow(&self) -> Flow {
        match self {
            Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Trunc => {
                Flow::PiecewiseConstant
            }
            _ => Flow::Smooth,
        }
    }

    fn piece(&self, args: &[&Value], base: &[&Value]) -> Option<Value> {
        let slopes: (f64, f64) = match self {
            Unary::Abs => (-1.0, 1.0),
            Unary::Relu => (0.0, 1.0),
            _ => return None,
        };
        let base = base[0].to_f64();
        if base.iter().any(|&b| b == 0.0 || b.is_nan()) {
            return None;
        }
        let x = args[0].to_f64().into_iter().zip(base);
        let y = x.map(|(x, b)| x * if b < 0.0 { slopes.0 } else { slopes.1 });
        Some(Value::from_vec(args[0].shape(), y.collect::<Vec<f64>>()))
    }

    fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
        let x = args[0].to_f64();
        match self {
            Unary::Floor | Unary::Ceil | Unary::Trunc => steps(&x, 0.0, visit),
            Unary::Round => steps(&x, 0.5, visit),
            _ => {
                for &kink in self.domain().kinks {
                    for (i, x) in x.iter().enumerate() {
                        visit(i, x - kink);
                    }
                }
            }
        }
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        match self {
            Unary::Neg => Term::prefix("-", &args[0]),
            Unary::Square => Term::postfix(&args[0], "²"),
            _ => Term::call(self.name(), args, ""),
        }
    }
}

/// Jumps at every integer, shifted by `offset`: the distance to the nearest,
/// with a sign that alternates from step to step.
fn steps(x: &[f64], offset: f64, visit: &mut dyn FnMut(usize, f64)) {
    for (i, x) in x.iter().enumerate() {
        let step = (x - offset).floor();
        let within = x - offset - step;
        let distance = within.min(1.0 - within);
        visit(
            i,
            if step % 2.0 == 0.0 {
                distance
            } else {
                -distance
            },
        );
    }
}

impl<'t, T: Numeric> std::ops::Neg for Var<'t, T> {
    type Output = Var<'t, T>;

    #[track_caller]
    fn neg(self) -> Var<'t, T> {
        self.record(Unary::Neg, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;

    #[test]
    fn values_and_slopes_are_the_known_ones() {
        for &f in Unary::ALL {
            let tape = Tape::new();
            let (at, value, slope) = f.known();
            let x = tape.scalar(at);
            let y: Var<f64> = x.record(f, &[]);
            let g = f.push(tape.scalar(1.0).any(), x.any(), y.any());
            let slope_found = g.typed::<f64>().unwrap().item();
            assert!((y.item() - value).abs() < 1e-15, "{f:?}");
            assert!((slope_found - slope).abs() <= 4e-16 * slope.abs(), "{f:?}");
        }
    }

    #[test]
    fn conventions_at_kinks_and_poles() {
        let slope = |f: Unary, at: f64| {
            let tape = Tape::new();
            let x = tape.scalar(at);
            let y: Var<f64> = x.record(f, &[]);
            let g = f.push(tape.scalar(1.0).any(), x.any(), y.any());
            g.typed::<f64>().unwrap().item()
        };
        assert_eq!(slope(Unary::Abs, 0.0), 0.0);
        assert_eq!(slope(Unary::Relu, 0.0), 0.0);
        assert_eq!(slope(Unary::Softplus, 0.0), 0.5);
        assert_eq!(slope(Unary::Sqrt, 0.0), f64::INFINITY);
        assert_eq!(slope(Unary::Ln, 0.0), f64::INFINITY);
        assert!(slope(Unary::Relu, f64::NAN) == 1.0);
        // Saturated, and still right to the last digits.
        let e40 = (-40.0f64).exp();
        assert!((slope(Unary::Sigmoid, 40.0) / e40 - 1.0).abs() < 1e-15);
        assert!((slope(Unary::Tanh, 20.0) / (4.0 * e40) - 1.0).abs() < 1e-15);
        assert_eq!(slope(Unary::Sigmoid, -1000.0), 0.0);
        assert_eq!(slope(Unary::Softplus, 1000.0), 1.0);
    }

    /// Where the usual forms cancel, overflow or meet infinity: slopes, and
    /// second derivatives, against values computed with forty digits.
    #[test]
    fn slopes_keep_their_digits_far_out_and_at_the_ends() {
        let at = |f: Unary, at: f64| {
            let tape = Tape::new();
            let x = tape.input("x", ndarray::arr0(at));
            let y: Var<f64> = x.record(f, &[]);
            let [first] = tape.grad(y, [x]).unwrap();
            let [second] = tape.grad(first, [x]).unwrap();
            (first.item(), second.item())
        };
        let inf = f64::INFINITY;
        let near = 1.0 - 2f64.powi(-40);
        let cases = [
            (Unary::Asin, near, 741455.2001896339, 4.0761930704155674e17),
            (
                Unary::Asin,
                -near,
                741455.2001896339,
                -4.0761930704155674e17,
            ),
            (
                Unary::Acos,
                near,
                -741455.2001896339,
                -4.0761930704155674e17,
            ),
            (Unary::Asin, 1.0, inf, inf),
            (Unary::Asin, -1.0, inf, -inf),
            (Unary::Acos, 1.0, -inf, -inf),
            (Unary::Acos, -1.0, -inf, inf),
            (Unary::Atanh, near, 549755813888.25, 6.044629098073146e23),
            (Unary::Atanh, 1.0, inf, inf),
            (Unary::Atanh, -1.0, inf, -inf),
            (
                Unary::Acosh,
                1.0 + 2f64.powi(-40),
                741455.2001892966,
                -4.0761930704174214e17,
            ),
            (Unary::Acosh, 1e100, 1e-100, -1e-200),
            (Unary::Acosh, 1.0, inf, -inf),
            (Unary::Asinh, 1e150, 1e-150, -1e-300),
            (Unary::Asinh, -1e-200, 1.0, 1e-200),
            (Unary::Asinh, -inf, 0.0, 0.0),
            (Unary::Atan, 1e100, 1e-200, -2e-300),
            (Unary::Atan, inf, 0.0, 0.0),
            (Unary::LogSigmoid, -1000.0, 1.0, -0.0),
            (
                Unary::LogSigmoid,
                40.0,
                4.248354255291589e-18,
                -4.248354255291589e-18,
            ),
            (
                Unary::Erfc,
                20.0,
                -2.1610374743867984e-174,
                8.644149897547193e-173,
            ),
            (Unary::Erf, inf, 0.0, 0.0),
            (Unary::Rsqrt, 0.0, -inf, inf),
            (Unary::Log2, 0.0, inf, -inf),
        ];
        for (f, x, first, second) in cases {
            let (got1, got2) = at(f, x);
            let close = |got: f64, want: f64| got == want || (got / want - 1.0).abs() < 2e-13;
            assert!(
                close(got1, first),
                "{f:?} at {x:e}: {got1:e}, want {first:e}"
            );
            assert!(
                close(got2, second),
                "{f:?} at {x:e}: second {got2:e}, want {second:e}"
            );
        }
    }
}
