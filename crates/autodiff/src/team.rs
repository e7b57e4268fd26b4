//! Threads, as the parts of this crate see them that can use several: whoever
//! has them implements [`Team`].

/// Some threads that share the pieces of a task.
///
/// Nothing that a program computes depends on how many there are, or on which
/// does what: see [`Program::run_on`](crate::Program::run_on).
pub trait Team: Sync {
    /// How many threads there are, the calling one included.
    fn threads(&self) -> usize;

    /// Calls `piece(0)` to `piece(count - 1)`, each once, in any order, and
    /// returns when all have returned.
    fn run(&self, count: usize, piece: &(dyn Fn(usize) + Sync));
}

/// The calling thread alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Team for Alone {
    fn threads(&self) -> usize {
        1
    }

    fn run(&self, count: usize, piece: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(piece);
    }
}
