//! One result element from one element of each operand, with broadcasting.

use ndarray::{ArrayViewD, IxDyn};

/// `f` of every element.
pub fn map<A: Copy, O>(a: &[A], f: impl Fn(A) -> O) -> Vec<O> {
    a.iter().map(|&x| f(x)).collect()
}

/// `f` of pairs of elements, broadcast to `shape`.
///
/// Three cases are common enough to deserve a plain loop: equal shapes, a
/// single number, and one operand that repeats along leading axes (a bias).
pub fn zip<A: Copy, B: Copy, O: Clone>(
    shape: &[usize],
    (a, a_shape): (&[A], &[usize]),
    (b, b_shape): (&[B], &[usize]),
    f: impl Fn(A, B) -> O,
) -> Vec<O> {
    let size: usize = shape.iter().product();
    if size == 0 {
        return Vec::new();
    }
    if a_shape == b_shape {
        a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
    } else if b.len() == 1 {
        let b = b[0];
        a.iter().map(|&a| f(a, b)).collect()
    } else if a.len() == 1 {
        let a = a[0];
        b.iter().map(|&b| f(a, b)).collect()
    } else if a_shape == shape && shape.ends_with(b_shape) {
        let rows = a.chunks_exact(b.len());
        let mut out = Vec::with_capacity(size);
        for row in rows {
            out.extend(row.iter().zip(b).map(|(&a, &b)| f(a, b)));
        }
        out
    } else {
        let (a, b) = (broadcast(a, a_shape, shape), broadcast(b, b_shape, shape));
        a.iter().zip(&b).map(|(&a, &b)| f(a, b)).collect()
    }
}

/// The elements, repeated to fill `shape`, in row-major order.
pub fn broadcast<A: Copy>(a: &[A], a_shape: &[usize], shape: &[usize]) -> Vec<A> {
    let size: usize = shape.iter().product();
    if a_shape == shape {
        return a.to_vec();
    }
    if a.len() == 1 {
        return vec![a[0]; size];
    }
    if shape.ends_with(a_shape) {
        return a.iter().copied().cycle().take(size).collect();
    }
    // A column beside a matrix: each element repeats along the last axes.
    if a_shape.len() == shape.len() {
        let same = a_shape
            .iter()
            .zip(shape)
            .take_while(|(a, s)| a == s)
            .count();
        if a_shape[same..].iter().all(|&n| n == 1) {
            let times: usize = shape[same..].iter().product();
            return a
                .iter()
                .flat_map(|&x| std::iter::repeat_n(x, times))
                .collect();
        }
    }
    let array = ArrayViewD::from_shape(IxDyn(a_shape), a).expect("values fill their shape");
    let repeated = array
        .broadcast(IxDyn(shape))
        .expect("the shape rule agreed");
    repeated.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_broadcasting_agrees_with_ndarray() {
        let cases: [(&[usize], &[usize], &[usize]); 9] = [
            (&[2, 3], &[2, 3], &[2, 3]),
            (&[2, 3], &[3], &[2, 3]),
            (&[3], &[2, 3], &[2, 3]),
            (&[2, 3], &[], &[2, 3]),
            (&[], &[2, 3], &[2, 3]),
            (&[2, 1], &[1, 3], &[2, 3]),
            (&[2, 1], &[3], &[2, 3]),
            (&[4, 1, 3], &[2, 1], &[4, 2, 3]),
            (&[0, 3], &[3], &[0, 3]),
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
