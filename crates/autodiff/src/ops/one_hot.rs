//! Class numbers as unit vectors; without a gradient.

use crate::DType;
use crate::dtype::Float;
use crate::error::Fault;
use crate::op::{Flow, Primitive, Results, fresh, one};
use crate::ops::index::check_indices;
use crate::ops::{arity, dtype};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// Class numbers as unit vectors, along a new last axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OneHot {
    /// The number of classes.
    pub classes: usize,
    /// Element type of the result.
    pub dtype: DType,
}

impl Primitive for OneHot {
    fn name(&self) -> &'static str {
        "one_hot"
    }

    fn attributes(&self) -> String {
        format!("classes={}", self.classes)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [labels] = arity(args)?;
        dtype(args, 0, DType::Index, "an array of class numbers (usize)")?;
        if !self.dtype.is_float() || self.classes == 0 {
            return Err(Fault::Parameter(format!(
                "makes vectors of f32 or f64 for at least one class, not of {} for {}",
                self.dtype, self.classes
            )));
        }
        let rank = labels.shape.rank();
        Ok(one(Type::new(
            self.dtype,
            labels.shape.inserted(rank, self.classes),
        )))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<F: Float>(labels: &[usize], classes: usize, out: &mut [F]) {
            out.fill(F::zero());
            for (row, &label) in out.chunks_exact_mut(classes).zip(labels) {
                row[label] = F::one();
            }
        }
        let labels = args[0].of::<usize>();
        check_indices(labels, args[0].shape().len(), self.classes)?;
        match self.dtype {
            DType::F32 => go::<f32>(labels, self.classes, out[0].of()),
            _ => go::<f64>(labels, self.classes, out[0].of()),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::PiecewiseConstant
    }
}

impl<'t> Var<'t, usize> {
    /// Class numbers as unit vectors of length `classes` along a new last
    /// axis.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let labels = tape.constant(array![2usize, 0]);
    /// let y = labels.one_hot::<f32>(3);
    /// assert_eq!(y.to_array(), array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if a class number is not below `classes`.
    #[track_caller]
    pub fn one_hot<F: Float>(self, classes: usize) -> Var<'t, F> {
        let dtype = F::DTYPE.expect("a concrete type");
        self.record(OneHot { classes, dtype }, &[])
    }
}
