//! What is computed twice is computed once: the same operation, with the same
//! parameters, on the same values.

use std::collections::HashMap;
use std::sync::Arc;

use super::hash::Quick;
use crate::dtype::DType;
use crate::ops::{Binary, Op, Unary};
use crate::program::ir::{Ir, Node};
use crate::shape::Shape;
use crate::tape::ValueId;
use crate::value::Value;

/// Constants up to this size are compared.
const SMALL: usize = 64;

/// Puts the first of equal values in the place of all.
pub fn share(ir: &mut Ir) {
    let mut same: Vec<ValueId> = (0..ir.types.len() as u32).map(ValueId).collect();
    let mut constants = HashMap::new();
    for constant in &ir.constants {
        if constant.data.len() <= SMALL {
            let first = constants.entry(bits(&constant.data));
            same[constant.value.index()] = *first.or_insert(constant.value);
        }
    }
    let mut names = Names::default();
    let mut known: HashMap<[u64; 2], ValueId, Quick> = HashMap::default();
    known.reserve(ir.nodes.len());
    for node in &ir.nodes {
        let applied = names.applied(node, &same);
        let first = *known.entry(applied).or_insert(node.first);
        for (i, result) in node.results().enumerate() {
            same[result.index()] = ValueId(first.0 + i as u32);
        }
    }
    ir.rename(|v| same[v.index()]);
}

/// Numbers for operations: there are as many keys as instructions, which have
/// to be short.
#[derive(Default)]
struct Names(HashMap<Name, u32, Quick>);

impl Names {
    /// Equal for the same operation on the same values: its number and three
    /// operands. More operands are a part of the name.
    fn applied(&mut self, node: &Node, same: &[ValueId]) -> [u64; 2] {
        let next = self.0.len() as u32;
        let mut args = node.args.iter().map(|a| same[a.index()].0);
        // No value has this number.
        let mut arg = || u64::from(args.next().unwrap_or(u32::MAX));
        let [a, b, c] = [arg(), arg(), arg()];
        let number = *self.0.entry(name(&node.op, args)).or_insert(next);
        [u64::from(number) << 32 | a, b << 32 | c]
    }
}

/// Equal for operations that do the same. How an operation from elsewhere
/// prints itself may leave something out: it is equal to itself alone.
fn name(op: &Op, more: impl Iterator<Item = u32>) -> Name {
    let text = match op {
        &Op::Unary(f) => return Name::Unary(f),
        &Op::Binary(f) => return Name::Binary(f),
        Op::Custom(p) => format!("{:p}", Arc::as_ptr(p)),
        op => format!("{op:?}"),
    };
    Name::Text(text, more.collect())
}

/// What is most frequent needs no text.
#[derive(PartialEq, Eq, Hash)]
enum Name {
    Unary(Unary),
    Binary(Binary),
    Text(String, Vec<u32>),
}

/// The type and every bit: -0 is not 0.
fn bits(value: &Value) -> (DType, Shape, Vec<u64>) {
    let bits = match value {
        Value::F32(a) => a
            .as_slice()
            .iter()
            .map(|x| u64::from(x.to_bits()))
            .collect(),
        Value::F64(a) => a.as_slice().iter().map(|x| x.to_bits()).collect(),
        Value::Index(a) => a.as_slice().iter().map(|&x| x as u64).collect(),
        Value::Bool(a) => a.as_slice().iter().map(|&x| u64::from(x)).collect(),
    };
    let ty = value.ty();
    (ty.dtype, ty.shape, bits)
}

#[cfg(test)]
mod tests {
    use crate::{Tape, concat};

    #[test]
    fn the_same_operation_on_the_same_values_runs_once() {
        let tape = Tape::new();
        let x = tape.input("x", ndarray::array![1.0, 2.0]);
        let y = (x.exp() * 2.0) + (x.exp() * 2.0).square();
        let program = tape.compile(&[x.any()], &[y.any()]).unwrap();
        let names: Vec<_> = program.ir.nodes.iter().map(|n| n.op.name()).collect();
        assert_eq!(names, ["exp", "mul", "square", "add"]);
    }

    #[test]
    fn parameters_and_the_sign_of_zero_are_told_apart() {
        let tape = Tape::new();
        let x = tape.input("x", ndarray::array![1.0, 2.0]);
        let y = x.powi(2) + x.powi(3) + x / 0.0 + x / -0.0;
        let program = tape.compile(&[x.any()], &[y.any()]).unwrap();
        assert_eq!(program.ir.nodes.len(), 7);
        let parts = x.clamp(-0.0, 1.0) + x.clamp(0.0, 1.0);
        let program = tape.compile(&[x.any()], &[parts.any()]).unwrap();
        assert_eq!(program.ir.nodes.len(), 3);
    }

    /// Operands are told apart: which, how many, and the fourth as well.
    #[test]
    fn operands_are_told_apart() {
        let tape = Tape::new();
        let [x, y] = ["x", "y"].map(|name| tape.input(name, ndarray::array![1.0, 2.0]));
        let sums = [
            concat(&[x, x, x, x], 0),
            concat(&[x, x, x, y], 0),
            concat(&[x, x, x], 0),
            concat(&[x, x, y], 0),
            concat(&[x, x, x, y], 0),
            x - y,
            y - x,
            x - y,
        ];
        let outputs = sums.map(|y| y.sum().any());
        let program = tape.compile(&[x.any(), y.any()], &outputs).unwrap();
        assert_eq!(program.ir.nodes.len(), 2 * 6);
    }
}
