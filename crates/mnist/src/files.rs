//! Sets on disk: which files make one, and whether they fit together. How a file is read is the
//! business of [`idx`].

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array3};

use crate::idx::{self, IdxFile};
use crate::{Digits, Error, Result};

/// Classes of a set unless the caller says otherwise.
const TEN_DIGITS: usize = 10;

impl Digits {
    /// Reads one set of ten classes from a file of images and a file of labels, both
    /// [IDX](crate::idx), plain or gzipped, with images of any size.
    ///
    /// # Errors
    ///
    /// Those of [`idx::read`] for either file; [`Error::WrongRank`], also if the two are swapped;
    /// [`Error::EmptyImages`], [`Error::CountMismatch`] and [`Error::LabelOutOfRange`].
    ///
    /// # Examples
    ///
    /// ```
    /// use wengert_mnist::Digits;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let (images, labels) = (dir.path().join("images"), dir.path().join("labels"));
    /// // One image of 1 x 2 pixels, and its label.
    /// std::fs::write(&images, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255])?;
    /// std::fs::write(&labels, [0, 0, 8, 1, 0, 0, 0, 1, 4])?;
    ///
    /// let digits = Digits::from_files(&images, &labels)?;
    /// assert_eq!((digits.images.dim(), digits.labels[0]), ((1, 1, 2), 4));
    ///
    /// let error = Digits::from_files(&labels, &images).unwrap_err();
    /// assert!(error.to_string().ends_with("are images and labels swapped?"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_files(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self> {
        Self::from_files_with_classes(images, labels, TEN_DIGITS)
    }

    /// [`from_files`](Self::from_files) for a set of any number of classes: its labels must be less
    /// than `classes`.
    ///
    /// # Errors
    ///
    /// Those of [`from_files`](Self::from_files).
    pub fn from_files_with_classes(
        images: impl AsRef<Path>,
        labels: impl AsRef<Path>,
        classes: usize,
    ) -> Result<Self> {
        let (images, labels) = (images.as_ref(), labels.as_ref());
        let names = [images, labels].map(|path| path.display().to_string());
        let (images, labels) = (idx::read(images)?, idx::read(labels)?);
        assemble(images, &names[0], labels, &names[1], classes)
    }

    /// Reads the training set and the test set, of ten classes each, from a directory that holds
    /// four files with MNIST's names:
    ///
    /// | | images | labels |
    /// |---|---|---|
    /// | training | `train-images-idx3-ubyte` | `train-labels-idx1-ubyte` |
    /// | test | `t10k-images-idx3-ubyte` | `t10k-labels-idx1-ubyte` |
    ///
    /// A dot may stand for the last hyphen but one (`train-images.idx3-ubyte`), and `.gz` may
    /// follow. If there are several, the one without `.gz` is read, then the one with the hyphen.
    ///
    /// # Errors
    ///
    /// [`Error::MissingFile`]; [`Error::Io`] if the directory cannot be read;
    /// [`Error::SizeMismatch`] if training and test images differ in size; and those of
    /// [`from_files`](Self::from_files).
    ///
    /// # Examples
    ///
    /// ```
    /// use wengert_mnist::Digits;
    ///
    /// let empty = tempfile::tempdir()?;
    /// let error = Digits::from_dir(empty.path()).unwrap_err().to_string();
    /// assert!(error.contains("no file of the training images"));
    /// assert!(error.contains("expected one named train-images-idx3-ubyte or "));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<(Self, Self)> {
        Self::from_dir_with_classes(dir, TEN_DIGITS)
    }

    /// [`from_dir`](Self::from_dir) for sets of any number of classes: their labels must be less
    /// than `classes`.
    ///
    /// # Errors
    ///
    /// Those of [`from_dir`](Self::from_dir).
    pub fn from_dir_with_classes(dir: impl AsRef<Path>, classes: usize) -> Result<(Self, Self)> {
        let dir = dir.as_ref();
        fs::read_dir(dir).map_err(|source| io_error(dir, source))?;
        let train_images = find(dir, "training images", "train-images", "idx3-ubyte")?;
        let train_labels = find(dir, "training labels", "train-labels", "idx1-ubyte")?;
        let test_images = find(dir, "test images", "t10k-images", "idx3-ubyte")?;
        let test_labels = find(dir, "test labels", "t10k-labels", "idx1-ubyte")?;

        let train = Self::from_files_with_classes(&train_images, train_labels, classes)?;
        let test = Self::from_files_with_classes(&test_images, test_labels, classes)?;
        let size = |set: &Self| (set.images.dim().1, set.images.dim().2);
        if size(&train) != size(&test) {
            return Err(Error::SizeMismatch {
                train_file: train_images.display().to_string(),
                train: size(&train),
                test_file: test_images.display().to_string(),
                test: size(&test),
            });
        }
        Ok((train, test))
    }
}

/// Makes a set of a file of images and a file of labels, if they fit together.
pub(crate) fn assemble(
    images: IdxFile,
    image_file: &str,
    labels: IdxFile,
    label_file: &str,
    classes: usize,
) -> Result<Digits> {
    let &[n, rows, cols] = images.shape.as_slice() else {
        return Err(wrong_rank(&images, image_file, "images", 3));
    };
    let &[m] = labels.shape.as_slice() else {
        return Err(wrong_rank(&labels, label_file, "labels", 1));
    };
    if rows == 0 || cols == 0 {
        return Err(Error::EmptyImages {
            file: image_file.into(),
            rows,
            cols,
        });
    }
    if n != m {
        return Err(Error::CountMismatch {
            image_file: image_file.into(),
            images: n,
            label_file: label_file.into(),
            labels: m,
        });
    }
    let out_of_range = labels
        .data
        .iter()
        .position(|&label| usize::from(label) >= classes);
    if let Some(index) = out_of_range {
        return Err(Error::LabelOutOfRange {
            file: label_file.into(),
            offset: labels.data_offset() + index,
            index,
            label: labels.data[index],
            classes,
        });
    }
    let images = Array3::from_shape_vec((n, rows, cols), images.data);
    let images = images.expect("an IDX file holds as many elements as its sizes multiply to");
    Ok(Digits::new(images, Array1::from_vec(labels.data), classes))
}

fn wrong_rank(idx: &IdxFile, file: &str, what: &'static str, expected: usize) -> Error {
    Error::WrongRank {
        file: file.into(),
        what,
        expected,
        found: idx.shape.len(),
    }
}

/// The first of the accepted names that is a file. A folder is passed over: some unpackers make one
/// of the same name and put the file inside.
fn find(dir: &Path, what: &'static str, stem: &str, kind: &str) -> Result<PathBuf> {
    let accepted = [
        format!("{stem}-{kind}"),
        format!("{stem}.{kind}"),
        format!("{stem}-{kind}.gz"),
        format!("{stem}.{kind}.gz"),
    ];
    for name in &accepted {
        let path = dir.join(name);
        match fs::metadata(&path) {
            Ok(found) if found.is_file() => return Ok(path),
            Ok(_) => {}
            Err(absent) if absent.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(io_error(&path, source)),
        }
    }
    Err(Error::MissingFile {
        dir: dir.into(),
        what,
        accepted: accepted.into(),
    })
}

fn io_error(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        file: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests;
