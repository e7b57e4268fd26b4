//! What a run costs: floating-point operations, and bytes read and written.
//! Counted from the shapes, as one counts on paper; not measured.

use super::ir::{Ir, Node};
use super::{Program, plan::Step};
use crate::ops::{MatMul, Op};
use crate::tape::ValueId;

/// Floating-point operations, and memory traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Operations: 2 m k n for a matrix product, one per element of the result
    /// of an elementwise function whatever that is, one per element of the
    /// operand of a reduction; none for what only moves elements.
    pub flops: u64,
    /// Bytes of the operands and results of every step. What passes between
    /// instructions that run as one is not counted: it stays in the cache.
    pub bytes: u64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.flops += other.flops;
        self.bytes += other.bytes;
    }
}

impl Program {
    /// What one run costs.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let a = tape.input("a", Array2::<f32>::zeros((4, 3)));
    /// let b = tape.input("b", Array2::<f32>::zeros((3, 5)));
    /// let program = tape.compile(&[a.any(), b.any()], &[a.dot(b).any()])?;
    /// assert_eq!(program.cost().flops, 2 * 4 * 3 * 5);
    /// assert_eq!(program.cost().bytes, 4 * (12 + 15 + 20));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    pub fn cost(&self) -> Cost {
        let mut total = Cost::default();
        for step in &self.plan.steps {
            total += self.step_cost(step);
        }
        total
    }

    fn first(&self, n: u32) -> ValueId {
        self.ir.nodes[n as usize].first
    }

    pub(super) fn step_cost(&self, step: &Step) -> Cost {
        let nodes: Vec<&Node> = match step {
            &Step::Node(n, _) => vec![&self.ir.nodes[n as usize]],
            Step::Fused(fused) => {
                let node = |n: u32| &self.ir.nodes[n as usize];
                fused.instructions.iter().map(|i| node(i.node)).collect()
            }
            Step::Guard(_) => return Cost::default(),
        };
        let mut touched: Vec<ValueId> = Vec::new();
        for node in &nodes {
            touched.extend(node.args.iter().copied().chain(node.results()));
        }
        if let Step::Fused(fused) = step {
            let local: Vec<ValueId> = fused.locals().map(|n| self.first(n)).collect();
            touched.retain(|v| local.binary_search(v).is_err());
        }
        touched.sort_unstable();
        touched.dedup();
        let bytes = touched.iter().map(|&v| {
            let ty = self.ir.ty(v);
            (ty.shape.size() * ty.dtype.bytes()) as u64
        });
        Cost {
            flops: nodes.iter().map(|n| flops(&self.ir, n)).sum(),
            bytes: bytes.sum(),
        }
    }
}

fn flops(ir: &Ir, node: &Node) -> u64 {
    let size = |v: ValueId| ir.ty(v).shape.size() as u64;
    match &node.op {
        Op::MatMul(MatMul { ta, .. }) => {
            let left = &ir.ty(node.args[0]).shape;
            let k = left[left.rank() - if *ta { 2 } else { 1 }] as u64;
            2 * k * size(node.first)
        }
        Op::Reshape(_)
        | Op::Permute(_)
        | Op::BroadcastTo(_)
        | Op::Slice(_)
        | Op::Embed(_)
        | Op::Concat(_)
        | Op::Split(_)
        | Op::IndexSelect(_)
        | Op::Gather(_)
        | Op::OneHot(_)
        | Op::Cast(_)
        | Op::StopGradient(_)
        | Op::Leaf(_) => 0,
        op if op.primitive().elementwise() => size(node.first),
        _ => node.args.iter().take(1).map(|&a| size(a)).sum(),
    }
}
