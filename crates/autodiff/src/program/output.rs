//! Results that leave the workspace without a copy.

use super::plan::Source;
use super::{Program, Workspace};
use crate::dtype::Element;
use crate::view::View;

impl Program {
    /// Moves the elements of output `i` of the last run into `into`, whose
    /// memory the workspace takes in exchange. Where the memory is not this
    /// output's alone (it is an input, a constant, another output as well, or
    /// part of a longer buffer) the elements are copied.
    ///
    /// `inputs` are those of the last run. Until the next, output `i` is
    /// undefined.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, View, Workspace};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let program = tape.compile(&[x.any()], &[x.exp().any()])?;
    /// let (mut workspace, data) = (Workspace::new(), [0.0, 1.0]);
    /// let inputs = [View::new(&[2], &data)];
    /// program.run(&mut workspace, &inputs)?;
    /// let mut y = Vec::new();
    /// program.take_output(&mut workspace, &inputs, 0, &mut y);
    /// assert_eq!(y, [1.0, 1.0f64.exp()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// If there is no such output, its elements are of another type, or the
    /// workspace is not that of the last run.
    #[track_caller]
    pub fn take_output<T: Element>(
        &self,
        workspace: &mut Workspace,
        inputs: &[View<'_>],
        i: usize,
        into: &mut Vec<T>,
    ) {
        assert!(
            workspace.is_of(self),
            "take_output: the workspace ran another program"
        );
        let value = self.ir.outputs[i].value;
        let ty = self.ir.ty(value);
        let size = ty.shape.size();
        let source = self.plan.sources[value.index()];
        let shared = || {
            let others = self
                .ir
                .outputs
                .iter()
                .filter(|o| self.plan.sources[o.value.index()] == source);
            others.count() > 1
        };
        let view = match source {
            Source::Slot(s) => {
                let slot = &mut workspace.slots[s as usize];
                match slot.vec_mut::<T>() {
                    Some(data) if data.len() == size && !shared() => {
                        // The program finds as many elements as it left.
                        into.resize(size, T::default());
                        return std::mem::swap(data, into);
                    }
                    _ => slot.view(0, &ty.shape),
                }
            }
            Source::Input(n) => inputs[n as usize],
            Source::Constant(n) => View::from(&self.ir.constants[n as usize].data),
        };
        match view.slice::<T>() {
            Some(data) => {
                into.clear();
                into.extend_from_slice(data);
            }
            None => panic!("take_output: output {i} is {ty}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use crate::{Tape, View, Workspace};

    /// Of its own, twice the same, an input, and a constant.
    #[test]
    fn outputs_of_every_kind_leave_and_the_program_runs_again() {
        let tape = Tape::new();
        let x = tape.input("x", array![1.0, 2.0]);
        let one = tape.constant(array![5.0, 6.0]);
        let (y, z) = (x.exp(), x.square());
        let outputs = [y, z, z, x, one].map(|v| v.any());
        let program = tape.compile(&[x.any()], &outputs).unwrap();
        let mut workspace = Workspace::new();
        for at in [[0.5, 1.0], [3.0, -2.0]] {
            let inputs = [View::new(&[2], &at)];
            program.run(&mut workspace, &inputs).unwrap();
            let mut taken = [(); 5].map(|()| vec![7.0]);
            for (i, taken) in taken.iter_mut().enumerate() {
                program.take_output(&mut workspace, &inputs, i, taken);
            }
            let squares = at.map(|x| x * x).to_vec();
            let expected = [
                at.map(f64::exp).to_vec(),
                squares.clone(),
                squares,
                at.to_vec(),
            ];
            for (found, expected) in taken.iter().zip(&expected) {
                for (a, b) in found.iter().zip(expected) {
                    assert!((a - b).abs() <= 1e-15 * b.abs());
                }
                assert_eq!(found.len(), expected.len());
            }
            assert_eq!(taken[4], [5.0, 6.0]);
        }
    }

    #[test]
    #[should_panic(expected = "take_output: output 0 is f64[2]")]
    fn another_element_type_is_refused() {
        let tape = Tape::new();
        let x = tape.input("x", array![1.0, 2.0]);
        let program = tape.compile(&[x.any()], &[x.exp().any()]).unwrap();
        let (mut workspace, at) = (Workspace::new(), [1.0, 2.0]);
        let inputs = [View::new(&[2], &at)];
        program.run(&mut workspace, &inputs).unwrap();
        program.take_output::<f32>(&mut workspace, &inputs, 0, &mut Vec::new());
    }
}
