//! Norms of vectors, as an operation of their own: composed of powers and a
//! root they would overflow, underflow, and have no gradient at zero.

use crate::DType;
use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::groups::Groups;
use crate::kernels::{reduce, scalar};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::power::AbsPow;
use crate::ops::reduce::restore;
use crate::ops::{arity, binary, float};
use crate::shape::{self, Axes};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// `(Σ |x|^p)^(1/p)` over some axes, `p > 0` and finite.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Norm {
    /// The exponent.
    #[serde(with = "crate::exact")]
    pub p: f64,
    /// Over which axes.
    pub axes: Axes,
    /// Whether they stay, with length 1.
    pub keepdims: bool,
}

impl Norm {
    /// Every group divided by a power of two near its largest magnitude, so
    /// that no power overflows and the largest does not underflow; such a
    /// division rounds nothing.
    fn value<F: Float>(&self, x: View<'_>, axes: &[usize], out: &mut [F]) {
        let (x, s, p) = (x.of::<F>(), x.shape(), F::of(self.p));
        let scale = |m: F| {
            let ordinary = m > F::zero() && m.is_finite();
            if ordinary {
                m.log2().floor().exp2()
            } else {
                F::one()
            }
        };
        let power = |x: F, scale: F| match self.p {
            2.0 => (x / scale) * (x / scale),
            _ => (x / scale).powf(p),
        };
        let root = |sum: F| match self.p {
            2.0 => sum.sqrt(),
            _ => sum.powf(p.recip()),
        };
        // The largest magnitude of every group, which its norm then replaces.
        let larger = |a: F, b: F| scalar::maximum(a, b.abs());
        reduce::fold_into(out, x, s, axes, F::zero(), larger);
        let groups = Groups::new(s, axes);
        for (g, out) in out.iter_mut().enumerate() {
            let (start, scale) = (groups.start(g), scale(*out));
            let term = |k| power(x[start + groups.offset(k)].abs(), scale);
            *out = root(reduce::pairwise_by(0..groups.n, &term)) * scale;
        }
    }

    /// `sign(x) (|x|/y)^(p-1)`: for `p = 2` the unit vector. Of the zero
    /// vector 0, the subgradient of least norm, at every order.
    fn slope<'t>(&self, x: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        let unit = binary::direction(x, restore(y, &x.shape(), &self.axes));
        match self.p {
            2.0 => unit,
            p => unit.record(
                AbsPow {
                    p: p - 1.0,
                    signed: true,
                },
                &[],
            ),
        }
    }
}

impl Primitive for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn attributes(&self) -> String {
        match self.axes.describe(self.keepdims) {
            axes if axes.is_empty() => format!("p={:?}", self.p),
            axes => format!("p={:?}, {axes}", self.p),
        }
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        float(args, 0)?;
        if !(self.p > 0.0 && self.p.is_finite()) {
            return Err(Fault::Parameter(format!(
                "p = {:?} does not make a norm; p must be above 0 (inf: the largest magnitude), \
                 or -inf (the smallest magnitude)",
                self.p
            )));
        }
        let axes = self.axes.resolve(x.shape.rank())?;
        let shape = shape::reduced(&x.shape, &axes, self.keepdims);
        Ok(one(Type::new(x.dtype, shape)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let axes = self.axes.resolve(args[0].shape().len())?;
        match args[0].dtype() {
            DType::F32 => self.value::<f32>(args[0], &axes, out[0].of()),
            _ => self.value::<f64>(args[0], &axes, out[0].of()),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], y, g) = (cx.args(), cx.result(), cx.cotangent());
        cx.to(0, || {
            restore(g, &x.shape(), &self.axes).azmul(self.slope(x, y))
        });
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let ([x], y) = (cx.args(), cx.result());
        cx.from(0, |t| {
            t.azmul(self.slope(x, y))
                .sum_over(&self.axes, self.keepdims)
        });
        Ok(())
    }

