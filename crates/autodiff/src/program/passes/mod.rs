//! Passes over a program, each of which changes no bit of any result.
//!
//! | file | what |
//! |---|---|
//! | `dead` | what nothing needs goes |
//! | `exact` | operations that return an operand as it is go |
//! | `common` | what is computed twice is computed once |

mod common;
mod dead;
mod exact;

pub(super) use dead::remove_dead_code;

use super::ir::Ir;

/// All passes.
pub(super) fn optimize(ir: &mut Ir) {
    exact::remove_identities(ir);
    common::share(ir);
    remove_dead_code(ir);
}
