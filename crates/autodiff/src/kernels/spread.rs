//! How an operand is repeated to fill a shape. Everything that broadcasts
//! tells the common ways apart here.

use smallvec::SmallVec;

/// How an operand lies in a larger array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// An element for each.
    Full,
    /// One element for all.
    One,
    /// A row that repeats along leading axes.
    Row,
    /// A column: each element repeats along trailing axes.
    Column,
    /// Anything else.
    Other,
}

/// How an operand of shape `s` is repeated to fill `shape`, which it can be
/// broadcast to.
pub fn spread(s: &[usize], shape: &[usize]) -> Spread {
    let size = |s: &[usize]| s.iter().product::<usize>();
    spread_of((size(s), s), (size(shape), shape))
}

/// [`spread`], of shapes whose numbers of elements are known.
pub fn spread_of((len, s): (usize, &[usize]), (size, shape): (usize, &[usize])) -> Spread {
    if len == size {
        return Spread::Full;
    }
    if len == 1 {
        return Spread::One;
    }
    let ones = s.iter().take_while(|&&n| n == 1).count();
    if shape.ends_with(&s[ones..]) {
        return Spread::Row;
    }
    let same = s.iter().zip(shape).take_while(|(a, b)| a == b).count();
    if s.len() == shape.len() && s[same..].iter().all(|&n| n == 1) {
        return Spread::Column;
    }
    Spread::Other
}

/// Calls `row(start, len, at, step)` for every row along the last axis of
/// `shape`: where it starts and how long it is, and for each operand where it
/// starts and the distance to its next element, 0 or 1.
pub fn walk<const K: usize>(
    shape: &[usize],
    operands: [&[usize]; K],
    mut row: impl FnMut(usize, usize, [usize; K], [usize; K]),
) {
    let rank = shape.len();
    if shape.contains(&0) {
        return;
    }
    // Distances in memory along every axis; 0 where an operand repeats.
    let mut strides: SmallVec<[[usize; K]; 6]> = SmallVec::from_elem([0; K], rank);
    for (k, s) in operands.into_iter().enumerate() {
        let mut stride = 1;
        for (axis, &n) in s.iter().enumerate().rev() {
            strides[axis + rank - s.len()][k] = if n == 1 { 0 } else { stride };
            stride *= n;
        }
    }
    let Some(outer) = rank.checked_sub(1) else {
        return row(0, 1, [0; K], [0; K]);
    };
    let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer);
    let mut at = [0; K];
    let mut start = 0;
    loop {
        row(start, shape[outer], at, strides[outer]);
        start += shape[outer];
        let mut axis = outer;
        loop {
            let Some(next) = axis.checked_sub(1) else {
                return;
            };
            axis = next;
            index[axis] += 1;
            for (at, stride) in at.iter_mut().zip(strides[axis]) {
                *at += stride;
            }
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
            for (at, stride) in at.iter_mut().zip(strides[axis]) {
                *at -= stride * shape[axis];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_repeat() {
        let of = |s: &[usize]| spread(s, &[2, 3, 4]);
        assert_eq!(of(&[2, 3, 4]), Spread::Full);
        assert_eq!(of(&[1, 1]), Spread::One);
        assert_eq!(of(&[]), Spread::One);
        assert_eq!(of(&[4]), Spread::Row);
        assert_eq!(of(&[1, 3, 4]), Spread::Row);
        assert_eq!(of(&[2, 1, 1]), Spread::Column);
        assert_eq!(of(&[2, 3, 1]), Spread::Column);
        assert_eq!(of(&[3, 1]), Spread::Other);
        assert_eq!(of(&[2, 1, 4]), Spread::Other);
        assert_eq!(spread(&[3], &[1, 3]), Spread::Full);
    }
}
