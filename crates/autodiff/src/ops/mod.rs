//! The operations. Each stands in one place with its shape rule, value, vjp,
//! jvp, kinks and conventions; this page is their table of contents.
//!
//! | file | what |
//! |---|---|
//! | `unary` | functions of one number, a table: `exp ln sqrt tanh sigmoid relu abs erf asin floor …` |
//! | `binary` | functions of two numbers with broadcasting, a table: `+ - * / pow maximum minimum logaddexp hypot atan2 …` |
//! | `power` | `powi`, `powf`, `clamp`: functions of one number with parameters |
//! | `compare` | `less`, `equal`, … and the logic of masks |
//! | `select` | `where_` |
//! | `reduce` | `sum mean prod max min` |
//! | `norm` | `norm` |
//! | `variance` | `var std` |
//! | `scan` | `cumsum cumprod` |
//! | `softmax` | `logsumexp softmax log_softmax` |
//! | `argmax` | `argmax argmin` |
//! | `matmul` | `dot matmul` |
//! | `view` | `reshape permute broadcast_to …` |
//! | `slice` | `slice flip pad`; `slice_axis`: positions along one axis |
//! | `join` | `concat stack split` |
//! | `index` | `index_select gather scatter_add` |
//! | `one_hot` | `one_hot` |
//! | `cast` | conversion of element types, `stop_gradient` |

use std::sync::Arc;

use crate::DType;
use crate::error::Fault;
use crate::lanes::Lanes;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp};
use crate::print::Term;
use crate::value::{Type, Value};

mod argmax;
mod binary;
mod cast;
mod compare;
mod index;
mod join;
mod matmul;
mod norm;
mod one_hot;
mod power;
mod reduce;
mod scan;
mod select;
mod slice;
mod slice_axis;
mod softmax;
mod unary;
mod variance;
mod view;

pub use argmax::ArgExtreme;
pub use binary::Binary;
pub use cast::{Cast, StopGradient};
pub use compare::{Compare, Logic, Not};
pub use index::{Gather, IndexAdd, IndexSelect, ScatterAdd};
pub use join::{Concat, Split};
pub use matmul::MatMul;
pub use norm::Norm;
pub use one_hot::OneHot;
pub use power::{AbsPow, Clamp, Powf, Powi};
pub use reduce::{Reduce, Reduction};
pub use scan::{CumProd, CumSum};
pub use select::Where;
pub use slice::{Embed, Slice};
pub use slice_axis::SliceAxis;
pub use softmax::{LogSoftmax, LogSumExp, Softmax};
pub use unary::Unary;
pub use variance::Center;
pub use view::{BroadcastTo, Permute, Reshape};

pub use join::{concat, stack};

