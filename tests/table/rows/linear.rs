//! The matrix product, with every combination of transposed factors.

use wengert_autodiff::ops::{MatMul, OpKind};

use crate::table::case::{Operand, Plan};
use crate::table::row::{Regime, Row, broadcast};

pub(super) fn rows() -> Vec<Row> {
    let flags = [(false, false), (true, false), (false, true), (true, true)];
    flags.map(|(ta, tb)| row(ta, tb)).into()
}

fn row(ta: bool, tb: bool) -> Row {
    let side = |transposed: bool| if transposed { "ᵀ" } else { "" };
    let name = format!("matmul a{} b{}", side(ta), side(tb));
    Row::new(name, OpKind::MatMul, move |random, shape, regime| {
        let at = shape.len().checked_sub(2)?;
        let (stack, matrix) = shape.split_at(at);
        let inner = if ta { matrix[0] } else { matrix[1] };
        let other = match regime {
            // The same matrix on both sides: xᵀ x, x xᵀ, and x x if it is square.
            Regime::Alias => {
                let fits = if tb { matrix[1] } else { matrix[0] };
                if fits != inner {
                    return None;
                }
                matrix.to_vec()
            }
            _ => {
                let free = random.below(4);
                if tb {
                    vec![free, inner]
                } else {
                    vec![inner, free]
                }
            }
        };
        let stacks = broadcast(random, stack, regime, 0, 2)?;
        let factor = |stack: &[usize], matrix: &[usize]| {
            Operand::float(&[stack, matrix].concat(), (-2.0, 2.0))
        };
        let operands = [factor(&stacks[0], matrix), factor(&stacks[1], &other)];
        Plan::new(MatMul { ta, tb }, operands)
    })
}
