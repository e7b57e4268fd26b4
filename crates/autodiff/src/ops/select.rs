//! The choice by a mask.

use crate::DType;
use crate::dtype::{Any, Element, Kind};
use crate::error::Fault;
use crate::kernels::elementwise::choose_into;
use crate::lanes::{Kernel, Lanes};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, dtype};
use crate::shape::broadcast;
use crate::value::{Type, Value};
use crate::var::{Operand, Var, record};
use crate::view::{View, ViewMut};

/// `a` where the mask is true, `b` elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Where;

fn choose<T: Element>(args: &[View<'_>], out: &mut ViewMut<'_>) {
    let [mask, a, b] = [args[0], args[1], args[2]];
    let mask = (mask.of::<bool>(), mask.shape());
    let (a, b) = ((a.of::<T>(), a.shape()), (b.of::<T>(), b.shape()));
    let shape = out.shape();
    choose_into(out.of::<T>(), shape, mask, a, b);
}

/// A choice between operands that are as long as the result, or one element.
fn lane<T: Copy>(out: &mut [T], mask: &[bool], a: &[T], b: &[T]) {
    let [whole, m, left, right] = [out.len(), mask.len(), a.len(), b.len()].map(|n| [n]);
    choose_into(out, &whole, (mask, &m), (a, &left), (b, &right));
}

impl Where {
    pub(crate) fn lanes(self, dtype: DType) -> Option<Lanes> {
        match dtype {
            DType::F32 => Some(Lanes::F32(Kernel::Choose(lane))),
            DType::F64 => Some(Lanes::F64(Kernel::Choose(lane))),
            DType::Index | DType::Bool => None,
        }
    }
}

impl Primitive for Where {
    fn name(&self) -> &'static str {
        "where"
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [mask, a, b] = arity(args)?;
        dtype(args, 0, DType::Bool, "a mask")?;
        crate::ops::same_dtype(args, 1, 2)?;
        let shape = broadcast(&mask.shape, &broadcast(&a.shape, &b.shape)?)?;
        Ok(one(Type::new(a.dtype, shape)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        match args[1].dtype() {
            DType::F32 => choose::<f32>(args, &mut out[0]),
            DType::F64 => choose::<f64>(args, &mut out[0]),
            DType::Index => choose::<usize>(args, &mut out[0]),
            DType::Bool => choose::<bool>(args, &mut out[0]),
        }
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    // The branch that was not chosen receives an exact zero, which the rules
    // upstream treat as absolute.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([mask, _, _], g) = (cx.args(), cx.cotangent());
        let mask = as_mask(mask);
        cx.to(1, || mask.where_(g, 0.0));
        cx.to(2, || mask.where_(0.0, g));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [mask, _, _] = cx.args();
        let mask = as_mask(mask);
        cx.from(1, |t| mask.where_(t, 0.0));
        cx.from(2, |t| mask.where_(0.0, t));
        Ok(())
    }
}

fn as_mask(v: Var<'_, Any>) -> Var<'_, bool> {
    v.typed().expect("the shape rule asked for a mask")
}

impl<'t> Var<'t, bool> {
    /// `a` where this mask is true, `b` elsewhere; NumPy's `where`.
    ///
    /// The three are broadcast together; one of `a` and `b` may be a number.
    /// The gradient goes to the side that was chosen, and the other side gets
    /// an exact zero that no infinite derivative can turn into NaN.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![0.0, 2.0]);
    /// let y = x.greater(0.0).where_(x.ln(), 0.0);
    /// let [dx] = tape.grad(y.sum(), [x])?;
    /// assert_eq!(dx.value(), array![0.0, 0.5].into_dyn());
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the shapes cannot be broadcast or the element
    /// types differ, or if neither side is a variable and the element type is
    /// unknown.
    #[track_caller]
    pub fn where_<T: Kind>(self, a: impl Operand<'t, T>, b: impl Operand<'t, T>) -> Var<'t, T> {
        let known = a.var().or(b.var()).map(|v| v.dtype()).or(T::DTYPE);
        let Some(dtype) = known else {
            panic!("where_: one of the two sides must be a variable");
        };
        let a = a.on(self.tape(), dtype).any();
        let b = b.on(self.tape(), dtype).any();
        record(self.tape(), Where, &[self.any(), a, b])
    }
}
