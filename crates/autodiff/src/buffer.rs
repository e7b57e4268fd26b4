//! Memory of one element type that operations write their results into.

use crate::dtype::DType;
use crate::value::{Type, Value};
use crate::view::ViewMut;

/// Elements of one type. The empty one, its default, stands in for a buffer
/// that has been taken out of its place.
#[derive(Clone, Debug)]
pub(crate) enum Buffer {
    F32(Vec<f32>),
    F64(Vec<f64>),
    Index(Vec<usize>),
    Bool(Vec<bool>),
}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer::F32(Vec::new())
    }
}

macro_rules! for_buffer {
    ($buffer:expr, $data:ident => $body:expr) => {
        match $buffer {
            Buffer::F32($data) => $body,
            Buffer::F64($data) => $body,
            Buffer::Index($data) => $body,
            Buffer::Bool($data) => $body,
        }
    };
}

impl Buffer {
    /// So many zeros.
    pub fn zeroed(dtype: DType, len: usize) -> Buffer {
        match dtype {
            DType::F32 => Buffer::F32(vec![0.0; len]),
            DType::F64 => Buffer::F64(vec![0.0; len]),
            DType::Index => Buffer::Index(vec![0; len]),
            DType::Bool => Buffer::Bool(vec![false; len]),
        }
    }

    /// As much of it as an array of this shape needs, from `start` on.
    pub fn view_mut<'a>(&'a mut self, start: usize, shape: &'a [usize]) -> ViewMut<'a> {
        let end = start + shape.iter().product::<usize>();
        for_buffer!(self, data => ViewMut::of_slice(shape, &mut data[start..end]))
    }

    /// The buffer as a value of this type, which it was made for.
    pub fn into_value(self, ty: &Type) -> Value {
        for_buffer!(self, data => Value::from_vec(&ty.shape, data))
    }
}
