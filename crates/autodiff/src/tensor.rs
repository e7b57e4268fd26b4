//! The elements of a value, in row-major order: a few are kept in place, many
//! are shared. Knows its shape and no operation.

use std::fmt;

use ndarray::{ArcArray, ArcArray1, ArrayBase, ArrayViewD, Data, Dimension, IxDyn};

use crate::dtype::Element;
use crate::shape::Shape;

/// So many elements are kept in place. An array that is shared costs two
/// allocations, and as many to free; a scalar or a small vector costs none.
const FEW: usize = 8;

/// An array of `T` in row-major order, never written to. Cloning is cheap:
/// the elements are shared, or they are few.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Value;
///
/// let Value::F64(a) = Value::from(array![[1.0, 2.0, 3.0]]) else { unreachable!() };
/// assert_eq!(a.shape().to_vec(), [1, 3]);
/// assert_eq!(a.as_slice(), [1.0, 2.0, 3.0]);
/// assert_eq!(a.view().mapv(f64::sqrt).sum(), 1.0 + 2f64.sqrt() + 3f64.sqrt());
/// ```
#[derive(Clone)]
pub struct Tensor<T> {
    shape: Shape,
    elements: Elements<T>,
}

#[derive(Clone)]
enum Elements<T> {
    /// The first `len` count; the rest is padding.
    Few {
        len: u8,
        padded: [T; FEW],
    },
    Many(ArcArray1<T>),
}

impl<T: Element> Tensor<T> {
    /// Takes over `data`, in row-major order.
    ///
    /// # Panics
    /// If `data` does not have as many elements as `shape` asks for.
    #[inline]
    pub(crate) fn from_vec(shape: Shape, data: Vec<T>) -> Tensor<T> {
        assert!(
            data.len() == shape.size(),
            "a kernel returns as many elements as its shape rule promised"
        );
        let elements = match few(&data) {
            Some(few) => few,
            None => Elements::Many(ArcArray1::from_vec(data)),
        };
        Tensor { shape, elements }
    }

    /// As many elements as the shape asks for, which `write` overwrites.
    #[inline]
    pub(crate) fn written<E>(
        shape: Shape,
        write: impl FnOnce(&mut [T]) -> Result<(), E>,
    ) -> Result<Tensor<T>, E> {
        let size = shape.size();
        let elements = if size <= FEW {
            let mut padded = [T::default(); FEW];
            write(&mut padded[..size])?;
            let len = size as u8;
            Elements::Few { len, padded }
        } else {
            let mut data = vec![T::default(); size];
            write(&mut data)?;
            Elements::Many(ArcArray1::from_vec(data))
        };
        Ok(Tensor { shape, elements })
    }

    /// Copies `data`, in row-major order, which has as many elements as the
    /// shape asks for.
    fn copied(shape: Shape, data: &[T]) -> Tensor<T> {
        let elements = match few(data) {
            Some(few) => few,
            None => Elements::Many(ArcArray1::from_vec(data.to_vec())),
        };
        Tensor { shape, elements }
    }

    /// A single element.
    pub(crate) fn scalar(x: T) -> Tensor<T> {
        Tensor::copied(Shape::default(), &[x])
    }

    /// The elements of `array`, which is left alone.
    pub(crate) fn of<S: Data<Elem = T>, D: Dimension>(array: &ArrayBase<S, D>) -> Tensor<T> {
        match array.as_slice() {
            Some(data) => Tensor::copied(array.shape().into(), data),
            None => {
                // A copy made for the purpose has nothing before its start.
                let copy = array.as_standard_layout().into_owned();
                Tensor::from_vec(array.shape().into(), copy.into_raw_vec_and_offset().0)
            }
        }
    }

    /// Takes over `array`; copies the elements if they are borrowed, or not in
    /// row-major order.
    pub(crate) fn taken<S: Data<Elem = T>, D: Dimension>(array: ArrayBase<S, D>) -> Tensor<T> {
        if array.len() <= FEW || !array.is_standard_layout() {
            return Tensor::of(&array);
        }
        Tensor::shared(array.into_owned().into_shared())
    }

    /// The elements of `array`, whose memory is shared if they are in
    /// row-major order.
    pub(crate) fn shared<D: Dimension>(array: ArcArray<T, D>) -> Tensor<T> {
        let (shape, len) = (Shape::from(array.shape()), array.len());
        if !array.is_standard_layout() {
            return Tensor::of(&array);
        }
        let flat = array.into_shape_with_order(len);
        let elements = Elements::Many(flat.expect("an array in row-major order"));
        Tensor { shape, elements }
    }

