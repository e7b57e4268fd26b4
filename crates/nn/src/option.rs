//! Errors about what a user chose: a name that is not known, an option that
//! makes no sense. One line each: what was given, and what would be right.

use std::fmt::Display;

/// Text that is not the name of anything known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{given}`: expected {expected}")]
pub struct NameError {
    /// What was to be named.
    pub kind: &'static str,
    /// The text.
    pub given: String,
    /// What would have been right.
    pub expected: &'static str,
}

impl NameError {
    pub(crate) fn new(kind: &'static str, given: &str, expected: &'static str) -> Self {
        NameError {
            kind,
            given: given.into(),
            expected,
        }
    }
}

/// An option that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{option}` is {given}: must be {expected}")]
pub struct OptionError {
    /// Which option.
    pub option: &'static str,
    /// What was given.
    pub given: String,
    /// What would have been right.
    pub expected: &'static str,
}

impl OptionError {
    /// An error about an option: its name, its value, what it must be.
    pub fn new(option: &'static str, given: impl Display, expected: &'static str) -> Self {
        OptionError {
            option,
            given: given.to_string(),
            expected,
        }
    }
}