    // The zero vector; below p = 1 every zero.
    fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
        let x = args[0];
        let distances = if self.p <= 1.0 {
            x.to_f64()
        } else {
            let axes = self
                .axes
                .resolve(x.shape().len())
                .expect("checked when recorded");
            let mut norms = vec![0.0; Groups::new(x.shape(), &axes).count];
            let at = x.to_f64();
            self.value::<f64>(View::new(x.shape(), &at), &axes, &mut norms);
            norms
        };
        for (i, distance) in distances.into_iter().enumerate() {
            visit(i, distance);
        }
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// The `p`-norm of all elements, as of one vector: `(Σ |x|^p)^(1/p)`; the
    /// largest magnitude for `p = ∞`, the smallest for `-∞`.
    ///
    /// Neither overflows nor underflows on the way.
    /// `dy = Σ sign(x) (|x|/y)^(p-1) dx`; of the zero vector, and of elements
    /// at which the slope would not exist, 0, at every order. Equal extremes
    /// share the gradient evenly.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let big = 2f64.powi(600);
    /// let x = tape.input("x", array![3.0 * big, -4.0 * big]);
    /// assert_eq!(x.norm(2.0).item(), 5.0 * big);
    /// assert_eq!(x.norm(1.0).item(), 7.0 * big);
    /// assert_eq!(x.norm(f64::INFINITY).item(), 4.0 * big);
    /// let [dx] = tape.grad(x.norm(2.0), [x])?;
    /// assert_eq!(dx.to_array(), array![0.6, -0.8]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, unless `p` is above 0 or -∞; for infinite `p`,
    /// if there are no elements.
    #[track_caller]
    pub fn norm(self, p: f64) -> Var<'t, T> {
        self.norm_over(p, Axes::All, false)
    }

    /// The `p`-norm over the given axes, which stay as length 1 with
    /// `keepdims`: see [`norm`](Var::norm).
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![[3.0, 4.0], [0.0, 0.0]]);
    /// assert_eq!(x.norm_axes(2.0, [1], false).to_array(), array![5.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// As [`norm`](Var::norm), and on an axis that does not exist or is named
    /// twice.
    #[track_caller]
    pub fn norm_axes(self, p: f64, axes: impl AsRef<[isize]>, keepdims: bool) -> Var<'t, T> {
        self.norm_over(p, axes.as_ref().into(), keepdims)
    }

    #[track_caller]
    pub(super) fn norm_over(self, p: f64, axes: Axes, keepdims: bool) -> Var<'t, T> {
        match p {
            // These neither overflow nor lose their gradient when composed.
            1.0 => self.abs().sum_over(&axes, keepdims),
            f64::INFINITY => self.abs().max_over(&axes, keepdims),
            f64::NEG_INFINITY => self.abs().min_over(&axes, keepdims),
            _ => self.record(Norm { p, axes, keepdims }, &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use ndarray::array;

    #[test]
    fn neither_overflows_nor_underflows() {
        let tape = Tape::new();
        for scale in [1e-320, 1e-200, 1.0, 1e200, 1e307] {
            let x = tape.input("x", array![[3.0 * scale, 0.0], [0.0, 4.0 * scale]]);
            for (p, want) in [
                (2.0, 5.0),
                (3.0, 91f64.cbrt()),
                (0.5, 7.0 + 2.0 * 12f64.sqrt()),
            ] {
                let y = x.norm(p);
                // The smallest numbers have few digits.
                let digits = if scale < 1e-300 { 1e-3 } else { 1e-14 };
                assert!(
                    (y.item() / scale / want - 1.0).abs() < digits,
                    "{p} {scale}"
                );
                let [g] = tape.grad(y, [x]).unwrap();
                assert!(
                    (g.to_array::<ndarray::Ix2>()[[1, 1]] - (4.0 / want).powf(p - 1.0)).abs()
                        < 1e-3
                );
            }
        }
        let f = tape.input("f", array![3e20f32, 4e20]);
        assert_eq!(f.norm(2.0).item(), 5e20);
    }

    #[test]
    fn infinite_and_undefined_elements() {
        let tape = Tape::new();
        let of = |a: f64, b: f64, p: f64| tape.constant(array![a, b]).norm(p).item();
        for p in [0.5, 1.0, 2.0, 3.0, f64::INFINITY] {
            assert_eq!(of(f64::NEG_INFINITY, 1.0, p), f64::INFINITY);
            assert!(of(f64::NAN, 1.0, p).is_nan());
        }
    }
}
