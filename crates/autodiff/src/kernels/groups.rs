//! The groups of elements that a reduction over some axes combines, wherever
//! the axes lie: no element has to be moved.

use smallvec::SmallVec;

/// Length of an axis, and distance in memory between its elements.
type Axis = (usize, usize);

/// Which elements belong together.
pub struct Groups {
    kept: SmallVec<[Axis; 4]>,
    reduced: SmallVec<[Axis; 4]>,
    /// How many groups there are.
    pub count: usize,
    /// How many elements each has.
    pub n: usize,
}

impl Groups {
    /// Groups over `axes`, ascending.
    pub fn new(shape: &[usize], axes: &[usize]) -> Groups {
        let (mut kept, mut reduced) = (SmallVec::new(), SmallVec::new());
        let mut stride = 1;
        for (axis, &n) in shape.iter().enumerate().rev() {
            let list: &mut SmallVec<[Axis; 4]> = match axes.contains(&axis) {
                true => &mut reduced,
                false => &mut kept,
            };
            // Axes side by side are one.
            match list.last_mut() {
                Some((len, step)) if *len * *step == stride => *len *= n,
                _ => list.push((n, stride)),
            }
            stride *= n;
        }
        let size = |list: &[Axis]| list.iter().map(|(n, _)| n).product();
        Groups {
            count: size(&kept),
            n: size(&reduced),
            kept,
            reduced,
        }
    }

    /// Where group `g` begins.
    pub fn start(&self, g: usize) -> usize {
        position(&self.kept, g)
    }

    /// How far element `k` is from the beginning of its group.
    pub fn offset(&self, k: usize) -> usize {
        position(&self.reduced, k)
    }

    /// Whether the groups are rows: each in one piece, one after the other.
    pub fn are_rows(&self) -> bool {
        matches!(self.reduced[..], [(_, 1)])
            && (self.kept.is_empty() || matches!(self.kept[..], [(_, step)] if step == self.n))
    }
}

/// Where element `i`, in row-major order of these axes, lies. The axes are
/// listed from the last to the first.
fn position(axes: &[Axis], mut i: usize) -> usize {
    if let [(_, stride)] = axes {
        return i * stride;
    }
    let mut at = 0;
    for &(n, stride) in axes {
        at += i % n * stride;
        i /= n;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_in_one_group() {
        let shape = [2, 3, 4];
        for axes in [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[0, 1],
            &[1, 2],
            &[0, 2],
            &[0, 1, 2],
        ] {
            let groups = Groups::new(&shape, axes);
            let mut seen: Vec<usize> = (0..groups.count)
                .flat_map(|g| (0..groups.n).map(move |k| (g, k)))
                .map(|(g, k)| groups.start(g) + groups.offset(k))
                .collect();
            // In a group, all axes but the reduced ones agree.
            for group in seen.chunks(groups.n) {
                for axis in (0..3).filter(|a| !axes.contains(a)) {
                    let stride: usize = shape[axis + 1..].iter().product();
                    let index = |i: usize| i / stride % shape[axis];
                    assert!(group.iter().all(|&i| index(i) == index(group[0])));
                }
            }
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..24), "{axes:?}");
        }
    }
}
