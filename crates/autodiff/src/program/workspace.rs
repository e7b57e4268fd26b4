//! The memory of a run.

use super::Program;
use crate::buffer::Buffer;

/// The buffers in which a [`Program`] runs: one per thread. The first run of a
/// program allocates them; another program's run replaces them.
#[derive(Debug, Default)]
pub struct Workspace {
    pub(super) slots: Vec<Buffer>,
    /// Which program the slots were made for.
    owner: Option<u64>,
}

impl Workspace {
    /// Without buffers.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// Makes the buffers that a program needs, unless they are there.
    pub(super) fn prepare(&mut self, program: &Program) {
        if self.owner != Some(program.id) {
            let slots = program.plan.slots.iter();
            self.slots = slots.map(|s| Buffer::zeroed(s.dtype, s.len)).collect();
            self.owner = Some(program.id);
        }
    }
}