/// The one list of operations: makes the enum and its dispatch.
macro_rules! operations {
    ($($(#[$doc:meta])* $Op:ident,)*) => {
        /// An operation with its parameters: what the tape stores. Plain data.
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        pub enum Op {
            $($(#[$doc])* $Op($Op),)*
            /// An operation from outside this crate.
            #[serde(skip)]
            Custom(Arc<dyn Primitive>),
        }

        impl Op {
            /// The operation's definition.
            pub fn primitive(&self) -> &dyn Primitive {
                match self {
                    $(Op::$Op(p) => p,)*
                    Op::Custom(p) => p.as_ref(),
                }
            }
        }

        /// Which operation it is, without its parameters.
        ///
        /// Made from the same list as [`Op`], so that whoever has to know
        /// every operation (a table of tests, a page of documentation) can
        /// `match` on it without a wildcard and run through
        /// [`ALL`](OpKind::ALL).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OpKind {
            $($(#[$doc])* $Op,)*
            /// An operation from outside this crate.
            Custom,
        }

        impl OpKind {
            /// Every operation.
            pub const ALL: &'static [OpKind] = &[$(OpKind::$Op,)* OpKind::Custom];
        }

        impl Op {
            /// Which operation it is.
            ///
            /// ```
            /// use wengert_autodiff::{Op, ops::{OpKind, Unary}};
            ///
            /// assert_eq!(Op::from(Unary::Exp).kind(), OpKind::Unary);
            /// ```
            pub fn kind(&self) -> OpKind {
                match self {
                    $(Op::$Op(_) => OpKind::$Op,)*
                    Op::Custom(_) => OpKind::Custom,
                }
            }
        }

        $(impl From<$Op> for Op {
            fn from(p: $Op) -> Op {
                Op::$Op(p)
            }
        })*
    };
}

operations! {
    /// A value that was given, not computed.
    Leaf,
    /// A function of one number.
    Unary,
    /// A function of two numbers.
    Binary,
    /// `x^n` with an integer `n`.
    Powi,
    /// `x^p` with a constant `p`.
    Powf,
    /// `|x|^p`, with or without the sign of `x`.
    AbsPow,
    /// `min(max(x, lo), hi)`.
    Clamp,
    /// A comparison.
    Compare,
    /// `and`, `or` of masks.
    Logic,
    /// `not` of a mask.
    Not,
    /// A choice by a mask.
    Where,
    /// Sum, product, maximum or minimum over axes.
    Reduce,
    /// `(Σ |x|^p)^(1/p)`.
    Norm,
    /// `x` minus its mean.
    Center,
    /// Sums of the elements so far.
    CumSum,
    /// Products of the elements so far.
    CumProd,
    /// `ln Σ exp`.
    LogSumExp,
    /// `exp(x) / Σ exp(x)`.
    Softmax,
    /// `x - ln Σ exp(x)`.
    LogSoftmax,
    /// Position of the maximum or minimum.
    ArgExtreme,
    /// Matrix product.
    MatMul,
    /// The same elements in another shape.
    Reshape,
    /// Axes in another order.
    Permute,
    /// Repetition along axes.
    BroadcastTo,
    /// A part of every axis.
    Slice,
    /// The reverse of a slice.
    Embed,
    /// Arrays one after the other.
    Concat,
    /// One array cut into several.
    Split,
    /// Rows by number.
    IndexSelect,
    /// The reverse of selecting rows.
    IndexAdd,
    /// Elements by number.
    Gather,
    /// The reverse of gathering elements.
    ScatterAdd,
    /// Class numbers as unit vectors.
    OneHot,
    /// Conversion of the element type.
    Cast,
    /// A value without a derivative.
    StopGradient,
}

impl Op {
    /// The name, as the tape prints it.
    pub fn name(&self) -> &'static str {
        self.primitive().name()
    }

    /// The kernel on contiguous elements, of an elementwise operation that has
    /// one, whose last operand is of this element type.
    pub(crate) fn lanes(&self, dtype: DType) -> Option<Lanes> {
        match self {
            Op::Unary(f) => Some(f.lanes(dtype)),
            Op::Binary(f) => Some(f.lanes(dtype)),
            Op::Compare(f) => f.lanes(dtype),
            Op::Logic(f) => Some(f.lanes()),
            Op::Not(f) => Some(f.lanes()),
            Op::Where(f) => f.lanes(dtype),
            _ => None,
        }
    }

    pub(crate) fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        self.primitive().infer(args)
    }

    pub(crate) fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        self.primitive().eval(args, types)
    }
}

/// An enum of kinds, with the list of all of them.
macro_rules! kinds {
    ($(#[$meta:meta])* pub enum $Name:ident { $($(#[$doc:meta])* $Kind:ident,)* }) => {
        $(#[$meta])*
        pub enum $Name {
            $($(#[$doc])* $Kind,)*
        }

        impl $Name {
            /// All of them.
            pub const ALL: &'static [$Name] = &[$($Name::$Kind,)*];
        }
    };
}
pub(crate) use kinds;

/// A value that was given, not computed; its instruction has no operands, and
/// keeps the value that it was recorded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Leaf {
    /// Named, differentiable, replaceable.
    Input,
    /// Part of the program.
    Constant,
}

impl Primitive for Leaf {
    fn name(&self) -> &'static str {
        match self {
            Leaf::Input => "input",
            Leaf::Constant => "constant",
        }
    }

    fn infer(&self, _: &[Type]) -> Result<Results<Type>, Fault> {
        Err(Fault::Parameter(
            "is recorded with `Tape::input` or `Tape::constant`".into(),
        ))
    }

    fn eval(&self, _: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        unreachable!("a leaf keeps the value that it was recorded with")
    }

    fn vjp(&self, _: &mut Vjp<'_>) -> Result<(), NoRule> {
        Ok(())
    }

    fn jvp(&self, _: &mut Jvp<'_>) -> Result<(), NoRule> {
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn formula(&self, _: &[Term], _: &[Type]) -> Term {
        Term::atom(self.name())
    }
}

/// Refuses any number of operands but `N`.
pub(crate) fn arity<const N: usize>(args: &[Type]) -> Result<&[Type; N], Fault> {
    args.try_into().map_err(|_| Fault::Arity {
        expected: N,
        found: args.len(),
    })
}

/// Refuses an operand that is not of floats.
pub(crate) fn float(args: &[Type], operand: usize) -> Result<(), Fault> {
    if args[operand].dtype.is_float() {
        Ok(())
    } else {
        Err(Fault::DType {
            operand,
            expected: "f32 or f64",
            found: args[operand].dtype,
        })
    }
}

/// Refuses an operand of any element type but one.
pub(crate) fn dtype(
    args: &[Type],
    operand: usize,
    dtype: crate::DType,
    expected: &'static str,
) -> Result<(), Fault> {
    if args[operand].dtype == dtype {
        Ok(())
    } else {
        Err(Fault::DType {
            operand,
            expected,
            found: args[operand].dtype,
        })
    }
}

/// Refuses operands of different element types.
pub(crate) fn same_dtype(args: &[Type], i: usize, j: usize) -> Result<(), Fault> {
    if args[i].dtype == args[j].dtype {
        Ok(())
    } else {
        Err(Fault::MixedDTypes {
            left: args[i].dtype,
            right: args[j].dtype,
        })
    }
}
