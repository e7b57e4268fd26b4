//! The same elements in another arrangement: reshape, permute, broadcast.
//! All linear: the tangent goes the way of the value, the cotangent goes back.

use crate::dtype::{Element, Kind, Numeric};
use crate::error::Fault;
use crate::kernels::arrange;
use crate::kernels::elementwise::broadcast_into;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::arity;
use crate::print::Term;
use crate::shape::{self, AxisList, Shape};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::by_dtype;
use crate::view::{View, ViewMut};

/// The same elements, in row-major order, in another shape.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reshape {
    /// The new shape.
    pub shape: Shape,
}

/// Axes in another order: result axis `i` is operand axis `axes[i]`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Permute {
    /// A permutation of the axes.
    pub axes: Vec<isize>,
}

/// Repetition along axes of length 1 and along new leading axes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BroadcastTo {
    /// The new shape.
    pub shape: Shape,
}

impl Primitive for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn attributes(&self) -> String {
        self.shape.to_string()
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        if x.shape.size() == self.shape.size() {
            Ok(one(Type::new(x.dtype, self.shape.clone())))
        } else {
            Err(Fault::Reshape {
                from: x.shape.clone(),
                to: self.shape.clone(),
            })
        }
    }

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        Ok(one(args[0].reshaped(&self.shape)))
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        out[0].copy_from(args[0]);
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], g) = (cx.args(), cx.cotangent());
        cx.to(0, || g.reshape(x.shape()));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| t.reshape(self.shape.clone()));
        Ok(())
    }

    // Axes of length 1 that come and go are not worth a reader's attention.
    fn formula(&self, args: &[Term], types: &[Type]) -> Term {
        let essence =
            |s: &[usize]| -> Vec<usize> { s.iter().copied().filter(|&n| n != 1).collect() };
        if essence(&types[0].shape) == essence(&self.shape) {
            args[0].clone()
        } else {
            Term::call(self.name(), args, &self.attributes())
        }
    }
}

impl Permute {
    fn resolved(&self, rank: usize) -> Result<AxisList, Fault> {
        let refuse = || Fault::Permutation {
            axes: self.axes.clone(),
            rank,
        };
        let order = self.axes.iter().map(|&a| shape::axis(a, rank));
        let order = order
            .collect::<Result<AxisList, _>>()
            .map_err(|_| refuse())?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if sorted.into_iter().eq(0..rank) {
            Ok(order)
        } else {
            Err(refuse())
        }
    }

    fn inverse(&self) -> Vec<isize> {
        let order = self
            .resolved(self.axes.len())
            .expect("checked when recorded");
        let mut inverse = vec![0; order.len()];
        for (i, &axis) in order.iter().enumerate() {
            inverse[axis] = i as isize;
        }
        inverse
    }
}

impl Primitive for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }

    fn attributes(&self) -> String {
        format!("{:?}", self.axes)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        let order = self.resolved(x.shape.rank())?;
        let shape: Shape = order.iter().map(|&a| x.shape[a]).collect();
        Ok(one(Type::new(x.dtype, shape)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(x: View<'_>, out: &mut ViewMut<'_>, order: &[usize]) {
            arrange::permute(out.of::<T>(), x.of(), x.shape(), order);
        }
        let order = self.resolved(args[0].shape().len())?;
        by_dtype!(args[0], go(args[0], &mut out[0], &order));
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let g = cx.cotangent();
        cx.to(0, || g.permute(self.inverse()));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| t.permute(&self.axes));
        Ok(())
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        if self.axes == [1, 0] {
            Term::postfix(&args[0], "ᵀ")
        } else {
            Term::call(self.name(), args, &self.attributes())
        }
    }
}

