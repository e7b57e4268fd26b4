//! One flat buffer of numbers, shared until it is written to, and the way
//! from an element type that is generic to one that is known. Knows neither
//! names nor shapes.

use std::ops::Range;

use ndarray::{ArcArray1, IxDyn, s};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wengert_autodiff::{Elements, ElementsMut, Float, Value};

/// A growable flat buffer. A clone, and a [`Value`] made of a part of it,
/// share the memory; writing copies first if anybody shares it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flat<F>(ArcArray1<F>);

/// Part of a buffer, its element type known.
#[derive(Clone, Copy)]
pub(crate) enum Slice<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
}

/// Part of a buffer to write to, its element type known.
pub(crate) enum SliceMut<'a> {
    F32(&'a mut [f32]),
    F64(&'a mut [f64]),
}

impl<F> Default for Flat<F> {
    fn default() -> Self {
        Flat(ArcArray1::from_vec(Vec::new()))
    }
}

impl<F: Float> Flat<F> {
    pub fn zeros(len: usize) -> Self {
        Flat(ArcArray1::zeros(len))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn as_slice(&self) -> &[F] {
        self.0.as_slice().expect("one dimension, stride 1")
    }

    pub fn as_mut_slice(&mut self) -> &mut [F] {
        self.0.as_slice_mut().expect("one dimension, stride 1")
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = F>) {
        let array = std::mem::take(self).0.into_owned();
        let (mut data, _) = array.into_raw_vec_and_offset();
        data.extend(more);
        self.0 = ArcArray1::from_vec(data);
    }

    /// A part as a value for the tape; the memory is shared.
    pub fn value(&self, range: Range<usize>, shape: &[usize]) -> Value {
        let part = self.0.clone().slice_move(s![range]);
        let part = part.into_shape_with_order(IxDyn(shape));
        Value::shared(part.expect("the range is as long as its shape"))
    }

    pub fn slice_mut(&mut self, range: Range<usize>) -> SliceMut<'_> {
        SliceMut::of(&mut self.as_mut_slice()[range])
    }
}

impl<'a> Slice<'a> {
    /// A slice, its element type made known.
    pub fn of<F: Float>(data: &'a [F]) -> Slice<'a> {
        match F::elements(data) {
            Elements::F32(data) => Slice::F32(data),
            Elements::F64(data) => Slice::F64(data),
            _ => unreachable!("`Float` is implemented for f32 and f64"),
        }
    }
}

impl<'a> SliceMut<'a> {
    /// A slice, its element type made known.
    pub fn of<F: Float>(data: &'a mut [F]) -> SliceMut<'a> {
        match F::elements_mut(data) {
            ElementsMut::F32(data) => SliceMut::F32(data),
            ElementsMut::F64(data) => SliceMut::F64(data),
            _ => unreachable!("`Float` is implemented for f32 and f64"),
        }
    }
}

impl<F: Float + Serialize> Serialize for Flat<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de, F: Float + Deserialize<'de>> Deserialize<'de> for Flat<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|data| Flat(ArcArray1::from_vec(data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_share_memory_until_the_buffer_is_written_to() {
        let mut flat = Flat::<f32>::default();
        flat.extend([1.0, 2.0, 3.0, 4.0, 5.0]);
        let value = flat.value(1..5, &[2, 2]);
        let array = value.array::<f32>().unwrap();
        assert_eq!(array.as_ptr(), flat.as_slice()[1..].as_ptr());
        flat.as_mut_slice()[1] = 20.0;
        assert_eq!(array.as_slice().unwrap(), [2.0, 3.0, 4.0, 5.0]);
        assert_eq!(flat.as_slice(), [1.0, 20.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn empty_parts_are_parts() {
        let mut flat = Flat::<f64>::default();
        flat.extend([]);
        assert_eq!(flat.value(0..0, &[0, 3]).shape(), [0, 3]);
    }
}
