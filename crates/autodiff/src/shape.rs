//! Shapes and the three rules about them that everything shares: NumPy's
//! broadcasting, negative axes, and which axes a reduction runs over.

use std::fmt;
use std::ops::Deref;

use smallvec::SmallVec;

use crate::error::Fault;

/// The length of every axis; rank 0 is a scalar.
#[derive(Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<usize>", into = "Vec<usize>")]
pub struct Shape(SmallVec<[usize; 4]>);

/// As a block of memory: the derived one goes from length to length, and
/// every operation that is recorded clones a few shapes.
impl Clone for Shape {
    fn clone(&self) -> Shape {
        Shape(SmallVec::from_slice(&self.0))
    }
}

impl Shape {
    /// The number of elements.
    pub fn size(&self) -> usize {
        self.0.iter().product()
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// Whether an array of this shape could be in memory.
    pub(crate) fn fits(&self) -> bool {
        let mut lengths = self.0.iter().map(|&n| n.max(1));
        let size = lengths.try_fold(1usize, |size, n| size.checked_mul(n));
        size.is_some_and(|n| n <= isize::MAX as usize / 8)
    }

    /// The shape without the axis at `axis`.
    pub(crate) fn without(&self, axis: usize) -> Shape {
        let mut s = self.clone();
        s.0.remove(axis);
        s
    }

    /// The shape with another length at `axis`.
    pub(crate) fn with(&self, axis: usize, len: usize) -> Shape {
        let mut s = self.clone();
        s.0[axis] = len;
        s
    }

    /// The shape with a new axis of length `len` before `axis`.
    pub(crate) fn inserted(&self, axis: usize, len: usize) -> Shape {
        let mut s = self.clone();
        s.0.insert(axis, len);
        s
    }
}

impl Deref for Shape {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl From<&[usize]> for Shape {
    fn from(s: &[usize]) -> Self {
        Shape(SmallVec::from_slice(s))
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(s: [usize; N]) -> Self {
        Shape(SmallVec::from_slice(&s))
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(iter: I) -> Self {
        Shape(iter.into_iter().collect())
    }
}

impl From<Shape> for Vec<usize> {
    fn from(shape: Shape) -> Vec<usize> {
        shape.to_vec()
    }
}

/// A shape from elsewhere: refused if it has more elements than memory could
/// ever hold.
impl TryFrom<Vec<usize>> for Shape {
    type Error = String;

    fn try_from(lengths: Vec<usize>) -> Result<Shape, String> {
        let shape = Shape::from(&lengths[..]);
        match shape.fits() {
            true => Ok(shape),
            false => Err(format!("shape {shape} is too large")),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0[..])
    }
}

/// NumPy's rule: align at the last axis; lengths must be equal or 1.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, Fault> {
    if a == b {
        return Ok(a.into());
    }
    let rank = a.len().max(b.len());
    let at = |s: &[usize], i: usize| {
        let missing = rank - s.len();
        if i < missing { 1 } else { s[i - missing] }
    };
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            (x, y) => Err(Fault::Broadcast {
                left: a.into(),
                right: b.into(),
                axis: rank - i,
                lengths: (x, y),
            }),
        })
        .collect()
}

/// Counts a negative axis from the end; refuses one that does not exist.
pub fn axis(axis: isize, rank: usize) -> Result<usize, Fault> {
    let resolved = if axis < 0 { axis + rank as isize } else { axis };
    if (0..rank as isize).contains(&resolved) {
        Ok(resolved as usize)
    } else {
        Err(Fault::Axis { axis, rank })
    }
}

/// Axes, in ascending order.
pub type AxisList = SmallVec<[usize; 4]>;

/// Resolves a list of axes, each at most once, into ascending order.
pub fn axes(list: &[isize], rank: usize) -> Result<AxisList, Fault> {
    let mut out = list
        .iter()
        .map(|&a| axis(a, rank))
        .collect::<Result<AxisList, _>>()?;
    out.sort_unstable();
    match out.windows(2).find(|w| w[0] == w[1]) {
        Some(w) => Err(Fault::DuplicateAxis { axis: w[0] }),
        None => Ok(out),
    }
}

/// The axes that a reduction runs over.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Axes {
    /// Every axis.
    All,
    /// These; negative ones count from the end.
    List(Vec<isize>),
}

impl Axes {
    /// In ascending order, each at most once.
    pub fn resolve(&self, rank: usize) -> Result<AxisList, Fault> {
        match self {
            Axes::All => Ok((0..rank).collect()),
            Axes::List(list) => axes(list, rank),
        }
    }

    /// As the tape prints them, with the fate of the reduced axes.
    pub(crate) fn describe(&self, keepdims: bool) -> String {
        let keep = if keepdims { "keepdims" } else { "" };
        match (self, keepdims) {
            (Axes::All, _) => keep.into(),
            (Axes::List(list), false) => format!("axes={list:?}"),
            (Axes::List(list), true) => format!("axes={list:?}, {keep}"),
        }
    }
}

impl From<&[isize]> for Axes {
    fn from(list: &[isize]) -> Axes {
        Axes::List(list.to_vec())
    }
}

/// The shape after reducing over `axes` (ascending), which stay as length 1
/// with `keepdims` and vanish without.
pub fn reduced(shape: &[usize], axes: &[usize], keepdims: bool) -> Shape {
    (0..shape.len())
        .filter_map(|i| match (axes.contains(&i), keepdims) {
            (false, _) => Some(shape[i]),
            (true, true) => Some(1),
            (true, false) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_follows_numpy() {
        let ok = |a: &[usize], b: &[usize]| broadcast(a, b).unwrap().to_vec();
        assert_eq!(ok(&[2, 3], &[3]), [2, 3]);
        assert_eq!(ok(&[4, 1], &[1, 5]), [4, 5]);
        assert_eq!(ok(&[], &[2]), [2]);
        assert_eq!(ok(&[0, 3], &[1, 3]), [0, 3]);
        assert_eq!(ok(&[1], &[0]), [0]);
        assert!(broadcast(&[2, 3], &[2]).is_err());
        assert!(broadcast(&[0], &[2]).is_err());
    }

    #[test]
    fn axes_count_from_either_end_and_once() {
        assert_eq!(axis(-1, 3).unwrap(), 2);
        assert!(axis(3, 3).is_err());
        assert!(axis(0, 0).is_err());
        assert_eq!(axes(&[-1, 0], 3).unwrap()[..], [0, 2]);
        assert!(axes(&[1, -2], 3).is_err());
    }
}
