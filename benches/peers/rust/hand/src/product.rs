//! The matrix product, by one crate or another.

use clap::ValueEnum;

/// The crate that multiplies matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Product {
    /// `gemm` 0.19 with its AVX-512 kernels
    Gemm,
    /// `matrixmultiply`, ndarray's default
    Matrixmultiply,
}

/// A matrix of `rows` by `columns`, row-major, or the transpose of one.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    strides: (isize, isize),
}

impl<'a> Matrix<'a> {
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert!(
            data.len() >= rows * columns,
            "a matrix lies within its buffer"
        );
        let strides = (columns as isize, 1);
        Self {
            data,
            rows,
            columns,
            strides,
        }
    }

    pub fn t(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            strides: (self.strides.1, self.strides.0),
            ..self
        }
    }
}

impl Product {
    /// `out = a · b`, row-major, on the calling thread.
    pub fn multiply(self, a: Matrix, b: Matrix, out: &mut [f32]) {
        let (m, k, n) = (a.rows, a.columns, b.columns);
        assert!(b.rows == k && out.len() >= m * n, "the shapes fit");
        let out = out.as_mut_ptr();
        match self {
            // SAFETY: `Matrix::new` and the assertion above keep every element
            // that sizes and strides reach within its buffer, and `out` is
            // borrowed mutably, so it overlaps neither operand.
            Self::Gemm => unsafe {
                gemm::gemm(
                    m,
                    n,
                    k,
                    out,
                    1,
                    n as isize,
                    false,
                    a.data.as_ptr(),
                    a.strides.1,
                    a.strides.0,
                    b.data.as_ptr(),
                    b.strides.1,
                    b.strides.0,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    gemm::Parallelism::None,
                );
            },
            // SAFETY: as above.
            Self::Matrixmultiply => unsafe {
                matrixmultiply::sgemm(
                    m,
                    k,
                    n,
                    1.0,
                    a.data.as_ptr(),
                    a.strides.0,
                    a.strides.1,
                    b.data.as_ptr(),
                    b.strides.0,
                    b.strides.1,
                    0.0,
                    out,
                    n as isize,
                    1,
                );
            },
        }
    }
}
