//! Runs numbered pieces of work on a few threads, each with a tape of its
//! own. Knows nothing of what the work is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon_core::{ThreadPool, ThreadPoolBuilder};
use wengert_autodiff::Tape;

/// Threads that the operating system does not give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot start {threads} threads: {reason}")]
pub struct ThreadsError {
    /// How many were asked for.
    pub threads: usize,
    /// Why not.
    pub reason: String,
}

/// Threads and tapes, kept for a whole training run.
pub(crate) struct Workers {
    /// One per thread, the caller's included.
    tapes: Vec<Tape>,
    /// The other threads, if there are any.
    pool: Option<ThreadPool>,
}

impl Workers {
    pub fn new(threads: usize) -> Result<Workers, ThreadsError> {
        let pool = match threads {
            1 => None,
            _ => {
                let pool = ThreadPoolBuilder::new().num_threads(threads - 1).build();
                let failed = |e: rayon_core::ThreadPoolBuildError| ThreadsError {
                    threads,
                    reason: e.to_string(),
                };
                Some(pool.map_err(failed)?)
            }
        };
        let tapes = (0..threads).map(|_| Tape::new()).collect();
        Ok(Workers { tapes, pool })
    }

    pub fn threads(&self) -> usize {
        self.tapes.len()
    }

    /// The results of `work(0)` to `work(count - 1)`, in order, whoever did
    /// them. Each is given an empty tape.
    pub fn run<R: Send>(
        &mut self,
        count: usize,
        work: impl Fn(&Tape, usize) -> R + Sync,
    ) -> Vec<R> {
        let run = |tape: &mut Tape, i| {
            let result = work(tape, i);
            tape.reset();
            result
        };
        let (mine, others) = self.tapes.split_first_mut().expect("at least one thread");
        let Some(pool) = self.pool.as_ref().filter(|_| count > 1) else {
            return (0..count).map(|i| run(mine, i)).collect();
        };
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
        let take = |tape: &mut Tape| {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(place) = results.get(i) else {
                    return;
                };
                let result = run(tape, i);
                *place.lock().expect("written to once") = Some(result);
            }
        };
        let take = &take;
        // The calling thread works too, and begins without waiting for the
        // others to wake up.
        pool.in_place_scope(|scope| {
            for tape in others.iter_mut().take(count - 1) {
                scope.spawn(move |_| take(tape));
            }
            take(mine);
        });
        let done = |place: Mutex<Option<R>>| place.into_inner().ok().flatten();
        let results = results
            .into_iter()
            .map(|place| done(place).expect("all have been run"));
        results.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_from_empty_tapes() {
        for threads in [1, 2, 3, 8] {
            let mut workers = Workers::new(threads).unwrap();
            for count in [0, 1, 2, 100] {
                let results = workers.run(count, |tape, i| {
                    assert!(tape.is_empty());
                    tape.scalar(i as f64).item() as usize
                });
                assert!(results.into_iter().eq(0..count));
            }
        }
    }

    #[test]
    #[should_panic(expected = "piece 3")]
    fn a_panic_is_the_callers() {
        Workers::new(2)
            .unwrap()
            .run(10, |_, i| assert!(i != 3, "piece {i}"));
    }
}
