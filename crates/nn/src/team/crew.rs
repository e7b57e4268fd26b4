//! Threads that wait for a task and do it together. The one place with
//! `unsafe` in this crate.
//!
//! A training step is cut into a handful of tasks of some tens of
//! microseconds. To wake a sleeping thread takes as long as such a task, so
//! these stay awake for a while, and a thread that comes late to a task misses
//! it instead of being waited for. (The pools that were looked at sleep
//! between tasks, allocate for each, or wait for every thread.)

use std::any::Any;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

/// How long a thread stays awake without a task.
const AWAKE: Duration = Duration::from_micros(300);

/// How often it looks before it lets others have the processor: two threads
/// may have to share one.
const LOOKS: usize = 100;

/// A task: what every thread calls that takes part in it, with its number,
/// from 0, which is the calling thread's.
struct Task<'a>(&'a (dyn Fn(usize) + Sync));

/// What the threads share.
struct Shared {
    /// Whether a task is open ([`OPEN`]), how many threads have entered it
    /// (in units of [`ENTERED`]), and which one it is (in units of [`NUMBER`]).
    state: AtomicU64,
    /// The task, while it is open or somebody is in it.
    task: AtomicPtr<Task<'static>>,
    /// How many of those who have entered have left again.
    left: AtomicUsize,
    /// How many threads sleep, or are about to.
    asleep: AtomicUsize,
    ended: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

const OPEN: u64 = 1;
const ENTERED: u64 = 2;
const NUMBER: u64 = 1 << 20;

/// Threads besides the calling one; they end with this.
pub(super) struct Crew {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Those to be woken.
    handles: Vec<Thread>,
}

impl Crew {
    /// Starts so many threads.
    ///
    /// # Errors
    /// If the operating system does not give them.
    pub fn new(count: usize) -> std::io::Result<Crew> {
        let shared = Arc::new(Shared {
            state: AtomicU64::new(0),
            task: AtomicPtr::new(ptr::null_mut()),
            left: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
            panic: Mutex::new(None),
        });
        let mut crew = Crew {
            shared,
            threads: Vec::new(),
            handles: Vec::new(),
        };
        for number in 1..=count {
            let shared = Arc::clone(&crew.shared);
            // If one cannot be had, dropping the crew ends the others.
            let thread = thread::Builder::new().spawn(move || shared.serve(number))?;
            crew.handles.push(thread.thread().clone());
            crew.threads.push(thread);
        }
        Ok(crew)
    }

    /// Calls `task` on this thread, and on others that come in time. Returns
    /// when it has returned everywhere.
    ///
    /// One task at a time: `&mut self`.
    ///
    /// # Panics
    /// If the task does, on any thread.
    pub fn run(&mut self, task: &(dyn Fn(usize) + Sync)) {
        let task = Task(task);
        self.shared.left.store(0, Ordering::Relaxed);
        let place = ptr::from_ref(&task).cast_mut().cast();
        self.shared.task.store(place, Ordering::Relaxed);
        // Opens the next one. Whoever sees this sees what was stored before.
        let number = self.shared.state.load(Ordering::Relaxed) / NUMBER + 1;
        let open = number.wrapping_mul(NUMBER) | OPEN;
        self.shared.state.store(open, Ordering::SeqCst);
        // From here on the task must be closed, come what may, before it goes.
        let closing = Closing(&self.shared);
        if self.shared.asleep.load(Ordering::SeqCst) > 0 {
            self.handles.iter().for_each(Thread::unpark);
        }
        (task.0)(0);
        drop(closing);
        let panic = self.shared.panic.lock().ok().and_then(|mut p| p.take());
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.handles.iter().for_each(Thread::unpark);
        for thread in self.threads.drain(..) {
            // It catches panics: there is nothing to be told.
            let _ = thread.join();
        }
    }
}

/// Closes the open task when dropped, and waits for those who are in it.
struct Closing<'a>(&'a Shared);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let state = self.0.state.fetch_and(!OPEN, Ordering::SeqCst);
        let entered = (state % NUMBER / ENTERED) as usize;
        let mut looks = 0;
        while self.0.left.load(Ordering::Acquire) < entered {
            wait(&mut looks);
        }
    }
}

