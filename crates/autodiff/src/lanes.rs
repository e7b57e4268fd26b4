//! The kernels of elementwise operations on contiguous elements, as plain
//! functions: what a compiled program resolves every instruction to, so that
//! a run neither asks for element types nor for ways to broadcast.
//!
//! Operations make them of the same expressions as their values; that they
//! give the same bits follows from that.

use crate::kernels::elementwise::map_into;

/// A kernel whose operands have as many elements as the result, or one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kernel<T> {
    /// A function of one operand, which has as many elements as the result.
    Map(fn(&mut [T], &[T])),
    /// A function of two operands.
    Zip(fn(&mut [T], &[T], &[T])),
    /// A function of two operands that gives a mask.
    Test(fn(&mut [bool], &[T], &[T])),
    /// A choice between two operands by a mask.
    Choose(Choose<T>),
}

type Choose<T> = fn(&mut [T], &[bool], &[T], &[T]);

/// A kernel, by the element type of its operands that are not a choice's mask.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lanes {
    F32(Kernel<f32>),
    F64(Kernel<f64>),
    Bool(Kernel<bool>),
}

/// `f` of pairs of elements; an operand of one element goes with all.
#[inline(always)]
pub(crate) fn zip_lanes<A: Copy, B: Copy, O>(
    out: &mut [O],
    a: &[A],
    b: &[B],
    f: impl Fn(A, B) -> O,
) {
    if a.len() == out.len() && b.len() == out.len() {
        for ((o, &a), &b) in out.iter_mut().zip(a).zip(b) {
            *o = f(a, b);
        }
    } else if let [b] = *b {
        map_into(out, a, |a| f(a, b));
    } else {
        map_into(out, b, |b| f(a[0], b));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_element_goes_with_all() {
        let zip = |a: &[i32], b: &[i32]| {
            let mut out = vec![0; a.len().max(b.len())];
            zip_lanes(&mut out, a, b, |a, b| a - 2 * b);
            out
        };
        assert_eq!(zip(&[1, 2, 3], &[4, 5, 6]), [-7, -8, -9]);
        assert_eq!(zip(&[1, 2, 3], &[4]), [-7, -6, -5]);
        assert_eq!(zip(&[1], &[4, 5, 6]), [-7, -9, -11]);
        assert_eq!(zip(&[1], &[4]), [-7]);
    }
}
