//! One result element from one element of each operand, with broadcasting.

use super::spread::{Spread, spread_of, walk};

/// `f` of every element.
pub fn map<A: Copy, O: Copy + Default>(a: &[A], f: impl Fn(A) -> O) -> Vec<O> {
    let mut out = vec![O::default(); a.len()];
    map_into(&mut out, a, f);
    out
}

/// `f` of every element, written to `out`.
pub fn map_into<A: Copy, O>(out: &mut [O], a: &[A], f: impl Fn(A) -> O) {
    for (o, &x) in out.iter_mut().zip(a) {
        *o = f(x);
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
    let pairs = |out: &mut [O], a: &[A], b: &[B]| {
        for ((o, &a), &b) in out.iter_mut().zip(a).zip(b) {
            *o = f(a, b);
        }
    };
    let whole = (out.len(), shape);
    let of = |len, s| spread_of((len, s), whole);
    match (of(a.len(), a_shape), of(b.len(), b_shape)) {
        (Spread::Full, Spread::Full) => pairs(out, a, b),
        (Spread::Full, Spread::One) => map_into(out, a, |a| f(a, b[0])),
        (Spread::One, Spread::Full) => map_into(out, b, |b| f(a[0], b)),
        (Spread::Full, Spread::Row) => {
            let rows = out.chunks_exact_mut(b.len()).zip(a.chunks_exact(b.len()));
            rows.for_each(|(out, a)| pairs(out, a, b));
        }
        (Spread::Row, Spread::Full) => {
            let rows = out.chunks_exact_mut(a.len()).zip(b.chunks_exact(a.len()));
            rows.for_each(|(out, b)| pairs(out, a, b));
        }
        (Spread::Full, Spread::Column) => {
            let times = out.len() / b.len();
            let rows = out.chunks_exact_mut(times).zip(a.chunks_exact(times));
            for ((out, a), &b) in rows.zip(b) {
                map_into(out, a, |a| f(a, b));
            }
        }
        (Spread::Column, Spread::Full) => {
            let times = out.len() / a.len();
            let rows = out.chunks_exact_mut(times).zip(b.chunks_exact(times));
            for ((out, b), &a) in rows.zip(a) {
                map_into(out, b, |b| f(a, b));
            }
        }
        _ => walk(shape, [a_shape, b_shape], |start, len, [i, j], [di, dj]| {
            for (k, o) in out[start..start + len].iter_mut().enumerate() {
                *o = f(a[i + k * di], b[j + k * dj]);
            }
        }),
    }
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
    let masked = out.iter_mut().zip(mask);
    let spreads = (
        of(mask.len(), mask_shape),
        of(a.len(), a_shape),
        of(b.len(), b_shape),
    );
    match spreads {
        (Spread::Full, Spread::One, Spread::One) => {
            masked.for_each(|(o, &m)| *o = if m { a[0] } else { b[0] });
        }
        (Spread::Full, Spread::Full, Spread::One) => {
            masked
                .zip(a)
                .for_each(|((o, &m), &a)| *o = if m { a } else { b[0] });
        }
        (Spread::Full, Spread::One, Spread::Full) => {
            masked
                .zip(b)
                .for_each(|((o, &m), &b)| *o = if m { a[0] } else { b });
        }
        (Spread::Full, Spread::Full, Spread::Full) => {
            let all = masked.zip(a.iter().zip(b));
            all.for_each(|((o, &m), (&a, &b))| *o = if m { a } else { b });
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::IxDyn;

    #[test]
    fn every_way_of_broadcasting_agrees_with_ndarray() {
        let cases: [(&[usize], &[usize], &[usize]); 13] = [
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
        ];
        for (sa, sb, so) in cases {
            let fill = |s: &[usize], k: f64| -> Vec<f64> {
                (0..s.iter().product()).map(|i| i as f64 + k).collect()
            };
            let (a, b) = (fill(sa, 1.0), fill(sb, 10.0));
            let got = zip(so, (&a, sa), (&b, sb), |a, b| a - 2.0 * b);
            let array = |s: &[usize], v: &Vec<f64>| {
                ndarray::ArrayD::from_shape_vec(IxDyn(s), v.clone()).unwrap()
            };
            let (a, b) = (array(sa, &a), array(sb, &b));
            let a = a.broadcast(IxDyn(so)).unwrap();
            let b = b.broadcast(IxDyn(so)).unwrap();
            let want: Vec<f64> = a.iter().zip(b.iter()).map(|(a, b)| a - 2.0 * b).collect();
            assert_eq!(got, want, "{sa:?} with {sb:?}");
        }
    }
}
