//! What is open while instructions are recorded: the user's named scope, and
//! the instruction that is being differentiated.

use super::{InstId, Tape};

impl Tape {
    /// Opens a named scope: until the guard is dropped, everything recorded
    /// belongs to `name`. Printed, and named in reports.
    pub fn scope(&self, name: impl AsRef<str>) -> Scope<'_> {
        let mut inner = self.inner.borrow_mut();
        let outer = inner.scope;
        let name = match outer {
            0 => name.as_ref().to_string(),
            n => format!("{}.{}", inner.scopes[n as usize - 1], name.as_ref()),
        };
        let known = inner.scopes.iter().position(|s| *s == name);
        inner.scope = match known {
            Some(at) => at as u32 + 1,
            None => {
                inner.scopes.push(name);
                inner.scopes.len() as u32
            }
        };
        drop(inner);
        Scope { tape: self, outer }
    }

    /// Runs `rule`, and marks what it records as derivative of `inst`.
    pub(crate) fn deriving<R>(&self, inst: InstId, rule: impl FnOnce() -> R) -> R {
        let outer = self.inner.borrow_mut().origin.replace(inst);
        let _restore = Deriving { tape: self, outer };
        rule()
    }
}

/// Ends a [`Tape::scope`] when dropped.
pub struct Scope<'t> {
    tape: &'t Tape,
    outer: u32,
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.tape.inner.borrow_mut().scope = self.outer;
    }
}

struct Deriving<'t> {
    tape: &'t Tape,
    outer: Option<InstId>,
}

impl Drop for Deriving<'_> {
    fn drop(&mut self) {
        self.tape.inner.borrow_mut().origin = self.outer;
    }
}
