//! Arrays one after the other, and one array cut into several. Each is the
//! other's transpose.

use ndarray::{Axis, concatenate};

use crate::dtype::Kind;
use crate::error::{Error, Fault};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, one};
use crate::ops::same_dtype;
use crate::shape;
use crate::value::{Type, Value, for_any};
use crate::var::{Var, record};

/// Arrays one after the other along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat {
    /// Along which axis.
    pub axis: isize,
}

/// One array cut into pieces along an axis; one result per piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Along which axis.
    pub axis: isize,
    /// The lengths of the pieces, which add up to that of the axis.
    pub lengths: Vec<usize>,
}

impl Primitive for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }

    fn attributes(&self) -> String {
        format!("axis={}", self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let Some(first) = args.first() else {
            return Err(Fault::Parameter("needs at least one array".into()));
        };
        let axis = shape::axis(self.axis, first.shape.rank())?;
        let mut total = 0;
        for (i, x) in args.iter().enumerate() {
            same_dtype(args, 0, i)?;
            if x.shape.rank() != first.shape.rank()
                || x.shape.without(axis) != first.shape.without(axis)
            {
                return Err(Fault::ShapeMismatch {
                    what: "all lengths but that of the joined axis must agree",
                    left: first.shape.clone(),
                    right: x.shape.clone(),
                });
            }
            total += x.shape[axis];
        }
        Ok(one(Type::new(first.dtype, first.shape.with(axis, total))))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fn go<T: crate::Element>(args: &[&Value], axis: usize) -> Value {
            let views: Vec<_> = args
                .iter()
                .map(|v| v.array::<T>().expect("one type"))
                .collect();
            Value::from(concatenate(Axis(axis), &views).expect("the shape rule agreed"))
        }
        use crate::DType::*;
        let axis = shape::axis(self.axis, types[0].shape.rank())?;
        Ok(one(match types[0].dtype {
            F32 => go::<f32>(args, axis),
            F64 => go::<f64>(args, axis),
            Index => go::<usize>(args, axis),
            Bool => go::<bool>(args, axis),
        }))
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let g = cx.cotangent();
        let axis = shape::axis(self.axis, g.rank()).expect("checked when recorded");
        let lengths: Vec<usize> = cx.all_args().iter().map(|a| a.shape()[axis]).collect();
        let pieces = g.split(&lengths, self.axis);
        for (i, piece) in pieces.into_iter().enumerate() {
            cx.to(i, || piece);
        }
        Ok(())
    }

    // A piece that does not move contributes zeros, of its own length.
    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let moved = cx.tangents().iter().zip(cx.all_args());
        let parts: Vec<_> = moved
            .map(|(t, x)| t.unwrap_or_else(|| x.zeros_like()))
            .collect();
        let tangent = concat(&parts, self.axis);
        cx.send(0, tangent);
        Ok(())
    }
}

impl Primitive for Split {
    fn name(&self) -> &'static str {
        "split"
    }

    fn attributes(&self) -> String {
        format!("lengths={:?}, axis={}", self.lengths, self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = crate::ops::arity(args)?;
        let axis = shape::axis(self.axis, x.shape.rank())?;
        if self.lengths.iter().sum::<usize>() != x.shape[axis] {
            return Err(Fault::Parameter(format!(
                "the lengths {:?} add up to {}, but axis {axis} of {} has length {}",
                self.lengths,
                self.lengths.iter().sum::<usize>(),
                x.shape,
                x.shape[axis]
            )));
        }
        let piece = |&len: &usize| Type::new(x.dtype, x.shape.with(axis, len));
        Ok(self.lengths.iter().map(piece).collect())
    }

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        let x = args[0];
        let axis = shape::axis(self.axis, x.shape().len())?;
        let mut rest = 0;
        let mut pieces = Results::new();
        for &len in &self.lengths {
            let range = ndarray::Slice::from(rest..rest + len);
            pieces.push(for_any!(x, a => Value::new(&a.view().slice_axis(Axis(axis), range))));
            rest += len;
        }
        Ok(pieces)
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    // A piece that nobody used sends zeros, of its own length.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let arrived = cx.cotangents().iter().zip(cx.results());
        let parts: Vec<_> = arrived
            .map(|(g, y)| g.unwrap_or_else(|| y.zeros_like()))
            .collect();
        cx.to(0, || concat(&parts, self.axis));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        if let Some(t) = cx.tangents()[0] {
            for (j, piece) in t.split(&self.lengths, self.axis).into_iter().enumerate() {
                cx.send(j, piece);
            }
        }
        Ok(())
    }
}

/// The arrays one after the other along `axis`; NumPy's `concatenate`.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::{Tape, concat};
///
/// let tape = Tape::new();
/// let a = tape.constant(array![[1.0], [2.0]]);
/// let b = tape.constant(array![[3.0, 4.0], [5.0, 6.0]]);
/// assert_eq!(concat(&[a, b], 1).to_array(), array![[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]]);
/// ```
///
/// # Panics
/// At the caller's line, if there is no array, the axis does not exist, or
/// another axis differs in length.
#[track_caller]
pub fn concat<'t, T: Kind>(arrays: &[Var<'t, T>], axis: isize) -> Var<'t, T> {
    let Some(first) = arrays.first() else {
        panic!("concat: needs at least one array");
    };
    let args: Vec<_> = arrays.iter().map(|a| a.any()).collect();
    record(first.tape(), Concat { axis }, &args)
}

/// Arrays of one shape, stacked along a new axis before `axis`.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::{Tape, stack};
///
/// let tape = Tape::new();
/// let a = tape.constant(array![1.0, 2.0]);
/// assert_eq!(stack(&[a, 10.0 * a], 1).to_array(), array![[1.0, 10.0], [2.0, 20.0]]);
/// ```
///
/// # Panics
/// At the caller's line, if there is no array or the shapes differ.
#[track_caller]
pub fn stack<'t, T: Kind>(arrays: &[Var<'t, T>], axis: isize) -> Var<'t, T> {
    let mut raised = Vec::with_capacity(arrays.len());
    for a in arrays {
        raised.push(a.expand_dims(axis));
    }
    concat(&raised, axis)
}

impl<'t, T: Kind> Var<'t, T> {
    /// Pieces of the given lengths along `axis`.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1.0, 2.0, 3.0]);
    /// let parts = x.split(&[1, 2], 0);
    /// assert_eq!(parts[1].to_array(), array![2.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist or the lengths do not
    /// add up to its length.
    #[track_caller]
    pub fn split(self, lengths: &[usize], axis: isize) -> Vec<Var<'t, T>> {
        // No pieces of nothing: an instruction without results would be lost.
        let at = crate::shape::axis(axis, self.rank());
        if lengths.is_empty() && at.is_ok_and(|at| self.shape()[at] == 0) {
            return Vec::new();
        }
        let lengths = lengths.to_vec();
        let here = std::panic::Location::caller();
        match self
            .tape()
            .record(Split { axis, lengths }.into(), &[self.id()], here)
        {
            Ok(first) => {
                let inner = self.tape().inner();
                let pieces = inner.results(inner.producer(first));
                pieces.map(|id| Var::new(self.tape(), id)).collect()
            }
            Err(error) => Error::raise(&error),
        }
    }
}
