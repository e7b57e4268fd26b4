//! Threads that work on the pieces of one task. Knows nothing of what the
//! task is.

mod crew;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};

use smallvec::SmallVec;

use crew::Crew;

/// Threads that the operating system does not give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot start {threads} threads: {reason}")]
pub struct ThreadsError {
    /// How many were asked for.
    pub threads: usize,
    /// Why not.
    pub reason: String,
}

/// The calling thread, and others that are kept for as long as the team is.
///
/// A task is cut into numbered pieces by whoever brings it, and not by the
/// team: which thread does which piece decides nothing, so that results do not
/// depend on how many threads there are.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use wengert_nn::Team;
///
/// let team = Team::new(2)?;
/// let sum = AtomicUsize::new(0);
/// team.run(10, &|i| { sum.fetch_add(i, Ordering::Relaxed); });
/// assert_eq!(sum.into_inner(), 45);
/// # Ok::<(), wengert_nn::ThreadsError>(())
/// ```
pub struct Team {
    /// The other threads, if there are any. Locked while there is a task.
    crew: Option<Mutex<Crew>>,
    threads: usize,
}

impl Team {
    /// The calling thread alone.
    pub fn alone() -> Team {
        Team {
            crew: None,
            threads: 1,
        }
    }

    /// The calling thread and `threads - 1` others, but no more threads than
    /// the machine has processors: they would only take turns.
    ///
    /// # Errors
    /// If the operating system does not give so many.
    pub fn new(threads: usize) -> Result<Team, ThreadsError> {
        let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
        Team::exactly(threads.min(processors))
    }

    fn exactly(threads: usize) -> Result<Team, ThreadsError> {
        if threads <= 1 {
            return Ok(Team::alone());
        }
        let failed = |e: std::io::Error| ThreadsError {
            threads,
            reason: e.to_string(),
        };
        let crew = Crew::new(threads - 1).map_err(failed)?;
        Ok(Team {
            crew: Some(Mutex::new(crew)),
            threads,
        })
    }

    /// How many threads there are, the calling one included.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Calls `piece(0)` to `piece(count - 1)`, each once, in no order, and
    /// returns when all have returned. From within a piece, and while another
    /// thread has a task for the same team, the calling thread does it alone.
    ///
    /// # Panics
    /// If a piece does.
    pub fn run(&self, count: usize, piece: &(dyn Fn(usize) + Sync)) {
        let crew = self.crew.as_ref().filter(|_| count > 1);
        let crew = crew.and_then(|crew| match crew.try_lock() {
            // A task that panicked has been left by all.
            Err(TryLockError::Poisoned(e)) => Some(e.into_inner()),
            other => other.ok(),
        });
        let Some(mut crew) = crew else {
            return (0..count).for_each(piece);
        };
        // Every thread begins with its own share, the same every time, whose
        // data are in its cache; then it helps the others.
        let shares = self.threads;
        let first = |share: usize| share * count / shares;
        let next: SmallVec<[AtomicUsize; 16]> =
            (0..shares).map(|s| AtomicUsize::new(first(s))).collect();
        crew.run(&|own| {
            for share in (own..shares).chain(0..own) {
                loop {
                    let i = next[share].fetch_add(1, Ordering::Relaxed);
                    if i >= first(share + 1) {
                        break;
                    }
                    piece(i);
                }
            }
        });
    }

    /// The results of `piece(0)` to `piece(count - 1)`, in order.
    pub(crate) fn map<R: Send>(&self, count: usize, piece: impl Fn(usize) -> R + Sync) -> Vec<R> {
        let results: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
        self.run(count, &|i| {
            let result = piece(i);
            *results[i].lock().expect("written to once") = Some(result);
        });
        let done = |place: Mutex<Option<R>>| place.into_inner().ok().flatten();
        let results = results
            .into_iter()
            .map(|place| done(place).expect("all have been run"));
        results.collect()
    }

    /// Calls `work` with every one of `pieces`, each once.
    pub(crate) fn each<T: Send>(&self, pieces: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
        if self.threads == 1 {
            return pieces.for_each(work);
        }
        // Whoever takes a piece owns it.
        let pieces: SmallVec<[Mutex<Option<T>>; 16]> =
            pieces.map(|p| Mutex::new(Some(p))).collect();
        self.run(pieces.len(), &|i| {
            let piece = pieces[i].lock().ok().and_then(|mut place| place.take());
            work(piece.expect("taken once"));
        });
    }
}

impl fmt::Debug for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Team of {}", self.threads)
    }
}

impl wengert_autodiff::Team for Team {
    fn threads(&self) -> usize {
        self.threads
    }

    fn run(&self, count: usize, piece: &(dyn Fn(usize) + Sync)) {
        Team::run(self, count, piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 3, 8] {
            let team = Team::exactly(threads).unwrap();
            for count in [0, 1, 2, 100] {
                assert!(team.map(count, |i| i).into_iter().eq(0..count));
            }
        }
    }

    #[test]
    fn every_piece_is_taken_once() {
        for threads in [1, 2, 5] {
            let team = Team::exactly(threads).unwrap();
            let mut numbers = vec![0; 1000];
            team.each(numbers.chunks_mut(7), |piece| {
                piece.iter_mut().for_each(|n| *n += 1);
            });
            assert!(numbers.iter().all(|&n| n == 1));
        }
    }

    #[test]
    #[should_panic(expected = "piece 3")]
    fn a_panic_is_the_callers() {
        Team::exactly(2)
            .unwrap()
            .run(10, &|i| assert!(i != 3, "piece {i}"));
    }

    /// A task that brings a task, and two callers of one team.
    #[test]
    fn within_and_beside_a_task_the_caller_works_alone() {
        let team = Team::exactly(3).unwrap();
        let count = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        team.run(4, &|_| {
                            team.run(5, &|_| _ = count.fetch_add(1, Ordering::Relaxed));
                        });
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 2 * 100 * 4 * 5);
    }
}
