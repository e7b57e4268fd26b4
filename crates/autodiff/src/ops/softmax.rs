//! `ln Σ exp` and its relatives, as operations of their own: composed of
//! `exp` and `ln` they would overflow.

use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::{reduce, scalar};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, one};
use crate::ops::reduce::restore;
use crate::ops::{arity, float};
use crate::shape::{self, Axes};
use crate::value::{Type, Value};
use crate::var::Var;

/// `ln Σ exp(x)` over some axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSumExp {
    /// Over which axes.
    pub axes: Axes,
    /// Whether they stay, with length 1.
    pub keepdims: bool,
}

/// `exp(x) / Σ exp(x)` along some axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Softmax {
    /// Along which axes.
    pub axes: Axes,
}

/// `x - ln Σ exp(x)` along some axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSoftmax {
    /// Along which axes.
    pub axes: Axes,
}

/// The maximum `m` of each group and `Σ exp(x - m)`. A maximum of +∞ does not
/// differ from itself, and leaves nothing to what is below it: the limit. A
/// group of nothing but -∞ is shifted by nothing and stays at -∞.
fn shifted<F: Float>(x: &[F], s: &[usize], axes: &[usize]) -> (Vec<F>, Vec<F>, Vec<F>) {
    let max = reduce::fold(x, s, axes, F::neg_infinity(), |a, b| scalar::maximum(a, b));
    let max: Vec<F> = max
        .into_iter()
        .map(|m| if m == F::neg_infinity() { F::zero() } else { m })
        .collect();
    let kept = shape::reduced(s, axes, true);
    let x = crate::kernels::elementwise::zip(s, (x, s), (&max, &kept), |x, m| {
        if x == m { F::zero() } else { x - m }
    });
    let exp: Vec<F> = x.iter().map(|x| x.exp()).collect();
    let sum = reduce::sum(&exp, s, axes);
    (max, x, sum)
}

/// Same shape as the operand, computed from `(x - m, Σ exp(x - m))`.
fn along<F: Float>(x: &Value, axes: &[usize], f: impl Fn(F, F) -> F) -> Value {
    let s = x.shape();
    let (_, x, sum) = shifted(x.slice::<F>(), s, axes);
    let kept = shape::reduced(s, axes, true);
    let out = crate::kernels::elementwise::zip(s, (&x[..], s), (&sum[..], &kept[..]), f);
    Value::from_vec(s, out)
}

impl Primitive for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp"
    }

    fn attributes(&self) -> String {
        self.axes.describe(self.keepdims)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        float(args, 0)?;
        let axes = self.axes.resolve(x.shape.rank())?;
        let shape = shape::reduced(&x.shape, &axes, self.keepdims);
        Ok(one(Type::new(x.dtype, shape)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fn go<F: Float>(x: &Value, axes: &[usize], shape: &[usize]) -> Value {
            let (max, _, sum) = shifted(x.slice::<F>(), x.shape(), axes);
            let out = max.iter().zip(sum).map(|(&m, s)| m + s.ln()).collect();
            Value::from_vec(shape, out)
        }
        let (x, shape) = (args[0], &types[0].shape);
        let axes = self.axes.resolve(x.shape().len())?;
        Ok(one(match x {
            Value::F32(_) => go::<f32>(x, &axes, shape),
            _ => go::<f64>(x, &axes, shape),
        }))
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], y, g) = (cx.args(), cx.result(), cx.cotangent());
        let shape = x.shape();
        cx.to(0, || restore(g, &shape, &self.axes).azmul(self.slope(x, y)));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let ([x], y) = (cx.args(), cx.result());
        cx.from(0, |t| {
            t.azmul(self.slope(x, y))
                .sum_over(&self.axes, self.keepdims)
        });
        Ok(())
    }
}

impl LogSumExp {
    /// The softmax; 0 where all of a group is -∞ and nothing can change.
    fn slope<'t>(&self, x: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        let softmax = x.record(
            Softmax {
                axes: self.axes.clone(),
            },
            &[],
        );
        let nothing = restore(y, &x.shape(), &self.axes).equal(f64::NEG_INFINITY);
        nothing.where_(0.0, softmax)
    }
}

