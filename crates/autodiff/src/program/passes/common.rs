//! What is computed twice is computed once: the same operation, with the same
//! parameters, on the same values.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::ops::{Binary, Op, Unary};
use crate::program::ir::Ir;
use crate::tape::ValueId;
use crate::value::Value;

/// Constants up to this size are compared.
const SMALL: usize = 64;

/// Puts the first of equal values in the place of all.
pub fn share(ir: &mut Ir) {
    let mut same: Vec<ValueId> = (0..ir.types.len() as u32).map(ValueId).collect();
    let mut constants: HashMap<String, ValueId> = HashMap::new();
    for constant in &ir.constants {
        if constant.data.len() <= SMALL {
            let first = constants.entry(bits(&constant.data));
            same[constant.value.index()] = *first.or_insert(constant.value);
        }
    }
    let mut known: HashMap<(Key, SmallVec<[ValueId; 3]>), ValueId> = HashMap::new();
    for node in &ir.nodes {
        let args = node.args.iter().map(|a| same[a.index()]).collect();
        let first = *known.entry((key(&node.op), args)).or_insert(node.first);
        for (i, result) in node.results().enumerate() {
            same[result.index()] = ValueId(first.0 + i as u32);
        }
    }
    ir.rename(|v| same[v.index()]);
}

/// Equal for operations that do the same. How an operation from elsewhere
/// prints itself may leave something out: it is equal to itself alone.
fn key(op: &Op) -> Key {
    match op {
        &Op::Unary(f) => Key::Unary(f),
        &Op::Binary(f) => Key::Binary(f),
        Op::Custom(p) => Key::Text(format!("{:p}", Arc::as_ptr(p))),
        op => Key::Text(format!("{op:?}")),
    }
}

/// What is most frequent needs no text.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Unary(Unary),
    Binary(Binary),
    Text(String),
}

/// The type and every bit: -0 is not 0.
fn bits(value: &Value) -> String {
    let bits: Vec<u64> = match value {
        Value::F32(a) => a
            .as_slice()
            .iter()
            .map(|x| u64::from(x.to_bits()))
            .collect(),
        Value::F64(a) => a.as_slice().iter().map(|x| x.to_bits()).collect(),
        Value::Index(a) => a.as_slice().iter().map(|&x| x as u64).collect(),
        Value::Bool(a) => a.as_slice().iter().map(|&x| u64::from(x)).collect(),
    };
    format!("{} {bits:?}", value.ty())
}

#[cfg(test)]
mod tests {
    use crate::Tape;

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
}
