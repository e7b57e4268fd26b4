//! Operations that return an operand as it is, to the last bit, go.
//!
//! Exact is the whole point. `x · 1`, `x / 1`, `x - 0` and `x + (-0)` are `x`;
//! `x + 0` is not (it turns -0 into 0), nor is the sum over one element, nor
//! `azmul(x, 1)` or `azmul_both(1, x)`, whose zeros are all positive.

use crate::ops::{Binary, Op, Unary};
use crate::program::ir::{Ir, Node};
use crate::tape::ValueId;
use crate::value::Value;

/// Puts the operand in the place of the result of every identity.
pub fn remove_identities(ir: &mut Ir) {
    let mut constant = vec![None; ir.types.len()];
    for c in &ir.constants {
        constant[c.value.index()] = Some(&c.data);
    }
    let mut new: Vec<ValueId> = (0..ir.types.len() as u32).map(ValueId).collect();
    // The operand of every negation.
    let mut negated: Vec<Option<ValueId>> = vec![None; ir.types.len()];
    for node in &ir.nodes {
        let args: Vec<ValueId> = node.args.iter().map(|a| new[a.index()]).collect();
        let all = |i: usize, bits: fn(&Value) -> bool| constant[args[i].index()].is_some_and(bits);
        let kept = |i: usize| ir.ty(args[i]) == ir.ty(node.first);
        let operand = match &node.op {
            Op::Binary(Binary::Mul) if all(1, ones) && kept(0) => Some(0),
            Op::Binary(Binary::Mul | Binary::AzMul) if all(0, ones) && kept(1) => Some(1),
            Op::Binary(Binary::Div) if all(1, ones) && kept(0) => Some(0),
            Op::Binary(Binary::Sub) if all(1, zeros) && kept(0) => Some(0),
            Op::Binary(Binary::Add) if all(1, negative_zeros) && kept(0) => Some(0),
            Op::Binary(Binary::Add) if all(0, negative_zeros) && kept(1) => Some(1),
            _ if rearranges(node) && kept(0) => Some(0),
            _ => None,
        };
        if let Some(i) = operand {
            new[node.first.index()] = args[i];
        } else if let Op::Unary(Unary::Neg) = node.op {
            match negated[args[0].index()] {
                Some(x) => new[node.first.index()] = x,
                None => negated[node.first.index()] = Some(args[0]),
            }
        }
    }
    ir.rename(|v| new[v.index()]);
}

/// Whether the result has the operand's elements in its order, provided that
/// it has its type.
fn rearranges(node: &Node) -> bool {
    match &node.op {
        Op::Reshape(_) | Op::BroadcastTo(_) | Op::Cast(_) | Op::StopGradient(_) => true,
        Op::Concat(_) => node.args.len() == 1,
        Op::Permute(p) => {
            let rank = p.axes.len() as isize;
            let mut resolved = p.axes.iter().map(|&a| if a < 0 { a + rank } else { a });
            resolved.by_ref().eq(0..rank)
        }
        _ => false,
    }
}

fn ones(value: &Value) -> bool {
    every(value, 1.0)
}

fn zeros(value: &Value) -> bool {
    every(value, 0.0)
}

fn negative_zeros(value: &Value) -> bool {
    every(value, -0.0)
}

/// Whether every element is `x`, to the last bit.
fn every(value: &Value, x: f64) -> bool {
    match value {
        Value::F32(a) => a
            .as_slice()
            .iter()
            .all(|y| y.to_bits() == (x as f32).to_bits()),
        Value::F64(a) => a.as_slice().iter().all(|y| y.to_bits() == x.to_bits()),
        Value::Index(_) | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Tape, Value};
    use ndarray::array;

    #[test]
    fn identities_go() {
        let tape = Tape::new();
        let x = tape.input("x", array![[1.0, -0.0]]);
        let y = ((1.0 * (x * 1.0) / 1.0 - 0.0) + -0.0).permute([0, -1]);
        let z = -(-y.reshape([2]).reshape([1, 2]));
        let program = tape.compile(&[x.any()], &[y.any()]).unwrap();
        assert_eq!(program.len(), 0, "{program:?}");
        // Two reshapes there and back remain; they cost nothing.
        let program = tape.compile(&[x.any()], &[z.any()]).unwrap();
        assert_eq!(program.len(), 2, "{program:?}");
    }

    /// At -0, NaN and the infinities, everything that looks like an identity
    /// gives what it gave when recorded.
    #[test]
    fn what_is_not_exact_stays() {
        let tape = Tape::new();
        let hard = array![
            -0.0,
            0.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e-320
        ];
        let x = tape.input("x", hard.clone());
        let one = tape.scalar(1.0);
        let outputs = [
            x + 0.0,
            0.0 - x,
            x - -0.0,
            x.azmul(1.0),
            one.azmul(x),
            one.azmul_both(x),
            x.azmul_both(1.0),
            x * -1.0,
            x * 1.0,
            x.reshape([6, 1]).sum_axes([1], false),
            -(-x),
        ];
        let any = outputs.map(|y| y.any());
        let program = tape.compile(&[x.any()], &any).unwrap();
        let values = program.call(&[Value::from(hard)]).unwrap();
        for (found, recorded) in values.iter().zip(&any) {
            let bits = |v: &Value| v.to_f64().into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(found), bits(&recorded.peek()), "{recorded}");
        }
    }
}
