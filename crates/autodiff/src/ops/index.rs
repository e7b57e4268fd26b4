//! Elements by number, and the reverse: adding into numbered places.
//! Repeated numbers add up, in row-major order of the index array.

use crate::DType;
use crate::dtype::{Any, Element, Float, Kind, Numeric};
use crate::error::Fault;
use crate::kernels::arrange;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, dtype, float};
use crate::shape::{self, Shape};
use crate::value::{Type, Value};
use crate::var::{Var, record};
use crate::view::by_dtype;
use crate::view::{View, ViewMut};

/// Slices of an axis by number: result slice `i` is operand slice
/// `indices[i]`. The index array may have any rank; its axes take the place
/// of the indexed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IndexSelect {
    /// The indexed axis.
    pub axis: isize,
}

/// Adds slice `i` of the operand to slice `indices[i]` of zeros: the
/// transpose of [`IndexSelect`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IndexAdd {
    /// The indexed axis of the result.
    pub axis: usize,
    /// The shape of the result.
    pub shape: Shape,
}

/// Elements by number along one axis: `y[i, j] = x[i, index[i, j]]` and so on;
/// NumPy's `take_along_axis`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Gather {
    /// The indexed axis.
    pub axis: isize,
}

/// Adds element `[i, j]` of the operand to element `[i, index[i, j]]` of
/// zeros: the transpose of [`Gather`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScatterAdd {
    /// The indexed axis.
    pub axis: usize,
    /// The shape of the result.
    pub shape: Shape,
}

pub(super) fn check_indices(indices: &[usize], axis: usize, length: usize) -> Result<(), Fault> {
    match indices.iter().position(|&i| i >= length) {
        None => Ok(()),
        Some(position) => Err(Fault::Index {
            index: indices[position],
            position,
            axis,
            length,
        }),
    }
}

fn index_operand(args: &[Type]) -> Result<(), Fault> {
    dtype(args, 1, DType::Index, "an array of indices (usize)")
}

/// The shape with axis `axis` replaced by the axes of the index array.
fn selected(shape: &Shape, axis: usize, indices: &[usize]) -> Shape {
    let (before, after) = (&shape[..axis], &shape[axis + 1..]);
    before.iter().chain(indices).chain(after).copied().collect()
}

impl Primitive for IndexSelect {
    fn name(&self) -> &'static str {
        "index_select"
    }

    fn attributes(&self) -> String {
        format!("axis={}", self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x, indices] = arity(args)?;
        index_operand(args)?;
        let axis = shape::axis(self.axis, x.shape.rank())?;
        Ok(one(Type::new(
            x.dtype,
            selected(&x.shape, axis, &indices.shape),
        )))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(x: View<'_>, indices: &[usize], axis: usize, out: &mut ViewMut<'_>) {
            let inner: usize = x.shape()[axis + 1..].iter().product();
            let block = x.shape()[axis] * inner;
            let blocks = x.of::<T>().chunks_exact(block.max(1));
            let targets = out.of::<T>();
            let targets = targets.chunks_exact_mut((indices.len() * inner).max(1));
            for (target, outer) in targets.zip(blocks) {
                for (row, &i) in target.chunks_exact_mut(inner.max(1)).zip(indices) {
                    row.copy_from_slice(&outer[i * inner..(i + 1) * inner]);
                }
            }
        }
        let (x, indices) = (args[0], args[1].of::<usize>());
        let axis = shape::axis(self.axis, x.shape().len())?;
        check_indices(indices, axis, x.shape()[axis])?;
        by_dtype!(x, go(x, indices, axis, &mut out[0]));
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x, indices], g) = (cx.args(), cx.cotangent());
        let axis = shape::axis(self.axis, x.rank()).expect("checked when recorded");
        cx.to(0, || {
            g.record(
                IndexAdd {
                    axis,
                    shape: x.shape(),
                },
                &[indices],
            )
        });
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [_, indices] = cx.args();
        cx.from(0, |t| t.record(*self, &[indices]));
        Ok(())
    }
}

