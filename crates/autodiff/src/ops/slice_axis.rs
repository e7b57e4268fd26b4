//! Positions along one axis, by start, step and count: what a slice is made
//! of; and where the elements of a slice are in memory.

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

    fn is_whole(&self, n: usize) -> bool {
        *self == SliceAxis::all(n)
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

/// Elements of a slice that follow each other, and are evenly spaced in the
/// array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// The number of the first one in the slice.
    pub number: usize,
    /// Where it is in the array.
    pub at: usize,
    /// How many they are.
    pub len: usize,
    /// From one to the next in the array.
    pub step: isize,
}

impl Run {
    /// Where the elements are in the array.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        let position = move |k: usize| self.at.wrapping_add_signed(k as isize * self.step);
        (0..self.len).map(position)
    }
}

/// Visits a slice of an array of `shape` run by run, in row-major order. Axes
/// that are taken whole make the runs longer.
pub(super) fn runs(shape: &[usize], axes: &[SliceAxis], mut visit: impl FnMut(Run)) {
    if axes.iter().any(|a| a.len == 0) {
        return;
    }
    // Distances in memory along every axis.
    let mut strides: SmallVec<[usize; 6]> = SmallVec::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let part = axes.iter().zip(shape).rposition(|(a, &n)| !a.is_whole(n));
    // How many axes are walked along, and what a run is.
    let (walked, len, step) = match part {
        None => (0, shape.iter().product(), 1),
        Some(k) if axes[k].step == 1 => (k, axes[k].len * strides[k], 1),
        Some(k) if strides[k] == 1 => (k, axes[k].len, axes[k].step),
        Some(k) => (k + 1, strides[k], 1),
    };
    let starts = axes.iter().zip(&strides).map(|(a, s)| a.start * s);
    let mut run = Run {
        number: 0,
        at: starts.sum(),
        len,
        step,
    };
    let step_of = |axis: usize| axes[axis].step * strides[axis] as isize;
    let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, walked);
    loop {
        visit(run);
        run.number += len;
        // The next index, the last axis first.
        let mut axis = walked;
        loop {
            let Some(next) = axis.checked_sub(1) else {
                return;
            };
            axis = next;
            index[axis] += 1;
            if index[axis] < axes[axis].len {
                run.at = run.at.wrapping_add_signed(step_of(axis));
                break;
            }
            index[axis] = 0;
            let back = axes[axis].len as isize - 1;
            run.at = run.at.wrapping_add_signed(-back * step_of(axis));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(start: usize, step: isize, len: usize) -> SliceAxis {
        SliceAxis { start, step, len }
    }

    /// All slices of a small array, against the definition.
    #[test]
    fn runs_are_the_elements_of_the_slice_in_order() {
        let shape = [3, 4, 2];
        let of = |n: usize| {
            let mut all = vec![axis(n, 1, 0), axis(n - 1, -1, n), axis(1, 1, n - 1)];
            all.extend([axis(0, 2, n.div_ceil(2)), axis(n - 1, -2, n.div_ceil(2))]);
            all.extend([SliceAxis::all(n), axis(1, 0, 1), axis(0, 1, 1)]);
            all
        };
        for (a, b, c) in products(of(3), of(4), of(2)) {
            let along = |a: SliceAxis| {
                (0..a.len).map(move |k| a.start.wrapping_add_signed(k as isize * a.step))
            };
            let mut want = Vec::new();
            for i in along(a) {
                for j in along(b) {
                    want.extend(along(c).map(|k| (i * 4 + j) * 2 + k));
                }
            }
            let mut found = Vec::new();
            runs(&shape, &[a, b, c], |run| {
                assert_eq!(run.number, found.len());
                found.extend(run.positions());
            });
            assert_eq!(found, want, "{}", listed(&[a, b, c]));
        }
    }

    fn products(
        a: Vec<SliceAxis>,
        b: Vec<SliceAxis>,
        c: Vec<SliceAxis>,
    ) -> impl Iterator<Item = (SliceAxis, SliceAxis, SliceAxis)> {
        let pairs = move |a| b.clone().into_iter().map(move |b| (a, b));
        a.into_iter()
            .flat_map(pairs)
            .flat_map(move |(a, b)| c.clone().into_iter().map(move |c| (a, b, c)))
    }

    #[test]
    fn whole_axes_make_one_run() {
        let count = |axes: &[SliceAxis]| {
            let mut n = 0;
            runs(&[5, 4, 3], axes, |_| n += 1);
            n
        };
        let all = SliceAxis::all;
        assert_eq!(count(&[axis(1, 1, 3), all(4), all(3)]), 1);
        assert_eq!(count(&[axis(1, 2, 2), all(4), all(3)]), 2);
        assert_eq!(count(&[all(5), axis(1, 1, 2), all(3)]), 5);
        assert_eq!(count(&[all(5), all(4), axis(2, -1, 3)]), 20);
        let mut n = 0;
        runs(&[], &[], |run| n += run.len);
        assert_eq!(n, 1);
    }
}
