//! Outputs that stay in the workspace when the inputs are gone.

use super::plan::Source;
use super::{Program, Workspace};
use crate::dtype::Element;

impl Program {
    /// Whether a run leaves output `i` in the workspace: it is neither an
    /// input nor a constant.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn keeps(&self, i: usize) -> bool {
        let value = self.ir.outputs[i].value;
        matches!(self.plan.sources[value.index()], Source::Slot(_))
    }

    /// The elements of output `i` of the last run, in row-major order, if the
    /// workspace holds them: `None` if the output is an input or a constant,
    /// or its elements are of another type, or the last run in this workspace
    /// was another program's.
    ///
    /// Unlike [`Outputs`](super::Outputs), this does not borrow the inputs:
    /// they may be written to while it is read.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, View, Workspace};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let program = tape.compile(&[x.any()], &[x.square().any(), x.any()])?;
    /// let (mut workspace, mut x) = (Workspace::new(), [3.0, 4.0]);
    /// program.run(&mut workspace, &[View::new(&[2], &x)])?;
    /// let y = program.kept::<f64>(&workspace, 0).unwrap();
    /// x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
    /// assert_eq!(x, [12.0, 20.0]);
    /// assert!(program.kept::<f64>(&workspace, 1).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// If there is no such output.
    pub fn kept<'w, T: Element>(&self, workspace: &'w Workspace, i: usize) -> Option<&'w [T]> {
        let value = self.ir.outputs[i].value;
        let Source::Slot(slot) = self.plan.sources[value.index()] else {
            return None;
        };
        if !workspace.is_of(self) {
            return None;
        }
        // The shape is of no interest, only how many elements there are.
        let len = [self.ir.ty(value).shape.size()];
        let start = self.plan.offsets[value.index()];
        workspace.memory.elements(self.slot(slot, start, &len))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use crate::{Tape, View, Workspace};

    /// An output that is a part of another value begins where the part does.
    #[test]
    fn parts_of_a_value_are_told_apart() {
        let tape = Tape::new();
        let x = tape.input("x", array![1.0, 2.0, 3.0, 4.0]);
        let halves = x.square().split(&[2, 2], 0);
        let y = x.square() * 3.0;
        let parts = [0, 2].map(|i| y.slice(ndarray::s![i..i + 2]).any());
        let outputs = [parts[0], parts[1], halves[0].any(), halves[1].any()];
        let program = tape.compile(&[x.any()], &outputs).unwrap();
        let (mut workspace, at) = (Workspace::new(), [1.0, 2.0, 3.0, 4.0]);
        let inputs = [View::new(&[4], &at)];
        program.run(&mut workspace, &inputs).unwrap();
        for (i, output) in outputs.iter().enumerate() {
            let found = program.kept::<f64>(&workspace, i);
            assert_eq!(found, Some(output.peek().slice::<f64>()), "output {i}");
        }
    }
}
