//! Files of the IDX format whose elements are unsigned bytes, plain or gzipped. What the elements
//! mean, and whether they are images or labels, is not known here.
//!
//! An IDX file is a header and then the elements in row-major order:
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 2 | zero |
//! | 2 | 1 | element type: `0x08` for unsigned bytes |
//! | 3 | 1 | rank: the number of dimensions, at least 1 |
//! | 4 | 4 x rank | the size of each dimension, big-endian |
//! | 4 + 4 x rank | product of the sizes | the elements |
//!
//! The format is described at <http://yann.lecun.com/exdb/mnist/>.
//!
//! A header is a claim, never an order: memory is taken as bytes arrive, so a short file whose
//! header promises four billion images costs next to nothing, and a gzip file is decompressed to
//! one byte past what its header promises and no further.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const UNSIGNED_BYTE: u8 = 0x08;
/// Memory taken before the first element has arrived.
const FIRST_ALLOCATION: usize = 1 << 20;

/// The contents of an IDX file of unsigned bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxFile {
    /// The size of each dimension; the rank is its length.
    pub shape: Vec<usize>,
    /// The elements in row-major order, as many as the product of `shape`.
    pub data: Vec<u8>,
}

impl IdxFile {
    /// The bytes of the header: where the first element stands in the uncompressed file.
    pub fn data_offset(&self) -> usize {
        header_len(self.shape.len())
    }
}

/// Reads the IDX file at `path`, plain or gzipped; its first bytes decide which, not its name.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be opened or read, and all those of [`parse`].
///
/// # Examples
///
/// ```
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("labels");
/// std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 2, 5, 9])?;
///
/// let labels = wengert_mnist::idx::read(&path)?;
/// assert_eq!(labels.shape, [2]);
/// assert_eq!(labels.data, [5, 9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(path: impl AsRef<Path>) -> Result<IdxFile> {
    let path = path.as_ref();
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => read_plain_or_gzip(BufReader::new(file), &name),
        Err(source) => Err(Error::Io { file: name, source }),
    }
}

/// Parses an IDX file held in memory, plain or gzipped; `name` stands for it in errors.
///
/// # Errors
///
/// [`Error::BadMagic`], [`Error::UnsupportedElement`], [`Error::TooLarge`],
/// [`Error::TruncatedHeader`], [`Error::TruncatedData`], [`Error::TrailingBytes`] and
/// [`Error::CorruptGzip`].
///
/// # Examples
///
/// ```
/// use wengert_mnist::{Error, idx};
///
/// // Two images of 1 x 3 pixels.
/// let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3];
/// bytes.extend([0, 128, 255, 255, 128, 0]);
/// assert_eq!(idx::parse(&bytes, "images")?.shape, [2, 1, 3]);
///
/// let error = idx::parse(&bytes[..20], "images").unwrap_err();
/// assert!(matches!(error, Error::TruncatedData { expected: 6, found: 4, .. }));
/// # Ok::<(), Error>(())
/// ```
pub fn parse(bytes: &[u8], name: &str) -> Result<IdxFile> {
    read_plain_or_gzip(bytes, name)
}

fn read_plain_or_gzip(mut reader: impl Read, name: &str) -> Result<IdxFile> {
    let mut start = Vec::new();
    let peeked = reader.by_ref().take(2).read_to_end(&mut start);
    peeked.map_err(|source| Error::Io {
        file: name.into(),
        source,
    })?;
    let whole = start.as_slice().chain(reader);
    if start == GZIP_MAGIC {
        Source {
            reader: MultiGzDecoder::new(whole),
            name,
            gzip: true,
            offset: 0,
        }
        .whole_file()
    } else {
        Source {
            reader: whole,
            name,
            gzip: false,
            offset: 0,
        }
        .whole_file()
    }
}

/// Reads one array from uncompressed bytes and leaves what follows it unread.
pub(crate) fn read_array(reader: impl Read, name: &str) -> Result<IdxFile> {
    Source {
        reader,
        name,
        gzip: false,
        offset: 0,
    }
    .array()
}

