//! What proptest draws and shrinks: shapes of variables, and a few numbers
//! per step.

use proptest::prelude::*;

/// One step: numbers from which everything about it follows.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which row of the table.
    pub row: usize,
    /// Which of the values so far it starts from; 0 is the latest.
    pub operand: usize,
    /// Decides its parameters and its other operands.
    pub seed: u64,
}

/// A program that is still to be built.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Shapes of the first variables.
    pub shapes: Vec<Vec<usize>>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// Decides the values of the variables.
    pub seed: u64,
}

/// Sketches of up to `longest` steps over a table of so many rows. They
/// shrink towards few steps from the latest value, with small variables.
pub fn sketch(rows: usize, longest: usize) -> impl Strategy<Value = Sketch> {
    let step = (0..rows, 0..16usize, any::<u64>());
    let step = step.prop_map(|(row, operand, seed)| Step { row, operand, seed });
    let shape = prop::collection::vec(1..=3usize, 0..=3);
    (
        prop::collection::vec(shape, 1..=3),
        prop::collection::vec(step, 1..=longest),
        any::<u64>(),
    )
        .prop_map(|(shapes, steps, seed)| Sketch {
            shapes,
            steps,
            seed,
        })
}
