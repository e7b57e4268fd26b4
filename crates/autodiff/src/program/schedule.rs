//! The order in which instructions run, and which of them run as one.
//!
//! Elementwise instructions of one shape that feed each other become a group,
//! which runs block by block: what passes between them stays in the cache and
//! needs no memory of its own. A group ends as soon as something outside of it
//! wants one of its results.

use smallvec::SmallVec;

use super::ir::{Ir, Node};
use super::owner::owners;
use crate::kernels::spread::{Spread, spread};
use crate::tape::ValueId;

/// What runs as one.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// One instruction.
    Node(u32),
    /// Elementwise instructions, block by block.
    Group(Group),
}

/// Elementwise instructions whose results have one shape, seen as a matrix.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub nodes: Vec<u32>,
    /// Elements of each result.
    pub size: usize,
    /// How many of them make a row, if there is an operand that is one row or
    /// one column.
    pub cols: Option<usize>,
}

impl Item {
    /// The instructions, in order.
    pub fn nodes(&self) -> &[u32] {
        match self {
            Item::Node(n) => std::slice::from_ref(n),
            Item::Group(group) => &group.nodes,
        }
    }
}

/// Every instruction that has something to do, once, after those that it
/// needs; as they come, or grouped.
pub(super) fn schedule(ir: &Ir, fuse: bool) -> Vec<Item> {
    let owner = owners(ir);
    let mut scheduler = Scheduler {
        ir,
        open: Vec::new(),
        group: vec![None; ir.types.len()],
        items: Vec::new(),
    };
    let mut decides = vec![false; ir.types.len()];
    for guard in &ir.guards {
        decides[owner[guard.mask.index()].value.index()] = true;
    }
    for (n, node) in ir.nodes.iter().enumerate() {
        if owner[node.first.index()].value != node.first {
            continue;
        }
        let args = node.args.iter().map(|a| owner[a.index()].value);
        let args: SmallVec<[ValueId; 3]> = args.collect();
        // What reads a part of an array is not in step with what makes it.
        for (&arg, &whole) in node.args.iter().zip(&args) {
            if ir.ty(arg).shape.size() != ir.ty(whole).shape.size() {
                scheduler.close_all(&[whole]);
            }
        }
        match groupable(ir, node).filter(|_| fuse) {
            Some(cols) => scheduler.join(n as u32, &args, cols),
            None => {
                scheduler.close_all(&args);
                scheduler.items.push(Item::Node(n as u32));
            }
        }
        // Nothing that comes later may run before a guard.
        if node.results().any(|r| decides[r.index()]) {
            scheduler.close_all(&[node.first]);
        }
    }
    for g in 0..scheduler.open.len() {
        scheduler.close(g);
    }
    scheduler.items
}

/// Of an instruction that can be part of a group, how its operands want the
/// result to be seen as a matrix: in rows of so many elements, if they do.
pub(super) fn groupable(ir: &Ir, node: &Node) -> Option<Option<usize>> {
    let shape = &ir.ty(node.first).shape;
    let size = shape.size();
    if !node.op.primitive().elementwise() || node.results != 1 || size == 0 {
        return None;
    }
    let mut cols = None;
    for arg in &node.args {
        let arg = &ir.ty(*arg).shape;
        let wanted = match spread(arg, shape) {
            Spread::Full | Spread::One => continue,
            Spread::Row => arg.size(),
            Spread::Column => size / arg.size(),
            Spread::Other => return None,
        };
        if *cols.get_or_insert(wanted) != wanted {
            return None;
        }
    }
    Some(cols)
}

struct Scheduler<'a> {
    ir: &'a Ir,
    /// Groups that have not ended, by number.
    open: Vec<Option<Group>>,
    /// The group that each value was made in.
    group: Vec<Option<u32>>,
    items: Vec<Item>,
}

impl Scheduler<'_> {
    fn group_of(&self, value: ValueId) -> Option<usize> {
        let g = self.group[value.index()]? as usize;
        self.open[g].is_some().then_some(g)
    }

    /// Ends the groups that these values are made in.
    fn close_all(&mut self, values: &[ValueId]) {
        for &value in values {
            if let Some(g) = self.group_of(value) {
                self.close(g);
            }
        }
    }

    fn close(&mut self, g: usize) {
        match self.open[g].take() {
            Some(Group { nodes, .. }) if nodes.len() == 1 => self.items.push(Item::Node(nodes[0])),
            Some(group) => self.items.push(Item::Group(group)),
            None => {}
        }
    }

    /// Adds an instruction to a group that it continues, or begins one. Groups
    /// that it reads from and does not join end, so that they run before.
    fn join(&mut self, n: u32, args: &[ValueId], cols: Option<usize>) {
        let first = self.ir.nodes[n as usize].first;
        let size = self.ir.ty(first).shape.size();
        let fits = |&g: &usize| {
            let group = self.open[g].as_ref().expect("it is open");
            let agree = group.cols.is_none() || cols.is_none() || group.cols == cols;
            agree && group.size == size
        };
        let groups = args.iter().filter_map(|&a| self.group_of(a));
        let largest = |&g: &usize| self.open[g].as_ref().map_or(0, |group| group.nodes.len());
        let joined = groups.filter(fits).max_by_key(largest);
        for &arg in args {
            match self.group_of(arg) {
                Some(g) if Some(g) != joined => self.close(g),
                _ => {}
            }
        }
        let g = joined.unwrap_or_else(|| {
            self.open.push(Some(Group {
                nodes: Vec::new(),
                size,
                cols: None,
            }));
            self.open.len() - 1
        });
        let group = self.open[g].as_mut().expect("it is open");
        group.nodes.push(n);
        group.cols = group.cols.or(cols);
        self.group[first.index()] = Some(g as u32);
    }
}

#[cfg(test)]
mod tests {
    use crate::program::Options;
    use crate::{Any, Tape, Var};
    use ndarray::Array2;

    /// How many instructions run as one, one number for each thing to do.
    fn groups(inputs: &[Var<'_, Any>], outputs: &[Var<'_, Any>]) -> Vec<usize> {
        let program = inputs[0]
            .tape()
            .compile_with(inputs, outputs, &Options::default())
            .unwrap();
        let items = super::schedule(&program.ir, true);
        items.iter().map(|i| i.nodes().len()).collect()
    }

    #[test]
    fn chains_are_one_and_end_where_something_else_begins() {
        let tape = Tape::new();
        let x = tape.input("x", Array2::<f64>::ones((4, 3)));
        let row = tape.input("row", ndarray::Array1::<f64>::ones(3));
        let y = ((x + row).exp() * x).sigmoid();
        assert_eq!(groups(&[x.any(), row.any()], &[y.any()]), [4]);
        // The sum ends the group; what follows is of another shape.
        let z = y.sum_axes([1], true);
        let w = (y - z).tanh() * z.sqrt();
        assert_eq!(groups(&[x.any(), row.any()], &[w.any()]), [4, 1, 1, 3]);
        // A row of 3 and a column of 4 agree; a row of 12 does not.
        let column = tape.input("column", Array2::<f64>::ones((4, 1)));
        let y = (x + row) * column;
        assert_eq!(groups(&[x.any(), row.any(), column.any()], &[y.any()]), [2]);
    }
}
