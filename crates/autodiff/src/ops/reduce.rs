//! Reductions over axes: sum, product, maximum, minimum; and the mean, which
//! is a sum divided by a count.

use crate::DType;
use crate::dtype::{Float, Numeric};
use crate::error::Fault;
use crate::kernels::{reduce, scalar};
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, float};
use crate::shape::{self, Axes};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

crate::ops::kinds! {
    /// What a reduction does with the elements.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
    pub enum Reduction {
        /// Adds them, pairwise; 0 of nothing.
        Sum,
        /// Multiplies them; 1 of nothing.
        Prod,
        /// Takes the largest; an error of nothing.
        Max,
        /// Takes the smallest; an error of nothing.
        Min,
    }
}

/// A reduction over some axes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reduce {
    /// What is done.
    pub reduction: Reduction,
    /// Over which axes.
    pub axes: Axes,
    /// Whether the reduced axes stay, with length 1.
    pub keepdims: bool,
}

impl Reduce {
    fn value<F: Float>(&self, x: View<'_>, axes: &[usize], out: &mut [F]) {
        let (data, s) = (x.of::<F>(), x.shape());
        let (below, above) = (F::neg_infinity(), F::infinity());
        match self.reduction {
            Reduction::Sum => reduce::sum_into(out, data, s, axes),
            Reduction::Prod => reduce::fold_into(out, data, s, axes, F::one(), |a, b| a * b),
            Reduction::Max => reduce::fold_into(out, data, s, axes, below, scalar::maximum),
            Reduction::Min => reduce::fold_into(out, data, s, axes, above, scalar::minimum),
        }
    }

    /// The extremes of numbers, in f64, with the reduced axes kept.
    fn extremes(&self, x: &Value, axes: &[usize]) -> Value {
        let kept = shape::reduced(x.shape(), axes, true);
        let mut best = vec![0.0; kept.size()];
        self.value::<f64>(View::new(x.shape(), &x.to_f64()), axes, &mut best);
        Value::from_vec(&kept, best)
    }
}

/// A value of reduced shape, with the reduced axes back as length 1, so that
/// it can be broadcast against the operand.
pub(crate) fn restore<'t, T: Numeric>(
    reduced: Var<'t, T>,
    operand: &[usize],
    axes: &Axes,
) -> Var<'t, T> {
    let axes = axes.resolve(operand.len()).expect("checked when recorded");
    reduced.reshape(shape::reduced(operand, &axes, true))
}

