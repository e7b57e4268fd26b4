//! Arrays one after the other, and one array cut into several. Each is the
//! other's transpose.

use crate::dtype::{Element, Kind};
use crate::error::{Error, Fault};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::same_dtype;
use crate::shape;
use crate::value::{Type, Value};
use crate::var::{Var, record};
use crate::view::by_dtype;
use crate::view::{View, ViewMut};

/// Arrays one after the other along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Concat {
    /// Along which axis.
    pub axis: isize,
}

/// One array cut into pieces along an axis; one result per piece.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(args: &[View<'_>], axis: usize, out: &mut ViewMut<'_>) {
            let block = |s: &[usize]| s[axis..].iter().product::<usize>();
            let row = block(out.shape());
            let out = out.of::<T>();
            let mut start = 0;
            for x in args {
                let len = block(x.shape());
                let pieces = x.of::<T>().chunks_exact(len.max(1));
                for (row, piece) in out.chunks_exact_mut(row.max(1)).zip(pieces) {
                    row[start..start + len].copy_from_slice(piece);
                }
                start += len;
            }
        }
        let axis = shape::axis(self.axis, out[0].shape().len())?;
        by_dtype!(args[0], go(args, axis, &mut out[0]));
        Ok(())
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
        let total = self
            .lengths
            .iter()
            .fold(0, |sum: usize, &n| sum.saturating_add(n));
        if total != x.shape[axis] {
            return Err(Fault::Parameter(format!(
                "the lengths {:?} add up to {total}, but axis {axis} of {} has length {}",
                self.lengths, x.shape, x.shape[axis]
            )));
        }
        let piece = |&len: &usize| Type::new(x.dtype, x.shape.with(axis, len));
        Ok(self.lengths.iter().map(piece).collect())
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(x: View<'_>, axis: usize, out: &mut [ViewMut<'_>]) {
            let block = |s: &[usize]| s[axis..].iter().product::<usize>();
            let row = block(x.shape());
            let mut start = 0;
            for out in out {
                let len = block(out.shape());
                let pieces = out.of::<T>().chunks_exact_mut(len.max(1));
                for (piece, row) in pieces.zip(x.of::<T>().chunks_exact(row.max(1))) {
                    piece.copy_from_slice(&row[start..start + len]);
                }
                start += len;
            }
        }
        let axis = shape::axis(self.axis, args[0].shape().len())?;
        by_dtype!(args[0], go(args[0], axis, out));
        Ok(())
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
