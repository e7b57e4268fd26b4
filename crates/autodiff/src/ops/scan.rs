//! Running sums and products along one axis.

use crate::DType;
use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::reduce::side_by_side;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, concat, float};
use crate::shape::{self, Shape};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// `y_i = x_0 + … + x_i` along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CumSum {
    /// Along which axis.
    pub axis: isize,
    /// From the end instead: `y_i = x_i + … + x_(n-1)`.
    pub reverse: bool,
}

/// `y_i = x_0 ⋯ x_i` along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CumProd {
    /// Along which axis.
    pub axis: isize,
}

/// Each element along the axis combined with the result before it.
fn scan<F: Float>(x: View<'_>, out: &mut [F], axis: usize, reverse: bool, f: impl Fn(F, F) -> F) {
    let s = side_by_side(x.shape(), &[axis]).expect("one axis");
    out.copy_from_slice(x.of());
    for block in out.chunks_exact_mut((s.n * s.inner).max(1)) {
        for step in 1..s.n {
            let (from, to) = match reverse {
                false => (step - 1, step),
                true => (s.n - step, s.n - step - 1),
            };
            for i in 0..s.inner {
                block[to * s.inner + i] = f(block[from * s.inner + i], block[to * s.inner + i]);
            }
        }
    }
}

fn same(args: &[Type], axis: isize) -> Result<Results<Type>, Fault> {
    let [x] = arity(args)?;
    float(args, 0)?;
    shape::axis(axis, x.shape.rank())?;
    Ok(one(x.clone()))
}

impl Primitive for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }

    fn attributes(&self) -> String {
        let reverse = if self.reverse { ", reverse" } else { "" };
        format!("axis={}{reverse}", self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        same(args, self.axis)
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let (x, out, reverse) = (args[0], &mut out[0], self.reverse);
        let axis = shape::axis(self.axis, x.shape().len())?;
        match x.dtype() {
            DType::F32 => scan(x, out.of(), axis, reverse, |a: f32, b| a + b),
            _ => scan(x, out.of(), axis, reverse, |a: f64, b| a + b),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    // Element i is in all sums from i on.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let (axis, reverse) = (self.axis, !self.reverse);
        let g = cx.cotangent();
        cx.to(0, || g.record(CumSum { axis, reverse }, &[]));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| t.record(*self, &[]));
        Ok(())
    }
}

impl Primitive for CumProd {
    fn name(&self) -> &'static str {
        "cumprod"
    }

    fn attributes(&self) -> String {
        format!("axis={}", self.axis)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        same(args, self.axis)
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let (x, out) = (args[0], &mut out[0]);
        let axis = shape::axis(self.axis, x.shape().len())?;
        match x.dtype() {
            DType::F32 => scan(x, out.of(), axis, false, |a: f32, b| a * b),
            _ => scan(x, out.of(), axis, false, |a: f64, b| a * b),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], g) = (cx.args(), cx.cotangent());
        if x.size() == 0 {
            cx.to(0, || x.zeros_like());
            return Ok(());
        }
        let pulled = cx.tape().pull_back(self.doubled(x), g, x);
        if let Some(pulled) = pulled.map_err(|_| NoRule)? {
            cx.to(0, || pulled);
        }
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [x] = cx.args();
        let Some(t) = cx.tangents()[0] else {
            return Ok(());
        };
        if x.size() == 0 {
            cx.send(0, x.zeros_like());
            return Ok(());
        }
        let pushed = cx.tape().push_forward(self.doubled(x), x, t);
        if let Some(pushed) = pushed.map_err(|_| NoRule)? {
            cx.send(0, pushed);
        }
        Ok(())
    }
}

impl CumProd {
    /// The same by products alone, recorded for its derivative, as `prod` does
    /// with its tree: every step doubles the number of factors in an element.
    /// Without a division, it is right at zeros and to every order.
    fn doubled<'t>(&self, x: Var<'t, Any>) -> Var<'t, Any> {
        let shape = x.shape();
        let axis = shape::axis(self.axis, shape.rank()).expect("checked when recorded");
        let kept = (0..shape.rank()).filter(|&a| a != axis);
        let order: Vec<isize> = kept.chain([axis]).map(|a| a as isize).collect();
        let back: Vec<isize> = (0..shape.rank())
            .map(|a| {
                order
                    .iter()
                    .position(|&o| o as usize == a)
                    .expect("a permutation") as isize
            })
            .collect();
        let moved: Shape = order.iter().map(|&a| shape[a as usize]).collect();
        let n = shape[axis];
        let mut y = x.permute(&order).reshape([shape.size() / n, n]);
        let mut factors = 1;
        while factors < n {
            let longer = y.columns(factors, n) * y.columns(0, n - factors);
            y = concat(&[y.columns(0, factors), longer], 1);
            factors *= 2;
        }
        y.reshape(&moved).permute(back)
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// Sums of the elements so far along one axis: `y_i = x_0 + … + x_i`.
    /// `dx_i = Σ_(j≥i) dy_j` in reverse.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0, 3.0]);
    /// let y = x.cumsum(0);
    /// assert_eq!(y.to_array(), array![1.0, 3.0, 6.0]);
    /// let [dx] = tape.grad(y.sum(), [x])?;
    /// assert_eq!(dx.to_array(), array![3.0, 2.0, 1.0]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist.
    #[track_caller]
    pub fn cumsum(self, axis: isize) -> Var<'t, T> {
        self.record(
            CumSum {
                axis,
                reverse: false,
            },
            &[],
        )
    }

    /// Products of the elements so far along one axis: `y_i = x_0 ⋯ x_i`. The
    /// derivative is right where factors are zero, at every order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![2.0, 0.0, 4.0]);
    /// let y = x.cumprod(0);
    /// assert_eq!(y.to_array(), array![2.0, 0.0, 0.0]);
    /// let [dx] = tape.grad(y.sum(), [x])?;
    /// assert_eq!(dx.to_array(), array![1.0, 10.0, 0.0]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist.
    #[track_caller]
    pub fn cumprod(self, axis: isize) -> Var<'t, T> {
        self.record(CumProd { axis }, &[])
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use ndarray::array;

    #[test]
    fn along_either_axis_and_over_nothing() {
        let tape = Tape::new();
        let x = tape.constant(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        assert_eq!(
            x.cumsum(0).to_array(),
            array![[1.0, 2.0, 3.0], [5.0, 7.0, 9.0]]
        );
        assert_eq!(
            x.cumprod(-1).to_array(),
            array![[1.0, 2.0, 6.0], [4.0, 20.0, 120.0]]
        );
        let nothing = tape.constant(ndarray::Array2::<f64>::zeros((0, 3)));
        assert_eq!(nothing.cumsum(0).shape()[..], [0, 3]);
        assert_eq!(nothing.cumprod(1).shape()[..], [0, 3]);
    }
}
