//! What neither an output nor a guard needs goes, and values are numbered
//! without gaps again.

use crate::program::ir::Ir;
use crate::tape::ValueId;

/// Removes instructions and constants that nothing needs.
pub fn remove_dead_code(ir: &mut Ir) {
    let mut used = vec![false; ir.types.len()];
    for root in ir.roots() {
        used[root.index()] = true;
    }
    for node in ir.nodes.iter().rev() {
        if node.results().any(|r| used[r.index()]) {
            for arg in &node.args {
                used[arg.index()] = true;
            }
        }
    }
    ir.constants.retain(|c| used[c.value.index()]);
    ir.nodes.retain(|n| n.results().any(|r| used[r.index()]));
    number(ir);
}

/// Numbers the values in the order of their definition.
fn number(ir: &mut Ir) {
    let old: Vec<ValueId> = defined(ir).collect();
    let numbered = old.iter().enumerate().all(|(i, v)| v.index() == i);
    if numbered && old.len() == ir.types.len() {
        return;
    }
    let mut new = vec![ValueId(0); ir.types.len()];
    for (i, v) in (0..).zip(&old) {
        new[v.index()] = ValueId(i);
    }
    ir.types = old.iter().map(|v| ir.types[v.index()].clone()).collect();
    for input in &mut ir.inputs {
        input.value = new[input.value.index()];
    }
    for constant in &mut ir.constants {
        constant.value = new[constant.value.index()];
    }
    for node in &mut ir.nodes {
        node.first = new[node.first.index()];
    }
    ir.rename(|old| new[old.index()]);
}

/// The values of inputs, constants and instructions, in this order.
fn defined(ir: &Ir) -> impl Iterator<Item = ValueId> + '_ {
    let given = ir.inputs.iter().map(|i| i.value);
    let given = given.chain(ir.constants.iter().map(|c| c.value));
    given.chain(ir.nodes.iter().flat_map(|n| n.results()))
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use crate::program::Options;

    #[test]
    fn what_nothing_needs_goes_and_the_rest_stays() {
        let tape = Tape::new();
        let x = tape.input("x", ndarray::array![1.0, 2.0]);
        let _unused = (x.exp() + 1.0).sum();
        let parts = x.split(&[1, 1], 0);
        let y = parts[1] * 3.0;
        let program = tape
            .compile_with(&[x.any()], &[y.any()], &Options::plain())
            .unwrap();
        let names: Vec<_> = program.ir.nodes.iter().map(|n| n.op.name()).collect();
        assert_eq!(names, ["split", "mul"]);
        assert_eq!(program.ir.constants.len(), 1);
        // Input, constant, two pieces, product.
        assert_eq!(program.ir.types.len(), 5);
    }
}
