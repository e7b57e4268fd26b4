//! The memory of a run.

use super::Program;
use super::memory::Memory;

/// The memory in which a [`Program`] runs: one per thread. The first run of a
/// program allocates it; another program's run replaces it.
#[derive(Debug, Default)]
pub struct Workspace {
    pub(super) memory: Memory,
    /// Which program it was made for.
    owner: Option<u64>,
}

impl Workspace {
    /// Without memory.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// Whether the memory is that of this program.
    pub(super) fn is_of(&self, program: &Program) -> bool {
        self.owner == Some(program.id)
    }

    /// Makes the memory that a program needs, unless it is there.
    pub(super) fn prepare(&mut self, program: &Program) {
        if self.owner != Some(program.id) {
            self.memory = Memory::zeroed(&program.plan.layout);
            self.owner = Some(program.id);
        }
    }
}
