//! Replay: a tape compiled once and run many times.
//!
//! [`Tape::compile`] takes what the outputs need from the tape, and makes a
//! [`Program`] of it: data, without a tape and without handles, that can be
//! sent to other threads and run there with new inputs. A run gives, bit for
//! bit, what recording with these inputs would have given, or it is an error.
//!
//! | file | what |
//! |---|---|
//! | `trace` | from a tape to a program, and what is refused |
//! | `decide` | branches that replay watches |
//! | `ir` | the program as data |
//! | `passes` | what is made better, without changing a bit |
//! | `owner` | values that are another's elements in another shape |
//! | `schedule` | what runs as one, and in which order |
//! | `lifetime` | when values are made, and read for the last time |
//! | `plan` | which value is in which memory |
//! | `fused` | elementwise instructions, block by block |
//! | `lane` | elementwise instructions of which all is known |
//! | `memory` | where slots are, and how results are written while operands are read |
//! | `workspace` | the memory of a run |
//! | `run` | running |
//! | `kept` | outputs that stay when the inputs are gone |
//! | `share` | a result cut into pieces for several threads |
//! | `record` | back to a tape |
//! | `error` | why a run was refused |
//! | `save`, `verify` | a program as data, and whether it holds |
//! | `print`, `cost`, `time` | what it does, what it costs, where the time goes |

mod cost;
mod decide;
mod error;
mod fused;
mod ir;
mod kept;
mod lane;
mod lifetime;
mod memory;
mod owner;
mod passes;
mod plan;
mod print;
mod record;
mod run;
mod save;
mod schedule;
mod share;
mod time;
mod trace;
mod verify;
mod workspace;

use std::num::NonZero;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};

pub use cost::Cost;
pub use error::RunError;
pub use run::Outputs;
pub use save::SavedProgram;
pub use time::{StepTime, Timing};
pub use verify::LoadError;
pub use workspace::Workspace;

use crate::dtype::Any;
use crate::error::Error;
use crate::tape::Tape;
use crate::value::Value;
use crate::var::Var;
use crate::view::View;
use ir::Ir;
use plan::Plan;

/// A compiled tape. `Send` and `Sync`: many threads may run one program, each
/// in a [`Workspace`] of its own.
#[derive(Debug)]
pub struct Program {
    ir: Ir,
    plan: Plan,
    block: Option<NonZero<usize>>,
    /// By which a workspace knows what its buffers were made for.
    id: u64,
}

/// How a tape is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The values that were read while recording have steered nothing: they
    /// were printed or plotted, and no branch and no number on the tape
    /// depends on them. Without this promise such a tape is refused.
    pub reads_steer_nothing: bool,
    /// Whether passes may rewrite the program, which changes no bit.
    pub optimize: bool,
    /// Whether passes may also move the number that scales a matrix product to
    /// the smallest of its factors and itself: `c·(A·B)`, `(c·A)·B` or
    /// `A·(c·B)`. This changes bits: with inner length `k`, unit roundoff `u`
    /// and nothing that overflows or underflows, an element by at most
    /// `2(k + 1)u/(1 - (k + 1)u)` of the sum `|c| Σ|a||b|` of the sizes of its
    /// terms, as any other order of summation may; in practice by a few `u`.
    /// Only with [`optimize`](Options::optimize).
    pub reassociate: bool,
    /// Elementwise instructions that feed each other run as one, in blocks of
    /// so many elements; `None`: one after the other. Changes no bit either.
    pub block: Option<NonZero<usize>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            reads_steer_nothing: false,
            optimize: true,
            reassociate: false,
            // Some blocks of 4 or 8 kB fit into the first cache.
            block: NonZero::new(1024),
        }
    }
}

impl Options {
    /// The instructions of the tape as they are, but for those that nothing
    /// needs.
    pub fn plain() -> Options {
        Options {
            optimize: false,
            block: None,
            ..Options::default()
        }
    }

    /// The same, in blocks of so many elements; 0: nothing runs as one.
    pub fn block(self, elements: usize) -> Options {
        Options {
            block: NonZero::new(elements),
            ..self
        }
    }

    /// The same, with the leave to scale matrix products elsewhere.
    pub fn reassociate(self) -> Options {
        Options {
            reassociate: true,
            ..self
        }
    }

    /// The same, with the promise that reads have steered nothing.
    pub fn reads_steer_nothing(self) -> Options {
        Options {
            reads_steer_nothing: true,
            ..self
        }
    }
}

impl Tape {
    /// The program that computes `outputs` from `inputs`, to be run many times
    /// with new values. What does not depend on `inputs` is a constant.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, Value, Workspace};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let y = (x * x).sum();
    /// let [dx] = tape.grad(y, [x])?;
    /// let program = tape.compile(&[x.any()], &[y.any(), dx.any()])?;
    ///
    /// let mut workspace = Workspace::new();
    /// let x = Value::from(array![3.0, 4.0]);
    /// let inputs = [(&x).into()];
    /// let outputs = program.run(&mut workspace, &inputs)?;
    /// assert_eq!(outputs.slice::<f64>(0), [25.0]);
    /// assert_eq!(outputs.slice::<f64>(1), [6.0, 8.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If `inputs` are not distinct inputs of this tape; or if a value that
    /// depends on them was read while recording, because a branch or a number
    /// that was made of it would be the same in every run: see
    /// [`Options::reads_steer_nothing`] and [`Var::decide`].
    #[track_caller]
    pub fn compile(
        &self,
        inputs: &[Var<'_, Any>],
        outputs: &[Var<'_, Any>],
    ) -> Result<Program, Error> {
        self.compile_with(inputs, outputs, &Options::default())
    }

    /// [`compile`](Tape::compile), with options.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn compile_with(
        &self,
        inputs: &[Var<'_, Any>],
        outputs: &[Var<'_, Any>],
        options: &Options,
    ) -> Result<Program, Error> {
        let here = Location::caller();
        let reads = options.reads_steer_nothing;
        let mut ir = trace::trace(self, inputs, outputs, reads, here)?;
        passes::remove_dead_code(&mut ir);
        if options.optimize {
            passes::optimize(&mut ir, options.reassociate);
        }
        Ok(Program::new(ir, options.block))
    }
}

impl Program {
    fn new(ir: Ir, block: Option<NonZero<usize>>) -> Program {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Program {
            plan: Plan::new(&ir, block),
            ir,
            block,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Runs once, in memory of its own: [`run`](Program::run) for those who do
    /// not run often.
    ///
    /// # Errors
    /// As [`run`](Program::run).
    pub fn call(&self, inputs: &[Value]) -> Result<Vec<Value>, RunError> {
        let inputs: Vec<View<'_>> = inputs.iter().map(View::from).collect();
        Ok(self.run(&mut Workspace::new(), &inputs)?.values())
    }

    /// The names of the inputs, in order; empty for those without one.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ir.inputs.iter().map(|i| &i.name[..])
    }

    /// The names of the outputs, in order; empty for those without one.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ir.outputs.iter().map(|o| &o.name[..])
    }

    /// The number of instructions.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.ir.nodes.len()
    }

    /// Bytes of memory that a [`Workspace`] takes.
    pub fn workspace_bytes(&self) -> usize {
        self.plan.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_go_to_other_threads() {
        fn check<T: Send + Sync>() {}
        check::<Program>();
        check::<Workspace>();
    }
}
