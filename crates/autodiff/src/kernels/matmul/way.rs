//! How a product is computed, from the sizes and orientations of the whole of
//! it. `benches/products` shows what every way costs.
//!
//! The kernels of `gemm` fill registers with elements that are next to each
//! other in a column of their result, or in a row of ours if the transposed
//! product is asked for, `Bᵀ·Aᵀ`. Along rows, results are stored as they lie;
//! along columns they are scattered. But the kernels copy the factor whose
//! elements are in the lanes if these do not lie next to each other, and a
//! short row leaves lanes empty. So columns are better for few rows times a
//! transposed matrix, and for ten classes.
//!
//! `matrixmultiply` was measured beside it. It was best by more than a tenth
//! for 4 of the 354 products of a training step, of sizes from 1 to 4,096, and
//! on average at two thirds of the better way of `gemm`, so that it is not
//! used.

use super::Matrix;

/// Which elements of the result a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Neighbours in a row.
    AlongRows,
    /// Neighbours in a column.
    AlongColumns,
    /// One, as a sum in several lanes.
    Dots,
}

/// What it costs to move an element to where it is not next to the one before,
/// in multiply-adds of as wide a register as there is: fitted, and flat.
const MOVE: usize = 12;

/// The same into a result of which some rows lie in one cache line.
const MOVE_NEAR: usize = 4;

/// Bytes of a cache line, and of the widest register.
const LINE: usize = 64;

impl Way {
    /// The way for `a · b`.
    pub fn of<F>(a: Matrix<'_, F>, b: Matrix<'_, F>) -> Way {
        let ((m, k), (_, n)) = (a.sizes(), b.sizes());
        let (a_rows, b_rows) = (a.rows_are_contiguous(), b.rows_are_contiguous());
        let [a_columns, b_columns] = [a, b].map(|x| x.transpose().rows_are_contiguous());
        if (m == 1 || n == 1) && a_rows && b_columns {
            return Way::Dots;
        }
        let lanes = LINE / size_of::<F>();
        let full = |x: usize| x.next_multiple_of(lanes);
        let copy = |elements, lie_right| if lie_right { 0 } else { MOVE * elements };
        let store = if n <= lanes { MOVE_NEAR } else { MOVE };
        let along_rows = m * full(n) * k + copy(k * n, b_rows);
        let along_columns = full(m) * n * k + copy(m * k, a_columns) + store * m * n;
        if along_columns < along_rows {
            Way::AlongColumns
        } else {
            Way::AlongRows
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way([m, k, n]: [usize; 3], ta: bool, tb: bool) -> Way {
        let (a, b) = (vec![0f32; m * k], vec![0f32; k * n]);
        Way::of(Matrix::new(&a, m, k, ta), Matrix::new(&b, k, n, tb))
    }

    #[test]
    fn the_products_of_a_training_step() {
        use Way::{AlongColumns, AlongRows, Dots};
        for batch in [32, 64, 512] {
            assert_eq!(way([batch, 784, 128], false, false), AlongRows);
            assert_eq!(way([784, batch, 128], true, false), AlongRows);
            assert_eq!(way([batch, 128, 10], false, false), AlongRows);
            assert_eq!(way([128, batch, 10], true, false), AlongColumns);
            assert_eq!(way([batch, 10, 128], false, true), AlongRows);
        }
        // Few rows times a transposed matrix, and many.
        assert_eq!(way([16, 512, 512], false, true), AlongColumns);
        assert_eq!(way([4096, 512, 512], false, true), AlongRows);
        // A batch of one.
        assert_eq!(way([1, 784, 128], false, false), AlongRows);
        assert_eq!(way([1, 784, 128], false, true), Dots);
        assert_eq!(way([64, 128, 1], false, false), Dots);
        assert_eq!(way([64, 128, 1], true, false), AlongColumns);
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            assert_eq!(way([1, 100, 1], ta, tb), Dots);
        }
    }
}