    /// The same elements in another shape of the same size.
    pub(crate) fn reshaped(&self, shape: Shape) -> Tensor<T> {
        Tensor {
            shape,
            elements: self.elements.clone(),
        }
    }

    /// The length of every axis.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The number of elements.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// The elements in row-major order.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        match &self.elements {
            Elements::Few { len, padded } => &padded[..usize::from(*len)],
            Elements::Many(flat) => flat.as_slice().expect("one dimension, stride 1"),
        }
    }

    /// A view of the array.
    pub fn view(&self) -> ArrayViewD<'_, T> {
        ArrayViewD::from_shape(IxDyn(&self.shape), self.as_slice())
            .expect("as many elements as the shape asks for")
    }

    /// The array itself. The memory is shared, unless the elements are few.
    pub fn to_shared(&self) -> ArcArray<T, IxDyn> {
        let shape = IxDyn(&self.shape);
        let array = match &self.elements {
            Elements::Few { .. } => ArcArray::from_shape_vec(shape, self.as_slice().to_vec()),
            Elements::Many(flat) => flat.clone().into_shape_with_order(shape),
        };
        array.expect("as many elements as the shape asks for")
    }
}

/// The elements, if they are so few that they are kept in place.
#[inline]
fn few<T: Element>(data: &[T]) -> Option<Elements<T>> {
    let mut padded = [T::default(); FEW];
    padded.get_mut(..data.len())?.copy_from_slice(data);
    let len = data.len() as u8;
    Some(Elements::Few { len, padded })
}

impl<T: Element> PartialEq for Tensor<T> {
    fn eq(&self, other: &Tensor<T>) -> bool {
        self.shape == other.shape && self.as_slice() == other.as_slice()
    }
}

impl<T: Element> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.view(), f)
    }
}

impl<T: Element> fmt::Display for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.view(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array;

    /// On both sides of the number of elements that are kept in place.
    #[test]
    fn elements_and_shape_come_back_however_they_went_in() {
        for shape in [
            &[][..],
            &[0, 3],
            &[1],
            &[8],
            &[9],
            &[2, 4],
            &[3, 3],
            &[1, 2, 1, 3, 2],
        ] {
            let size: usize = shape.iter().product();
            let data: Vec<f64> = (0..size).map(|i| i as f64).collect();
            let array = Array::from_shape_vec(IxDyn(shape), data.clone()).unwrap();
            let flipped = array.t().as_standard_layout().into_owned();
            let ways = [
                Tensor::from_vec(shape.into(), data.clone()),
                Tensor::of(&array),
                Tensor::of(&flipped.t()),
                Tensor::taken(array.view()),
                Tensor::taken(array.clone()),
                Tensor::taken(flipped.clone().reversed_axes()),
                Tensor::shared(array.to_shared()),
                Tensor::shared(flipped.to_shared().reversed_axes()),
                Tensor::from_vec([size].into(), data.clone()).reshaped(shape.into()),
            ];
            for (i, way) in ways.iter().enumerate() {
                assert_eq!(way.as_slice(), data, "{shape:?}, way {i}");
                assert_eq!(way.view(), array, "{shape:?}, way {i}");
                assert_eq!(way.to_shared(), array, "{shape:?}, way {i}");
                assert_eq!(way, &ways[0], "{shape:?}, way {i}");
            }
        }
    }

    #[test]
    fn many_elements_are_shared_and_a_part_of_a_block_stays_a_part() {
        let block = Array::from_iter(0..100_usize).into_shared();
        let part = block.clone().slice_move(ndarray::s![10..13]);
        let tensor = Tensor::shared(part);
        assert_eq!(
            tensor.as_slice().as_ptr(),
            block.as_slice().unwrap()[10..].as_ptr()
        );
        let many = Tensor::from_vec([100].into(), (0..100_usize).collect());
        let there = many.as_slice().as_ptr();
        assert_eq!(many.clone().as_slice().as_ptr(), there);
        assert_eq!(many.reshaped([10, 10].into()).as_slice().as_ptr(), there);
        assert_eq!(many.to_shared().as_ptr(), there);
    }

    #[test]
    #[should_panic(expected = "as many elements as its shape rule promised")]
    fn a_wrong_number_of_elements_is_refused() {
        let _ = Tensor::from_vec([3].into(), vec![1.0, 2.0]);
    }
}
