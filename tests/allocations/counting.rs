//! An allocator that counts, for one thread at a time. The one place with
//! `unsafe` in these tests.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, and a count.
pub struct Counting;

/// What has been allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Buffers aligned to a cache line or more: those into which the matrix
    /// product packs its operands. No array of ours is aligned like that.
    pub packing: usize,
    /// Everything else.
    pub ours: usize,
}

thread_local! {
    static COUNT: Cell<Count> = const { Cell::new(Count { packing: 0, ours: 0 }) };
}

fn note(layout: Layout) {
    // While a thread ends its count is gone, and nobody asks for it.
    let _ = COUNT.try_with(|count| {
        let mut new = count.get();
        match layout.align() >= 64 {
            true => new.packing += 1,
            false => new.ours += 1,
        }
        count.set(new);
    });
}

// SAFETY: every method hands its arguments on to `System` unchanged, which
// keeps the contract of `GlobalAlloc`; counting neither allocates (the counter
// is a constant-initialised `Cell` without a destructor) nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(layout);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(old, layout) }
    }
}

/// What `f` allocates on this thread.
pub fn count(f: impl FnOnce()) -> Count {
    COUNT.set(Count::default());
    f();
    COUNT.get()
}
