//! Memory that threads take turns with, as barriers divide the time. The only
//! `unsafe` but for the calls of a matrix product.

use std::cell::UnsafeCell;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Numbers that are written in one phase and read in the next.
pub struct Shared(Box<[UnsafeCell<f32>]>);

// SAFETY: who calls `read` and `write` promises that no element is written
// while another thread reads or writes it.
unsafe impl Sync for Shared {}

impl Shared {
    pub fn new(numbers: Vec<f32>) -> Self {
        Self(numbers.into_iter().map(UnsafeCell::new).collect())
    }

    /// # Safety
    ///
    /// No element of `range` may be written while the slice is in use.
    pub unsafe fn read(&self, range: Range<usize>) -> &[f32] {
        let cells = &self.0[range];
        // SAFETY: `UnsafeCell<f32>` is laid out as `f32`, the cells are
        // contiguous, and the caller promises that nobody writes them.
        unsafe { std::slice::from_raw_parts(cells.as_ptr().cast(), cells.len()) }
    }

    /// # Safety
    ///
    /// No other slice of an element of `range` may be in use at the same time.
    #[allow(clippy::mut_from_ref)] // That is what the cells are for.
    pub unsafe fn write(&self, range: Range<usize>) -> &mut [f32] {
        let cells = &self.0[range];
        // SAFETY: as in `read`; `UnsafeCell` permits writing through a shared
        // reference, and the caller promises that the slice is the only one.
        unsafe { std::slice::from_raw_parts_mut(UnsafeCell::raw_get(cells.as_ptr()), cells.len()) }
    }
}

/// Where threads that meet every 100 µs wait for each other, awake.
pub struct SpinBarrier {
    threads: usize,
    arrived: AtomicUsize,
}

impl SpinBarrier {
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
        }
    }

    /// Returns when all threads have called it as often as this one.
    pub fn wait(&self) {
        let before = self.arrived.fetch_add(1, Ordering::AcqRel);
        let all = (before / self.threads + 1) * self.threads;
        let mut turns = 0;
        while self.arrived.load(Ordering::Acquire) < all {
            turns += 1;
            match turns < 20_000 {
                true => std::hint::spin_loop(),
                // Not for ever: the other one may need this CPU.
                false => std::thread::yield_now(),
            }
        }
    }
}
