//! Elements in memory that belong to somebody else: what operations read from
//! and write into when they do not make values of their own. A slice in
//! row-major order, and the shape that it is to be seen in.

use smallvec::SmallVec;

use crate::dtype::{DType, Element};
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::{Type, Value, for_any};

/// Elements of one type, in row-major order.
#[derive(Clone, Copy, Debug)]
pub enum Elements<'a> {
    /// `f32`.
    F32(&'a [f32]),
    /// `f64`.
    F64(&'a [f64]),
    /// Indices.
    Index(&'a [usize]),
    /// Masks.
    Bool(&'a [bool]),
}

/// Elements of one type that may be written to.
#[derive(Debug)]
pub enum ElementsMut<'a> {
    /// `f32`.
    F32(&'a mut [f32]),
    /// `f64`.
    F64(&'a mut [f64]),
    /// Indices.
    Index(&'a mut [usize]),
    /// Masks.
    Bool(&'a mut [bool]),
}

/// An array to read from: borrowed elements in row-major order, and a shape.
///
/// ```
/// use wengert_autodiff::View;
///
/// let data = [1.0, 2.0, 3.0, 4.0];
/// let view = View::new(&[2, 2], &data);
/// assert_eq!(view.ty().to_string(), "f64[2, 2]");
/// assert_eq!(view.slice::<f64>(), Some(&data[..]));
/// assert_eq!(view.slice::<f32>(), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    elements: Elements<'a>,
    shape: &'a [usize],
}

/// An array to write into: borrowed elements in row-major order, and a shape.
#[derive(Debug)]
pub struct ViewMut<'a> {
    elements: ElementsMut<'a>,
    shape: &'a [usize],
}

/// Parts of an array to write to.
pub(crate) type Pieces<'a> = SmallVec<[ViewMut<'a>; 32]>;

/// Does the same to the slice inside of a view, whatever its element type.
macro_rules! for_elements {
    ($Enum:ident, $elements:expr, $slice:ident => $body:expr) => {
        match $elements {
            $Enum::F32($slice) => $body,
            $Enum::F64($slice) => $body,
            $Enum::Index($slice) => $body,
            $Enum::Bool($slice) => $body,
        }
    };
}

/// Calls a function with the element type of a view as its parameter.
macro_rules! by_dtype {
    ($view:expr, $go:ident($($arg:expr),*)) => {
        match $view.dtype() {
            $crate::DType::F32 => $go::<f32>($($arg),*),
            $crate::DType::F64 => $go::<f64>($($arg),*),
            $crate::DType::Index => $go::<usize>($($arg),*),
            $crate::DType::Bool => $go::<bool>($($arg),*),
        }
    };
}
pub(crate) use by_dtype;

impl<'a> View<'a> {
    /// The elements of `data`, in row-major order, as an array of this shape.
    ///
    /// # Panics
    /// If the shape asks for another number of elements.
    #[track_caller]
    pub fn new<T: Element>(shape: &'a [usize], data: &'a [T]) -> View<'a> {
        let size: usize = shape.iter().product();
        let len = data.len();
        assert_eq!(size, len, "a view of shape {shape:?} on {len} elements");
        View {
            elements: T::elements(data),
            shape,
        }
    }

    /// A view whose shape fits its elements.
    pub(crate) fn of_slice<T: Element>(shape: &'a [usize], data: &'a [T]) -> View<'a> {
        debug_assert_eq!(shape.iter().product::<usize>(), data.len());
        View {
            elements: T::elements(data),
            shape,
        }
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match self.elements {
            Elements::F32(_) => DType::F32,
            Elements::F64(_) => DType::F64,
            Elements::Index(_) => DType::Index,
            Elements::Bool(_) => DType::Bool,
        }
    }

    /// The length of every axis.
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// The number of elements.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        for_elements!(Elements, self.elements, s => s.len())
    }

    /// Element type and shape.
    pub fn ty(&self) -> Type {
        Type::new(self.dtype(), Shape::from(self.shape))
    }

    /// The elements, if they are of type `T`.
    pub fn slice<T: Element>(&self) -> Option<&'a [T]> {
        T::slice_of(self.elements)
    }

    /// A value with these elements.
    pub fn to_value(&self) -> Value {
        for_elements!(Elements, self.elements, s => Value::from_vec(self.shape, s.to_vec()))
    }

    /// The elements, where the shape rule has established their type.
    pub(crate) fn of<T: Element>(&self) -> &'a [T] {
        T::slice_of(self.elements)
            .unwrap_or_else(|| unreachable!("the shape rule let a {} through", self.dtype()))
    }

    /// A part of the elements, seen in another shape.
    pub(crate) fn part(self, start: usize, shape: &'a [usize]) -> View<'a> {
        let end = start + shape.iter().product::<usize>();
        let elements = match self.elements {
            Elements::F32(s) => Elements::F32(&s[start..end]),
            Elements::F64(s) => Elements::F64(&s[start..end]),
            Elements::Index(s) => Elements::Index(&s[start..end]),
            Elements::Bool(s) => Elements::Bool(&s[start..end]),
        };
        View { elements, shape }
    }
}

