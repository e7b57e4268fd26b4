//! Threads that stay where they are put. Two young threads of a small virtual
//! machine can share one CPU for tens of milliseconds.

/// Ties the calling thread to the `i`-th of the CPUs that the process may use.
pub fn pin(i: usize) {
    let cpus = core_affinity::get_core_ids().unwrap_or_default();
    if let Some(cpu) = cpus.get(i) {
        core_affinity::set_for_current(*cpu);
    }
}

/// Gives rayon's global pool `threads` threads, each on a CPU of its own.
///
/// # Panics
///
/// If the pool has been used already.
pub fn pinned_pool(threads: usize) {
    let cpus = core_affinity::get_core_ids().unwrap_or_default();
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .start_handler(move |i| {
            if let Some(cpu) = cpus.get(i) {
                core_affinity::set_for_current(*cpu);
            }
        })
        .build_global()
        .expect("the pool is made before it is used");
}
