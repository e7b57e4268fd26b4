//! The product itself.

use std::ops::Range;

use gemm_common::Parallelism;

use super::{Matrix, way::Way};

/// The longest piece of the inner index that is summed up in a register. Any
/// kernel of `gemm` takes so many at a time, whatever the processor's caches;
/// of more it would make pieces that depend on the other two sizes.
const PIECE: usize = 512;

/// Dot products at a time: `gemm` has a kernel for them, which it takes for a
/// result of at most so many elements.
const DOTS: usize = 256;

/// Into how many pieces an inner index of this length is cut.
fn pieces(k: usize) -> usize {
    k.div_ceil(PIECE).max(1)
}

/// How many terms a product `[m, k] · [k, n]` is known to be the sum of, added
/// up in order: one for each piece of the inner index.
pub fn terms([m, k, n]: [usize; 3]) -> usize {
    match m == 1 || n == 1 {
        // It may be made of dot products.
        true => 1,
        false => pieces(k),
    }
}

/// Element types with a matrix product.
pub trait Gemm: Copy {
    /// `out = a · b`, or `out += a · b`, where `out` is `[m, n]` with these
    /// distances from row to row and from column to column.
    ///
    /// With `lanes` each element is computed by the kernel for matrices,
    /// whatever the sizes; without, `gemm` chooses.
    ///
    /// # Safety
    /// `out` points to elements that may be written at every offset that sizes
    /// and strides reach. They need to hold numbers only if `add`.
    unsafe fn multiply(
        out: *mut Self,
        strides: (usize, usize),
        add: bool,
        a: Matrix<'_, Self>,
        b: Matrix<'_, Self>,
        lanes: bool,
    );

    /// Zero.
    const ZERO: Self;

    /// One of the [`terms`] of `a · b`, row-major.
    ///
    /// # Panics
    /// If the sizes do not fit, or there is no such term.
    fn product_term(out: &mut [Self], term: usize, a: Matrix<'_, Self>, b: Matrix<'_, Self>) {
        let ((m, k), (_, n)) = (a.sizes(), b.sizes());
        assert!(term < terms([m, k, n]), "term {term}");
        Self::some(out, 0..a.sizes().0, term..term + 1, a, b);
    }

    /// `out = a · b`, row-major.
    ///
    /// # Panics
    /// If the sizes do not fit.
    fn product(out: &mut [Self], a: Matrix<'_, Self>, b: Matrix<'_, Self>) {
        Self::product_rows(out, 0..a.sizes().0, a, b);
    }

    /// Some rows of `a · b`, row-major: the same bits as in the whole.
    ///
    /// # Panics
    /// If the sizes do not fit, or the product does not have these rows.
    fn product_rows(
        out: &mut [Self],
        rows: Range<usize>,
        a: Matrix<'_, Self>,
        b: Matrix<'_, Self>,
    ) {
        Self::some(out, rows, 0..pieces(a.sizes().1), a, b);
    }

    /// Some rows of the sum of some terms.
    fn some(
        out: &mut [Self],
        rows: Range<usize>,
        terms: Range<usize>,
        a: Matrix<'_, Self>,
        b: Matrix<'_, Self>,
    ) {
        let ((_, k), (inner, n)) = (a.sizes(), b.sizes());
        assert_eq!(k, inner, "inner lengths");
        assert_eq!(out.len(), rows.len() * n, "length of the product");
        let part = a.rows(rows);
        if out.is_empty() {
            return;
        }
        if k == 0 {
            return out.fill(Self::ZERO);
        }
        match Way::of(a, b) {
            Way::Dots if n == 1 => dots(out, part, b),
            Way::Dots => dots(out, b.transpose(), part.transpose()),
            Way::AlongColumns => in_pieces(out, (n, 1), terms, part, b),
            Way::AlongRows => in_pieces(out, (1, n), terms, b.transpose(), part.transpose()),
        }
    }
}

/// The sum of some terms of `a · b`, where `out` is all of a matrix with these
/// strides: the inner index piece by piece. The lengths of the pieces follow
/// from its length.
fn in_pieces<F: Gemm>(
    out: &mut [F],
    strides: (usize, usize),
    terms: Range<usize>,
    a: Matrix<'_, F>,
    b: Matrix<'_, F>,
) {
    let ((m, k), (_, n)) = (a.sizes(), b.sizes());
    assert_eq!(out.len(), m * n);
    let piece = k.div_ceil(pieces(k));
    for term in terms.clone() {
        let inner = (term * piece).min(k)..((term + 1) * piece).min(k);
        let add = term > terms.start;
        let (a, b) = (a.columns(inner.clone()), b.rows(inner));
        // SAFETY: `out` has m·n elements, and the strides are (n, 1) or (1, m):
        // the largest offset is m·n - 1. From the second piece on, the first
        // has written all of them.
        unsafe { F::multiply(out.as_mut_ptr(), strides, add, a, b, true) }
    }
}

/// `out = a · b` for a column `b`, with `b` and the rows of `a` contiguous.
fn dots<F: Gemm>(out: &mut [F], a: Matrix<'_, F>, b: Matrix<'_, F>) {
    for (i, out) in out.chunks_mut(DOTS).enumerate() {
        let rows = i * DOTS..i * DOTS + out.len();
        // SAFETY: as many elements as rows, one after the other.
        unsafe { F::multiply(out.as_mut_ptr(), (1, 1), false, a.rows(rows), b, false) }
    }
}

macro_rules! gemm {
    ($T:ty, $get:path) => {
        impl Gemm for $T {
            const ZERO: $T = 0.0;

            unsafe fn multiply(
                out: *mut $T,
                strides: (usize, usize),
                add: bool,
                a: Matrix<'_, $T>,
                b: Matrix<'_, $T>,
                lanes: bool,
            ) {
                let ((m, k), (inner, n)) = (a.sizes(), b.sizes());
                assert_eq!(k, inner, "inner lengths");
                let signed = |(r, c): (usize, usize)| (r as isize, c as isize);
                let (out_rs, out_cs) = signed(strides);
                let ((a_rs, a_cs), (b_rs, b_cs)) = (signed(a.strides()), signed(b.strides()));
                // That the result is to be conjugated, which changes no real
                // number, keeps `gemm` from its kernels for small sizes, whose
                // sums run in another order.
                let conj_dst = lanes;
                // SAFETY:
                // 1. `start` asserts that every offset within sizes and
                //    strides is within the slice; of `out` the caller says so.
                // 2. The caller has `out` as his own: it overlaps no factor,
                //    which are borrowed.
                // 3. If not `add`, `out` is not read; every element is
                //    written.
                // 4. The function is picked for this processor.
                unsafe {
                    $get()(
                        m,
                        n,
                        k,
                        out,
                        out_cs,
                        out_rs,
                        add,
                        a.start(),
                        a_cs,
                        a_rs,
                        b.start(),
                        b_cs,
                        b_rs,
                        1.0,
                        1.0,
                        conj_dst,
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
mod tests;
