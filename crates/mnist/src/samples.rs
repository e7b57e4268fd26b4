//! Small files for the tests.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The bytes of an IDX file of unsigned bytes whose header says `shape`, whatever `data` holds.
pub fn idx(shape: &[usize], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(shape.len()).unwrap()];
    for &size in shape {
        bytes.extend(u32::try_from(size).unwrap().to_be_bytes());
    }
    bytes.extend(data);
    bytes
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