/// Lets some time pass.
fn wait(looks: &mut usize) {
    *looks += 1;
    match *looks % LOOKS {
        0 => thread::yield_now(),
        _ => spin_loop(),
    }
}

impl Shared {
    /// What a thread does until the end.
    fn serve(&self, number: usize) {
        let mut last = 0;
        let mut looks = 0;
        let mut idle = Instant::now();
        while !self.ended.load(Ordering::Relaxed) {
            if self.take_part(number, &mut last) {
                idle = Instant::now();
            } else {
                wait(&mut looks);
                if looks % LOOKS == 0 && idle.elapsed() > AWAKE {
                    self.sleep(last);
                    idle = Instant::now();
                }
            }
        }
    }

    /// Does its part of an open task, unless that is number `last`.
    fn take_part(&self, number: usize, last: &mut u64) -> bool {
        let state = self.state.load(Ordering::Acquire);
        if state & OPEN == 0 || state / NUMBER == *last {
            return false;
        }
        let entered = state + ENTERED;
        let order = (Ordering::Acquire, Ordering::Relaxed);
        if self
            .state
            .compare_exchange(state, entered, order.0, order.1)
            .is_err()
        {
            return false;
        }
        *last = state / NUMBER;
        // SAFETY: the pointer was stored before the task was opened, and was
        // made of a `Task` that lives on the stack of `Crew::run`. That does
        // not return, nor unwind further, before `Closing` is dropped, which
        // closes the task and waits until all that have entered have left. The
        // exchange has counted this thread among them while the task was open:
        // had it been closed, or been another one, the state would have been
        // another value. So the `Task`, and what it borrows, outlives this
        // use. `Sync` lets several threads use it.
        let task = unsafe { &*self.task.load(Ordering::Relaxed) };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (task.0)(number)))
            && let Ok(mut place) = self.panic.lock()
        {
            place.get_or_insert(panic);
        }
        self.left.fetch_add(1, Ordering::Release);
        true
    }

    /// Sleeps until it is woken, unless there is a task after number `last`.
    fn sleep(&self, last: u64) {
        self.asleep.fetch_add(1, Ordering::SeqCst);
        // Whoever opens a task after this look sees that somebody is asleep.
        let state = self.state.load(Ordering::SeqCst);
        let task = state & OPEN != 0 && state / NUMBER != last;
        if !task && !self.ended.load(Ordering::SeqCst) {
            thread::park();
        }
        self.asleep.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Short tasks one after the other, on more threads than there are
    /// processors, some after a pause in which all fall asleep.
    #[test]
    fn every_task_is_done_and_left_before_it_goes() {
        let mut crew = Crew::new(4).unwrap();
        for round in 0..2000 {
            if round % 500 == 0 {
                thread::sleep(2 * AWAKE);
            }
            let (next, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
            crew.run(&|_| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= 20 {
                        return;
                    }
                    sum.fetch_add(i + round, Ordering::Relaxed);
                }
            });
            assert_eq!(sum.into_inner(), 190 + 20 * round);
        }
    }

    #[test]
    fn others_take_part() {
        let mut crew = Crew::new(1).unwrap();
        let helped = AtomicBool::new(false);
        crew.run(&|number| {
            if number == 0 {
                // As long as it takes.
                while !helped.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            } else {
                helped.store(true, Ordering::Relaxed);
            }
        });
    }

    #[test]
    fn a_panic_anywhere_is_the_callers_and_the_next_task_runs() {
        let mut crew = Crew::new(2).unwrap();
        for mine in [true, false] {
            let [entered, helped] = [(); 2].map(|()| AtomicBool::new(false));
            // The one panics, the other waits for it to have come.
            let task = |number| {
                if number > 0 {
                    helped.store(true, Ordering::Relaxed);
                }
                if (number == 0) == mine {
                    while !entered.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                    panic!("{}", if mine { "mine" } else { "theirs" });
                }
                entered.store(true, Ordering::Relaxed);
                while number == 0 && !helped.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            };
            let found = catch_unwind(AssertUnwindSafe(|| crew.run(&task)));
            let message = *found.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(message, if mine { "mine" } else { "theirs" });
        }
        let done = AtomicUsize::new(0);
        crew.run(&|_| _ = done.fetch_add(1, Ordering::Relaxed));
        assert!(done.into_inner() >= 1);
    }
}
