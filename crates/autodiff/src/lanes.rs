//! The kernels of elementwise operations on contiguous elements, as plain
//! functions: what a compiled program resolves every instruction to, so that
//! a run neither asks for element types nor for ways to broadcast.
//!
//! Operations make them of the same expressions as their values; that they
//! give the same bits follows from that.

use crate::simd;

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
    if out.len() <= SHORT {
        pairs(out, a, b, f);
    } else {
        simd::run_light(
            #[inline(always)]
            || pairs(out, a, b, f),
        );
    }
}

/// Up to so many elements a loop is over before wider instructions pay. They
/// give the same bits.
const SHORT: usize = 16;

#[inline(always)]
fn pairs<A: Copy, B: Copy, O>(out: &mut [O], a: &[A], b: &[B], f: impl Fn(A, B) -> O) {
    if a.len() == out.len() && b.len() == out.len() {
        for ((o, &a), &b) in out.iter_mut().zip(a).zip(b) {
            *o = f(a, b);
        }
    } else if let [b] = *b {
        for (o, &a) in out.iter_mut().zip(a) {
            *o = f(a, b);
        }
    } else {
        let a = a[0];
        for (o, &b) in out.iter_mut().zip(b) {
            *o = f(a, b);
        }
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
            // And the same where the loop is long.
            let long = |x: &[i32]| {
                if x.len() == 1 {
                    x.to_vec()
                } else {
                    x.repeat(99)
                }
            };
            let mut many = vec![0; long(&out).len()];
            zip_lanes(&mut many, &long(a), &long(b), |a, b| a - 2 * b);
            assert_eq!(many, long(&out));
            out
        };
        assert_eq!(zip(&[1, 2, 3], &[4, 5, 6]), [-7, -8, -9]);
        assert_eq!(zip(&[1, 2, 3], &[4]), [-7, -6, -5]);
        assert_eq!(zip(&[1], &[4, 5, 6]), [-7, -9, -11]);
        assert_eq!(zip(&[1], &[4]), [-7]);
    }
}
