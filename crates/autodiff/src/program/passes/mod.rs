//! Passes over a program, each of which changes no bit of any result.
//!
//! | file | what |
//! |---|---|
//! | `dead` | what nothing needs goes |

mod dead;

pub(super) use dead::remove_dead_code;
