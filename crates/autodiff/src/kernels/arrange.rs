//! Elements in other places: axes in another order, elements by number.

use smallvec::SmallVec;

/// Distances in memory along every axis.
fn strides(shape: &[usize]) -> SmallVec<[usize; 6]> {
    let mut strides = SmallVec::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Calls `visit(i, at)` for every element of an array of this shape, in
/// row-major order: its number, and the sum of its index times `steps`.
fn each(shape: &[usize], steps: &[usize], mut visit: impl FnMut(usize, usize)) {
    let Some((&last, outer)) = shape.split_last() else {
        return visit(0, 0);
    };
    if shape.contains(&0) {
        return;
    }
    let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer.len());
    let (mut i, mut at) = (0, 0);
    loop {
        for k in 0..last {
            visit(i + k, at + k * steps[outer.len()]);
        }
        i += last;
        let mut axis = outer.len();
        loop {
            let Some(next) = axis.checked_sub(1) else {
                return;
            };
            axis = next;
            index[axis] += 1;
            at += steps[axis];
            if index[axis] < outer[axis] {
                break;
            }
            at -= steps[axis] * outer[axis];
            index[axis] = 0;
        }
    }
}

/// Axes in another order: axis `i` of the result is axis `order[i]` of `x`.
pub fn permute<T: Copy>(out: &mut [T], x: &[T], shape: &[usize], order: &[usize]) {
    let from = strides(shape);
    let steps: SmallVec<[usize; 6]> = order.iter().map(|&a| from[a]).collect();
    let to: SmallVec<[usize; 6]> = order.iter().map(|&a| shape[a]).collect();
    each(&to, &steps, |i, at| out[i] = x[at]);
}

/// Calls `visit(i, at)` for every index, in row-major order: its number, and
/// where in an array of `shape` the element lies that it names along `axis`.
pub fn numbered(
    shape: &[usize],
    indices: &[usize],
    indices_shape: &[usize],
    axis: usize,
    mut visit: impl FnMut(usize, usize),
) {
    let mut steps = strides(shape);
    let along = std::mem::take(&mut steps[axis]);
    each(indices_shape, &steps, |i, at| {
        visit(i, at + indices[i] * along);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{ArrayD, IxDyn};

    #[test]
    fn permutations_are_those_of_ndarray() {
        for (shape, order) in [
            (&[][..], &[][..]),
            (&[3], &[0]),
            (&[2, 3], &[1, 0]),
            (&[2, 3, 4], &[2, 0, 1]),
            (&[2, 0, 4], &[2, 0, 1]),
            (&[2, 3, 4, 5], &[1, 3, 2, 0]),
        ] {
            let x: Vec<usize> = (0..shape.iter().product()).collect();
            let mut out = x.clone();
            permute(&mut out, &x, shape, order);
            let x = ArrayD::from_shape_vec(IxDyn(shape), x).unwrap();
            let want: Vec<usize> = x.permuted_axes(IxDyn(order)).iter().copied().collect();
            assert_eq!(out, want, "{shape:?} {order:?}");
        }
    }
}
