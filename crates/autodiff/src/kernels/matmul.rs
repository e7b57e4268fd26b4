//! The matrix product, from the `gemm` kernels: AVX-512, AVX2 or portable,
//! chosen when the program runs. One of the few places with `unsafe`.

use gemm_common::Parallelism;

/// A matrix in row-major order, possibly meant transposed.
#[derive(Clone, Copy)]
pub struct Matrix<'a, F> {
    /// The elements as they lie in memory.
    pub data: &'a [F],
    /// Rows of the matrix that takes part in the product.
    pub rows: usize,
    /// Columns of the matrix that takes part in the product.
    pub cols: usize,
    /// Whether memory holds the transpose, `cols` rows of `rows` elements.
    pub transposed: bool,
}

impl<F> Matrix<'_, F> {
    /// Distances in memory from one row, and from one column, to the next.
    fn strides(&self) -> (isize, isize) {
        match self.transposed {
            false => (self.cols as isize, 1),
            true => (1, self.rows as isize),
        }
    }
}

/// Element types with a matrix product.
pub trait Gemm: Sized {
    /// `out = a · b`, row-major, on the calling thread.
    ///
    /// # Panics
    /// If the sizes do not fit, or a slice is not as long as its matrix.
    fn gemm(out: &mut [Self], a: Matrix<'_, Self>, b: Matrix<'_, Self>);
}

macro_rules! gemm {
    ($T:ty, $get:path) => {
        impl Gemm for $T {
            fn gemm(out: &mut [Self], a: Matrix<'_, Self>, b: Matrix<'_, Self>) {
                let (m, k, n) = (a.rows, a.cols, b.cols);
                assert_eq!(k, b.rows, "inner lengths");
                assert_eq!(out.len(), m * n, "length of the product");
                assert_eq!(a.data.len(), m * k, "length of the left factor");
                assert_eq!(b.data.len(), k * n, "length of the right factor");
                if k == 0 {
                    return out.fill(0.0);
                }
                if m == 0 || n == 0 {
                    return;
                }
                let ((a_rs, a_cs), (b_rs, b_cs)) = (a.strides(), b.strides());
                // SAFETY:
                // 1. `strides` and `rows`, `cols` describe exactly the slice:
                //    the largest offset is (rows-1)·rs + (cols-1)·cs, which is
                //    rows·cols - 1 for either orientation, and the lengths
                //    were asserted above. The same holds for `out` with
                //    strides (n, 1).
                // 2. `out` is borrowed mutably, so it overlaps neither factor.
                // 3. `read_dst` is false, so `out` is only written to; every
                //    element of it is.
                // 4. The function is picked for this CPU by `get_gemm_fn`.
                unsafe {
                    $get()(
                        m,
                        n,
                        k,
                        out.as_mut_ptr(),
                        1,
                        n as isize,
                        false,
                        a.data.as_ptr(),
                        a_cs,
                        a_rs,
                        b.data.as_ptr(),
                        b_cs,
                        b_rs,
                        0.0,
                        1.0,
                        false,
                        false,
                        false,
                        Parallelism::None,
                    );
                }
            }
        }
    };
}

gemm!(f32, gemm_f32::gemm::f32::get_gemm_fn);
gemm!(f64, gemm_f64::gemm::f64::get_gemm_fn);

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(a: Matrix<'_, f64>, b: Matrix<'_, f64>) -> Vec<f64> {
        let at = |m: &Matrix<'_, f64>, i: usize, j: usize| {
            let (rs, cs) = m.strides();
            m.data[i * rs as usize + j * cs as usize]
        };
        let mut out = Vec::new();
        for i in 0..a.rows {
            for j in 0..b.cols {
                out.push((0..a.cols).map(|k| at(&a, i, k) * at(&b, k, j)).sum());
            }
        }
        out
    }

    #[test]
    fn every_orientation_and_degenerate_size() {
        for (m, k, n) in [
            (3, 4, 5),
            (1, 7, 1),
            (17, 1, 33),
            (0, 3, 2),
            (2, 0, 3),
            (65, 70, 9),
        ] {
            for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
                let a: Vec<f64> = (0..m * k).map(|i| (i % 7) as f64 - 3.0).collect();
                let b: Vec<f64> = (0..k * n).map(|i| (i % 5) as f64 - 1.5).collect();
                let a = Matrix {
                    data: &a,
                    rows: m,
                    cols: k,
                    transposed: ta,
                };
                let b = Matrix {
                    data: &b,
                    rows: k,
                    cols: n,
                    transposed: tb,
                };
                let mut out = vec![f64::NAN; m * n];
                f64::gemm(&mut out, a, b);
                assert_eq!(out, naive(a, b), "{m}x{k}x{n} {ta} {tb}");
            }
        }
    }
}