impl Primitive for IndexAdd {
    fn name(&self) -> &'static str {
        "index_add"
    }

    fn attributes(&self) -> String {
        format!("into {}, axis={}", self.shape, self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x, indices] = arity(args)?;
        float(args, 0)?;
        index_operand(args)?;
        shape::axis(self.axis as isize, self.shape.rank())?;
        let expected = selected(&self.shape, self.axis, &indices.shape);
        if x.shape != expected {
            return Err(Fault::ShapeMismatch {
                what: "the operand must have the shape that selecting would give",
                left: x.shape.clone(),
                right: expected,
            });
        }
        Ok(one(Type::new(x.dtype, self.shape.clone())))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<F: Float>(x: View<'_>, indices: &[usize], axis: usize, out: &mut ViewMut<'_>) {
            let shape = out.shape();
            let inner: usize = shape[axis + 1..].iter().product();
            let block = shape[axis] * inner;
            let out = out.of::<F>();
            out.fill(F::zero());
            let sources = x.of::<F>().chunks_exact((indices.len() * inner).max(1));
            for (target, source) in out.chunks_exact_mut(block.max(1)).zip(sources) {
                for (&i, row) in indices.iter().zip(source.chunks_exact(inner.max(1))) {
                    let place = &mut target[i * inner..(i + 1) * inner];
                    for (p, &v) in place.iter_mut().zip(row) {
                        *p += v;
                    }
                }
            }
        }
        let (x, indices) = (args[0], args[1].of::<usize>());
        check_indices(indices, self.axis, self.shape[self.axis])?;
        match x.dtype() {
            DType::F32 => go::<f32>(x, indices, self.axis, &mut out[0]),
            _ => go::<f64>(x, indices, self.axis, &mut out[0]),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([_, indices], g) = (cx.args(), cx.cotangent());
        let axis = self.axis as isize;
        cx.to(0, || g.record(IndexSelect { axis }, &[indices]));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [_, indices] = cx.args();
        cx.from(0, |t| t.record(self.clone(), &[indices]));
        Ok(())
    }
}

/// Refuses an index array that is not within `shape` on all axes but `axis`.
fn along_axis(shape: &Shape, indices: &Shape, axis: usize) -> Result<(), Fault> {
    let fits = indices.rank() == shape.rank()
        && (0..shape.rank()).all(|i| i == axis || indices[i] <= shape[i]);
    if fits {
        Ok(())
    } else {
        Err(Fault::ShapeMismatch {
            what: "the indices must have as many axes as the array and be no longer than it, \
                   but for the indexed axis",
            left: shape.clone(),
            right: indices.clone(),
        })
    }
}

impl Primitive for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn attributes(&self) -> String {
        format!("axis={}", self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x, indices] = arity(args)?;
        index_operand(args)?;
        let axis = shape::axis(self.axis, x.shape.rank())?;
        along_axis(&x.shape, &indices.shape, axis)?;
        Ok(one(Type::new(x.dtype, indices.shape.clone())))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(x: View<'_>, indices: View<'_>, axis: usize, out: &mut ViewMut<'_>) {
            let out = out.of::<T>();
            let x_at = |at| x.of::<T>()[at];
            arrange::numbered(x.shape(), indices.of(), indices.shape(), axis, |i, at| {
                out[i] = x_at(at);
            });
        }
        let (x, indices) = (args[0], args[1]);
        let axis = shape::axis(self.axis, x.shape().len())?;
        check_indices(indices.of(), axis, x.shape()[axis])?;
        by_dtype!(x, go(x, indices, axis, &mut out[0]));
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x, indices], g) = (cx.args(), cx.cotangent());
        let axis = shape::axis(self.axis, x.rank()).expect("checked when recorded");
        cx.to(0, || {
            g.record(
                ScatterAdd {
                    axis,
                    shape: x.shape(),
                },
                &[indices],
            )
        });
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [_, indices] = cx.args();
        cx.from(0, |t| t.record(*self, &[indices]));
        Ok(())
    }
}

