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

use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::elementwise::map;
use crate::kernels::scalar;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, one};
use crate::ops::{arity, float};
use crate::print::Term;
use crate::value::{Type, Value, for_float};
use crate::var::Var;

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
            value |$v:ident| $value:expr;
            push |$g:pat_param, $x:pat_param, $y:pat_param| $push:expr;
            at $at:literal: $is:literal, slope $slope:literal;
    )*) => {
        /// A function of one number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

            fn method(self) -> &'static str {
                match self {
                    $(Unary::$Variant => stringify!($method),)*
                }
            }

            fn value<F: Float>(self, x: &[F]) -> Vec<F> {
                match self {
                    $(Unary::$Variant => map(x, |$v: F| $value),)*
                }
            }

            fn push<'t>(self, g: Var<'t, Any>, x: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
                match self {
                    $(Unary::$Variant => {
                        let ($g, $x, $y) = (g, x, y);
                        $push
                    })*
                }
            }

            /// An argument, the value and the slope there, computed elsewhere.
            #[cfg(test)]
            fn known(self) -> (f64, f64, f64) {
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
}

unary! {
    /// Negation, `-x`; also written `-x`. `dy = -dx`.
    Neg neg: on [-3.0, 3.0], kinks [];
        value |x| -x;
        push |g, _, _| -g;
        at 0.5: -0.5, slope -1.0;

    /// Reciprocal, `1/x`. `dy = -y² dx`; infinite at 0.
    Recip recip: on [0.5, 3.0], kinks [];
        value |x| x.recip();
        push |g, _, y| g.azmul(-y.square());
        at 0.5: 2.0, slope -4.0;

    /// Exponential, `e^x`. `dy = y dx`.
    Exp exp: on [-3.0, 3.0], kinks [];
        value |x| x.exp();
        push |g, _, y| g.azmul(y);
        at 0.5: 1.6487212707001282, slope 1.6487212707001282;

    /// Natural logarithm, `ln x`; NaN below 0. `dy = dx / x`; infinite at 0.
    Ln ln: on [0.2, 5.0], kinks [];
        value |x| x.ln();
        push |g, x, _| g.azmul(x.recip());
        at 0.3: -1.2039728043259361, slope 3.3333333333333335;

    /// `ln(1 + x)`, exact for small `x`. `dy = dx / (1 + x)`.
    Log1p log1p: on [-0.7, 3.0], kinks [];
        value |x| x.ln_1p();
        push |g, x, _| g.azmul((1.0 + x).recip());
        at 0.5: 0.4054651081081644, slope 0.6666666666666666;

    /// `e^x - 1`, exact for small `x`. `dy = e^x dx`, which keeps its digits
    /// where `y + 1` would lose them.
    Expm1 expm1: on [-3.0, 3.0], kinks [];
        value |x| x.exp_m1();
        push |g, x, _| g.azmul(x.exp());
        at 0.5: 0.6487212707001282, slope 1.6487212707001282;

    /// Square root; NaN below 0. `dy = dx / 2y`; infinite at 0, which is
    /// the limit and what every framework says.
    Sqrt sqrt: on [0.2, 5.0], kinks [];
        value |x| x.sqrt();
        push |g, _, y| g.azmul(0.5 * y.recip());
        at 0.3: 0.5477225575051661, slope 0.9128709291752769;

    /// `x²`. `dy = 2x dx`.
    Square square: on [-3.0, 3.0], kinks [];
        value |x| x * x;
        push |g, x, _| g.azmul(2.0 * x);
        at 0.5: 0.25, slope 1.0;

    /// Absolute value. `dy = sign(x) dx`; at 0 the subgradient of least norm,
    /// 0 (as PyTorch; JAX takes 1).
    Abs abs: on [-3.0, 3.0], kinks [0.0];
        value |x| x.abs();
        push |g, x, _| g.azmul(x.sign());
        at 0.5: 0.5, slope 1.0;

    /// Sign: -1, 0 or 1. Piecewise constant: it has no gradient, and says so.
    Sign sign: on [-3.0, 3.0], kinks [0.0];
        value |x| scalar::sign(x);
        push |g, _, _| 0.0 * g;
        at 0.5: 1.0, slope 0.0;

    /// Sine, of radians. `dy = cos(x) dx`.
    Sin sin: on [-3.0, 3.0], kinks [];
        value |x| x.sin();
        push |g, x, _| g.azmul(x.cos());
        at 0.5: 0.479425538604203, slope 0.8775825618903728;

    /// Cosine, of radians. `dy = -sin(x) dx`.
    Cos cos: on [-3.0, 3.0], kinks [];
        value |x| x.cos();
        push |g, x, _| -g.azmul(x.sin());
        at 0.5: 0.8775825618903728, slope -0.479425538604203;

    /// Tangent, of radians. `dy = (1 + y²) dx`.
    Tan tan: on [-1.2, 1.2], kinks [];
        value |x| x.tan();
        push |g, _, y| g.azmul(1.0 + y.square());
        at 0.5: 0.5463024898437905, slope 1.2984464104095248;

    /// Hyperbolic tangent. `dy = sech²(x) dx`, written `4 σ(2x) σ(-2x)`,
    /// which keeps its digits where `1 - y²` loses them to cancellation.
    Tanh tanh: on [-3.0, 3.0], kinks [];
        value |x| x.tanh();
        push |g, x, _| g.azmul(4.0 * (2.0 * x).sigmoid() * (-2.0 * x).sigmoid());
        at 0.5: 0.46211715726000974, slope 0.7864477329659275;

    /// Logistic function, `1 / (1 + e^-x)`, without overflow.
    /// `dy = y σ(-x) dx`: the textbook's `y (1 - y)`, with `1 - σ(x) = σ(-x)`
    /// so that nothing cancels where the unit is saturated.
    Sigmoid sigmoid: on [-3.0, 3.0], kinks [];
        value |x| scalar::sigmoid(x);
        push |g, x, y| g.azmul(y * (-x).sigmoid());
        at 0.5: 0.6224593312018546, slope 0.2350037122015945;

    /// Rectifier, `max(x, 0)`. `dy = dx` above 0 and 0 elsewhere; 0 at 0.
    Relu relu: on [-3.0, 3.0], kinks [0.0];
        value |x| if x <= F::zero() { F::zero() } else { x };
        push |g, x, _| x.less_equal(0.0).where_(0.0, g);
        at 0.5: 0.5, slope 1.0;

    /// `ln(1 + e^x)`, without overflow. `dy = σ(x) dx`. A primitive: composed
    /// of `max` and `abs`, its gradient at 0 would be 0 instead of 1/2.
    Softplus softplus: on [-3.0, 3.0], kinks [];
        value |x| scalar::softplus(x);
        push |g, x, _| g.azmul(x.sigmoid());
        at 0.5: 0.9740769841801067, slope 0.6224593312018546;
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

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        let x = args[0];
        Ok(one(for_float!(x, a => {
            let a = a.as_slice().expect("values are contiguous");
            Value::from_vec(x.shape(), self.value(a))
        })))
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
            Unary::Sign => Flow::PiecewiseConstant,
            _ => Flow::Smooth,
        }
    }

    fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
        for &kink in self.domain().kinks {
            for (i, x) in args[0].to_f64().into_iter().enumerate() {
                visit(i, x - kink);
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
}