impl Primitive for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }

    fn attributes(&self) -> String {
        self.shape.to_string()
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        match shape::broadcast(&x.shape, &self.shape) {
            Ok(shape) if shape == self.shape => Ok(one(Type::new(x.dtype, shape))),
            _ => Err(Fault::BroadcastTo {
                from: x.shape.clone(),
                to: self.shape.clone(),
            }),
        }
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(x: View<'_>, out: &mut ViewMut<'_>) {
            let shape = out.shape();
            broadcast_into(out.of::<T>(), x.of(), x.shape(), shape);
        }
        by_dtype!(args[0], go(args[0], &mut out[0]));
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    // Repetition is undone by summing, which `to` does for every rule.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let g = cx.cotangent();
        cx.to(0, || g);
        Ok(())
    }

    // `from` repeats what is smaller than the result.
    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| t);
        Ok(())
    }
}

impl<'t, T: Kind> Var<'t, T> {
    /// The same elements, in row-major order, in another shape.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![[1, 2, 3], [4, 5, 6]].mapv(f64::from));
    /// assert_eq!(x.reshape([3, 2]).to_array(), array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the numbers of elements differ.
    #[track_caller]
    pub fn reshape(self, shape: impl AsRef<[usize]>) -> Var<'t, T> {
        let shape = Shape::from(shape.as_ref());
        if shape == self.shape() {
            return self;
        }
        self.record(Reshape { shape }, &[])
    }

    /// Axes in another order: axis `i` of the result is axis `axes[i]` of
    /// this. Negative axes count from the end.
    ///
    /// # Panics
    /// At the caller's line, if `axes` is not a permutation of the axes.
    #[track_caller]
    pub fn permute(self, axes: impl AsRef<[isize]>) -> Var<'t, T> {
        let axes = axes.as_ref().to_vec();
        self.record(Permute { axes }, &[])
    }

    /// All axes in reverse order; of a matrix, the transpose.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.transpose().to_array(), array![[1.0, 3.0], [2.0, 4.0]]);
    /// ```
    #[track_caller]
    pub fn transpose(self) -> Var<'t, T> {
        let axes = (0..self.rank() as isize).rev().collect();
        self.record(Permute { axes }, &[])
    }

    /// Repeated along axes of length 1 and along new leading axes.
    ///
    /// # Panics
    /// At the caller's line, if this shape cannot be broadcast to `shape`.
    #[track_caller]
    pub fn broadcast_to(self, shape: impl AsRef<[usize]>) -> Var<'t, T> {
        let shape = Shape::from(shape.as_ref());
        if shape == self.shape() {
            return self;
        }
        self.record(BroadcastTo { shape }, &[])
    }

    /// With a new axis of length 1 before `axis`; -1 appends it.
    ///
    /// # Panics
    /// At the caller's line, if the result would have no such axis.
    #[track_caller]
    pub fn expand_dims(self, axis: isize) -> Var<'t, T> {
        let shape = self.shape();
        match shape::axis(axis, shape.rank() + 1) {
            Ok(at) => self.reshape(&shape.inserted(at, 1)[..]),
            Err(fault) => self.refuse("expand_dims", &[], fault),
        }
    }

    /// Without the axis `axis`, which must be of length 1.
    ///
    /// # Panics
    /// At the caller's line, if it does not exist or is longer.
    #[track_caller]
    pub fn squeeze(self, axis: isize) -> Var<'t, T> {
        let shape = self.shape();
        let checked = shape::axis(axis, shape.rank()).and_then(|at| match shape[at] {
            1 => Ok(shape.without(at)),
            length => Err(Fault::Squeeze { axis: at, length }),
        });
        match checked {
            Ok(squeezed) => self.reshape(&squeezed[..]),
            Err(fault) => self.refuse("squeeze", &[], fault),
        }
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// The reverse of broadcasting: summed over the axes along which `shape`
    /// would have to be repeated to become this shape.
    #[track_caller]
    pub(crate) fn sum_to(self, shape: &[usize]) -> Var<'t, T> {
        let from = self.shape();
        if *from == *shape {
            return self;
        }
        let added = from.rank() - shape.len();
        let repeated = (0..from.rank())
            .filter(|&i| i < added || (shape[i - added] == 1 && from[i] != 1))
            .map(|i| i as isize);
        self.sum_axes(repeated.collect::<Vec<_>>(), true)
            .reshape(shape)
    }
}

impl AsRef<[usize]> for Shape {
    fn as_ref(&self) -> &[usize] {
        self
    }
}
