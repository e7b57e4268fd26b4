//! Products of vectors, matrices, and stacks of them.

use super::{Entry, call, zip};
use crate::conformance::call::{Answer, Arg, Call, V, as_int, axis, one, unsupported};

/// `beta input + alpha product`; with `beta = 0` the input is not looked at.
fn added<'t>(c: &Call<'t>, product: V<'t>) -> Answer<'t> {
    let (alpha, beta) = (c.number("alpha", 1.0)?, c.number("beta", 1.0)?);
    let input = c.array("input")?;
    one(match beta {
        0.0 => (alpha * product).broadcast_to(product.shape()),
        beta => beta * input + alpha * product,
    })
}

/// `u vᵀ`.
fn outer<'t>(u: V<'t>, v: V<'t>) -> V<'t> {
    u.expand_dims(1) * v.expand_dims(0)
}

/// Sum of products over the last axes.
fn inner<'t>(x: V<'t>, y: V<'t>) -> V<'t> {
    match (x.rank(), y.rank()) {
        (0, _) | (_, 0) => x * y,
        (_, n) => contract(x, y, &[x.rank() - 1], &[n - 1]),
    }
}

/// Sum of products over pairs of axes; the axes that are left stand in order.
fn contract<'t>(x: V<'t>, y: V<'t>, over_x: &[usize], over_y: &[usize]) -> V<'t> {
    let (sx, sy) = (x.shape(), y.shape());
    let left: Vec<usize> = (0..x.rank()).filter(|i| !over_x.contains(i)).collect();
    let right: Vec<usize> = (0..y.rank()).filter(|i| !over_y.contains(i)).collect();
    let size = |s: &[usize], axes: &[usize]| axes.iter().map(|&a| s[a]).product::<usize>();
    let (m, k, n) = (size(&sx, &left), size(&sx, over_x), size(&sy, &right));
    let order = |a: &[usize], b: &[usize]| -> Vec<isize> {
        a.iter().chain(b).map(|&i| i as isize).collect()
    };
    let a = x.permute(order(&left, over_x)).reshape([m, k]);
    let b = y.permute(order(over_y, &right)).reshape([k, n]);
    let shape: Vec<usize> = left.iter().map(|&i| sx[i]).collect();
    let shape: Vec<usize> = shape
        .into_iter()
        .chain(right.iter().map(|&i| sy[i]))
        .collect();
    a.dot(b).reshape(shape)
}

/// Two arrays, summed along paired axes where the other has a single element
/// that stands for all.
fn matched<'t>(x: V<'t>, y: V<'t>, over_x: &[usize], over_y: &[usize]) -> (V<'t>, V<'t>) {
    let pairs = over_x.iter().zip(over_y);
    pairs.fold((x, y), |(x, y), (&i, &j)| {
        match (x.shape()[i], y.shape()[j]) {
            (m, 1) if m != 1 => (x.sum_axes([i as isize], true), y),
            (1, n) if n != 1 => (x, y.sum_axes([j as isize], true)),
            _ => (x, y),
        }
    })
}

/// The cross product along an axis of length 3.
fn cross<'t>(x: V<'t>, y: V<'t>, at: i64) -> Answer<'t> {
    let rank = x.rank().max(y.rank());
    if x.rank() != y.rank() {
        return unsupported("factors of different rank");
    }
    let at = axis(at, rank)? as isize;
    let (x, y) = (x.split(&[1, 1, 1], at), y.split(&[1, 1, 1], at));
    let part = |i: usize, j: usize| x[i] * y[j] - x[j] * y[i];
    one(wengert_autodiff::concat(
        &[part(1, 2), part(2, 0), part(0, 1)],
        at,
    ))
}

fn product<'t>(factors: &[V<'t>]) -> Option<V<'t>> {
    factors.iter().copied().reduce(|a, b| a.dot(b))
}

