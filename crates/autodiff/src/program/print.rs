//! A program as text: its instructions in the order in which they run, where
//! every value is, and what it costs.

use std::fmt::{self, Write};

use super::Program;
use super::ir::Node;
use super::plan::{Source, Step};
use crate::tape::ValueId;

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Input(i) => write!(f, "input {i}"),
            Source::Constant(i) => write!(f, "constant {i}"),
            Source::Slot(i) => write!(f, "slot {i}"),
        }
    }
}

impl Program {
    /// `%4: f64[2, 1] = matmul %2 %3 {left transposed}`.
    fn instruction(&self, node: &Node) -> String {
        let results = node.results().map(|r| format!("{r}: {}", self.ir.ty(r)));
        let results: Vec<String> = results.collect();
        let mut line = format!("{} = {}", results.join(", "), node.op.name());
        for arg in &node.args {
            let _ = write!(line, " {arg}");
        }
        let attributes = node.op.primitive().attributes();
        if !attributes.is_empty() {
            let _ = write!(line, " {{{attributes}}}");
        }
        line
    }

    /// The line of an instruction, with where its results are and who wrote
    /// it.
    fn placed(&self, n: u32, local: bool) -> String {
        let node = &self.ir.nodes[n as usize];
        let place = |r: ValueId| match local {
            true => "block".to_string(),
            false => self.plan.sources[r.index()].to_string(),
        };
        let places: Vec<String> = node.results().map(place).collect();
        let line = self.instruction(node);
        format!("{line:<56} {:<9} {}", places.join(", "), node.line)
    }

    pub(super) fn step_text(&self, step: &Step) -> String {
        match step {
            &Step::Node(n, _) => format!("  {}\n", self.placed(n, false)),
            Step::Fused(fused) => {
                let local: Vec<u32> = fused.locals().collect();
                let mut text = format!("  in blocks of [{}, {}]:\n", fused.rows, fused.cols);
                for i in &fused.instructions {
                    let local = local.binary_search(&i.node).is_ok();
                    let _ = writeln!(text, "    {}", self.placed(i.node, local));
                }
                text
            }
            &Step::Guard(g) => {
                let guard = &self.ir.guards[g as usize];
                format!(
                    "  guard {} is {}   {}\n",
                    guard.mask, guard.taken, guard.line
                )
            }
        }
    }
}

/// Inputs, constants, instructions in the order in which they run, outputs,
/// memory, and cost.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Tape;
///
/// let tape = Tape::new();
/// let x = tape.input("x", array![1.0, 2.0]);
/// let y = (2.0 * x.exp()).sum();
/// let program = tape.compile(&[x.any()], &[y.any()])?;
/// let text = program.to_string();
/// assert!(text.contains("%0: f64[2] = input \"x\""));
/// assert!(text.contains("%2: f64[2] = exp %0"));
/// assert!(text.contains("3 instructions, 6 FLOPs"), "{text}");
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for input in &self.ir.inputs {
            let (value, name) = (input.value, &input.name);
            writeln!(f, "  {value}: {} = input {name:?}", self.ir.ty(value))?;
        }
        for constant in &self.ir.constants {
            let (value, data) = (constant.value, &constant.data);
            let shown = crate::print::constant(data);
            writeln!(f, "  {value}: {} = constant {shown}", data.ty())?;
        }
        for step in &self.plan.steps {
            f.write_str(&self.step_text(step))?;
        }
        for output in &self.ir.outputs {
            let place = self.plan.sources[output.value.index()];
            writeln!(f, "  return {} {:?} in {place}", output.value, output.name)?;
        }
        for (i, slot) in self.plan.slots.iter().enumerate() {
            writeln!(f, "  slot {i}: {} of {}", slot.len, slot.dtype)?;
        }
        let cost = self.cost();
        let (instructions, bytes) = (self.len(), self.workspace_bytes());
        writeln!(
            f,
            "{instructions} instructions, {} FLOPs, {} bytes moved, {bytes} bytes of workspace",
            cost.flops, cost.bytes
        )
    }
}