macro_rules! same_shape {
    ($($T:ty: $name:literal, |$x:ident, $sum:ident| $value:expr;)*) => {$(
        impl $T {
            fn value<F: Float>(x: &Value, axes: &[usize]) -> Value {
                along(x, axes, |$x: F, $sum: F| $value)
            }
        }

        impl Primitive for $T {
            fn name(&self) -> &'static str {
                $name
            }

            fn attributes(&self) -> String {
                self.axes.describe(false)
            }

            fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
                let [x] = arity(args)?;
                float(args, 0)?;
                self.axes.resolve(x.shape.rank())?;
                Ok(one(x.clone()))
            }

            fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
                let x = args[0];
                let axes = self.axes.resolve(x.shape().len())?;
                Ok(one(match x {
                    Value::F32(_) => Self::value::<f32>(x, &axes),
                    _ => Self::value::<f64>(x, &axes),
                }))
            }

            fn flow(&self) -> Flow {
                Flow::Smooth
            }

            fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
                let (y, g) = (cx.result(), cx.cotangent());
                cx.to(0, || self.pull(g, y));
                Ok(())
            }

            fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
                let y = cx.result();
                cx.from(0, |t| self.push(t, y));
                Ok(())
            }
        }
    )*};
}

same_shape! {
    Softmax: "softmax", |x, sum| x.exp() / sum;
    LogSoftmax: "log_softmax", |x, sum| x - sum.ln();
}

// The Jacobian of softmax is diag(y) - y yᵀ, symmetric; that of log-softmax
// is 1 - 1 exp(y)ᵀ, which is not.
impl Softmax {
    fn pull<'t>(&self, g: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        (g - g.azmul(y).sum_over(&self.axes, true)).azmul(y)
    }

    fn push<'t>(&self, t: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        let weighted = t.azmul(y);
        weighted - weighted.sum_over(&self.axes, true).azmul(y)
    }
}

impl LogSoftmax {
    fn pull<'t>(&self, g: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        g - g.sum_over(&self.axes, true).azmul(y.exp())
    }

    fn push<'t>(&self, t: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        t - t.azmul(y.exp()).sum_over(&self.axes, true)
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// `ln Σ exp(x)` over all elements, without overflow. `dy = Σ softmax(x)
    /// dx`. Of nothing, or of nothing but -∞, it is -∞, with gradient 0.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1000.0, 1000.0]);
    /// assert_eq!(x.logsumexp().item(), 1000.0 + f64::ln(2.0));
    /// ```
    #[track_caller]
    pub fn logsumexp(self) -> Var<'t, T> {
        self.record(
            LogSumExp {
                axes: Axes::All,
                keepdims: false,
            },
            &[],
        )
    }

    /// `ln Σ exp(x)` over the given axes, which stay as length 1 with
    /// `keepdims`.
    ///
    /// # Panics
    /// At the caller's line, on an axis that does not exist or is named twice.
    #[track_caller]
    pub fn logsumexp_axes(self, axes: impl AsRef<[isize]>, keepdims: bool) -> Var<'t, T> {
        let axes = axes.as_ref().into();
        self.record(LogSumExp { axes, keepdims }, &[])
    }

    /// `exp(x) / Σ exp(x)` along one axis, without overflow.
    ///
    /// For the logarithm of it use [`log_softmax`](Var::log_softmax), which
    /// stays finite where a probability underflows.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1000.0, 1000.0, -1000.0]);
    /// assert_eq!(x.softmax(-1).to_array(), array![0.5, 0.5, 0.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, on an axis that does not exist.
    #[track_caller]
    pub fn softmax(self, axis: isize) -> Var<'t, T> {
        self.softmax_axes([axis])
    }

    /// `exp(x) / Σ exp(x)`, the sum over several axes.
    #[track_caller]
    pub fn softmax_axes(self, axes: impl AsRef<[isize]>) -> Var<'t, T> {
        let axes = axes.as_ref().into();
        self.record(Softmax { axes }, &[])
    }

    /// `x - ln Σ exp(x)` along one axis, without overflow.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1000.0, 0.0]);
    /// assert_eq!(x.log_softmax(0).to_array(), array![0.0, -1000.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, on an axis that does not exist.
    #[track_caller]
    pub fn log_softmax(self, axis: isize) -> Var<'t, T> {
        self.record(
            LogSoftmax {
                axes: Axes::List(vec![axis]),
            },
            &[],
        )
    }
}
