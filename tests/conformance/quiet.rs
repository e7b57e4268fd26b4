//! Running what may panic: the library's operators refuse with a message at
//! the caller's line, and the runner wants the message, not a trace.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The result of `f`, or the message that it panicked with and the line. Other
/// threads panic as always.
pub(super) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                let payload = info.payload();
                let owned = payload.downcast_ref::<String>().map(String::as_str);
                let what = owned.or_else(|| payload.downcast_ref::<&str>().copied());
                let what = what.unwrap_or("no message");
                let place = info.location().map_or(String::new(), |l| format!(" ({l})"));
                MESSAGE.set(format!("{what}{place}"));
            } else {
                print(info);
            }
        }));
    });
    let outer = CATCHING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    CATCHING.set(outer);
    result.map_err(|_| MESSAGE.take())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(super::catch(|| 3), Ok(3));
        let message = super::catch(|| panic!("axis {} is out of range", 7)).unwrap_err();
        assert!(message.starts_with("axis 7 is out of range ("), "{message}");
    }
}
