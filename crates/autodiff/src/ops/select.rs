//! The choice by a mask.

use crate::DType;
use crate::dtype::{Any, Element, Kind};
use crate::error::Fault;
use crate::kernels::elementwise::broadcast as fill;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, one};
use crate::ops::{arity, dtype};
use crate::shape::broadcast;
use crate::value::{Type, Value};
use crate::var::{Operand, Var, record};

/// `a` where the mask is true, `b` elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Where;

fn choose<T: Element>(shape: &[usize], mask: &Value, a: &Value, b: &Value) -> Value {
    let m = fill(mask.slice::<bool>(), mask.shape(), shape);
    let (sa, sb) = (a.slice::<T>(), b.slice::<T>());
    let data: Vec<T> = match (sa.len(), sb.len()) {
        (1, 1) => m.iter().map(|&m| if m { sa[0] } else { sb[0] }).collect(),
        (1, n) if n == m.len() => pick(&m, std::iter::repeat(&sa[0]), sb.iter()),
        (n, 1) if n == m.len() => pick(&m, sa.iter(), std::iter::repeat(&sb[0])),
        _ => {
            let (a, b) = (fill(sa, a.shape(), shape), fill(sb, b.shape(), shape));
            pick(&m, a.iter(), b.iter())
        }
    };
    Value::from_vec(shape, data)
}

fn pick<'a, T: Copy + 'a>(
    mask: &[bool],
    a: impl Iterator<Item = &'a T>,
    b: impl Iterator<Item = &'a T>,
) -> Vec<T> {
    let pairs = a.zip(b);
    mask.iter()
        .zip(pairs)
        .map(|(&m, (&a, &b))| if m { a } else { b })
        .collect()
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
        let shape = &types[0].shape;
        let [mask, a, b] = [args[0], args[1], args[2]];
        Ok(one(match a.dtype() {
            DType::F32 => choose::<f32>(shape, mask, a, b),
            DType::F64 => choose::<f64>(shape, mask, a, b),
            DType::Index => choose::<usize>(shape, mask, a, b),
            DType::Bool => choose::<bool>(shape, mask, a, b),
        }))
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
