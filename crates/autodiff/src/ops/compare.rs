//! Comparisons, which give masks, and the logic of masks. Masks carry no
//! derivative.

use crate::DType;
use crate::dtype::{Element, Kind};
use crate::error::Fault;
use crate::kernels::elementwise::{map_into, zip, zip_into};
use crate::lanes::{Kernel, Lanes, zip_lanes};
use crate::op::{Flow, Primitive, Results, fresh, one};
use crate::ops::{arity, dtype, same_dtype};
use crate::print::{Binding, Term};
use crate::shape::broadcast;
use crate::value::{Type, Value};
use crate::var::{Operand, Var};
use crate::view::{View, ViewMut};

macro_rules! compare {
    ($($(#[$doc:meta])* $Variant:ident $method:ident $symbol:literal $op:tt;)*) => {
        /// A comparison of two numbers. Comparisons with NaN are false, but
        /// for `not_equal`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Compare {
            $($(#[$doc])* $Variant,)*
        }

        impl Compare {
            /// Every comparison.
            pub const ALL: &'static [Compare] = &[$(Compare::$Variant,)*];

            fn words(self) -> (&'static str, &'static str) {
                match self {
                    $(Compare::$Variant => (stringify!($method), $symbol),)*
                }
            }

            fn value<T: Element + PartialOrd>(self, a: View<'_>, b: View<'_>, out: &mut ViewMut<'_>) {
                let left = (a.of::<T>(), a.shape());
                let right = (b.of::<T>(), b.shape());
                let (shape, out) = (out.shape(), out.of::<bool>());
                match self {
                    $(Compare::$Variant => zip_into(out, shape, left, right, #[inline(always)] |a: T, b: T| a $op b),)*
                }
            }
        }

        impl Compare {
            /// The mask of operands that are as long as it, or one element.
            fn lane<T: Element + PartialOrd>(self) -> fn(&mut [bool], &[T], &[T]) {
                match self {
                    $(Compare::$Variant => |out, a, b| zip_lanes(out, a, b, #[inline(always)] |a: T, b: T| a $op b),)*
                }
            }
        }

        impl<'t, T: Kind> Var<'t, T> {
            $(
                $(#[$doc])*
                ///
                /// Elementwise with NumPy's broadcasting; the other operand
                /// may be a number. Gives a mask, which has no gradient.
                #[track_caller]
                pub fn $method(self, other: impl Operand<'t, T>) -> Var<'t, bool> {
                    let other = self.beside(other);
                    self.record(Compare::$Variant, &[other.any()])
                }
            )*
        }
    };
}

compare! {
    /// `a > b`.
    Greater greater ">" >;
    /// `a >= b`.
    GreaterEqual greater_equal ">=" >=;
    /// `a < b`.
    Less less "<" <;
    /// `a <= b`.
    LessEqual less_equal "<=" <=;
    /// `a = b`.
    Equal equal "=" ==;
    /// `a ≠ b`.
    NotEqual not_equal "!=" !=;
}

/// Visits `a - b` element by element: the sign is the decision.
pub(crate) fn differences(args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
    // ∞ - ∞ is a tie, not NaN.
    pairs(args, |x, y| if x == y { 0.0 } else { x - y }, visit);
}

/// Visits `distance(a, b)` element by element.
pub(crate) fn pairs(
    args: &[&Value],
    distance: impl Fn(f64, f64) -> f64,
    visit: &mut dyn FnMut(usize, f64),
) {
    let (a, b) = (args[0], args[1]);
    let shape = broadcast(a.shape(), b.shape()).expect("checked when recorded");
    let (x, y) = (a.to_f64(), b.to_f64());
    let distances = zip(&shape, (&x[..], a.shape()), (&y[..], b.shape()), distance);
    for (i, d) in distances.into_iter().enumerate() {
        visit(i, d);
    }
}

impl Compare {
    pub(crate) fn lanes(self, operands: DType) -> Option<Lanes> {
        match operands {
            DType::F32 => Some(Lanes::F32(Kernel::Test(self.lane()))),
            DType::F64 => Some(Lanes::F64(Kernel::Test(self.lane()))),
            DType::Index | DType::Bool => None,
        }
    }
}

impl Primitive for Compare {
    fn name(&self) -> &'static str {
        self.words().0
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [a, b] = arity(args)?;
        same_dtype(args, 0, 1)?;
        Ok(one(Type::new(DType::Bool, broadcast(&a.shape, &b.shape)?)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let (a, b, out) = (args[0], args[1], &mut out[0]);
        match a.dtype() {
            DType::F32 => self.value::<f32>(a, b, out),
            DType::F64 => self.value::<f64>(a, b, out),
            DType::Index => self.value::<usize>(a, b, out),
            DType::Bool => self.value::<bool>(a, b, out),
        }
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn flow(&self) -> Flow {
        Flow::PiecewiseConstant
    }

    fn kinks(&self, args: &[&Value], visit: &mut dyn FnMut(usize, f64)) {
        differences(args, visit);
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        Term::infix(&args[0], self.words().1, &args[1], Binding::Relation)
    }
}

crate::ops::kinds! {
    /// `and`, `or` of two masks.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
    pub enum Logic {
        /// Both.
        And,
        /// Either or both.
        Or,
    }
}

impl Logic {
    pub(crate) fn lanes(self) -> Lanes {
        Lanes::Bool(Kernel::Zip(match self {
            Logic::And => |out, a, b| zip_lanes(out, a, b, |a, b| a && b),
            Logic::Or => |out, a, b| zip_lanes(out, a, b, |a, b| a || b),
        }))
    }
}

impl Primitive for Logic {
    fn name(&self) -> &'static str {
        match self {
            Logic::And => "and",
            Logic::Or => "or",
        }
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [a, b] = arity(args)?;
        dtype(args, 0, DType::Bool, "a mask")?;
        dtype(args, 1, DType::Bool, "a mask")?;
        Ok(one(Type::new(DType::Bool, broadcast(&a.shape, &b.shape)?)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let side = |i: usize| (args[i].of::<bool>(), args[i].shape());
        let (shape, out) = (out[0].shape(), out[0].of());
        match self {
            Logic::And => zip_into(out, shape, side(0), side(1), |a, b| a && b),
            Logic::Or => zip_into(out, shape, side(0), side(1), |a, b| a || b),
        }
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn flow(&self) -> Flow {
        Flow::PiecewiseConstant
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        Term::infix(&args[0], self.name(), &args[1], Binding::Relation)
    }
}

/// `not` of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Not;

impl Not {
    pub(crate) fn lanes(self) -> Lanes {
        Lanes::Bool(Kernel::Map(|out, a| map_into(out, a, |a: bool| !a)))
    }
}

impl Primitive for Not {
    fn name(&self) -> &'static str {
        "not"
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [a] = arity(args)?;
        dtype(args, 0, DType::Bool, "a mask")?;
        Ok(one(a.clone()))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        map_into(out[0].of(), args[0].of::<bool>(), |a| !a);
        Ok(())
    }

    fn elementwise(&self) -> bool {
        true
    }

    fn flow(&self) -> Flow {
        Flow::PiecewiseConstant
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        Term::prefix("not ", &args[0])
    }
}

impl<'t> Var<'t, bool> {
    /// Both masks, elementwise with broadcasting.
    #[track_caller]
    pub fn and(self, other: Var<'t, bool>) -> Var<'t, bool> {
        self.record(Logic::And, &[other.any()])
    }

    /// Either mask, elementwise with broadcasting.
    #[track_caller]
    pub fn or(self, other: Var<'t, bool>) -> Var<'t, bool> {
        self.record(Logic::Or, &[other.any()])
    }
}

impl<'t> std::ops::Not for Var<'t, bool> {
    type Output = Var<'t, bool>;

    #[track_caller]
    fn not(self) -> Var<'t, bool> {
        self.record(Not, &[])
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use ndarray::array;

    #[test]
    fn masks() {
        let tape = Tape::new();
        let x = tape.constant(array![1.0, 2.0, f64::NAN]);
        assert_eq!(
            x.greater(1.0).value(),
            array![false, true, false].into_dyn()
        );
        assert_eq!(
            x.not_equal(2.0).value(),
            array![true, false, true].into_dyn()
        );
        let mask = x.less_equal(2.0).and(!x.equal(1.0));
        assert_eq!(mask.value(), array![false, true, false].into_dyn());
        let labels = tape.constant(array![3usize, 4]);
        assert_eq!(labels.equal(4usize).value(), array![false, true].into_dyn());
    }
}
