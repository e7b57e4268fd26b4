//! An instruction all of whose operands are constants becomes a constant.
//!
//! Recording makes no such instruction: what does not depend on the inputs is
//! a constant as it stands. They come of other passes, and of inputs that
//! became constants. What is computed here is what a run would compute, by
//! the same kernels.

use std::collections::HashMap;

use crate::program::ir::{Constant, Ir};
use crate::tape::ValueId;
use crate::value::{Type, Value};

/// A result of more elements than this has to be no larger than the operands:
/// a saved program would carry it.
const SMALL: usize = 1024;

/// Computes what every run would compute alike.
///
/// Left alone are instructions that fail, so that the run says so and where,
/// and those that decide a branch, so that it stays guarded.
pub fn fold_constants(ir: &mut Ir) {
    let constants = ir.constants.iter();
    let mut known: HashMap<ValueId, Value> = constants.map(|c| (c.value, c.data.clone())).collect();
    let masks: Vec<ValueId> = ir.guards.iter().map(|g| g.mask).collect();
    let types = &ir.types;
    let constants = &mut ir.constants;
    ir.nodes.retain(|node| {
        let args: Option<Vec<&Value>> = node.args.iter().map(|a| known.get(a)).collect();
        let Some(args) = args else {
            return true;
        };
        let results: Vec<Type> = node.results().map(|r| types[r.index()].clone()).collect();
        let size: usize = results.iter().map(|t| t.shape.size()).sum();
        let large = size > SMALL && size > args.iter().map(|a| a.len()).sum();
        if large || node.results().any(|r| masks.contains(&r)) {
            return true;
        }
        let Ok(values) = node.op.eval(&args, &results) else {
            return true;
        };
        for (value, data) in node.results().zip(values) {
            known.insert(value, data.clone());
            constants.push(Constant { value, data });
        }
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::passes::remove_dead_code;
    use crate::program::trace::trace;
    use crate::{Any, Program, Tape, Var};
    use ndarray::array;

    /// The program of a tape whose inputs are taken for constants.
    fn with_constants(tape: &Tape, inputs: &[Var<'_, Any>], outputs: &[Var<'_, Any>]) -> Ir {
        let here = std::panic::Location::caller();
        let mut ir = trace(tape, inputs, outputs, false, here).unwrap();
        for (input, x) in ir.inputs.drain(..).zip(inputs) {
            ir.constants.push(Constant {
                value: input.value,
                data: x.peek(),
            });
        }
        fold_constants(&mut ir);
        remove_dead_code(&mut ir);
        ir
    }

    #[test]
    fn what_depends_on_constants_alone_is_one() {
        let tape = Tape::new();
        let x = tape.input("x", array![1.0, 0.1, -3.0]);
        let parts = (x.exp() / 3.0).split(&[1, 2], 0);
        let y = parts[1].sin() * parts[0];
        let ir = with_constants(&tape, &[x.any()], &[y.any(), x.any()]);
        assert_eq!((ir.nodes.len(), ir.constants.len()), (0, 2));
        let found = Program::new(ir, None).call(&[]).unwrap();
        assert_eq!(found[0].to_f64(), y.peek().to_f64());
    }

    #[test]
    fn what_is_large_stays_and_so_does_a_branch() {
        let tape = Tape::new();
        let x = tape.input("x", array![2.0]);
        let wide = x.broadcast_to([100, 100]);
        assert!((x * 2.0).greater(3.0).decide());
        let ir = with_constants(&tape, &[x.any()], &[wide.any(), wide.sum().any()]);
        let names: Vec<_> = ir.nodes.iter().map(|n| n.op.name()).collect();
        assert_eq!(names, ["broadcast_to", "greater", "sum"]);
    }

    #[test]
    fn a_failure_is_left_to_the_run() {
        let tape = Tape::new();
        let rows = tape.input("rows", array![0usize, 1]);
        let x = tape.input("x", array![1.0, 2.0]);
        let y = x.index_select(0, rows);
        let inputs = [x.any(), rows.any()];
        let here = std::panic::Location::caller();
        let mut ir = trace(&tape, &inputs, &[y.any()], false, here).unwrap();
        let data = [x.peek(), Value::from(array![0usize, 7])];
        for (input, data) in ir.inputs.drain(..).zip(data) {
            let value = input.value;
            ir.constants.push(Constant { value, data });
        }
        fold_constants(&mut ir);
        assert_eq!(ir.nodes.len(), 1);
    }
}
