//! Variance, standard deviation, norms.

use super::Entry;

pub(super) const OPS: &[Entry] = &[];
