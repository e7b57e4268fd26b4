//! What the tests of this workspace share: the table of operations with all
//! its checks, random whole programs, random shapes and arrays, a comparison
//! that lists every bad element, an oracle for gradients that knows nothing of
//! tapes, and the battery of checks that every differentiable operation has to
//! pass. No test lives here.

mod battery;
mod compare;
mod golden;
mod oracle;
pub mod program;
mod random;
mod singular;
pub mod table;

pub use battery::{Agreement, Failure, Points, battery, check_operation};
pub use compare::{Bound, assert_bits, assert_close, mismatches};
pub use golden::golden;
pub use oracle::{
    assert_central_difference, axes_of, broadcast_at, central_difference, elementwise, indices,
    reduced,
};
pub use program::{Program, Sketch, Step, Tally, check, players, sketch, smooth_players};
pub use random::{Random, broadcast_shapes, config, shape, shape_of};
pub use singular::{Findings, flat, forward, orders, same, slope};
