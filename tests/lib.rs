//! What the tests of this workspace share: random shapes and arrays, a
//! comparison that lists every bad element, an oracle for gradients that
//! knows nothing of tapes, random networks, wrong rules to plant in them, the
//! battery of checks that every differentiable operation has to pass, and the
//! runner of reference cases.

mod battery;
mod bug;
mod compare;
pub mod conformance;
mod network;
mod oracle;
mod program;
mod random;
mod series;
mod singular;

pub use battery::{check_function, check_operation, passes};
pub use bug::{Kind, Planted, Site, survey};
pub use compare::{Bound, assert_bits, assert_close, mismatches};
pub use network::{Network, Recorded};
pub use oracle::{
    assert_central_difference, axes_of, broadcast_at, central_difference, elementwise,
    elementwise2, indices, reduced,
};
pub use program::{Map, Program, Reduce, SHAPES, Step, Zip, program};
pub use random::{Random, broadcast_shapes, config, shape, shape_of};
pub use series::{in_parallel, times};
pub use singular::{Findings, flat, forward, orders, same, slope};
