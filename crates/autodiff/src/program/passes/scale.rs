//! A matrix product times a number is scaled where there is least to scale:
//! `c·(A·B)`, `(c·A)·B` and `A·(c·B)` are one another, but for rounding.
//!
//! The one pass that changes bits, and off unless
//! [`Options::reassociate`](crate::program::Options::reassociate) asks for it,
//! where the bound is stated. `azmul` is left where it stands: next to another
//! factor its zeros would be others.

use super::uses::{Uses, uses};
use crate::ops::{Binary, Op};
use crate::program::ir::{Ir, Node};
use crate::tape::ValueId;

/// Where a number stands: beside a factor, or beside the product.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Factor(usize),
    Product,
}

/// What is done to a product and the scaling beside it.
struct Move {
    product: usize,
    scaling: usize,
    from: Place,
    to: Place,
}

/// Moves scalings to the smallest of factors and product, one per product.
pub fn move_scalings(ir: &mut Ir) {
    let moves = moves(ir);
    let mut at: Vec<Option<&Move>> = Vec::new();
    at.resize_with(ir.nodes.len(), || None);
    for m in &moves {
        at[m.product] = Some(m);
        at[m.scaling] = Some(m);
    }
    let old = std::mem::take(&mut ir.nodes);
    for (i, node) in old.iter().enumerate() {
        match at[i] {
            None => ir.nodes.push(node.clone()),
            // Both are written where the later of them stood.
            Some(m) if i == m.product.max(m.scaling) => {
                let (product, scaling) = (old[m.product].clone(), old[m.scaling].clone());
                moved(ir, m, product, scaling);
            }
            Some(_) => {}
        }
    }
}

fn moves(ir: &Ir) -> Vec<Move> {
    let uses = uses(ir);
    let mut producer = vec![None; ir.types.len()];
    for (i, node) in ir.nodes.iter().enumerate() {
        producer[node.first.index()] = Some(i);
    }
    let mut moves: Vec<Move> = Vec::new();
    let mut moving = vec![false; ir.nodes.len()];
    for (product, node) in ir.nodes.iter().enumerate() {
        if !matches!(node.op, Op::MatMul(_)) {
            continue;
        }
        let places = [Place::Product, Place::Factor(0), Place::Factor(1)];
        let size = |place| ir.ty(value(node, place)).shape.size();
        let to = places.into_iter().min_by_key(|&p| size(p)).expect("three");
        for from in places {
            let scaling = beside(ir, &uses, &producer, product, from);
            if let Some(scaling) = scaling.filter(|&s| size(to) < size(from) && !moving[s]) {
                moving[scaling] = true;
                moves.push(Move {
                    product,
                    scaling,
                    from,
                    to,
                });
                break;
            }
        }
    }
    moves
}

/// The array at this place of a product.
fn value(product: &Node, place: Place) -> ValueId {
    match place {
        Place::Factor(i) => product.args[i],
        Place::Product => product.first,
    }
}

/// The scaling that makes this factor, and nothing else of it; or that reads
/// this product, which nothing else does.
fn beside(
    ir: &Ir,
    uses: &[Uses],
    producer: &[Option<usize>],
    product: usize,
    place: Place,
) -> Option<usize> {
    let array = value(&ir.nodes[product], place);
    let reader = uses[array.index()].only()?;
    let scaling = match place {
        Place::Factor(_) => producer[array.index()]?,
        Place::Product => reader,
    };
    let node = &ir.nodes[scaling];
    let scaled = node.args[scaled(ir, node)?];
    (place != Place::Product || scaled == array).then_some(scaling)
}

/// Which operand is multiplied with a number, or divided by one.
fn scaled(ir: &Ir, node: &Node) -> Option<usize> {
    // A number of up to two axes leaves the shape of every matrix as it is.
    let number = |i: usize| {
        let shape = &ir.ty(node.args[i]).shape;
        shape.size() == 1 && shape.rank() <= 2
    };
    let array = match &node.op {
        Op::Binary(Binary::Mul | Binary::Div) if number(1) => 0,
        Op::Binary(Binary::Mul) if number(0) => 1,
        _ => return None,
    };
    (ir.ty(node.args[array]) == ir.ty(node.first)).then_some(array)
}

