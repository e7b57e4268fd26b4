//! `ln Σ exp` and its relatives, as operations of their own: composed of
//! `exp` and `ln` they would overflow.

use crate::DType;
use crate::dtype::{Any, Numeric};
use crate::error::Fault;
use crate::kernels::groups::Groups;
use crate::kernels::softmax;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::reduce::restore;
use crate::ops::{arity, float};
use crate::shape::{self, Axes};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// `ln Σ exp(x)` over some axes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LogSumExp {
    /// Over which axes.
    pub axes: Axes,
    /// Whether they stay, with length 1.
    pub keepdims: bool,
}

/// `exp(x) / Σ exp(x)` along some axes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Softmax {
    /// Along which axes.
    pub axes: Axes,
}

/// `x - ln Σ exp(x)` along some axes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LogSoftmax {
    /// Along which axes.
    pub axes: Axes,
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
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let x = args[0];
        let groups = Groups::new(x.shape(), &self.axes.resolve(x.shape().len())?);
        match x.dtype() {
            DType::F32 => softmax::logsumexp_into(out[0].of::<f32>(), x.of(), &groups),
            _ => softmax::logsumexp_into(out[0].of::<f64>(), x.of(), &groups),
        }
        Ok(())
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
    ($($T:ty: $name:literal, $kernel:path;)*) => {$(
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

            fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
                fresh(self, args, types)
            }

            fn eval_into(
                &self,
                args: &[View<'_>],
                out: &mut [ViewMut<'_>],
            ) -> Result<(), Fault> {
                let x = args[0];
                let groups = Groups::new(x.shape(), &self.axes.resolve(x.shape().len())?);
                match x.dtype() {
                    DType::F32 => $kernel(out[0].of::<f32>(), x.of(), &groups),
                    _ => $kernel(out[0].of::<f64>(), x.of(), &groups),
                }
                Ok(())
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
    Softmax: "softmax", softmax::softmax_into;
    LogSoftmax: "log_softmax", softmax::log_softmax_into;
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

#[cfg(test)]
mod tests {
    use crate::Tape;
    use ndarray::array;

    /// Against `ln(1 + ε) = ε - ε²/2 + …`, with two equal winners as well.
    #[test]
    fn a_confident_right_answer_keeps_its_digits() {
        let small = (-40.0f64).exp();
        let tape = Tape::new();
        let x = tape.constant(array![[0.0, -40.0], [5.0, -35.0]]);
        let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 1e-15, "{got} {want}");
        let y = x.log_softmax(1).to_array::<ndarray::Ix2>();
        near(y[[0, 0]], -small);
        near(y[[1, 0]], -small);
        near(
            x.logsumexp_axes([1], false).to_array::<ndarray::Ix1>()[0],
            small,
        );
        let ties = tape.constant(array![1.0, 1.0, -40.0]);
        near(ties.logsumexp().item(), 1.0 + 2f64.ln());
        near(
            ties.log_softmax(0).to_array::<ndarray::Ix1>()[1],
            -(2f64.ln()),
        );
    }
}
