//! Variance and standard deviation. Both rest on one linear operation, the
//! deviation from the mean, which is stable by itself and its own transpose.

use crate::DType;
use crate::dtype::{Float, Numeric};
use crate::error::Fault;
use crate::kernels::groups::Groups;
use crate::kernels::reduce;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, float};
use crate::shape::Axes;
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// `x - mean(x)` along some axes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Center {
    /// Along which axes.
    pub axes: Axes,
}

impl Center {
    /// Shifted by the first element of the group: equal elements give exact
    /// zeros, which their rounded mean would not, and a large common offset
    /// costs no digits. The first one, because then `-x` gives exactly the
    /// negative of what `x` gives.
    fn value<F: Float>(x: View<'_>, axes: &[usize], out: &mut [F]) {
        let groups = Groups::new(x.shape(), axes);
        let (x, n) = (x.of::<F>(), groups.n);
        if n == 0 {
            return;
        }
        for g in 0..groups.count {
            let start = groups.start(g);
            let at = |k| start + groups.offset(k);
            let number = (0..n).map(|k| x[at(k)]).find(|x| !x.is_nan());
            let first = number.unwrap_or(F::nan());
            (0..n).for_each(|k| out[at(k)] = x[at(k)] - first);
            let sum = reduce::pairwise_by(0..n, &|k| out[at(k)]);
            let mean = sum / F::of(n as f64);
            (0..n).for_each(|k| out[at(k)] -= mean);
        }
    }
}

impl Primitive for Center {
    fn name(&self) -> &'static str {
        "center"
    }

    fn attributes(&self) -> String {
        self.axes.describe(false)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        float(args, 0)?;
        self.axes.resolve(x.shape.rank())?;
        Ok(one(x.clone()))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let axes = self.axes.resolve(args[0].shape().len())?;
        match args[0].dtype() {
            DType::F32 => Self::value::<f32>(args[0], &axes, out[0].of()),
            _ => Self::value::<f64>(args[0], &axes, out[0].of()),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    // A projection: <u, x - mean x> = <u - mean u, x>.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let g = cx.cotangent();
        cx.to(0, || g.record(self.clone(), &[]));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| t.record(self.clone(), &[]));
        Ok(())
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// Variance of all elements, `Σ (x - mean)² / (n - ddof)`: `ddof = 0` for
    /// that of a population, 1 for the unbiased estimate from a sample.
    ///
    /// In two passes over deviations, which a large mean does not harm.
    /// `dy = 2 Σ (x - mean) dx / (n - ddof)`.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![1e8, 1e8 + 1.0, 1e8 + 2.0]);
    /// assert_eq!(x.var(1).item(), 1.0);
    /// let [dx] = tape.grad(x.var(1), [x])?;
    /// assert_eq!(dx.to_array(), array![-1.0, 0.0, 1.0]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, unless there are more than `ddof` elements.
    #[track_caller]
    pub fn var(self, ddof: usize) -> Var<'t, T> {
        self.var_over(&Axes::All, ddof, false)
    }

    /// Variance over the given axes, which stay as length 1 with `keepdims`:
    /// see [`var`](Var::var).
    ///
    /// # Panics
    /// At the caller's line, unless there are more than `ddof` elements along
    /// the axes, or on an axis that does not exist or is named twice.
    #[track_caller]
    pub fn var_axes(self, axes: impl AsRef<[isize]>, ddof: usize, keepdims: bool) -> Var<'t, T> {
        self.var_over(&axes.as_ref().into(), ddof, keepdims)
    }

    /// Standard deviation of all elements, the square root of
    /// [`var`](Var::var).
    ///
    /// It is the norm of the deviations over `√(n - ddof)`: it does not
    /// overflow, and equal elements have gradient 0 at every order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![0.1, 0.1, 0.1]);
    /// let [dx] = tape.grad(x.std(0), [x])?;
    /// assert_eq!(x.std(0).item(), 0.0);
    /// assert_eq!(dx.to_array(), array![0.0, 0.0, 0.0]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, unless there are more than `ddof` elements.
    #[track_caller]
    pub fn std(self, ddof: usize) -> Var<'t, T> {
        self.std_over(&Axes::All, ddof, false)
    }

    /// Standard deviation over the given axes, which stay as length 1 with
    /// `keepdims`: see [`std`](Var::std).
    ///
    /// # Panics
    /// At the caller's line, unless there are more than `ddof` elements along
    /// the axes, or on an axis that does not exist or is named twice.
    #[track_caller]
    pub fn std_axes(self, axes: impl AsRef<[isize]>, ddof: usize, keepdims: bool) -> Var<'t, T> {
        self.std_over(&axes.as_ref().into(), ddof, keepdims)
    }

    #[track_caller]
    fn var_over(self, axes: &Axes, ddof: usize, keepdims: bool) -> Var<'t, T> {
        let freedom = self.freedom("var", axes, ddof);
        let deviation = self.centered(axes);
        deviation.square().sum_over(axes, keepdims) / freedom
    }

    #[track_caller]
    fn std_over(self, axes: &Axes, ddof: usize, keepdims: bool) -> Var<'t, T> {
        let freedom = self.freedom("std", axes, ddof);
        let deviation = self.centered(axes);
        deviation.norm_over(2.0, axes.clone(), keepdims) / freedom.sqrt()
    }

    #[track_caller]
    fn centered(self, axes: &Axes) -> Var<'t, T> {
        self.record(Center { axes: axes.clone() }, &[])
    }

    /// `n - ddof`, refused unless it is above 0.
    #[track_caller]
    fn freedom(self, op: &'static str, axes: &Axes, ddof: usize) -> f64 {
        let shape = self.shape();
        let count = axes.resolve(shape.rank()).and_then(|axes| {
            let n: usize = axes.iter().map(|&a| shape[a]).product();
            if n > ddof {
                return Ok(n - ddof);
            }
            Err(Fault::Parameter(format!(
                "needs more than ddof = {ddof} elements, but axes {axes:?} of {shape} have {n}"
            )))
        });
        match count {
            Ok(n) => n as f64,
            Err(fault) => self.refuse(op, &[], fault),
        }
    }
}