impl<'a> From<&'a Value> for View<'a> {
    fn from(value: &'a Value) -> View<'a> {
        fn go<T: Element>(a: &Tensor<T>) -> View<'_> {
            View::of_slice(a.shape(), a.as_slice())
        }
        for_any!(value, a => go(a))
    }
}

impl<'a> ViewMut<'a> {
    /// The elements of `data`, in row-major order, as an array of this shape.
    ///
    /// # Panics
    /// If the shape asks for another number of elements.
    #[track_caller]
    pub fn new<T: Element>(shape: &'a [usize], data: &'a mut [T]) -> ViewMut<'a> {
        let size: usize = shape.iter().product();
        let len = data.len();
        assert_eq!(size, len, "a view of shape {shape:?} on {len} elements");
        ViewMut {
            elements: T::elements_mut(data),
            shape,
        }
    }

    /// A view whose shape fits its elements.
    pub(crate) fn of_slice<T: Element>(shape: &'a [usize], data: &'a mut [T]) -> ViewMut<'a> {
        debug_assert_eq!(shape.iter().product::<usize>(), data.len());
        ViewMut {
            elements: T::elements_mut(data),
            shape,
        }
    }

    /// Pieces of as many elements as the shape `each` asks for, and a last one
    /// of the shape `last`, if something is left.
    pub(crate) fn pieces(self, each: &'a [usize], last: &'a [usize]) -> Pieces<'a> {
        let size: usize = each.iter().product();
        for_elements!(ElementsMut, self.elements, s => {
            let pieces = s.chunks_mut(size.max(1));
            let shape = |len| if len == size { each } else { last };
            pieces.map(|s| ViewMut::of_slice(shape(s.len()), s)).collect()
        })
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match self.elements {
            ElementsMut::F32(_) => DType::F32,
            ElementsMut::F64(_) => DType::F64,
            ElementsMut::Index(_) => DType::Index,
            ElementsMut::Bool(_) => DType::Bool,
        }
    }

    /// The length of every axis.
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// Element type and shape.
    pub fn ty(&self) -> Type {
        Type::new(self.dtype(), Shape::from(self.shape))
    }

    /// The elements, if they are of type `T`.
    pub fn slice<T: Element>(&mut self) -> Option<&mut [T]> {
        T::slice_of_mut(&mut self.elements)
    }

    /// The elements, where the shape rule has established their type.
    pub(crate) fn of<T: Element>(&mut self) -> &mut [T] {
        let dtype = self.dtype();
        T::slice_of_mut(&mut self.elements)
            .unwrap_or_else(|| unreachable!("the shape rule promised a {dtype}"))
    }

    /// Copies the elements of an array of the same type.
    ///
    /// # Panics
    /// If the element types or the numbers of elements differ.
    #[track_caller]
    pub fn copy_from(&mut self, from: View<'_>) {
        match (&mut self.elements, from.elements) {
            (ElementsMut::F32(to), Elements::F32(from)) => to.copy_from_slice(from),
            (ElementsMut::F64(to), Elements::F64(from)) => to.copy_from_slice(from),
            (ElementsMut::Index(to), Elements::Index(from)) => to.copy_from_slice(from),
            (ElementsMut::Bool(to), Elements::Bool(from)) => to.copy_from_slice(from),
            _ => panic!("copying {} into {}", from.ty(), self.ty()),
        }
    }
}
