//! A chain of 1,000 operations on 8 elements: what an operation costs when
//! there is nothing to compute.

use ndarray::Array1;
use wengert_autodiff::{Tape, Var};

/// Pairs of a sine and a product.
pub const PAIRS: usize = 500;
/// Operations in the chain.
pub const LENGTH: usize = 2 * PAIRS;

/// Where the chain starts.
pub fn start() -> Array1<f32> {
    Array1::from_elem(8, 0.5)
}

/// Records the chain on `x`, and the sum of what comes out.
///
/// ```
/// use wengert_autodiff::Tape;
/// use wengert_benches::chain;
///
/// let tape = Tape::new();
/// let x = tape.input("x", chain::start());
/// let before = tape.len();
/// let y = chain::record(&tape, x);
/// assert_eq!(tape.len() - before, chain::LENGTH + 2); // the factor, the sum
/// assert!(y.item() > 0.0 && y.item() < 4.0);
/// ```
pub fn record<'t>(tape: &'t Tape, x: Var<'t, f32>) -> Var<'t, f32> {
    let factor = tape.constant(Array1::from_elem(8, 0.999_f32));
    let mut y = x;
    for _ in 0..PAIRS {
        y = y.sin() * factor;
    }
    y.sum()
}