impl Primitive for ScatterAdd {
    fn name(&self) -> &'static str {
        "scatter_add"
    }

    fn attributes(&self) -> String {
        format!("into {}, axis={}", self.shape, self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x, indices] = arity(args)?;
        float(args, 0)?;
        index_operand(args)?;
        shape::axis(self.axis as isize, self.shape.rank())?;
        along_axis(&self.shape, &indices.shape, self.axis)?;
        if x.shape != indices.shape {
            return Err(Fault::ShapeMismatch {
                what: "what is added must have the shape of the indices",
                left: x.shape.clone(),
                right: indices.shape.clone(),
            });
        }
        Ok(one(Type::new(x.dtype, self.shape.clone())))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<F: Float>(x: View<'_>, indices: View<'_>, axis: usize, out: &mut ViewMut<'_>) {
            let shape = out.shape();
            let (x, out) = (x.of::<F>(), out.of::<F>());
            out.fill(F::zero());
            arrange::numbered(shape, indices.of(), indices.shape(), axis, |i, at| {
                out[at] += x[i];
            });
        }
        let (x, indices) = (args[0], args[1]);
        check_indices(indices.of(), self.axis, self.shape[self.axis])?;
        match x.dtype() {
            DType::F32 => go::<f32>(x, indices, self.axis, &mut out[0]),
            _ => go::<f64>(x, indices, self.axis, &mut out[0]),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([_, indices], g) = (cx.args(), cx.cotangent());
        let axis = self.axis as isize;
        cx.to(0, || g.record(Gather { axis }, &[indices]));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [_, indices] = cx.args();
        cx.from(0, |t| t.record(self.clone(), &[indices]));
        Ok(())
    }
}

impl<'t, T: Kind> Var<'t, T> {
    /// Slices along `axis` by number: NumPy's `take`. The index array may
    /// have any rank; numbers may repeat, and their gradients add up.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![[1.0, 2.0], [3.0, 4.0]]);
    /// let rows = tape.constant(array![1usize, 1]);
    /// let y = x.index_select(0, rows);
    /// assert_eq!(y.to_array(), array![[3.0, 4.0], [3.0, 4.0]]);
    /// let [dx] = tape.grad(y.sum(), [x])?;
    /// assert_eq!(dx.to_array(), array![[0.0, 0.0], [2.0, 2.0]]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist or an index is out of
    /// range.
    #[track_caller]
    pub fn index_select(self, axis: isize, indices: Var<'t, usize>) -> Var<'t, T> {
        self.record(IndexSelect { axis }, &[indices.any()])
    }

    /// Elements by number along `axis`: `y[i, j] = x[i, indices[i, j]]` for
    /// the last axis of a matrix; NumPy's `take_along_axis`.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let label = tape.constant(array![[1usize], [0]]);
    /// assert_eq!(x.gather(1, label).to_array(), array![[2.0], [3.0]]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the shapes do not fit or an index is out of
    /// range.
    #[track_caller]
    pub fn gather(self, axis: isize, indices: Var<'t, usize>) -> Var<'t, T> {
        self.record(Gather { axis }, &[indices.any()])
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// This, with `source` added at numbered places along `axis`:
    /// `y[i, indices[i, j]] += source[i, j]` for the last axis of a matrix.
    /// Repeated numbers add up, in row-major order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1.0, 1.0, 1.0]);
    /// let at = tape.constant(array![2usize, 2]);
    /// let y = x.scatter_add(0, at, tape.constant(array![10.0, 20.0]));
    /// assert_eq!(y.to_array(), array![1.0, 1.0, 31.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the shapes do not fit or an index is out of
    /// range.
    #[track_caller]
    pub fn scatter_add(
        self,
        axis: isize,
        indices: Var<'t, usize>,
        source: Var<'t, T>,
    ) -> Var<'t, T> {
        let shape = self.shape();
        let axis = match shape::axis(axis, shape.rank()) {
            Ok(axis) => axis,
            Err(fault) => self.refuse("scatter_add", &[indices.any(), source.any()], fault),
        };
        let added: Var<'t, Any> = source.record(ScatterAdd { axis, shape }, &[indices.any()]);
        record(self.tape(), crate::ops::Binary::Add, &[self.any(), added])
    }
}
