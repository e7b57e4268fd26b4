//! Labelled images in memory, and the arrays a network takes made from them. Where they come from
//! is the business of `embedded` and `files`.

use ndarray::{Array1, Array2, Array3, ArrayView, Axis, Dimension, Slice};
use num_traits::Float;

use crate::feature::{Feature, ask_for};

/// Greyscale images of one size, and the class of each.
///
/// Both stay bytes, an eighth of what `f64` would take; [`features_of`](Self::features_of) makes
/// numbers of the few that a minibatch needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    /// The images, of shape (n, rows, columns); 0 is background, 255 is full ink.
    pub images: Array3<u8>,
    /// The class of each image, of shape (n).
    pub labels: Array1<u8>,
    classes: usize,
}

impl Digits {
    /// Labelled images, whose labels are less than `classes`.
    ///
    /// # Panics
    ///
    /// If there are not as many labels as images, or if a label is not less than `classes`.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array3, array};
    /// use wengert_mnist::Digits;
    ///
    /// let stripes = Digits::new(array![[[0, 255]], [[255, 0]]], array![0, 1], 2);
    /// assert_eq!((stripes.len(), stripes.pixels(), stripes.classes()), (2, 2, 2));
    /// ```
    #[track_caller]
    pub fn new(images: Array3<u8>, labels: Array1<u8>, classes: usize) -> Self {
        let (n, m) = (images.len_of(Axis(0)), labels.len());
        assert!(n == m, "Digits::new: {n} images, but {m} labels");
        assert_labels("Digits::new", &labels, classes);
        Self {
            images,
            labels,
            classes,
        }
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many classes there are: a label is less than this, whether each class occurs or not.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Pixels of an image, rows times columns.
    pub fn pixels(&self) -> usize {
        let (_, rows, cols) = self.images.dim();
        rows * cols
    }

    /// The first `n`, and all others: MNIST's 60,000 as 55,000 to train on and 5,000 to validate.
    ///
    /// # Panics
    ///
    /// If there are fewer than `n`.
    ///
    /// # Examples
    ///
    /// ```
    /// let (first, others) = wengert_mnist::test().split_at(9_000);
    /// assert_eq!((first.len(), others.len()), (9_000, 1_000));
    /// ```
    #[track_caller]
    pub fn split_at(&self, n: usize) -> (Self, Self) {
        let len = self.len();
        assert!(
            n <= len,
            "Digits::split_at: cannot split {len} images at {n}"
        );
        (self.range(Slice::from(..n)), self.range(Slice::from(n..)))
    }

    /// The first `n`, or all if there are fewer.
    pub fn take(&self, n: usize) -> Self {
        self.range(Slice::from(..n.min(self.len())))
    }

    /// Those at `indices`, in that order; an index may come more than once.
    ///
    /// # Panics
    ///
    /// If an index is not less than [`len`](Self::len).
    #[track_caller]
    pub fn select(&self, indices: &[usize]) -> Self {
        self.assert_indices("Digits::select", indices);
        Self {
            images: self.images.select(Axis(0), indices),
            labels: self.labels.select(Axis(0), indices),
            classes: self.classes,
        }
    }

    /// Every image as a row of numbers from 0 to 1, byte / 255: an array of shape (n, pixels), the
    /// pixels of an image row by row.
    ///
    /// All of MNIST's training images take 188 MB as `f32`; see [`features_of`](Self::features_of).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_mnist::Digits;
    ///
    /// let digits = Digits::new(array![[[0, 51], [255, 0]]], array![1], 10);
    /// assert_eq!(digits.features::<f64>(), array![[0.0, 0.2, 1.0, 0.0]]);
    /// ```
    pub fn features<F: Feature>(&self) -> Array2<F> {
        let mut scaled = vec![F::zero(); self.images.len()];
        write(&mut scaled, self.images.view());
        as_rows(self.len(), self.pixels(), scaled)
    }

    /// The rows of [`features`](Self::features) at `indices`, in that order, without making any
    /// other row: shape (number of indices, pixels).
    ///
    /// # Panics
    ///
    /// If an index is not less than [`len`](Self::len).
    #[track_caller]
    pub fn features_of<F: Feature>(&self, indices: &[usize]) -> Array2<F> {
        self.assert_indices("Digits::features_of", indices);
        let pixels = self.pixels();
        let mut scaled = vec![F::zero(); indices.len() * pixels];
        for (i, &index) in indices.iter().enumerate() {
            write(
                &mut scaled[i * pixels..(i + 1) * pixels],
                self.images.index_axis(Axis(0), index),
            );
        }
        as_rows(indices.len(), pixels, scaled)
    }

    /// Writes the rows of [`features_of`](Self::features_of) to memory that is there: what a
    /// training loop does for every batch.
    ///
    /// # Panics
    ///
    /// If an index is not less than [`len`](Self::len), or `rows` is not as long as the images.
    ///
    /// # Examples
    ///
    /// ```
    /// let digits = wengert_mnist::test().take(3);
    /// let mut rows = vec![0.0; 2 * 784];
    /// digits.write_features_of(&[2, 0], &mut rows);
    /// let expected = digits.features_of::<f64>(&[2, 0]);
    /// assert_eq!(rows, expected.into_raw_vec_and_offset().0);
    /// ```
    #[track_caller]
    pub fn write_features_of<F: Feature>(&self, indices: &[usize], rows: &mut [F]) {
        self.assert_indices("Digits::write_features_of", indices);
        let (pixels, images, len) = (self.pixels(), indices.len(), rows.len());
        assert!(
            len == images * pixels,
            "Digits::write_features_of: {len} numbers for {images} images of {pixels} pixels"
        );
        const AHEAD: usize = 8;
        let rows = rows.chunks_mut(AHEAD * pixels.max(1));
        for (indices, rows) in indices.chunks(AHEAD).zip(rows) {
            let images = indices.iter().map(|&i| self.images.index_axis(Axis(0), i));
            images
                .clone()
                .filter_map(|i| i.to_slice())
                .for_each(ask_for);
            for (image, row) in images.zip(rows.chunks_exact_mut(pixels)) {
                write(row, image);
            }
        }
    }

    /// The labels as class indices, of shape (n).
    pub fn targets(&self) -> Array1<usize> {
        self.labels.mapv(usize::from)
    }

    /// The class indices of the images at `indices`, in that order: what goes with
    /// [`features_of`](Self::features_of).
    ///
    /// # Panics
    ///
    /// If an index is not less than [`len`](Self::len).
    #[track_caller]
    pub fn targets_of(&self, indices: &[usize]) -> Array1<usize> {
        self.assert_indices("Digits::targets_of", indices);
        indices
            .iter()
            .map(|&index| usize::from(self.labels[index]))
            .collect()
    }

    /// The labels as rows that are 1 at the label and 0 elsewhere, of shape (n, classes).
    ///
    /// # Panics
    ///
    /// If a label is not less than `classes`.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array3, array};
    /// use wengert_mnist::Digits;
    ///
    /// let digits = Digits::new(Array3::zeros((2, 1, 1)), array![2, 0], 3);
    /// assert_eq!(digits.one_hot::<f32>(3), array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    /// ```
    #[track_caller]
    pub fn one_hot<F: Float>(&self, classes: usize) -> Array2<F> {
        assert_labels("Digits::one_hot", &self.labels, classes);
        let mut rows = Array2::from_elem((self.len(), classes), F::zero());
        for (mut row, &label) in rows.outer_iter_mut().zip(&self.labels) {
            row[usize::from(label)] = F::one();
        }
        rows
    }

    fn range(&self, range: Slice) -> Self {
        Self {
            images: self.images.slice_axis(Axis(0), range).to_owned(),
            labels: self.labels.slice_axis(Axis(0), range).to_owned(),
            classes: self.classes,
        }
    }

    #[track_caller]
    fn assert_indices(&self, caller: &str, indices: &[usize]) {
        let len = self.len();
        if let Some(index) = indices.iter().find(|&&index| index >= len) {
            panic!("{caller}: index {index}, but there are {len} images");
        }
    }
}

#[track_caller]
fn assert_labels(caller: &str, labels: &Array1<u8>, classes: usize) {
    if let Some((index, label)) = labels
        .iter()
        .enumerate()
        .find(|&(_, &label)| usize::from(label) >= classes)
    {
        panic!("{caller}: label {index} is {label}, expected less than {classes}");
    }
}

/// `byte / 255` for every byte, in row-major order.
fn write<F: Feature, D: Dimension>(out: &mut [F], bytes: ArrayView<'_, u8, D>) {
    match bytes.as_slice() {
        Some(bytes) => F::write(out, bytes),
        None => F::write(out, &bytes.iter().copied().collect::<Vec<_>>()),
    }
}

fn as_rows<F>(rows: usize, cols: usize, elements: Vec<F>) -> Array2<F> {
    Array2::from_shape_vec((rows, cols), elements).expect("one element for each pixel")
}

#[cfg(test)]
mod tests;
