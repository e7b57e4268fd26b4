//! Functions of two numbers, applied element by element with NumPy's
//! broadcasting: one table, and the operators `+ - * /` with numbers on
//! either side.
//!
//! As in the table of functions of one number, a row states the value and,
//! per operand, what becomes of a small change `g` of it. Broadcasting is not
//! the rules' business: it is undone at the edge, once, in
//! [`Vjp::to`](crate::op::Vjp::to).

use std::ops::{Add, Div, Mul, Sub};

use crate::DType;
use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::elementwise::zip_into;
use crate::kernels::scalar;
use crate::lanes::{Kernel, Lanes, zip_lanes};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, float, same_dtype};
use crate::print::{Binding, Term};
use crate::shape::broadcast;
use crate::value::{Type, Value};
use crate::var::{Operand, Var};
use crate::view::{View, ViewMut};

/// Makes the enum, its dispatch and the methods from the rows of the table.
macro_rules! binary {
    ($(
        $(#[$doc:meta])*
        $Variant:ident $method:ident:
            value |$v:ident, $w:ident| $value:expr;
            push |$g:pat_param, $a:pat_param, $b:pat_param, $y:pat_param| $left:expr, $right:expr;
            at $at:literal, $beside:literal: $is:literal, slopes $da:literal, $db:literal;
    )*) => {
        /// A function of two numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Binary {
            $($(#[$doc])* $Variant,)*
        }

        impl Binary {
            /// Every function in the table.
            pub const ALL: &'static [Binary] = &[$(Binary::$Variant,)*];

            fn method(self) -> &'static str {
                match self {
                    $(Binary::$Variant => stringify!($method),)*
                }
            }

            fn value<F: Float>(self, a: View<'_>, b: View<'_>, out: &mut ViewMut<'_>) {
                let left = (a.of::<F>(), a.shape());
                let right = (b.of::<F>(), b.shape());
                let (shape, out) = (out.shape(), out.of::<F>());
                match self {
                    $(Binary::$Variant => zip_into(out, shape, left, right, #[inline(always)] |$v: F, $w: F| $value),)*
                }
            }

            /// The value of operands that are as long as the result, or one
            /// element.
            fn lane<F: Float>(self) -> fn(&mut [F], &[F], &[F]) {
                match self {
                    $(Binary::$Variant => |out, a, b| zip_lanes(out, a, b, #[inline(always)] |$v: F, $w: F| $value),)*
                }
            }

            /// What a change `g` of operand `i` does to the result.
            fn push<'t>(
                self,
                i: usize,
                g: Var<'t, Any>,
                [a, b]: [Var<'t, Any>; 2],
                y: Var<'t, Any>,
            ) -> Var<'t, Any> {
                match self {
                    $(Binary::$Variant => {
                        let ($g, $a, $b, $y) = (g, a, b, y);
                        if i == 0 { $left } else { $right }
                    })*
                }
            }

            /// Two arguments, the value and the slopes there, computed elsewhere.
            #[cfg(test)]
            fn known(self) -> ([f64; 2], f64, [f64; 2]) {
                match self {
                    $(Binary::$Variant => ([$at, $beside], $is, [$da, $db]),)*
                }
            }
        }

        impl<'t, T: Numeric> Var<'t, T> {
            $(
                $(#[$doc])*
                ///
                /// Elementwise with NumPy's broadcasting; the other operand
                /// may be a number. Panics, at the caller's line, if the
                /// shapes cannot be broadcast or the element types differ.
                ///
                /// ```
                /// let tape = wengert_autodiff::Tape::new();
                #[doc = concat!("let y = tape.scalar(", stringify!($at), "_f64).", stringify!($method), "(", stringify!($beside), ");")]
                #[doc = concat!("assert!((y.item() - ", stringify!($is), ").abs() < 1e-15);")]
                /// ```
                #[track_caller]
                #[allow(clippy::should_implement_trait)]
                pub fn $method(self, other: impl Operand<'t, T>) -> Var<'t, T> {
                    let other = self.beside(other);
                    self.record(Binary::$Variant, &[other.any()])
                }
            )*
        }
    };
}

binary! {
    /// Sum, `a + b`. `dy = da + db`.
    Add add:
        value |a, b| a + b;
        push |g, _, _, _| g, g;
        at 1.5, 0.5: 2.0, slopes 1.0, 1.0;

    /// Difference, `a - b`. `dy = da - db`.
    Sub sub:
        value |a, b| a - b;
        push |g, _, _, _| g, -g;
        at 1.5, 0.5: 1.0, slopes 1.0, -1.0;

    /// Product, `a b`. `dy = b da + a db`.
    Mul mul:
        value |a, b| a * b;
        push |g, a, b, _| g.azmul(b), g.azmul(a);
        at 1.5, 0.5: 0.75, slopes 0.5, 1.5;

    /// Quotient, `a / b`. `dy = (da - y db) / b`; written with `y`, which
    /// does not overflow where `b²` would.
    Div div:
        value |a, b| a / b;
        push |g, _, b, y| g.azmul(b.recip()), g.azmul(-(y / b));
        at 1.5, 0.5: 3.0, slopes 2.0, -6.0;

    /// Power, `a^b`. `dy = b a^(b-1) da + y ln(a) db`.
    ///
    /// At `a = 0`, `b >= 0` the derivative with respect to the exponent is
    /// taken as 0, its limit for every `b > 0`. For `a < 0` it does not exist
    /// and is NaN; a constant exponent belongs in [`powf`](Var::powf) or
    /// [`powi`](Var::powi), where the question does not arise.
    Pow pow:
        value |a, b| a.powf(b);
        push |g, a, b, y|
            g.azmul(b.azmul(a.pow(b - 1.0))),
            g.azmul(exponential(a, b, y));
        at 1.5, 0.5: 1.224744871391589, slopes 0.408248290463863, 0.4965913116837105;

    /// `ln(e^a + e^b)`, without overflow. `dy = σ(a - b) da + σ(b - a) db`.
    ///
    /// Of two -∞ it is -∞ with gradient 0, as [`logsumexp`](Var::logsumexp);
    /// two +∞ share the gradient evenly, as any equal operands do.
    LogAddExp logaddexp:
        value |a, b| scalar::logaddexp(a, b);
        push |g, a, b, _| g.azmul(weight(a, b)), g.azmul(weight(b, a));
        at 1.5, 0.5: 1.8132616875182228, slopes 0.7310585786300049, 0.2689414213699951;

    /// `a ln(b)`, and 0 at `a = 0` even where the logarithm is infinite or
    /// does not exist. `dy = ln(b) da + a/b db`, where a zero `a` absorbs; the
    /// slope in `a` is the true one at `a = 0` too: -∞ for `b = 0`.
    XLogY xlogy:
        value |a, b| scalar::xlogy(a, b);
        push |g, a, b, _| g.azmul(b.ln()), g.azmul(a.azmul(b.recip()));
        at 1.5, 0.3: -1.805959206488904, slopes -1.2039728043259361, 5.0;

    /// The angle of the point `(b, a)`, `atan(a/b)` in the right quadrant, in
    /// `[-π, π]`. `dy = (b da - a db) / (a² + b²)`, without overflow; at the
    /// origin, where there is no angle, and at infinity, where it does not
    /// change, 0.
    Atan2 atan2:
        value |a, b| a.atan2(b);
        push |g, a, b, _| g.azmul(turn(b, a)), g.azmul(-turn(a, b));
        at 1.5, 0.5: 1.2490457723982544, slopes 0.2, -0.6;

    /// Length of the vector `(a, b)`, `√(a² + b²)`, without overflow.
    /// `dy = (a da + b db) / y`; at the origin 0, the subgradient of least
    /// norm.
    Hypot hypot:
        value |a, b| a.hypot(b);
        push |g, a, b, y| g.azmul(direction(a, y)), g.azmul(direction(b, y));
        at 1.5, 0.5: 1.5811388300841898, slopes 0.9486832980505138, 0.31622776601683794;

    /// The larger of two numbers; NaN if either is. The gradient goes to the
    /// larger one; equal ones share it evenly, which is symmetric and what a
    /// central difference sees. Beside NaN both receive it, so that nothing
    /// is silent where the value is not a number.
    Maximum maximum:
        value |a, b| scalar::maximum(a, b);
        push |g, a, b, _|
            a.less(b).where_(0.0, a.equal(b).where_(0.5 * g, g)),
            b.less(a).where_(0.0, b.equal(a).where_(0.5 * g, g));
        at 1.5, 0.5: 1.5, slopes 1.0, 0.0;

    /// The smaller of two numbers; NaN if either is. The gradient goes to the
    /// smaller one; equal ones share it evenly.
    Minimum minimum:
        value |a, b| scalar::minimum(a, b);
        push |g, a, b, _|
            a.greater(b).where_(0.0, a.equal(b).where_(0.5 * g, g)),
            b.greater(a).where_(0.0, b.equal(a).where_(0.5 * g, g));
        at 1.5, 0.5: 0.5, slopes 0.0, 1.0;

    /// The product `a b` in which an exact zero `a` absorbs: `0 · ∞ = 0`,
    /// `0 · NaN = 0`. Derivative rules use it with the cotangent as `a`, so
    /// that a zero cotangent is absolute.
    ///
    /// Its derivatives are those of the product, with the same absorption:
    /// a choice `where(a = 0, 0, a b)` would have derivative 0 with respect
    /// to `a` at 0, where it must be `b`, and second derivatives would be
    /// silently wrong wherever a cotangent happens to be zero.
    AzMul azmul:
        value |a, b| if a == F::zero() { F::zero() } else { a * b };
        push |g, a, b, _| g.azmul(b), g.azmul_both(a);
        at 1.5, 0.5: 0.75, slopes 0.5, 1.5;

    /// The product `a b` in which an exact zero on either side absorbs. The
    /// derivative of [`azmul`](Var::azmul) with respect to its second factor
    /// is made of it: there both factors are cotangents or tangents.
    AzMulBoth azmul_both:
        value |a, b| if a == F::zero() || b == F::zero() { F::zero() } else { a * b };
        push |g, a, b, _| g.azmul_both(b), g.azmul_both(a);
        at 1.5, 0.5: 0.75, slopes 0.5, 1.5;
}

/// `y ln(a)`, the slope of `y = a^b` in the exponent; 0 at `a = 0`, where it
/// does not change with `b`. For `0 < b <= 1` it still changes with `a`,
/// infinitely fast: that must not become a silent zero at second order.
fn exponential<'t>(a: Var<'t, Any>, b: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
    let zero = a.equal(0.0);
    let settled = zero.and(b.equal(0.0).or(b.greater(1.0)));
    let y = zero.and(b.greater(0.0)).where_(a.pow(b.stop_gradient()), y);
    settled.where_(0.0, y.azmul(a.ln()))
}

/// The part of `e^a` in `e^a + e^b`, `σ(a - b)`, where equal infinities do not
/// differ and nothing has no part.
fn weight<'t>(a: Var<'t, Any>, b: Var<'t, Any>) -> Var<'t, Any> {
    let tie = a.equal(b);
    let nothing = tie.and(a.equal(f64::NEG_INFINITY));
    let tie = tie.and(a.abs().equal(f64::INFINITY));
    // Finite ties stay out of it: their difference has a derivative.
    let part = tie.where_(0.0, a - b).sigmoid();
    nothing.where_(0.0, part)
}

/// `b / (a² + b²)`.
fn turn<'t>(b: Var<'t, Any>, a: Var<'t, Any>) -> Var<'t, Any> {
    let y = a.hypot(b);
    let still = y.equal(0.0).or(y.equal(f64::INFINITY));
    still.where_(0.0, b / y / y)
}

/// `a / y`, a component of a vector of length `y`; 0 of the zero vector.
pub(crate) fn direction<'t>(a: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
    y.equal(0.0).where_(0.0, a / y)
}

impl Binary {
    pub(crate) fn lanes(self, dtype: DType) -> Lanes {
        match dtype {
            DType::F32 => Lanes::F32(Kernel::Zip(self.lane())),
            _ => Lanes::F64(Kernel::Zip(self.lane())),
        }
    }
}

impl Primitive for Binary {
    fn name(&self) -> &'static str {
        self.method()
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [a, b] = arity(args)?;
        float(args, 0)?;
        float(args, 1)?;
        same_dtype(args, 0, 1)?;
        Ok(one(Type::new(a.dtype, broadcast(&a.shape, &b.shape)?)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        match args[0].dtype() {
            DType::F32 => self.value::<f32>(args[0], args[1], &mut out[0]),
            _ => self.value::<f64>(args[0], args[1], &mut out[0]),
        }
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let (args, y, g) = (cx.args(), cx.result(), cx.cotangent());
        cx.to(0, || self.push(0, g, args, y));
        cx.to(1, || self.push(1, g, args, y));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let (args, y) = (cx.args(), cx.result());
        cx.from(0, |t| self.push(0, t, args, y));
        cx.from(1, |t| self.push(1, t, args, y));
        Ok(())
    }

    fn piece(&self, args: &[&Value], base: &[&Value]) -> Option<Value> {
        let greater = match self {
            Binary::Maximum => true,
            Binary::Minimum => false,
            _ => return None,
        };
        let shape = broadcast(args[0].shape(), args[1].shape()).ok()?;
        let spread =
            |v: &Value| crate::kernels::elementwise::broadcast(&v.to_f64(), v.shape(), &shape);
        let [a, b, left, right] = [args[0], args[1], base[0], base[1]].map(spread);
        if left
            .iter()
            .zip(&right)
            .any(|(a, b)| a == b || (a - b).is_nan())
        {
            return None;
        }
        let pick = |i: usize| {
            if (left[i] > right[i]) == greater {
                a[i]
            } else {
                b[i]
            }
        };
        Some(Value::from_vec(
            &shape,
            (0..a.len()).map(pick).collect::<Vec<f64>>(),
        ))
    }

    fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
        match self {
            Binary::Maximum | Binary::Minimum => crate::ops::compare::differences(args, visit),
            // The tip of the cone.
            Binary::Hypot => crate::ops::compare::pairs(args, f64::hypot, visit),
            // The origin, and the jump from -π to π.
            Binary::Atan2 => {
                let cut = |a: f64, b: f64| if b < 0.0 { a } else { a.hypot(b) };
                crate::ops::compare::pairs(args, cut, visit);
            }
            _ => {}
        }
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        let infix = |op, binding| Term::infix(&args[0], op, &args[1], binding);
        match self {
            Binary::Add => infix("+", Binding::Sum),
            Binary::Sub => infix("-", Binding::Sum),
            Binary::Mul | Binary::AzMul | Binary::AzMulBoth => infix("*", Binding::Product),
            Binary::Div => infix("/", Binding::Product),
            _ => Term::call(self.name(), args, ""),
        }
    }
}

/// The operator, with a variable or a number on the right, or a number on the
/// left.
macro_rules! operator {
    ($($Op:ident $op:ident),*) => {$(
        impl<'t, T: Numeric> $Op for Var<'t, T> {
            type Output = Var<'t, T>;

            #[track_caller]
            fn $op(self, other: Var<'t, T>) -> Var<'t, T> {
                self.record(Binary::$Op, &[other.any()])
            }
        }

        impl<'t, T: Numeric> $Op<f64> for Var<'t, T> {
            type Output = Var<'t, T>;

            #[track_caller]
            fn $op(self, other: f64) -> Var<'t, T> {
                let other = self.beside(other);
                self.record(Binary::$Op, &[other.any()])
            }
        }

        impl<'t, T: Numeric> $Op<Var<'t, T>> for f64 {
            type Output = Var<'t, T>;

            #[track_caller]
            fn $op(self, other: Var<'t, T>) -> Var<'t, T> {
                other.beside(self).record(Binary::$Op, &[other.any()])
            }
        }
    )*};
}

operator! { Add add, Sub sub, Mul mul, Div div }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;

    #[test]
    fn values_and_slopes_are_the_known_ones() {
        for &f in Binary::ALL {
            let tape = Tape::new();
            let ([a, b], value, slopes) = f.known();
            let (a, b) = (tape.scalar(a), tape.scalar(b));
            let y: Var<f64> = a.record(f, &[b.any()]);
            assert!((y.item() - value).abs() <= 4e-16 * value.abs(), "{f:?}");
            for (i, slope) in slopes.into_iter().enumerate() {
                let g = f.push(i, tape.scalar(1.0).any(), [a.any(), b.any()], y.any());
                let found = g.typed::<f64>().unwrap().item();
                assert!(
                    (found - slope).abs() <= 4e-16 * slope.abs(),
                    "{f:?}, operand {i}"
                );
            }
        }
    }
}
