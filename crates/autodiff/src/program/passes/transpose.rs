//! Transposes next to matrix products become flags of these.
//!
//! An element of a product has the same bits whichever way its factors lie,
//! and whether the product or its transpose is computed
//! (`kernels/matmul`). Products with one row or one column are left alone:
//! they may be dot products, which are summed in another order.

use super::uses::uses;
use crate::ops::{MatMul, Op, Reshape};
use crate::program::ir::{Ir, Node};
use crate::tape::ValueId;

/// Folds them, and makes a reshape of a transpose that moves nothing.
pub fn fold_transposes(ir: &mut Ir) {
    reshape_rows_and_columns(ir);
    if !ir.nodes.iter().any(swaps) {
        return;
    }
    into_products(ir);
    of_products(ir);
}

/// The transpose of one row or column has its elements in their order.
fn reshape_rows_and_columns(ir: &mut Ir) {
    for node in &mut ir.nodes {
        let Op::Permute(permute) = &node.op else {
            continue;
        };
        let from = &ir.types[node.args[0].index()].shape;
        let order = resolved(&permute.axes);
        if order.filter(|&axis| from[axis] != 1).is_sorted() {
            let shape = ir.types[node.first.index()].shape.clone();
            node.op = Op::Reshape(Reshape { shape });
        }
    }
}

/// A transpose that feeds products alone: each of them reads what it
/// transposes. One that is needed anyway is read as it is.
fn into_products(ir: &mut Ir) {
    let uses = uses(ir);
    let mut folds = vec![false; ir.nodes.len()];
    for (i, node) in ir.nodes.iter().enumerate().rev() {
        let folded = |&user: &u32| {
            let user = user as usize;
            folds[user] || is_product(ir, &ir.nodes[user])
        };
        let readers = &uses[node.first.index()];
        folds[i] = swaps(node) && !readers.of_program && readers.nodes.iter().all(folded);
    }
    let mut source: Vec<Option<ValueId>> = vec![None; ir.types.len()];
    for i in 0..ir.nodes.len() {
        if folds[i] {
            source[ir.nodes[i].first.index()] = Some(ir.nodes[i].args[0]);
        }
    }
    for i in 0..ir.nodes.len() {
        if !is_product(ir, &ir.nodes[i]) {
            continue;
        }
        let Node { op, args, .. } = &mut ir.nodes[i];
        let Op::MatMul(MatMul { ta, tb }) = op else {
            continue;
        };
        for (arg, flag) in args.iter_mut().zip([ta, tb]) {
            while let Some(x) = source[arg.index()] {
                (*arg, *flag) = (x, !*flag);
            }
        }
    }
}

/// The transpose of a product that nothing else reads: `(A·B)ᵀ = Bᵀ·Aᵀ`.
fn of_products(ir: &mut Ir) {
    let uses = uses(ir);
    let mut producer = vec![None; ir.types.len()];
    for i in 0..ir.nodes.len() {
        producer[ir.nodes[i].first.index()] = Some(i);
        if !swaps(&ir.nodes[i]) {
            continue;
        }
        let x = ir.nodes[i].args[0];
        let alone = uses[x.index()].only().is_some();
        let Some(p) = producer[x.index()].filter(|&p| alone && is_product(ir, &ir.nodes[p])) else {
            continue;
        };
        if let Op::MatMul(MatMul { ta, tb }) = ir.nodes[p].op {
            let [a, b] = [ir.nodes[p].args[0], ir.nodes[p].args[1]];
            ir.nodes[i].op = Op::MatMul(MatMul { ta: !tb, tb: !ta });
            ir.nodes[i].args = [b, a].into_iter().collect();
        }
    }
}

/// Whether it is a product of which no element is a dot product.
fn is_product(ir: &Ir, node: &Node) -> bool {
    let shape = &ir.ty(node.first).shape;
    matches!(node.op, Op::MatMul(_)) && shape[shape.len() - 2..].iter().all(|&n| n != 1)
}

/// Whether it swaps the last two axes and does nothing else.
fn swaps(node: &Node) -> bool {
    let Op::Permute(permute) = &node.op else {
        return false;
    };
    let rank = permute.axes.len();
    rank >= 2 && resolved(&permute.axes).eq((0..rank - 2).chain([rank - 1, rank - 2]))
}

/// The axes, counted from the front.
fn resolved(axes: &[isize]) -> impl Iterator<Item = usize> {
    let rank = axes.len() as isize;
    axes.iter()
        .map(move |&a| if a < 0 { a + rank } else { a } as usize)
}

