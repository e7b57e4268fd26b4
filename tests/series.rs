//! Long series of independent cases: how many, and on all processors.

use std::thread;

/// How many cases: what the environment variable says, or else the number for
/// a routine run.
///
/// # Panics
/// If the variable is not a number.
pub fn times(variable: &str, routine: u64) -> u64 {
    match std::env::var(variable) {
        Ok(given) => given
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={given} is not a whole number")),
        Err(_) => routine,
    }
}

/// `case(0)`, `case(1)`, …, in this order, computed by as many threads as
/// there are processors.
pub fn in_parallel<T: Send>(count: u64, case: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let workers = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let case = &case;
    let mut all: Vec<(u64, T)> = thread::scope(|scope| {
        let part = move |worker: u64| {
            let mine = (worker..count).step_by(workers as usize);
            mine.map(|i| (i, case(i))).collect::<Vec<_>>()
        };
        let started: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || part(worker)))
            .collect();
        let done = started.into_iter();
        done.flat_map(|t| {
            t.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
        .collect()
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, outcome)| outcome).collect()
}
