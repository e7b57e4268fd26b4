//! The matrix product, element by element.

use ndarray::{ArrayD, IxDyn};
use wengert_autodiff::ops::MatMul;

use super::elementwise::common;
use super::{Naive, Real};
use crate::{broadcast_at, indices};

pub(super) fn matmul(op: &MatMul, a: &ArrayD<Real>, b: &ArrayD<Real>) -> Naive {
    let MatMul { ta, tb } = *op;
    let ends = |x: &ArrayD<Real>, transposed: bool| {
        let (rows, columns) = (x.shape()[x.ndim() - 2], x.shape()[x.ndim() - 1]);
        if transposed {
            (columns, rows)
        } else {
            (rows, columns)
        }
    };
    let ((m, k), (_, n)) = (ends(a, ta), ends(b, tb));
    let stack = common(&a.shape()[..a.ndim() - 2], &b.shape()[..b.ndim() - 2]);
    // The stacks are broadcast, the matrices are not: an inner length of 1
    // is 1 in both factors.
    let element = |x: &ArrayD<Real>, at: &[usize], i: usize, j: usize, transposed: bool| {
        let (i, j) = if transposed { (j, i) } else { (i, j) };
        broadcast_at(x, &[&at[at.len() + 2 - x.ndim()..], &[i, j]].concat())
    };
    let shape = [&stack[..], &[m, n]].concat();
    let mut out = ArrayD::from_elem(IxDyn(&shape), Real::exact(0.0));
    for at in indices(&shape) {
        let (stack, i, j) = (&at[..at.len() - 2], at[at.len() - 2], at[at.len() - 1]);
        for l in 0..k {
            let product = element(a, stack, i, l, ta) * element(b, stack, l, j, tb);
            out[IxDyn(&at)] = out[IxDyn(&at)] + product;
        }
    }
    Naive::Real(out)
}