#[cfg(test)]
mod tests {
    use crate::program::Options;
    use crate::{Any, Tape, Value, Var};
    use ndarray::{Array2, Array3};

    /// The instructions of the compiled program, whose results are, bit for
    /// bit, those that were recorded.
    fn compiled(tape: &Tape, inputs: &[Var<'_, Any>], outputs: &[Var<'_, Any>]) -> Vec<String> {
        let values: Vec<Value> = inputs.iter().map(|x| x.peek()).collect();
        let bits = |v: &Value| v.to_f64().into_iter().map(f64::to_bits).collect::<Vec<_>>();
        let mut text = Vec::new();
        for options in [Options::plain(), Options::default()] {
            let program = tape.compile_with(inputs, outputs, &options).unwrap();
            let found = program.call(&values).unwrap();
            for (found, recorded) in found.iter().zip(outputs) {
                assert_eq!(bits(found), bits(&recorded.peek()), "{recorded}");
            }
            let nodes = program.ir.nodes.iter();
            let line = nodes.map(|n| match n.op.name() {
                "matmul" => format!("matmul {}", n.op.primitive().attributes()),
                name => name.to_string(),
            });
            text = line.map(|l| l.trim().to_string()).collect();
        }
        text
    }

    fn wave(rows: usize, cols: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17) as f64).sin())
    }

    #[test]
    fn a_transposed_factor_becomes_a_flag() {
        let tape = Tape::new();
        let x = tape.input("x", wave(70, 600));
        let w = tape.input("w", wave(40, 600));
        let y = x.dot(w.transpose());
        let again = x.transpose().transpose().dot(w.permute([-1, 0]));
        let inputs = [x.any(), w.any()];
        assert_eq!(
            compiled(&tape, &inputs, &[y.any()]),
            ["matmul right transposed"]
        );
        assert_eq!(
            compiled(&tape, &inputs, &[again.any()]),
            ["matmul right transposed"]
        );
    }

    #[test]
    fn a_transposed_product_is_the_product_of_the_transposes() {
        let tape = Tape::new();
        let x = tape.input("x", wave(30, 5));
        let w = tape.input("w", wave(5, 20));
        let y = x.dot(w).transpose().exp();
        let inputs = [x.any(), w.any()];
        let found = compiled(&tape, &inputs, &[y.any()]);
        assert_eq!(found, ["matmul both transposed", "exp"]);
        // Of a product that is needed as well, a copy is cheaper.
        let z = x.dot(w);
        let found = compiled(&tape, &inputs, &[z.transpose().any(), z.any()]);
        assert_eq!(found, ["matmul", "permute"]);
    }

    #[test]
    fn what_is_needed_transposed_anyway_stays() {
        let tape = Tape::new();
        let x = tape.input("x", wave(3, 4));
        let t = x.transpose();
        let inputs = [x.any()];
        let found = compiled(&tape, &inputs, &[t.any(), x.dot(t).any()]);
        assert_eq!(found, ["permute", "matmul"]);
        let found = compiled(&tape, &inputs, &[x.dot(t).any(), t.exp().any()]);
        assert_eq!(found, ["permute", "matmul", "exp"]);
    }

    #[test]
    fn stacks_and_other_permutations() {
        let tape = Tape::new();
        let wave =
            |shape| Array3::from_shape_fn(shape, |(i, j, k)| ((i + 3 * j + 7 * k) as f64).cos());
        let x = tape.input("x", wave((2, 3, 4)));
        let w = tape.input("w", wave((1, 5, 4)));
        let inputs = [x.any(), w.any()];
        let y = x.matmul(w.permute([0, 2, 1]));
        assert_eq!(
            compiled(&tape, &inputs, &[y.any()]),
            ["matmul right transposed"]
        );
        let y = x
            .permute([1, 0, 2])
            .matmul(w.permute([0, 2, 1]))
            .permute([0, -1, 1]);
        let found = compiled(&tape, &inputs, &[y.any()]);
        assert_eq!(found, ["permute", "matmul right transposed"]);
    }

    #[test]
    fn one_row_or_column() {
        let tape = Tape::new();
        let a = tape.input("a", wave(300, 40));
        let x = tape.input("x", wave(300, 1));
        let inputs = [a.any(), x.any()];
        // The column becomes a row without being moved; the matrix is copied,
        // because dot products of its columns add up in another order.
        let y = a.transpose().dot(x);
        assert_eq!(compiled(&tape, &inputs, &[y.any()]), ["permute", "matmul"]);
        let y = x.transpose().dot(a);
        assert_eq!(compiled(&tape, &inputs, &[y.any()]), ["reshape", "matmul"]);
    }
}
