//! Lists that are nearly always short.

use smallvec::SmallVec;

/// Hands the images of `items` to `f` as one slice. Nearly every instruction
/// has one or two operands: those become an array, not a list that grows.
#[inline]
pub(crate) fn mapped<A: Copy, B, R>(
    items: &[A],
    image: impl Fn(A) -> B,
    f: impl FnOnce(&[B]) -> R,
) -> R {
    match *items {
        [a] => f(&[image(a)]),
        [a, b] => f(&[image(a), image(b)]),
        _ => f(&items
            .iter()
            .map(|&a| image(a))
            .collect::<SmallVec<[B; 4]>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_mapped_once_and_in_order() {
        for n in 0..7 {
            let items: Vec<usize> = (0..n).collect();
            let images = mapped(&items, |i| 10 * i, <[usize]>::to_vec);
            assert_eq!(images, (0..n).map(|i| 10 * i).collect::<Vec<_>>());
        }
    }
}
