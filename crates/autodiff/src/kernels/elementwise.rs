//! One result element from one element of each operand, with broadcasting.

use super::spread::{Spread, spread_of, walk};
use crate::simd;

/// `f` of every element.
#[cfg(test)]
pub fn map<A: Copy, O: Copy + Default>(a: &[A], f: impl Fn(A) -> O) -> Vec<O> {
    let mut out = vec![O::default(); a.len()];
    map_into(&mut out, a, f);
    out
}

/// `f` of every element, written to `out`.
pub fn map_into<A: Copy, O>(out: &mut [O], a: &[A], f: impl Fn(A) -> O) {
    simd::run_over(
        size_of_val(out),
        #[inline(always)]
        || {
            for (o, &x) in out.iter_mut().zip(a) {
                *o = f(x);
            }
        },
    );
}

/// `f` of every element, but `beyond` of those that are `far`, written to
/// `out`. Both `f` and `far` are free of branches; whether an element is far
/// depends on nothing but itself, so neither do its bits.
pub fn map_unless_into<A: Copy, O>(
    out: &mut [O],
    a: &[A],
    f: impl Fn(A) -> O,
    far: impl Fn(A) -> bool,
    beyond: impl Fn(A) -> O,
) {
    let some = simd::run_over(
        size_of_val(out),
        #[inline(always)]
        || {
            let mut some = false;
            for (o, &x) in out.iter_mut().zip(a) {
                *o = f(x);
                some |= far(x);
            }
            some
        },
    );
    if some {
        for (o, &x) in out.iter_mut().zip(a).filter(|(_, x)| far(**x)) {
            *o = beyond(x);
        }
    }
}

/// `f` of pairs of elements, broadcast to `shape`.
pub fn zip<A: Copy, B: Copy, O: Copy + Default>(
    shape: &[usize],
    a: (&[A], &[usize]),
    b: (&[B], &[usize]),
    f: impl Fn(A, B) -> O,
) -> Vec<O> {
    let mut out = vec![O::default(); shape.iter().product()];
    zip_into(&mut out, shape, a, b, f);
    out
}

/// `f` of pairs of elements, broadcast to `shape`, written to `out`.
///
/// What is common deserves a plain loop: equal shapes, a single number, and
/// one operand that repeats along leading axes (a bias) or trailing ones.
pub fn zip_into<A: Copy, B: Copy, O>(
    out: &mut [O],
    shape: &[usize],
    (a, a_shape): (&[A], &[usize]),
    (b, b_shape): (&[B], &[usize]),
    f: impl Fn(A, B) -> O,
) {
    if out.is_empty() {
        return;
    }
    let size = out.len();
    let of = |len, s| spread_of((len, s), (size, shape));
    let (of_a, of_b) = (of(a.len(), a_shape), of(b.len(), b_shape));
    let row = match (of_a, of_b) {
        (Spread::Full, other) => row_length(size, b.len(), other),
        (other, Spread::Full) => row_length(size, a.len(), other),
        _ => None,
    };
    if let Some(row) = row {
        return rows(
            out,
            row,
            Side::new(a, of_a, row),
            Side::new(b, of_b, row),
            &f,
        );
    }
    walk(shape, [a_shape, b_shape], |start, len, [i, j], [di, dj]| {
        let (a, b) = (Side::one(&a[i..], di), Side::one(&b[j..], dj));
        rows(&mut out[start..start + len], len, a, b, &f);
    });
}

/// How long the rows are in which an operand of `len` elements, beside a full
/// one, has either an element for each or one for all.
fn row_length(size: usize, len: usize, spread: Spread) -> Option<usize> {
    match spread {
        Spread::Full | Spread::One => Some(size),
        Spread::Row => Some(len),
        Spread::Column => Some(size / len),
        Spread::Other => None,
    }
}

/// An operand, row by row.
#[derive(Clone, Copy)]
struct Side<'a, A> {
    data: &'a [A],
    /// From one row to the next.
    step: usize,
    /// Whether a row has an element for each, or one for all.
    each: bool,
}

