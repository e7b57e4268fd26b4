//! Whether a gradient is right.
//!
//! A gradient is compared with two things that were computed another way: the
//! forward sweep over the same tape, and differences of function values. No
//! tolerance is chosen by anybody; it follows from
//!
//! - the disagreement within a Ridders tableau of differences (truncation),
//! - the spread of the value, and of the gradient, when every intermediate
//!   result is perturbed by one rounding error (Monte Carlo arithmetic),
//!
//! and where it turns out too wide to say anything, the verdict is
//! *inconclusive*, not *ok*. A kink within reach of the differences is seen,
//! because the tape knows every decision that its operations take, and is
//! avoided by smaller steps or reported by name.
//!
//! | file | what |
//! |---|---|
//! | `check` | the ways in: a function at a point, a tape, a gradient from elsewhere |
//! | `judge` | the verdict about one input: what is compared with what |
//! | `locate` | which element is wrong |
//! | `probe` | a function along a line, with its rounding noise and its decisions |
//! | `difference` | derivatives from function values, with their error |
//! | `report` | the result, as data and as text |

mod check;
mod difference;
mod judge;
mod locate;
mod probe;
mod report;

pub use check::check_gradients;
pub use report::{Element, InputReport, Report, Verdict};
