//! Element types: what a value on the tape may be made of, and the marker
//! that types its handle. Nothing here knows about shapes or operations.

use std::fmt;

use crate::kernels::matmul::Gemm;
use crate::kernels::vector::{Lane, Turn};
use crate::tensor::Tensor;
use crate::value::Value;
use crate::view::{Elements, ElementsMut};

/// The element type of a value on the tape.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum DType {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// An index or a class label (`usize`).
    Index,
    /// A mask (`bool`).
    Bool,
}

impl DType {
    /// Whether values of this type can carry a derivative.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }
}

impl DType {
    /// Bytes of one element.
    pub(crate) fn bytes(self) -> usize {
        match self {
            DType::F32 => size_of::<f32>(),
            DType::F64 => size_of::<f64>(),
            DType::Index => size_of::<usize>(),
            DType::Bool => size_of::<bool>(),
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::Index => "usize",
            DType::Bool => "bool",
        })
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for usize {}
    impl Sealed for bool {}
    impl Sealed for super::Any {}
}

/// What may stand in `Var<'_, T>`: an [`Element`], or [`Any`] where the
/// element type is known only at run time.
pub trait Kind: sealed::Sealed + Copy + 'static {
    /// The element type, if it is known to the compiler.
    const DTYPE: Option<DType>;
}

/// Marks a handle whose element type is known only at run time. Derivative
/// rules are written for `Var<'_, Any>`, so that each is compiled once and
/// serves f32 and f64 alike.
#[derive(Clone, Copy, Debug)]
pub enum Any {}

impl Kind for Any {
    const DTYPE: Option<DType> = None;
}

/// A concrete element type: `f32`, `f64`, `usize` or `bool`.
pub trait Element: Kind + fmt::Debug + fmt::Display + PartialEq + Default + Send + Sync {
    /// Puts an array of this type into a [`Value`].
    fn wrap(array: Tensor<Self>) -> Value;
    /// The array inside a [`Value`], if it is of this type.
    fn unwrap(value: &Value) -> Option<&Tensor<Self>>;
    /// A slice with its type known at run time.
    fn elements(data: &[Self]) -> Elements<'_>;
    /// A slice to write to with its type known at run time.
    fn elements_mut(data: &mut [Self]) -> ElementsMut<'_>;
    /// The slice, if it is of this type.
    fn slice_of(elements: Elements<'_>) -> Option<&[Self]>;
    /// The slice to write to, if it is of this type.
    fn slice_of_mut<'a>(elements: &'a mut ElementsMut<'_>) -> Option<&'a mut [Self]>;
}

macro_rules! element {
    ($($T:ty => $Variant:ident),* $(,)?) => {$(
        impl Kind for $T {
            const DTYPE: Option<DType> = Some(DType::$Variant);
        }
        impl Element for $T {
            fn wrap(array: Tensor<Self>) -> Value {
                Value::$Variant(array)
            }
            fn unwrap(value: &Value) -> Option<&Tensor<Self>> {
                match value {
                    Value::$Variant(array) => Some(array),
                    _ => None,
                }
            }
            fn elements(data: &[Self]) -> Elements<'_> {
                Elements::$Variant(data)
            }
            fn elements_mut(data: &mut [Self]) -> ElementsMut<'_> {
                ElementsMut::$Variant(data)
            }
            fn slice_of(elements: Elements<'_>) -> Option<&[Self]> {
                match elements {
                    Elements::$Variant(data) => Some(data),
                    _ => None,
                }
            }
            fn slice_of_mut<'a>(elements: &'a mut ElementsMut<'_>) -> Option<&'a mut [Self]> {
                match elements {
                    ElementsMut::$Variant(data) => Some(data),
                    _ => None,
                }
            }
        }
    )*};
}

element! { f32 => F32, f64 => F64, usize => Index, bool => Bool }

/// Handles that arithmetic is defined on: `f32`, `f64`, and [`Any`] (checked
/// when recorded).
pub trait Numeric: Kind {}
impl Numeric for f32 {}
impl Numeric for f64 {}
impl Numeric for Any {}

/// The two floating-point types, `f32` and `f64`.
///
/// A model that is generic over `F: Float` trains in f32 and is verified in
/// f64 without a change.
pub trait Float:
    Element
    + Numeric
    + Gemm
    + Lane
    + Turn
    + num_traits::Float
    + num_traits::FloatConst
    + num_traits::NumAssign
    + ndarray::NdFloat
    + std::iter::Sum
{
    /// The nearest value of this type.
    fn of(x: f64) -> Self;
    /// The value as `f64`, exactly.
    fn as_f64(self) -> f64;
}

impl Float for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Float for f64 {
    fn of(x: f64) -> Self {
        x
    }
    fn as_f64(self) -> f64 {
        self
    }
}
