//! Values: arrays of one of the element types, contiguous in row-major order,
//! shared and never written to once they are on a tape.

use std::fmt;

use ndarray::{ArcArray, ArrayBase, ArrayViewD, Data, Dimension};

use crate::dtype::{DType, Element};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// An array on the tape. Cloning is cheap: the data is shared, or there is
/// little of it.
///
/// The array inside is always in standard (row-major, contiguous) layout;
/// [`Value::new`] copies any other layout once, on entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An array of `f32`.
    F32(Tensor<f32>),
    /// An array of `f64`.
    F64(Tensor<f64>),
    /// An array of indices.
    Index(Tensor<usize>),
    /// A mask.
    Bool(Tensor<bool>),
}

/// Does the same to the array inside a [`Value`], whatever its element type.
macro_rules! for_any {
    ($value:expr, $array:ident => $body:expr) => {
        match $value {
            $crate::value::Value::F32($array) => $body,
            $crate::value::Value::F64($array) => $body,
            $crate::value::Value::Index($array) => $body,
            $crate::value::Value::Bool($array) => $body,
        }
    };
}
pub(crate) use for_any;

impl Value {
    /// A value with the elements of `array`, copied into row-major order.
    pub fn new<T: Element, S: Data<Elem = T>, D: Dimension>(array: &ArrayBase<S, D>) -> Value {
        T::wrap(Tensor::of(array))
    }

    /// A value that shares the memory of `array`, if its elements are in
    /// row-major order.
    pub fn shared<T: Element, D: Dimension>(array: ArcArray<T, D>) -> Value {
        T::wrap(Tensor::shared(array))
    }

    /// A value that takes over `data`, in row-major order.
    ///
    /// # Panics
    /// If `data` does not have as many elements as `shape` asks for.
    pub fn from_vec<T: Element>(shape: &[usize], data: Vec<T>) -> Value {
        T::wrap(Tensor::from_vec(shape.into(), data))
    }

    /// A rank-0 value.
    pub fn scalar<T: Element>(x: T) -> Value {
        T::wrap(Tensor::scalar(x))
    }

    /// The element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        match self {
            Value::F32(_) => DType::F32,
            Value::F64(_) => DType::F64,
            Value::Index(_) => DType::Index,
            Value::Bool(_) => DType::Bool,
        }
    }

    /// The length of every axis.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        for_any!(self, a => a.shape())
    }

    /// The number of elements.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        for_any!(self, a => a.len())
    }

    /// Element type and shape.
    #[inline]
    pub fn ty(&self) -> Type {
        Type {
            dtype: self.dtype(),
            shape: for_any!(self, a => a.shape().clone()),
        }
    }

    /// The array inside, if its elements are of type `T`.
    pub fn array<T: Element>(&self) -> Option<ArrayViewD<'_, T>> {
        T::unwrap(self).map(Tensor::view)
    }

    /// The elements in row-major order, where the shape rule has already
    /// established that they are of type `T`.
    #[inline]
    pub(crate) fn slice<T: Element>(&self) -> &[T] {
        T::unwrap(self)
            .unwrap_or_else(|| unreachable!("the shape rule let a {} through", self.dtype()))
            .as_slice()
    }

    /// The elements as `f64`; masks count as 0 and 1.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Value::F32(a) => a.as_slice().iter().map(|&x| f64::from(x)).collect(),
            Value::F64(a) => a.as_slice().to_vec(),
            Value::Index(a) => a.as_slice().iter().map(|&x| x as f64).collect(),
            Value::Bool(a) => a
                .as_slice()
                .iter()
                .map(|&x| f64::from(u8::from(x)))
                .collect(),
        }
    }

    /// The same elements in another shape; no copy.
    pub(crate) fn reshaped(&self, shape: &Shape) -> Value {
        fn go<T: Element>(a: &Tensor<T>, shape: &Shape) -> Value {
            T::wrap(a.reshaped(shape.clone()))
        }
        for_any!(self, a => go(a, shape))
    }
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> From<ArrayBase<S, D>> for Value {
    fn from(array: ArrayBase<S, D>) -> Value {
        T::wrap(Tensor::taken(array))
    }
}

/// Element type and shape of a value, printed as `f64[32, 10]`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Type {
    /// The element type.
    pub dtype: DType,
    /// The length of every axis.
    pub shape: Shape,
}

impl Type {
    /// An array type.
    pub fn new(dtype: DType, shape: impl Into<Shape>) -> Type {
        Type {
            dtype,
            shape: shape.into(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.dtype, self.shape)
    }
}
