//! Positions along one axis, by start, step and count: what a slice is made of.

use ndarray::SliceInfoElem;
use smallvec::SmallVec;

use crate::error::Fault;

/// Positions `start, start + step, …` along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SliceAxis {
    /// The first position.
    pub start: usize,
    /// The distance to the next; negative runs backwards.
    pub step: isize,
    /// How many positions.
    pub len: usize,
}

impl SliceAxis {
    pub(super) fn all(len: usize) -> SliceAxis {
        SliceAxis {
            start: 0,
            step: 1,
            len,
        }
    }

    /// Whether every position exists on an axis of length `n`.
    pub(super) fn fits(&self, n: usize) -> bool {
        let reach = self.step.checked_mul(self.len as isize - 1);
        let last = reach.and_then(|reach| reach.checked_add_unsigned(self.start));
        let inside = last.is_some_and(|last| (0..n as isize).contains(&last));
        self.len == 0 || (self.step != 0 && self.start < n && inside)
    }

    /// As ndarray wants it: a range, run through backwards if the step is
    /// negative.
    fn to_ndarray(self) -> SliceInfoElem {
        let reach = (self.len.max(1) - 1) as isize * self.step.abs();
        let (from, to) = match (self.len, self.step > 0) {
            (0, _) => (0, 0),
            (_, true) => (self.start as isize, self.start as isize + reach + 1),
            (_, false) => (self.start as isize - reach, self.start as isize + 1),
        };
        let step = if self.step == 0 { 1 } else { self.step };
        SliceInfoElem::Slice {
            start: from,
            end: Some(to),
            step,
        }
    }
}

impl std::fmt::Display for SliceAxis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.step {
            1 => write!(f, "{}..{}", self.start, self.start.saturating_add(self.len)),
            step => write!(f, "{} positions from {} by {step}", self.len, self.start),
        }
    }
}

pub(super) fn listed(axes: &[SliceAxis]) -> String {
    let axes: Vec<String> = axes.iter().map(SliceAxis::to_string).collect();
    format!("[{}]", axes.join(", "))
}

pub(super) fn check(axes: &[SliceAxis], shape: &[usize]) -> Result<(), Fault> {
    if axes.len() != shape.len() {
        return Err(Fault::Parameter(format!(
            "{} slices were given for {} axes",
            axes.len(),
            shape.len()
        )));
    }
    match axes.iter().zip(shape).position(|(a, &n)| !a.fits(n)) {
        None => Ok(()),
        Some(axis) => Err(Fault::Slice {
            slice: axes[axis].to_string(),
            axis,
            length: shape[axis],
        }),
    }
}

/// As ndarray wants them.
pub(super) fn elements(axes: &[SliceAxis]) -> SmallVec<[SliceInfoElem; 4]> {
    axes.iter().map(|a| a.to_ndarray()).collect()
}
