//! What can be wrong with a data set: one variant per fault, each message one line that says what,
//! where, and what would be right.

use std::io;
use std::path::PathBuf;

/// The result of reading or preparing a data set.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a data set could not be read or prepared.
///
/// `file` is the path as it was given, or the name handed to [`idx::parse`](crate::idx::parse).
/// Every `offset` counts bytes from the start of the *uncompressed* file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file or directory cannot be opened or read.
    #[error("{file}: cannot read: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the operating system says.
        source: io::Error,
    },

    /// The file starts like gzip, but does not decompress.
    #[error("{file}: corrupt gzip after {decompressed} decompressed bytes: {source}")]
    CorruptGzip {
        /// The file.
        file: String,
        /// How many bytes came out before the fault.
        decompressed: u64,
        /// What the decompressor says.
        source: io::Error,
    },

    /// The first four bytes are not those of an IDX file.
    #[error(
        "{file}: not an IDX file: starts with the bytes {found:02x?}, \
         expected [00, 00, 08, rank] with rank 1 for labels and 3 for images"
    )]
    BadMagic {
        /// The file.
        file: String,
        /// The first four bytes.
        found: [u8; 4],
    },

    /// The elements are not unsigned bytes.
    #[error(
        "{file}: offset 2: element type 0x{code:02x} ({name}) is not supported, \
         expected 0x08 (unsigned byte)"
    )]
    UnsupportedElement {
        /// The file.
        file: String,
        /// The element type of the header.
        code: u8,
        /// What the IDX format calls it.
        name: &'static str,
    },

    /// The header's sizes multiply to more than any memory holds.
    #[error(
        "{file}: offset 4: sizes {shape:?} multiply to more bytes than this machine can address"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// The sizes of the header.
        shape: Vec<usize>,
    },

    /// The file ends inside its header.
    #[error("{file}: truncated header: expected {expected} bytes, found {found}")]
    TruncatedHeader {
        /// The file.
        file: String,
        /// The bytes a header of this rank takes.
        expected: usize,
        /// The bytes that are there.
        found: usize,
    },

    /// The file ends inside its data.
    #[error(
        "{file}: truncated data: sizes {shape:?} need {expected} bytes from offset {offset}, \
         found {found}"
    )]
    TruncatedData {
        /// The file.
        file: String,
        /// The sizes of the header.
        shape: Vec<usize>,
        /// Where the data start.
        offset: usize,
        /// The bytes of data that the header promises.
        expected: usize,
        /// The bytes of data that are there.
        found: usize,
    },

    /// The file goes on after its data.
    #[error(
        "{file}: trailing bytes: sizes {shape:?} end the file at offset {offset}, but it goes on"
    )]
    TrailingBytes {
        /// The file.
        file: String,
        /// The sizes of the header.
        shape: Vec<usize>,
        /// Where the file should end.
        offset: usize,
    },

    /// A file of images is not of rank 3, or a file of labels not of rank 1.
    #[error(
        "{file}: offset 3: expected {what} of rank {expected}, found rank {found}{}",
        swapped(*expected, *found)
    )]
    WrongRank {
        /// The file.
        file: String,
        /// "images" or "labels".
        what: &'static str,
        /// The rank that was needed.
        expected: usize,
        /// The rank of the file.
        found: usize,
    },

    /// The images have no pixels.
    #[error("{file}: offset 8: images of {rows} x {cols} pixels, expected at least 1 x 1")]
    EmptyImages {
        /// The file of images.
        file: String,
        /// Rows of an image.
        rows: usize,
        /// Columns of an image.
        cols: usize,
    },

    /// There is not one label for each image.
    #[error(
        "{images} images in {image_file}, but {labels} labels in {label_file}: \
         expected as many labels as images"
    )]
    CountMismatch {
        /// The file of images.
        image_file: String,
        /// How many images it holds.
        images: usize,
        /// The file of labels.
        label_file: String,
        /// How many labels it holds.
        labels: usize,
    },

    /// The training images and the test images differ in size.
    #[error(
        "images of {} x {} pixels in {train_file}, but of {} x {} in {test_file}: \
         expected one size",
        train.0, train.1, test.0, test.1
    )]
    SizeMismatch {
        /// The file of the training images.
        train_file: String,
        /// Their rows and columns.
        train: (usize, usize),
        /// The file of the test images.
        test_file: String,
        /// Their rows and columns.
        test: (usize, usize),
    },

    /// A label names no class.
    #[error(
        "{file}: offset {offset}: label {index} is {label}, expected less than {classes}, \
         the number of classes"
    )]
    LabelOutOfRange {
        /// The file of labels.
        file: String,
        /// Where the label is in the file.
        offset: usize,
        /// Which label it is, from 0.
        index: usize,
        /// Its value.
        label: u8,
        /// The number of classes.
        classes: usize,
    },

    /// A directory lacks one of the four files.
    #[error(
        "{}: no file of the {what}, expected one named {}",
        dir.display(), accepted.join(" or ")
    )]
    MissingFile {
        /// The directory.
        dir: PathBuf,
        /// "training images", "training labels", "test images" or "test labels".
        what: &'static str,
        /// Every name that would do, in the order of preference.
        accepted: Vec<String>,
    },

    /// A standard deviation that is none.
    #[error("noise of standard deviation {std}, expected a finite number that is 0 or more")]
    InvalidStd {
        /// What was asked for.
        std: f64,
    },
}

/// The usual cause of a wrong rank.
fn swapped(expected: usize, found: usize) -> &'static str {
    match (expected, found) {
        (3, 1) => ", which labels have: are images and labels swapped?",
        (1, 3) => ", which images have: are images and labels swapped?",
        _ => "",
    }
}