/// Uncompressed bytes on their way in, with what an error has to say about them.
struct Source<'a, R> {
    reader: R,
    name: &'a str,
    gzip: bool,
    offset: usize,
}

impl<R: Read> Source<'_, R> {
    fn whole_file(mut self) -> Result<IdxFile> {
        let idx = self.array()?;
        // For gzip this also reaches the checksum, which the decoder compares at the end of the
        // stream.
        if self.up_to(1)?.is_empty() {
            return Ok(idx);
        }
        Err(Error::TrailingBytes {
            file: self.name.into(),
            offset: self.offset - 1,
            shape: idx.shape,
        })
    }

    fn array(&mut self) -> Result<IdxFile> {
        let magic = self.header(4, 4)?;
        let magic: [u8; 4] = magic.try_into().expect("header() gives what was asked for");
        let [0, 0, element, rank @ 1..=u8::MAX] = magic else {
            return Err(Error::BadMagic {
                file: self.name.into(),
                found: magic,
            });
        };
        if element != UNSIGNED_BYTE {
            let name = element_name(element);
            return Err(Error::UnsupportedElement {
                file: self.name.into(),
                code: element,
                name,
            });
        }

        let rank = usize::from(rank);
        let sizes = self.header(4 * rank, header_len(rank))?;
        let shape: Vec<usize> = sizes
            .chunks_exact(4)
            .map(|s| u32::from_be_bytes([s[0], s[1], s[2], s[3]]) as usize)
            .collect();
        let Some(expected) = elements(&shape) else {
            return Err(Error::TooLarge {
                file: self.name.into(),
                shape,
            });
        };

        let offset = self.offset;
        let data = self.up_to(expected)?;
        if data.len() < expected {
            let found = data.len();
            return Err(Error::TruncatedData {
                file: self.name.into(),
                shape,
                offset,
                expected,
                found,
            });
        }
        Ok(IdxFile { shape, data })
    }

    /// The next `count` bytes of a header of `header_len` bytes in all.
    fn header(&mut self, count: usize, header_len: usize) -> Result<Vec<u8>> {
        let bytes = self.up_to(count)?;
        if bytes.len() == count {
            return Ok(bytes);
        }
        Err(Error::TruncatedHeader {
            file: self.name.into(),
            expected: header_len,
            found: self.offset,
        })
    }

    /// The next `limit` bytes, or as many as there are.
    fn up_to(&mut self, limit: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(limit.min(FIRST_ALLOCATION));
        let outcome = self
            .reader
            .by_ref()
            .take(limit as u64)
            .read_to_end(&mut bytes);
        self.offset += bytes.len();
        outcome.map_err(|source| self.failure(source))?;
        Ok(bytes)
    }

    fn failure(&self, source: io::Error) -> Error {
        let file = self.name.into();
        match source.kind() {
            ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof
                if self.gzip =>
            {
                Error::CorruptGzip {
                    file,
                    decompressed: self.offset as u64,
                    source,
                }
            }
            _ => Error::Io { file, source },
        }
    }
}

fn header_len(rank: usize) -> usize {
    4 + 4 * rank
}

/// The product of the sizes, if an array of that shape could exist: like ndarray, the product of
/// those that are not zero must fit as well.
fn elements(shape: &[usize]) -> Option<usize> {
    let mut nonzero = shape.iter().filter(|&&size| size != 0);
    let product = nonzero.try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    isize::try_from(product).ok()?;
    Some(if shape.contains(&0) { 0 } else { product })
}

fn element_name(code: u8) -> &'static str {
    match code {
        0x09 => "signed byte",
        0x0b => "16-bit integer",
        0x0c => "32-bit integer",
        0x0d => "32-bit float",
        0x0e => "64-bit float",
        _ => "unknown to the format",
    }
}

#[cfg(test)]
mod tests;
