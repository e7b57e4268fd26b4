//! The position of an extreme along one axis: an index, without a gradient.

use crate::DType;
use crate::dtype::{Float, Numeric};
use crate::error::Fault;
use crate::kernels::reduce;
use crate::op::{Flow, Primitive, Results, fresh, one};
use crate::ops::{arity, float};
use crate::shape;
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// Position of the maximum or minimum along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ArgExtreme {
    /// Whether the minimum is meant.
    pub min: bool,
    /// Along which axis.
    pub axis: isize,
}

impl ArgExtreme {
    fn value<F: Float>(&self, x: View<'_>, axis: usize, out: &mut [usize]) {
        // The first NaN wins, as in NumPy.
        let better = |a: F, best: F| {
            !best.is_nan() && (a.is_nan() || if self.min { a < best } else { a > best })
        };
        reduce::arg_into(out, x.of::<F>(), x.shape(), axis, better);
    }
}

impl Primitive for ArgExtreme {
    fn name(&self) -> &'static str {
        if self.min { "argmin" } else { "argmax" }
    }

    fn attributes(&self) -> String {
        format!("axis={}", self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        float(args, 0)?;
        let axis = shape::axis(self.axis, x.shape.rank())?;
        if x.shape[axis] == 0 {
            return Err(Fault::EmptyReduction {
                axes: vec![axis],
                shape: x.shape.clone(),
            });
        }
        Ok(one(Type::new(DType::Index, x.shape.without(axis))))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let axis = shape::axis(self.axis, args[0].shape().len())?;
        match args[0].dtype() {
            DType::F32 => self.value::<f32>(args[0], axis, out[0].of()),
            _ => self.value::<f64>(args[0], axis, out[0].of()),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::PiecewiseConstant
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// Position of the largest element along `axis`, the first of equal ones.
    /// Indices have no gradient.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![[1.0, 5.0, 5.0], [7.0, 2.0, 3.0]]);
    /// assert_eq!(x.argmax(-1).to_array(), array![1, 0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist or is empty.
    #[track_caller]
    pub fn argmax(self, axis: isize) -> Var<'t, usize> {
        self.record(ArgExtreme { min: false, axis }, &[])
    }

    /// Position of the smallest element along `axis`, the first of equal ones.
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist or is empty.
    #[track_caller]
    pub fn argmin(self, axis: isize) -> Var<'t, usize> {
        self.record(ArgExtreme { min: true, axis }, &[])
    }
}
