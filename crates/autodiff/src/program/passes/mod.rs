//! Passes over a program, each of which changes no bit of any result, but for
//! the last.
//!
//! | file | what |
//! |---|---|
//! | `dead` | what nothing needs goes |
//! | `constant` | what depends on constants alone is one |
//! | `exact` | operations that return an operand as it is go |
//! | `common` | what is computed twice is computed once |
//! | `hash` | a quick hash for it |
//! | `transpose` | transposes beside matrix products become flags of these |
//! | `scale` | if asked for: a product is scaled where it is smallest |
//! | `uses` | who reads a value |

mod common;
mod constant;
mod dead;
mod exact;
mod hash;
mod scale;
mod transpose;
mod uses;

pub(super) use dead::remove_dead_code;

use super::ir::Ir;

/// All passes.
pub(super) fn optimize(ir: &mut Ir, reassociate: bool) {
    constant::fold_constants(ir);
    exact::remove_identities(ir);
    common::share(ir);
    remove_dead_code(ir);
    // These ask who reads a value, so that what is dead has to be gone.
    transpose::fold_transposes(ir);
    remove_dead_code(ir);
    if reassociate {
        scale::move_scalings(ir);
        remove_dead_code(ir);
    }
}
