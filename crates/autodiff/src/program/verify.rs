//! Whether a program that comes from elsewhere holds: every value defined
//! before it is used, every instruction with operands that it takes and
//! results that it gives.

use super::ir::Ir;
use crate::dtype::DType;
use crate::error::Fault;
use crate::op::Results;
use crate::tape::ValueId;
use crate::value::Type;

/// Why a saved program was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It was written by another version.
    #[error("the program is in version {found} of the format; this is version {supported}")]
    Version {
        /// The version it is in.
        found: u32,
        /// The version that can be read.
        supported: u32,
    },
    /// Something in it is not what was written.
    #[error("the program is damaged: its checksum does not fit")]
    Checksum,
    /// A constant whose data are not those of its type.
    #[error("constant {constant} does not have the bytes that its type asks for")]
    Constant {
        /// Which one.
        constant: usize,
    },
    /// A line that is not in the list.
    #[error("line {line} is not in the list of lines")]
    Line {
        /// Its number.
        line: usize,
    },
    /// A value that is used before it is defined, or never is.
    #[error("{user} uses value %{value}, which is not defined there")]
    Undefined {
        /// Who uses it.
        user: String,
        /// Its number.
        value: u32,
    },
    /// An instruction that its operation refuses.
    #[error("instruction {instruction}, {op}: {fault}")]
    Instruction {
        /// Its number.
        instruction: usize,
        /// The operation.
        op: String,
        /// The rule that it breaks.
        #[source]
        fault: Box<Fault>,
    },
    /// An instruction whose results are not of the types that are written.
    #[error("instruction {instruction}, {op}: its results are not of the types that are written")]
    Types {
        /// Its number.
        instruction: usize,
        /// The operation.
        op: String,
    },
    /// A guard that is no mask of one element.
    #[error("guard {guard} is not a mask of one element")]
    Guard {
        /// Its number.
        guard: usize,
    },
}

/// Checks everything that running relies on.
pub(super) fn verify(ir: &Ir) -> Result<(), LoadError> {
    let mut defined = (ir.inputs.len() + ir.constants.len()) as u32;
    let known = |value: ValueId, defined: u32, user: &dyn Fn() -> String| {
        if value.0 < defined {
            Ok(())
        } else {
            Err(LoadError::Undefined {
                user: user(),
                value: value.0,
            })
        }
    };
    for (i, node) in ir.nodes.iter().enumerate() {
        for &arg in &node.args {
            known(arg, defined, &|| format!("instruction {i}"))?;
        }
        let op = || node.op.name().to_string();
        let args: Vec<Type> = node.args.iter().map(|&a| ir.ty(a).clone()).collect();
        let inferred = node
            .op
            .infer(&args)
            .map_err(|fault| LoadError::Instruction {
                instruction: i,
                op: op(),
                fault: Box::new(fault),
            })?;
        let written: Results<Type> = node.results().map(|r| ir.ty(r).clone()).collect();
        if inferred != written || written.is_empty() || !written.iter().all(|t| t.shape.fits()) {
            return Err(LoadError::Types {
                instruction: i,
                op: op(),
            });
        }
        defined += node.results;
    }
    for output in &ir.outputs {
        known(output.value, defined, &|| {
            format!("output `{}`", output.name)
        })?;
    }
    for (i, guard) in ir.guards.iter().enumerate() {
        known(guard.mask, defined, &|| format!("guard {i}"))?;
        let ty = ir.ty(guard.mask);
        if ty.dtype != DType::Bool || ty.shape.size() != 1 {
            return Err(LoadError::Guard { guard: i });
        }
    }
    Ok(())
}
