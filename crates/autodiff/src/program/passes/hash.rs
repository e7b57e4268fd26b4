//! A hash for keys that no one chooses to collide: values and operations are
//! numbered by the program itself. The standard one guards against that, which
//! takes time for every instruction.

use std::hash::{BuildHasherDefault, Hasher};

/// For a map of the standard library.
pub type Quick = BuildHasherDefault<Mix>;

/// Multiplies and folds, word by word.
#[derive(Clone, Copy, Default)]
pub struct Mix(u64);

impl Hasher for Mix {
    /// The product of 64 bits by an odd number spreads every bit to those
    /// above; the high half of it folded onto the low one, also to those below.
    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64 ^ (product >> 64) as u64).wrapping_add(word.rotate_left(23));
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::hash::{BuildHasher, Hash};

    /// Keys like those of a program: an operation and small numbers that grow.
    #[test]
    fn neighbours_do_not_collide() {
        let hash = |key: [u64; 2]| Quick::default().hash_one(key);
        let mut low = BTreeSet::new();
        let mut high = vec![0u32; 128];
        let n = 1 << 16;
        for i in 0..n {
            let h = hash([(i % 4) << 32 | i, (i / 2) << 32 | u64::from(u32::MAX)]);
            low.insert(h % n);
            high[(h >> 57) as usize] += 1;
        }
        // Of numbers drawn at random, 63% of all places are taken.
        assert!(low.len() as f64 > 0.6 * n as f64, "{}", low.len());
        let even = n as u32 / 128;
        assert!(high.iter().all(|&c| c > even / 2 && c < 2 * even));
    }

    #[test]
    fn text_is_told_apart() {
        let hash = |text: &str| Quick::default().hash_one(text);
        let words = [
            "",
            "a",
            "b",
            "ab",
            "ba",
            "slice 10",
            "slice 01",
            "0123456789",
        ];
        let all: BTreeSet<u64> = words.iter().map(|w| hash(w)).collect();
        assert_eq!(all.len(), words.len());
        let mut state = Mix::default();
        "ab".hash(&mut state);
        assert_eq!(state.finish(), hash("ab"));
    }
}