impl Primitive for Reduce {
    fn name(&self) -> &'static str {
        match self.reduction {
            Reduction::Sum => "sum",
            Reduction::Prod => "prod",
            Reduction::Max => "max",
            Reduction::Min => "min",
        }
    }

    fn attributes(&self) -> String {
        self.axes.describe(self.keepdims)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        float(args, 0)?;
        let axes = self.axes.resolve(x.shape.rank())?;
        let empty = axes.iter().any(|&a| x.shape[a] == 0);
        if empty && matches!(self.reduction, Reduction::Max | Reduction::Min) {
            return Err(Fault::EmptyReduction {
                axes: axes.to_vec(),
                shape: x.shape.clone(),
            });
        }
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
        let shape = x.shape();
        let back = |v| restore(v, &shape, &self.axes);
        match self.reduction {
            // Every element receives the cotangent of its sum.
            Reduction::Sum => cx.to(0, || back(g).broadcast_to(&shape)),
            // Equal extremes share the cotangent evenly.
            Reduction::Max | Reduction::Min => cx.to(0, || {
                let winner = x.equal(back(y)).cast_like(x);
                let share = winner / winner.sum_over(&self.axes, true);
                back(g).azmul(share)
            }),
            // A product of nothing does not change.
            Reduction::Prod if x.size() == 0 => cx.to(0, || x.zeros_like()),
            Reduction::Prod => {
                let tree = product_tree(x, &self.axes, self.keepdims);
                let pulled = cx.tape().pull_back(tree, g, x);
                if let Some(pulled) = pulled.map_err(|_| NoRule)? {
                    cx.to(0, || pulled);
                }
            }
        }
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let ([x], y) = (cx.args(), cx.result());
        match self.reduction {
            Reduction::Sum => cx.from(0, |t| t.sum_over(&self.axes, self.keepdims)),
            Reduction::Max | Reduction::Min => cx.from(0, |t| {
                let winner = x.equal(restore(y, &x.shape(), &self.axes)).cast_like(x);
                let count = winner.sum_over(&self.axes, self.keepdims);
                t.azmul(winner).sum_over(&self.axes, self.keepdims) / count
            }),
            Reduction::Prod if x.size() == 0 => cx.from(0, |_| y.zeros_like()),
            Reduction::Prod => {
                let Some(t) = cx.tangents()[0] else {
                    return Ok(());
                };
                let tree = product_tree(x, &self.axes, self.keepdims);
                let pushed = cx.tape().push_forward(tree, x, t);
                if let Some(pushed) = pushed.map_err(|_| NoRule)? {
                    cx.send(0, pushed);
                }
            }
        }
        Ok(())
    }

    // Every element against the winner: it wins, or by how much it loses.
    // The sum of what won at `base`, nothing else.
    fn piece(&self, args: &[&Value], base: &[&Value]) -> Option<Value> {
        if !matches!(self.reduction, Reduction::Max | Reduction::Min) {
            return None;
        }
        let shape = args[0].shape();
        let axes = self.axes.resolve(shape.len()).ok()?;
        let best = self.extremes(base[0], &axes);
        let best = crate::kernels::elementwise::broadcast(best.slice::<f64>(), best.shape(), shape);
        let won: Vec<bool> = base[0]
            .to_f64()
            .iter()
            .zip(&best)
            .map(|(b, best)| b == best)
            .collect();
        let winners: Vec<f64> = won.iter().map(|&w| f64::from(u8::from(w))).collect();
        if reduce::sum(&winners, shape, &axes)
            .iter()
            .any(|&n| n != 1.0)
        {
            return None;
        }
        let pick = |(x, won): (f64, bool)| if won { x } else { 0.0 };
        let picked: Vec<f64> = args[0].to_f64().into_iter().zip(won).map(pick).collect();
        let sum = reduce::sum(&picked, shape, &axes);
        Some(Value::from_vec(
            &shape::reduced(shape, &axes, self.keepdims),
            sum,
        ))
    }

    fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
        if !matches!(self.reduction, Reduction::Max | Reduction::Min) {
            return;
        }
        let x = args[0];
        let axes = self
            .axes
            .resolve(x.shape().len())
            .expect("checked when recorded");
        let data = Value::from_vec(x.shape(), x.to_f64());
        let best = self.extremes(x, &axes);
        super::compare::differences(&[&data, &best], visit);
    }
}

/// The product as a balanced tree of pairwise products.
///
/// The derivative of a product with respect to one factor is the product of
/// the others. Written `y / x_i` it is wrong at zeros; differentiating this
/// tree is right everywhere and to every order.
fn product_tree<'t, T: Numeric>(x: Var<'t, T>, axes: &Axes, keepdims: bool) -> Var<'t, T> {
    let shape = x.shape();
    let axes = axes.resolve(shape.rank()).expect("checked when recorded");
    let kept = (0..shape.rank()).filter(|a| !axes.contains(a));
    let order: Vec<isize> = kept
        .chain(axes.iter().copied())
        .map(|a| a as isize)
        .collect();
    let n = axes.iter().map(|&a| shape[a]).product::<usize>();
    let rest: usize = (0..shape.rank())
        .filter(|a| !axes.contains(a))
        .map(|a| shape[a])
        .product();
    let mut factors = x.permute(order).reshape([rest, n]);
    let mut n = n;
    while n > 1 {
        let half = n / 2;
        let product = factors.columns(0, half) * factors.columns(half, 2 * half);
        factors = match n % 2 {
            0 => product,
            _ => super::concat(&[product, factors.columns(n - 1, n)], 1),
        };
        n -= half;
    }
    factors.reshape(shape::reduced(&shape, &axes, keepdims))
}

