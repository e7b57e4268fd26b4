//! A factor of a product: its elements and how they lie in memory.

use std::ops::Range;

/// A matrix in row-major order, possibly meant transposed; or some of its
/// rows.
#[derive(Debug)]
pub struct Matrix<'a, F> {
    /// From the first element on.
    data: &'a [F],
    rows: usize,
    cols: usize,
    /// Distances in memory from one row, and from one column, to the next.
    strides: (usize, usize),
}

// Derived, they would ask for `F: Copy`.
impl<F> Clone for Matrix<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Matrix<'_, F> {}

impl<'a, F> Matrix<'a, F> {
    /// A matrix of `rows` by `cols`; `transposed` if memory holds its
    /// transpose, `cols` rows of `rows` elements.
    ///
    /// # Panics
    /// If `data` is not as long as the matrix.
    pub fn new(data: &'a [F], rows: usize, cols: usize, transposed: bool) -> Self {
        assert_eq!(data.len(), rows * cols, "elements of a matrix");
        Matrix {
            data,
            rows,
            cols,
            strides: if transposed { (1, rows) } else { (cols, 1) },
        }
    }

    /// These rows alone.
    ///
    /// # Panics
    /// If the matrix does not have them.
    pub fn rows(self, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "{rows:?}");
        // Where nothing is left there may be no element to start from.
        let start = (rows.start * self.strides.0).min(self.data.len());
        Matrix {
            data: &self.data[start..],
            rows: rows.len(),
            ..self
        }
    }

    /// These columns alone.
    ///
    /// # Panics
    /// If the matrix does not have them.
    pub fn columns(self, columns: Range<usize>) -> Self {
        self.transpose().rows(columns).transpose()
    }

    /// The same memory, meant transposed.
    pub fn transpose(self) -> Self {
        Matrix {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            strides: (self.strides.1, self.strides.0),
        }
    }

    /// Rows and columns.
    pub fn sizes(self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    /// Distances from one row, and from one column, to the next.
    pub fn strides(self) -> (usize, usize) {
        self.strides
    }

    /// Whether a step along a row is a step in memory.
    pub fn rows_are_contiguous(self) -> bool {
        self.strides.1 == 1
    }

    /// The elements, and the proof that all of them lie there.
    ///
    /// # Panics
    /// If there are none.
    pub fn start(self) -> *const F {
        let last = (self.rows - 1) * self.strides.0 + (self.cols - 1) * self.strides.1;
        assert!(last < self.data.len(), "a matrix lies within its memory");
        self.data.as_ptr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(m: Matrix<'_, u8>) -> Vec<u8> {
        let at = |i, j| m.data[i * m.strides.0 + j * m.strides.1];
        let (rows, cols) = m.sizes();
        (0..rows)
            .flat_map(|i| (0..cols).map(move |j| at(i, j)))
            .collect()
    }

    #[test]
    fn rows_and_columns_of_either_orientation() {
        let data = [0, 1, 2, 3, 4, 5];
        let a = Matrix::new(&data, 3, 2, false);
        assert_eq!(elements(a.rows(1..3)), [2, 3, 4, 5]);
        assert_eq!(elements(a.columns(1..2)), [1, 3, 5]);
        let t = Matrix::new(&data, 2, 3, true);
        assert_eq!(elements(t), [0, 2, 4, 1, 3, 5]);
        assert_eq!(elements(t.rows(1..2)), [1, 3, 5]);
        assert_eq!(elements(t.transpose()), data);
        assert_eq!(a.rows(3..3).sizes(), (0, 2));
    }

    #[test]
    #[should_panic(expected = "elements of a matrix")]
    fn the_length_has_to_fit() {
        Matrix::new(&[0; 5], 2, 3, false);
    }
}