/// Writes both anew, so that the last of them gives what the last gave.
fn moved(ir: &mut Ir, m: &Move, mut product: Node, mut scaling: Node) {
    let array = scaled(ir, &scaling).expect("it scales");
    let result = match m.from {
        Place::Product => scaling.first,
        Place::Factor(_) => product.first,
    };
    if let Place::Factor(i) = m.from {
        product.args[i] = scaling.args[array];
    }
    // What the first of them gives now.
    let between = ir.define(ir.ty(value(&product, m.to)).clone());
    match m.to {
        Place::Product => {
            (product.first, scaling.first) = (between, result);
            scaling.args[array] = between;
            ir.nodes.extend([product, scaling]);
        }
        Place::Factor(i) => {
            (scaling.first, product.first) = (between, result);
            scaling.args[array] = product.args[i];
            product.args[i] = between;
            ir.nodes.extend([scaling, product]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::program::Options;
    use crate::{Any, Program, Tape, Value, Var};
    use ndarray::Array2;

    /// Small whole numbers, whose products with powers of two are exact.
    fn wave(rows: usize, cols: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17) % 7) as f64 - 3.0)
    }

    /// Instructions, and of scalings the shape that is scaled.
    fn compiled(tape: &Tape, x: &[Var<'_, Any>], y: Var<'_, Any>) -> Vec<String> {
        let mut options = Options::default();
        let compile = |o: &Options| -> Program { tape.compile_with(x, &[y], o).unwrap() };
        let plain = compile(&options);
        options.reassociate = true;
        let program = compile(&options);
        let values: Vec<Value> = x.iter().map(|x| x.peek()).collect();
        let [found, before] = [&program, &plain].map(|p| p.call(&values).unwrap()[0].to_f64());
        assert_eq!(found, before);
        let name = |n: &crate::program::ir::Node| {
            let name = n.op.name();
            match name {
                "mul" | "div" => format!("{name} {}", program.ir.ty(n.first).shape),
                _ => name.to_string(),
            }
        };
        program.ir.nodes.iter().map(name).collect()
    }

    #[test]
    fn the_smallest_is_scaled() {
        let tape = Tape::new();
        let a = tape.input("a", wave(50, 3));
        let b = tape.input("b", wave(3, 40));
        let c = tape.input("c", ndarray::arr0(0.5));
        let x = [a.any(), b.any(), c.any()];
        let moved = ["mul [3, 40]", "matmul"];
        assert_eq!(compiled(&tape, &x, (a.dot(b) * c).any()), moved);
        assert_eq!(compiled(&tape, &x, (0.25 * a.dot(b)).any()), moved);
        assert_eq!(compiled(&tape, &x, (c * a).dot(b).any()), moved);
        let found = compiled(&tape, &x, (a.dot(b) / c).any());
        assert_eq!(found, ["div [3, 40]", "matmul"]);
        // Of a small result, the result.
        let y = (a.transpose() * c).dot(a + 1.0);
        let found = compiled(&tape, &x, y.any());
        assert_eq!(found[found.len() - 2..], ["matmul", "mul [3, 3]"]);
    }

    #[test]
    fn what_is_needed_otherwise_stays() {
        let tape = Tape::new();
        let a = tape.input("a", wave(50, 3));
        let b = tape.input("b", wave(3, 40));
        let x = [a.any(), b.any()];
        let scaled = a * 0.5;
        let y = scaled.dot(b).sum() + scaled.sum();
        assert!(compiled(&tape, &x, y.any()).contains(&"mul [50, 3]".into()));
        let product = a.dot(b);
        let y = (product * 0.5).sum() + product.sum();
        assert!(compiled(&tape, &x, y.any()).contains(&"mul [50, 40]".into()));
        // A row is no number.
        let y = product * b.sum_axes([0], true);
        assert!(compiled(&tape, &x, y.any()).contains(&"mul [50, 40]".into()));
        // The smallest is scaled already.
        let y = a.dot(b * 0.5);
        assert_eq!(compiled(&tape, &x, y.any()), ["mul [3, 40]", "matmul"]);
    }
}
