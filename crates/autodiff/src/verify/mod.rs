//! Checking gradients, without a tolerance to choose.
//!
//! The reverse sweep is held against the forward sweep, which has no
//! truncation error, and against differences of the function along random
//! directions. Every number comes with its own error bound, derived from
//!
//! - the disagreement within a tableau of differences (truncation),
//! - the spread of the value, and of the gradient, when every intermediate
//!   result is perturbed by one rounding error (Monte Carlo arithmetic),
//!
//! and where it turns out too wide to say anything, the verdict is
//! *inconclusive*, not *ok*. A kink within reach of the differences is seen,
//! because the tape knows every decision that its operations take, and is
//! avoided by smaller steps or reported by name. A wrong gradient is followed
//! to the wrong element, and to the rule and the line that it comes from.
//!
//! | file | what |
//! |---|---|
//! | `check` | the ways in: a function at a point, a tape, a gradient from elsewhere |
//! | `program` | a gradient that a compiled program computes |
//! | `candidates` | which of several losses a derived gradient belongs to |
//! | `determinism` | whether the function is one |
//! | `judge` | the verdict about one input: what is compared with what |
//! | `compare` | a claimed slope, held against the function |
//! | `kinks` | what can still be said where there is a kink |
//! | `mistake` | what is wrong with a wrong gradient |
//! | `locate` | which elements are wrong |
//! | `suspect` | which rule is to blame |
//! | `cause` | the mistake that a ratio is typical of |
//! | `laws` | linearity in the cotangent; which rules were exercised |
//! | `rounding` | what f32 did to a gradient |
//! | `probe` | a function along a line, with its decisions |
//! | `noise` | how far rounding can move a value |
//! | `difference` | derivatives from function values, with their error |
//! | `forensics` | where NaN and infinity come from |
//! | `report`, `display` | the result, as data and as text |
//! | `node`, `exact` | how reports name an instruction, and write a number |

mod candidates;
mod cause;
mod check;
mod compare;
mod determinism;
mod difference;
mod display;
mod exact;
mod forensics;
mod judge;
mod kinks;
mod laws;
mod locate;
mod macros;
mod mistake;
mod node;
mod noise;
mod probe;
mod program;
mod report;
mod rounding;
mod suspect;
#[cfg(test)]
mod tests;

pub use crate::diff::{Own, Rules};
pub use candidates::{Candidate, Candidates};
pub use check::{Check, check_gradients};
pub use forensics::{NonFinite, Range};
pub use node::Node;
pub use report::{Element, InputReport, Kink, Mistake, Report, Rounding, Verdict, WrongRule};
