//! A program as data that can be written and read: in any format of serde.
//! Values are numbered in the order of their definition: inputs, constants,
//! results of the instructions. Instructions and their parameters are text,
//! with every number exact; constants are their bytes. Values of inputs are
//! not part of a program.

use std::num::NonZero;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Program;
use super::ir::{Constant, Guard, Input, Ir, Node, Output};
use super::verify::{LoadError, verify};
use crate::dtype::DType;
use crate::ops::Op;
use crate::tape::ValueId;
use crate::value::{Type, Value};

/// The version of the format that is written, and the only one that is read.
const VERSION: u32 = 1;

/// A program as it is written: what [`Program`] becomes under
/// [`Serialize`], and what it is made of again, if it holds.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::program::SavedProgram;
/// use wengert_autodiff::{Program, Tape, Value};
///
/// let tape = Tape::new();
/// let x = tape.input("x", array![1.0, 2.0]);
/// let program = tape.compile(&[x.any()], &[(2.0 * x.exp()).any()])?;
/// let text = serde_json::to_string(&program)?;
///
/// let saved: SavedProgram = serde_json::from_str(&text)?;
/// let loaded = Program::try_from(saved)?;
/// let x = [Value::from(array![0.5, -0.5])];
/// assert_eq!(loaded.call(&x)?, program.call(&x)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedProgram {
    version: u32,
    /// Of everything else.
    checksum: String,
    block: Option<NonZero<usize>>,
    inputs: Vec<SavedInput>,
    constants: Vec<SavedConstant>,
    instructions: Vec<SavedInstruction>,
    outputs: Vec<(String, u32)>,
    guards: Vec<SavedGuard>,
    lines: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedInput {
    name: String,
    ty: Type,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedConstant {
    ty: Type,
    /// Little-endian bytes in hexadecimal digits.
    data: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedInstruction {
    op: Op,
    args: Vec<u32>,
    results: Vec<Type>,
    line: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedGuard {
    mask: u32,
    taken: bool,
    line: usize,
}

impl Serialize for Program {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SavedProgram::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Program {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Program, D::Error> {
        let saved = SavedProgram::deserialize(deserializer)?;
        Program::try_from(saved).map_err(serde::de::Error::custom)
    }
}

impl From<&Program> for SavedProgram {
    fn from(program: &Program) -> SavedProgram {
        let ir = &program.ir;
        let mut lines: Vec<String> = Vec::new();
        let mut line = |of: &Arc<str>| match lines.iter().position(|l| **l == **of) {
            Some(i) => i,
            None => {
                lines.push(of.to_string());
                lines.len() - 1
            }
        };
        let instruction = |node: &Node| SavedInstruction {
            op: node.op.clone(),
            args: node.args.iter().map(|a| a.0).collect(),
            results: node.results().map(|r| ir.ty(r).clone()).collect(),
            line: line(&node.line),
        };
        let instructions = ir.nodes.iter().map(instruction).collect();
        let guard = |guard: &Guard| SavedGuard {
            mask: guard.mask.0,
            taken: guard.taken,
            line: line(&guard.line),
        };
        let guards = ir.guards.iter().map(guard).collect();
        let input = |input: &Input| SavedInput {
            name: input.name.clone(),
            ty: ir.ty(input.value).clone(),
        };
        let constant = |constant: &Constant| SavedConstant {
            ty: constant.data.ty(),
            data: digits(&constant.data),
        };
        let outputs = ir.outputs.iter().map(|o| (o.name.clone(), o.value.0));
        let mut saved = SavedProgram {
            version: VERSION,
            checksum: String::new(),
            block: program.block,
            inputs: ir.inputs.iter().map(input).collect(),
            constants: ir.constants.iter().map(constant).collect(),
            instructions,
            outputs: outputs.collect(),
            guards,
            lines,
        };
        saved.checksum = saved.sum();
        saved
    }
}

impl TryFrom<SavedProgram> for Program {
    type Error = LoadError;

    fn try_from(saved: SavedProgram) -> Result<Program, LoadError> {
        if saved.version != VERSION {
            return Err(LoadError::Version {
                found: saved.version,
                supported: VERSION,
            });
        }
        if saved.checksum != saved.sum() {
            return Err(LoadError::Checksum);
        }
        let block = saved.block;
        let ir = saved.restore()?;
        verify(&ir)?;
        Ok(Program::new(ir, block))
    }
}

impl SavedProgram {
    /// FNV-1a, 64 bits, of all that is not the sum itself.
    fn sum(&self) -> String {
        let content = format!(
            "{:?}",
            (
                self.version,
                self.block,
                &self.inputs,
                &self.constants,
                &self.instructions,
                &self.outputs,
                &self.guards,
                &self.lines
            )
        );
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        for byte in content.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{hash:016x}")
    }

    fn restore(self) -> Result<Ir, LoadError> {
        let mut ir = Ir::default();
        let lines: Vec<Arc<str>> = self.lines.iter().map(|l| l[..].into()).collect();
        let line = |i: usize| lines.get(i).cloned().ok_or(LoadError::Line { line: i });
        for SavedInput { name, ty } in self.inputs {
            let value = ir.define(ty);
            ir.inputs.push(Input { name, value });
        }
        for (i, constant) in self.constants.into_iter().enumerate() {
            let data = value(&constant.ty, &constant.data);
            let data = data.ok_or(LoadError::Constant { constant: i })?;
            let value = ir.define(constant.ty);
            ir.constants.push(Constant { value, data });
        }
        for saved in self.instructions {
            let first = ValueId(ir.types.len() as u32);
            let results = saved.results.len() as u32;
            for ty in saved.results {
                ir.define(ty);
            }
            ir.nodes.push(Node {
                op: saved.op,
                args: saved.args.into_iter().map(ValueId).collect(),
                first,
                results,
                line: line(saved.line)?,
            });
        }
        for (name, value) in self.outputs {
            let value = ValueId(value);
            ir.outputs.push(Output { name, value });
        }
        for guard in self.guards {
            ir.guards.push(Guard {
                mask: ValueId(guard.mask),
                taken: guard.taken,
                line: line(guard.line)?,
            });
        }
        Ok(ir)
    }
}

fn digits(value: &Value) -> String {
    let bytes: Vec<u8> = match value {
        Value::F32(a) => a.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect(),
        Value::F64(a) => a.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect(),
        Value::Index(a) => a
            .as_slice()
            .iter()
            .flat_map(|&x| (x as u64).to_le_bytes())
            .collect(),
        Value::Bool(a) => a.as_slice().iter().map(|&x| u8::from(x)).collect(),
    };
    let digit = |n: u8| char::from_digit(u32::from(n), 16).expect("below 16");
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

/// The value with these bytes, if there are as many as its type asks for.
fn value(ty: &Type, digits: &str) -> Option<Value> {
    let digits: Option<Vec<u8>> = digits
        .chars()
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect();
    let digits = digits?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|d| 16 * d[0] + d.last().unwrap_or(&0))
        .collect();
    let width = match ty.dtype {
        DType::F32 => 4,
        DType::F64 | DType::Index => 8,
        DType::Bool => 1,
    };
    if digits.len() != 2 * width * ty.shape.size() {
        return None;
    }
    fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
        bytes
            .chunks_exact(N)
            .map(|c| c.try_into().expect("N of them"))
    }
    let shape = &ty.shape;
    Some(match ty.dtype {
        DType::F32 => Value::from_vec(shape, words(&bytes).map(f32::from_le_bytes).collect()),
        DType::F64 => Value::from_vec(shape, words(&bytes).map(f64::from_le_bytes).collect()),
        DType::Index => {
            let whole = words(&bytes).map(|w| usize::try_from(u64::from_le_bytes(w)).ok());
            Value::from_vec(shape, whole.collect::<Option<Vec<usize>>>()?)
        }
        DType::Bool if bytes.iter().all(|&b| b < 2) => {
            Value::from_vec(shape, bytes.iter().map(|&b| b == 1).collect::<Vec<bool>>())
        }
        DType::Bool => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;
    use ndarray::array;

    fn saved() -> SavedProgram {
        let tape = Tape::new();
        let x = tape.input("x", array![1.0, 2.0]);
        let scale = tape.constant(array![-0.0, f64::INFINITY]);
        let y = if x.sum().greater(0.0).decide() {
            x.clamp(f64::NEG_INFINITY, 1.0)
        } else {
            x
        };
        let program = tape.compile(&[x.any()], &[(y * scale).sum().any()]);
        SavedProgram::from(&program.unwrap())
    }

    /// With a checksum that fits, so that it is the verifier that has to see.
    fn load(change: impl FnOnce(&mut SavedProgram)) -> Result<Program, LoadError> {
        let mut saved = saved();
        change(&mut saved);
        saved.checksum = saved.sum();
        Program::try_from(saved)
    }

    #[test]
    fn what_was_not_touched_loads() {
        load(|_| {}).unwrap();
    }

    #[test]
    fn another_version_and_a_damaged_file() {
        let version = load(|s| s.version = 7).unwrap_err();
        assert_eq!(
            version,
            LoadError::Version {
                found: 7,
                supported: 1
            }
        );
        let mut damaged = saved();
        damaged.guards[0].taken = false;
        assert_eq!(Program::try_from(damaged).unwrap_err(), LoadError::Checksum);
    }

    #[test]
    fn whatever_does_not_fit_is_refused() {
        use LoadError as E;
        let refused = |change: fn(&mut SavedProgram)| load(change).unwrap_err();
        let later = refused(|s| s.instructions[0].args[0] = 99);
        assert!(matches!(later, E::Undefined { value: 99, .. }), "{later}");
        let itself = refused(|s| s.instructions[0].args[0] = 1_000_000);
        assert!(matches!(itself, E::Undefined { .. }), "{itself}");
        let output = refused(|s| s.outputs[0].1 = 99);
        assert!(matches!(output, E::Undefined { .. }), "{output}");
        let shape = refused(|s| s.inputs[0].ty.shape = [3].into());
        assert!(
            matches!(shape, E::Types { .. } | E::Instruction { .. }),
            "{shape}"
        );
        let results = refused(|s| s.instructions[1].results.clear());
        assert!(
            matches!(results, E::Types { .. } | E::Undefined { .. }),
            "{results}"
        );
        let constant = refused(|s| s.constants[0].data.push('0'));
        assert!(matches!(constant, E::Constant { .. }), "{constant}");
        let constant = refused(|s| s.constants[0].data.replace_range(0..1, "x"));
        assert!(matches!(constant, E::Constant { .. }), "{constant}");
        let line = refused(|s| s.lines.clear());
        assert!(matches!(line, E::Line { .. }), "{line}");
        let mask = refused(|s| s.guards[0].mask = 0);
        assert!(matches!(mask, E::Guard { .. }), "{mask}");
        let leaf = refused(|s| s.instructions[0].op = crate::ops::Leaf::Input.into());
        assert!(matches!(leaf, E::Instruction { .. }), "{leaf}");
        let huge = refused(|s| {
            s.instructions[0].op = crate::ops::OneHot {
                classes: usize::MAX,
                dtype: DType::F64,
            }
            .into();
            s.inputs[0].ty.dtype = DType::Index;
        });
        assert!(
            matches!(huge, E::Instruction { .. } | E::Types { .. }),
            "{huge}"
        );
    }
}