/// The methods over given axes and over all, for one reduction each.
macro_rules! reductions {
    ($(
        $(#[$doc:meta])*
        $Reduction:ident $all:ident $some:ident
    )*) => {
        impl<'t, T: Numeric> Var<'t, T> {$(
            $(#[$doc])*
            ///
            /// Over all axes, to rank 0.
            #[track_caller]
            pub fn $all(self) -> Var<'t, T> {
                let axes = Axes::All;
                let reduction = Reduction::$Reduction;
                self.record(Reduce { reduction, axes, keepdims: false }, &[])
            }

            $(#[$doc])*
            ///
            /// Over the given axes (negative ones count from the end), which
            /// stay as length 1 with `keepdims`. Panics, at the caller's
            /// line, on an axis that does not exist or is named twice.
            #[track_caller]
            pub fn $some(self, axes: impl AsRef<[isize]>, keepdims: bool) -> Var<'t, T> {
                let axes = axes.as_ref().into();
                let reduction = Reduction::$Reduction;
                self.record(Reduce { reduction, axes, keepdims }, &[])
            }
        )*}
    };
}

reductions! {
    /// Sum, `Σ x`, pairwise: the error grows with the logarithm of the count.
    /// `dy = Σ dx`. The sum of nothing is 0.
    Sum sum sum_axes
    /// Product, `Π x`. `dy = Σ_i dx_i Π_{j≠i} x_j`, right where factors are
    /// zero. The product of nothing is 1.
    Prod prod prod_axes
    /// Maximum; NaN if there is one. The gradient goes to the largest
    /// element; equal ones share it evenly. The maximum of nothing is an
    /// error.
    Max max max_axes
    /// Minimum; NaN if there is one. The gradient goes to the smallest
    /// element; equal ones share it evenly. The minimum of nothing is an
    /// error.
    Min min min_axes
}

impl<'t, T: Numeric> Var<'t, T> {
    /// Mean of all elements, `Σ x / n`.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![[1.0, 2.0], [3.0, 6.0]]);
    /// assert_eq!(x.mean().item(), 3.0);
    /// assert_eq!(x.mean_axes([0], false).to_array(), array![2.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if there are no elements.
    #[track_caller]
    pub fn mean(self) -> Var<'t, T> {
        self.mean_over(&Axes::All, false)
    }

    /// Mean over the given axes, which stay as length 1 with `keepdims`.
    ///
    /// # Panics
    /// At the caller's line, on an axis that does not exist, is named twice,
    /// or is empty.
    #[track_caller]
    pub fn mean_axes(self, axes: impl AsRef<[isize]>, keepdims: bool) -> Var<'t, T> {
        self.mean_over(&axes.as_ref().into(), keepdims)
    }

    #[track_caller]
    fn mean_over(self, axes: &Axes, keepdims: bool) -> Var<'t, T> {
        let shape = self.shape();
        let count = axes.resolve(shape.rank()).and_then(|axes| {
            match axes.iter().map(|&a| shape[a]).product::<usize>() {
                0 => Err(Fault::EmptyReduction {
                    axes: axes.to_vec(),
                    shape: shape.clone(),
                }),
                n => Ok(n),
            }
        });
        match count {
            Ok(n) => self.sum_over(axes, keepdims) / n as f64,
            Err(fault) => self.refuse("mean", &[], fault),
        }
    }

    #[track_caller]
    fn reduce_over(self, reduction: Reduction, axes: &Axes, keepdims: bool) -> Var<'t, T> {
        let axes = axes.clone();
        self.record(
            Reduce {
                reduction,
                axes,
                keepdims,
            },
            &[],
        )
    }

    /// Sum over axes as an operation stores them.
    #[track_caller]
    pub(crate) fn sum_over(self, axes: &Axes, keepdims: bool) -> Var<'t, T> {
        self.reduce_over(Reduction::Sum, axes, keepdims)
    }

    /// Maximum over axes as an operation stores them.
    #[track_caller]
    pub(crate) fn max_over(self, axes: &Axes, keepdims: bool) -> Var<'t, T> {
        self.reduce_over(Reduction::Max, axes, keepdims)
    }

    /// Minimum over axes as an operation stores them.
    #[track_caller]
    pub(crate) fn min_over(self, axes: &Axes, keepdims: bool) -> Var<'t, T> {
        self.reduce_over(Reduction::Min, axes, keepdims)
    }
}
