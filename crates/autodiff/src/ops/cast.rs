//! Conversion of element types, and the value without a derivative.

use crate::DType;
use crate::dtype::{Any, Element, Kind, Numeric};
use crate::error::Fault;
use crate::kernels::elementwise::map_into;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::arity;
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// Conversion to another element type; differentiable between floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cast {
    /// The new element type.
    pub to: DType,
}

/// The same value, without a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StopGradient;

/// The elements as numbers, one by one.
fn convert<O: Element>(x: View<'_>, out: &mut ViewMut<'_>, to: impl Fn(f64) -> O) {
    let out = out.of::<O>();
    match x.dtype() {
        DType::F32 => map_into(out, x.of::<f32>(), |x| to(f64::from(x))),
        DType::F64 => map_into(out, x.of::<f64>(), to),
        DType::Index => map_into(out, x.of::<usize>(), |x| to(x as f64)),
        DType::Bool => map_into(out, x.of::<bool>(), |x| to(f64::from(u8::from(x)))),
    }
}

impl Primitive for Cast {
    fn name(&self) -> &'static str {
        "cast"
    }

    fn attributes(&self) -> String {
        self.to.to_string()
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        if x.dtype.is_float() && !self.to.is_float() {
            return Err(Fault::Parameter(format!(
                "{} to {} would lose digits silently; compare, or take an `argmax`",
                x.dtype, self.to
            )));
        }
        Ok(one(Type::new(self.to, x.shape.clone())))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let (x, out) = (args[0], &mut out[0]);
        match self.to {
            to if x.dtype() == to => out.copy_from(x),
            DType::F32 => convert(x, out, |x| x as f32),
            DType::F64 => convert(x, out, |x| x),
            DType::Index => convert(x, out, |x| x as usize),
            DType::Bool => convert(x, out, |x| x != 0.0),
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
        let ([x], g) = (cx.args(), cx.cotangent());
        cx.to(0, || g.cast_like(x));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let y = cx.result();
        cx.from(0, |t| t.cast_like(y));
        Ok(())
    }
}

impl Primitive for StopGradient {
    fn name(&self) -> &'static str {
        "stop_gradient"
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        Ok(one(x.clone()))
    }

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        Ok(one(args[0].clone()))
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        out[0].copy_from(args[0]);
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Stopped
    }
}

impl<'t, T: Kind> Var<'t, T> {
    /// The same numbers as another element type; masks become 0 and 1.
    /// Between f32 and f64 the gradient passes, rounded the same way.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1.0, -2.0]);
    /// let positive = x.greater(0.0).cast::<f64>();
    /// assert_eq!(positive.to_array(), array![1.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, for floats to masks or indices.
    #[track_caller]
    pub fn cast<U: Element>(self) -> Var<'t, U> {
        let to = U::DTYPE.expect("a concrete type");
        self.record(Cast { to }, &[])
    }

    /// As the element type of `like`.
    #[track_caller]
    pub(crate) fn cast_like<U: Kind>(self, like: Var<'t, U>) -> Var<'t, Any> {
        let to = like.dtype();
        if self.dtype() == to {
            return self.any();
        }
        self.record(Cast { to }, &[])
    }

    /// The same value, through which no gradient flows. The tape remembers
    /// that it was you who said so: see [`Tape::explain`](crate::Tape::explain).
    ///
    /// ```
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.scalar(3.0);
    /// let [dx] = tape.grad(x * x.stop_gradient(), [x])?;
    /// assert_eq!(dx.item(), 3.0);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    #[track_caller]
    pub fn stop_gradient(self) -> Var<'t, T> {
        self.record(StopGradient, &[])
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// Zeros of this shape and element type: a constant.
    #[track_caller]
    pub fn zeros_like(self) -> Var<'t, T> {
        self.full_like(0.0)
    }

    /// One number in this shape and element type: a constant.
    #[track_caller]
    pub fn full_like(self, x: f64) -> Var<'t, T> {
        let Type { dtype, shape } = self.ty();
        let value = match dtype {
            DType::F32 => Value::from_vec(&shape, vec![x as f32; shape.size()]),
            _ => Value::from_vec(&shape, vec![x; shape.size()]),
        };
        Var::new(self.tape(), self.tape().constant_value(value).id())
    }
}
