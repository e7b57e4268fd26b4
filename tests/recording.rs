//! What recording allocates: for few elements, the buffer that a kernel
//! returns and nothing else; and as much for the last instruction of a long
//! tape as for the first.

#[path = "allocations/counting.rs"]
mod counting;

use counting::{Counting, count};
use ndarray::Array1;
use wengert_autodiff::Tape;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Lists that grow with the tape, the sum at the end, the seed: what does not
/// depend on the number of instructions.
const ELSEWHERE: usize = 40;

/// Records a chain on `elements` numbers, and differentiates it; the number
/// of instructions.
fn chain(tape: &Tape, length: usize, elements: usize) -> usize {
    let x = tape.input("x", Array1::linspace(0.1, 0.8, elements));
    let y = (0..length).fold(x, |y, _| y.sin());
    let [dx] = tape.grad(y.sum(), [x]).expect("sin has a rule");
    assert!(dx.peek().to_f64().iter().all(|d| d.is_finite()));
    tape.len()
}

/// Allocations of the second time on one tape, and instructions.
fn again(length: usize, elements: usize) -> (usize, usize) {
    let mut tape = Tape::new();
    chain(&tape, length, elements);
    tape.reset();
    let mut instructions = 0;
    let allocations = count(|| instructions = chain(&tape, length, elements));
    println!("{length} x {elements} elements: {allocations} for {instructions} instructions");
    (allocations, instructions)
}

#[test]
fn few_elements_cost_the_buffer_of_their_kernel_and_no_more() {
    for elements in [1, 8] {
        let (allocations, instructions) = again(1_000, elements);
        assert!(instructions > 3_000);
        assert!(allocations <= instructions + ELSEWHERE, "{allocations}");
    }
}

#[test]
fn many_elements_cost_a_buffer_and_its_count_of_owners() {
    let (allocations, instructions) = again(1_000, 100);
    assert!(allocations <= 2 * instructions + ELSEWHERE, "{allocations}");
}

#[test]
fn a_longer_tape_costs_no_more_per_instruction() {
    let (short, long) = (again(1_000, 8), again(10_000, 8));
    let (more, further) = (long.0 - short.0, long.1 - short.1);
    assert!(more <= further + ELSEWHERE, "{more} for {further} more");
}
