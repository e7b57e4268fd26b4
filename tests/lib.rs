//! What the tests of this workspace share: the table of operations with all
//! its checks, random whole programs, random networks and wrong rules to plant
//! in them, random shapes and arrays, a comparison that lists every bad
//! element, an oracle for gradients that knows nothing of tapes, the battery
//! of checks that every differentiable operation has to pass, and the runner of
//! reference cases.

mod battery;
mod bug;
mod compare;
pub mod conformance;
mod golden;
mod network;
mod oracle;
pub mod program;
mod random;
mod series;
mod singular;
pub mod table;

pub use battery::{Agreement, Failure, Points, battery, check_operation};
pub use bug::{Kind, Planted, Site, survey};
pub use compare::{Bound, assert_bits, assert_close, mismatches};
pub use golden::golden;
pub use network::{Network, Recorded};
pub use oracle::{
    assert_central_difference, axes_of, broadcast_at, central_difference, elementwise, indices,
    reduced,
};
pub use program::{Program, Sketch, Step, Tally, check, players, sketch, smooth_players};
pub use random::{Random, broadcast_shapes, config, shape, shape_of};
pub use series::{in_parallel, times};
pub use singular::{Findings, flat, forward, orders, same, slope};
