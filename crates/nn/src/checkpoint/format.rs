//! The header, and numbers as bytes. Knows no files.

use serde::{Deserialize, Serialize};
use wengert_autodiff::Float;

use crate::flat::{Flat, Slice, SliceMut};

pub(super) const MAGIC: &[u8; 8] = b"wengert\n";
pub(super) const VERSION: u32 = 1;

/// Magic, version, length and checksum of the header.
pub(super) const PREFIX: usize = 8 + 4 + 8 + 4;

/// What the file says about itself, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Of the crate that wrote it; for people, never compared.
    pub crate_version: String,
    pub dtype: String,
    pub config: serde_json::Value,
    pub parameters: Vec<Entry>,
    pub crc32: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    pub shape: Vec<u64>,
}

impl Header {
    /// How many bytes of data have to follow; `None` if no machine could hold
    /// them.
    pub fn data_bytes(&self) -> Option<u64> {
        let width = match self.dtype.as_str() {
            "f32" => 4u64,
            "f64" => 8,
            _ => return None,
        };
        self.parameters.iter().try_fold(0u64, |total, entry| {
            let count = entry
                .shape
                .iter()
                .try_fold(1u64, |n, &len| n.checked_mul(len));
            total.checked_add(count?.checked_mul(width)?)
        })
    }
}

/// The name of the element type.
pub(super) fn dtype<F: Float>() -> String {
    F::DTYPE.expect("a concrete type").to_string()
}

pub(super) fn to_bytes<F: Float>(numbers: &Flat<F>) -> Vec<u8> {
    match Slice::of(numbers.as_slice()) {
        Slice::F32(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Slice::F64(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

/// Overwrites all numbers; there are exactly as many bytes as they take.
pub(super) fn from_bytes<F: Float>(numbers: &mut Flat<F>, bytes: &[u8]) {
    match numbers.slice_mut(0..numbers.len()) {
        SliceMut::F32(x) => {
            for (x, bytes) in x.iter_mut().zip(bytes.as_chunks().0) {
                *x = f32::from_le_bytes(*bytes);
            }
        }
        SliceMut::F64(x) => {
            for (x, bytes) in x.iter_mut().zip(bytes.as_chunks().0) {
                *x = f64::from_le_bytes(*bytes);
            }
        }
    }
}