impl<'a, A> Side<'a, A> {
    fn new(data: &'a [A], spread: Spread, row: usize) -> Side<'a, A> {
        let (step, each) = match spread {
            Spread::Full => (row, true),
            Spread::Row => (0, true),
            Spread::Column => (1, false),
            Spread::One | Spread::Other => (0, false),
        };
        Side { data, step, each }
    }

    /// A single row.
    fn one(data: &'a [A], step: usize) -> Side<'a, A> {
        Side {
            data,
            step: 0,
            each: step != 0,
        }
    }
}

/// `f` of pairs of elements, in rows of so many. The loops of all operations
/// on two operands.
fn rows<A: Copy, B: Copy, O>(
    out: &mut [O],
    row: usize,
    a: Side<'_, A>,
    b: Side<'_, B>,
    f: &impl Fn(A, B) -> O,
) {
    simd::run_light(
        #[inline(always)]
        || {
            for (i, out) in out.chunks_exact_mut(row).enumerate() {
                let (a_row, b_row) = (&a.data[i * a.step..], &b.data[i * b.step..]);
                match (a.each, b.each) {
                    (true, true) => {
                        for ((o, &a), &b) in out.iter_mut().zip(a_row).zip(b_row) {
                            *o = f(a, b);
                        }
                    }
                    (true, false) => {
                        let b = b_row[0];
                        for (o, &a) in out.iter_mut().zip(a_row) {
                            *o = f(a, b);
                        }
                    }
                    (false, true) => {
                        let a = a_row[0];
                        for (o, &b) in out.iter_mut().zip(b_row) {
                            *o = f(a, b);
                        }
                    }
                    (false, false) => {
                        for o in out {
                            *o = f(a_row[0], b_row[0]);
                        }
                    }
                }
            }
        },
    );
}

/// The elements, repeated to fill `shape`, in row-major order.
pub fn broadcast<A: Copy>(a: &[A], a_shape: &[usize], shape: &[usize]) -> Vec<A> {
    let Some(&first) = a.first() else {
        return Vec::new();
    };
    let mut out = vec![first; shape.iter().product()];
    broadcast_into(&mut out, a, a_shape, shape);
    out
}

/// The elements, repeated to fill `shape`, in row-major order, written to
/// `out`.
pub fn broadcast_into<A: Copy>(out: &mut [A], a: &[A], a_shape: &[usize], shape: &[usize]) {
    if out.is_empty() {
        return;
    }
    match spread_of((a.len(), a_shape), (out.len(), shape)) {
        Spread::Full => out.copy_from_slice(a),
        Spread::One => out.fill(a[0]),
        Spread::Row => {
            for row in out.chunks_exact_mut(a.len()) {
                row.copy_from_slice(a);
            }
        }
        Spread::Column => {
            let times = out.len() / a.len();
            for (row, &x) in out.chunks_exact_mut(times).zip(a) {
                row.fill(x);
            }
        }
        Spread::Other => walk(shape, [a_shape], |start, len, [i], [di]| {
            for (k, o) in out[start..start + len].iter_mut().enumerate() {
                *o = a[i + k * di];
            }
        }),
    }
}

/// `a` where `mask` holds, `b` elsewhere, broadcast to `shape`, written to
/// `out`.
pub fn choose_into<T: Copy>(
    out: &mut [T],
    shape: &[usize],
    (mask, mask_shape): (&[bool], &[usize]),
    (a, a_shape): (&[T], &[usize]),
    (b, b_shape): (&[T], &[usize]),
) {
    if out.is_empty() {
        return;
    }
    let whole = (out.len(), shape);
    let of = |len, s| spread_of((len, s), whole);
    let spreads = (
        of(mask.len(), mask_shape),
        of(a.len(), a_shape),
        of(b.len(), b_shape),
    );
    match spreads {
        (
            Spread::Full,
            of_a @ (Spread::Full | Spread::One),
            of_b @ (Spread::Full | Spread::One),
        ) => choose(out, mask, (a, of_a), (b, of_b)),
        _ => walk(
            shape,
            [mask_shape, a_shape, b_shape],
            |start, len, [m, i, j], [dm, di, dj]| {
                for (k, o) in out[start..start + len].iter_mut().enumerate() {
                    *o = if mask[m + k * dm] {
                        a[i + k * di]
                    } else {
                        b[j + k * dj]
                    };
                }
            },
        ),
    }
}

/// `a` where `mask` holds, `b` elsewhere: elements for each, or one for all.
fn choose<T: Copy>(
    out: &mut [T],
    mask: &[bool],
    (a, of_a): (&[T], Spread),
    (b, of_b): (&[T], Spread),
) {
    simd::run_light(
        #[inline(always)]
        || {
            let masked = out.iter_mut().zip(mask);
            match (of_a == Spread::Full, of_b == Spread::Full) {
                (false, false) => masked.for_each(|(o, &m)| *o = if m { a[0] } else { b[0] }),
                (true, false) => masked
                    .zip(a)
                    .for_each(|((o, &m), &a)| *o = if m { a } else { b[0] }),
                (false, true) => masked
                    .zip(b)
                    .for_each(|((o, &m), &b)| *o = if m { a[0] } else { b }),
                (true, true) => masked
                    .zip(a.iter().zip(b))
                    .for_each(|((o, &m), (&a, &b))| *o = if m { a } else { b }),
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Level;
    use ndarray::IxDyn;

    #[test]
    fn every_way_of_broadcasting_agrees_with_ndarray() {
        let cases: [(&[usize], &[usize], &[usize]); 21] = [
            (&[2, 3], &[2, 3], &[2, 3]),
            (&[2, 3], &[3], &[2, 3]),
            (&[3], &[2, 3], &[2, 3]),
            (&[2, 3], &[], &[2, 3]),
            (&[], &[2, 3], &[2, 3]),
            (&[2, 1], &[1, 3], &[2, 3]),
            (&[2, 1], &[3], &[2, 3]),
            (&[4, 1, 3], &[2, 1], &[4, 2, 3]),
            (&[0, 3], &[3], &[0, 3]),
            (&[2, 3], &[2, 1], &[2, 3]),
            (&[2, 1], &[2, 3], &[2, 3]),
            (&[2, 3], &[1, 3], &[2, 3]),
            (&[2, 1, 3], &[4, 1], &[2, 4, 3]),
            (&[30, 77], &[30, 77], &[30, 77]),
            (&[30, 77], &[], &[30, 77]),
            (&[], &[30, 77], &[30, 77]),
            (&[30, 77], &[77], &[30, 77]),
            (&[30, 1], &[30, 77], &[30, 77]),
            (&[30, 1], &[77], &[30, 77]),
            (&[3, 1, 77], &[10, 1], &[3, 10, 77]),
            (&[10, 1], &[3, 1, 1], &[3, 10, 77]),
        ];
        for (sa, sb, so) in cases {
            let fill = |s: &[usize], k: f64| -> Vec<f64> {
                (0..s.iter().product()).map(|i| i as f64 + k).collect()
            };
            let (a, b) = (fill(sa, 1.0), fill(sb, 10.0));
            let at =
                |level| simd::with_level(level, || zip(so, (&a, sa), (&b, sb), |a, b| a - 2.0 * b));
            let found: Vec<Vec<f64>> = Level::available().map(at).collect();
            let array = |s: &[usize], v: &Vec<f64>| {
                ndarray::ArrayD::from_shape_vec(IxDyn(s), v.clone()).unwrap()
            };
            let (a, b) = (array(sa, &a), array(sb, &b));
            let a = a.broadcast(IxDyn(so)).unwrap();
            let b = b.broadcast(IxDyn(so)).unwrap();
            let want: Vec<f64> = a.iter().zip(b.iter()).map(|(a, b)| a - 2.0 * b).collect();
            for got in found {
                assert_eq!(got, want, "{sa:?} with {sb:?}");
            }
        }
    }

    #[test]
    fn choices_of_every_kind_and_length() {
        for n in 1..140 {
            let mask: Vec<bool> = (0..n).map(|i| i * i % 3 == 1).collect();
            let a: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let b: Vec<f32> = a.iter().map(|x| -x - 0.5).collect();
            for (a, b) in [(&a[..1], &b[..1]), (&a, &b[..1]), (&a[..1], &b), (&a, &b)] {
                let pick = |x: &[f32], i: usize| x[i % x.len()];
                let want = (0..n).map(|i| if mask[i] { pick(a, i) } else { pick(b, i) });
                let want: Vec<f32> = want.collect();
                for level in Level::available() {
                    let mut out = vec![0.0; n];
                    simd::with_level(level, || {
                        let (a, b) = ((a, &[a.len()][..]), (b, &[b.len()][..]));
                        choose_into(&mut out, &[n], (&mask, &[n]), a, b);
                    });
                    assert_eq!(out, want, "{n}, {level}");
                }
            }
        }
    }
}