pub(super) const OPS: &[Entry] = &[
    zip("matmul", |x, y| x.matmul(y)),
    call("mm", "input mat2 out_dtype", |c| {
        c.only_default(&["out_dtype"])?;
        one(c.array("input")?.dot(c.array("mat2")?))
    }),
    call("bmm", "input mat2 out_dtype", |c| {
        c.only_default(&["out_dtype"])?;
        one(c.array("input")?.matmul(c.array("mat2")?))
    }),
    call("mv", "input vec", |c| {
        one(c.array("input")?.dot(c.array("vec")?))
    }),
    call("dot", "input tensor", |c| {
        one(c.array("input")?.dot(c.array("tensor")?))
    }),
    call("outer", "input vec2", |c| {
        one(outer(c.array("input")?, c.array("vec2")?))
    }),
    zip("inner", inner),
    call("addmm", "input mat1 mat2 beta alpha", |c| {
        added(c, c.array("mat1")?.dot(c.array("mat2")?))
    }),
    call("addmv", "input mat vec beta alpha", |c| {
        added(c, c.array("mat")?.dot(c.array("vec")?))
    }),
    call("addr", "input vec1 vec2 beta alpha", |c| {
        added(c, outer(c.array("vec1")?, c.array("vec2")?))
    }),
    call("baddbmm", "input batch1 batch2 beta alpha", |c| {
        added(c, c.array("batch1")?.matmul(c.array("batch2")?))
    }),
    call("addbmm", "input batch1 batch2 beta alpha", |c| {
        let products = c.array("batch1")?.matmul(c.array("batch2")?);
        added(c, products.sum_axes([0], false))
    }),
    // The weight is (out, in).
    call("nn.functional.linear", "input weight bias", |c| {
        let (x, w) = (c.array("input")?, c.array("weight")?);
        let y = x.matmul(w.transpose());
        one(match c.optional_array("bias")? {
            Some(b) => y + b,
            None => y,
        })
    }),
    // y_k = x1ᵀ W_k x2 + b_k.
    call("nn.functional.bilinear", "input1 input2 weight bias", |c| {
        let (x, y, w) = (c.array("input1")?, c.array("input2")?, c.array("weight")?);
        let left = contract(x, w, &[x.rank() - 1], &[1]);
        let z = (left * y.expand_dims(-2)).sum_axes([-1], false);
        one(match c.optional_array("bias")? {
            Some(b) => z + b,
            None => z,
        })
    }),
    call("tensordot", "a b dims out", |c| {
        c.only_default(&["out"])?;
        let (x, y) = (c.array("a")?, c.array("b")?);
        let (over_x, over_y): (Vec<i64>, Vec<i64>) = match c.get("dims") {
            None => ((-2..0).collect(), vec![0, 1]),
            Some(Arg::List(pair) | Arg::Tuple(pair)) if pair.len() == 2 => {
                let axes = |arg: &Arg<'_>| match arg {
                    Arg::List(list) | Arg::Tuple(list) => list.iter().map(as_int).collect(),
                    arg => as_int(arg).map(|i| vec![i]),
                };
                match (axes(&pair[0]), axes(&pair[1])) {
                    (Some(a), Some(b)) => (a, b),
                    _ => return unsupported("argument `dims` that is not a pair of lists"),
                }
            }
            Some(_) => {
                let n = c.need_int("dims")?;
                ((-n..0).collect(), (0..n).collect())
            }
        };
        let axes = |list: Vec<i64>, rank: usize| -> Result<Vec<usize>, _> {
            list.into_iter().map(|a| axis(a, rank)).collect()
        };
        let (over_x, over_y) = (axes(over_x, x.rank())?, axes(over_y, y.rank())?);
        let (x, y) = matched(x, y, &over_x, &over_y);
        one(contract(x, y, &over_x, &over_y))
    }),
    // Every axis of the one, times the same axis of the other.
    zip("kron", |x, y| {
        let rank = x.rank().max(y.rank());
        let raised = |v: V<'_>| {
            let mut shape = vec![1; rank - v.rank()];
            shape.extend_from_slice(&v.shape());
            shape
        };
        let (a, b) = (raised(x), raised(y));
        let spread = |s: &[usize], at: usize| -> Vec<usize> {
            s.iter()
                .flat_map(|&n| if at == 0 { [n, 1] } else { [1, n] })
                .collect()
        };
        let shape: Vec<usize> = a.iter().zip(&b).map(|(m, n)| m * n).collect();
        (x.reshape(spread(&a, 0)) * y.reshape(spread(&b, 1))).reshape(shape)
    }),
    call("linalg.multi_dot", "tensors", |c| {
        match product(&c.arrays("tensors")?) {
            Some(y) => one(y),
            None => unsupported("a product of nothing"),
        }
    }),
    call("linalg.vecdot", "x y dim", |c| {
        let (x, y) = (c.array("x")?, c.array("y")?);
        let at = c.axis("dim", -1, x.rank().max(y.rank()))?;
        one((x * y).sum_axes([at as isize], false))
    }),
    call("linalg.matrix_power", "input n", |c| {
        let (x, n) = (c.array("input")?, c.need_int("n")?);
        if n < 0 {
            return unsupported("a negative matrix power, which needs the inverse");
        }
        let size = *x.shape().last().unwrap_or(&0);
        let unit = c.tape().constant(ndarray::Array2::<f64>::eye(size));
        let unit = unit.broadcast_to(x.shape());
        one(match n {
            0 => unit,
            n => (1..n).fold(x, |y, _| y.matmul(x)),
        })
    }),
    call("linalg.cross", "input other dim", |c| {
        cross(c.array("input")?, c.array("other")?, c.int("dim", -1)?)
    }),
    call("cross", "input other dim", |c| {
        let x = c.array("input")?;
        // Without `dim`, the first axis of length 3.
        let first = x.shape().iter().position(|&n| n == 3).unwrap_or(0) as i64;
        cross(x, c.array("other")?, c.int("dim", first)?)
    }),
];
