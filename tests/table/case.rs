//! An operation at a point: what its operands have to be like, and values for
//! them.

use ndarray::ArrayD;
use wengert_autodiff::{Any, DType, Error, Op, Tape, Value, Var};

use crate::random::Random;

/// What an operand is filled with.
#[derive(Clone, Debug)]
pub enum Fill {
    /// Numbers between two, away from every kink by a margin.
    Within((f64, f64), Vec<f64>, f64),
    /// A few small whole numbers, so that some are equal.
    Coarse,
    /// Indices below this.
    Below(usize),
    /// Coin tosses.
    Coins,
}

/// An operand before it has a value.
#[derive(Clone, Debug)]
pub struct Operand {
    /// The element type.
    pub dtype: DType,
    /// The shape.
    pub shape: Vec<usize>,
    /// What it is filled with.
    pub fill: Fill,
}

impl Operand {
    /// Floats between two numbers.
    pub fn float(shape: &[usize], range: (f64, f64)) -> Operand {
        Operand::smooth(shape, range, &[])
    }

    /// Floats between two numbers, a little away from kinks.
    pub fn smooth(shape: &[usize], range: (f64, f64), kinks: &[f64]) -> Operand {
        Operand::apart(shape, range, kinks, 0.05)
    }

    /// Floats between two numbers, so far away from kinks or poles.
    pub fn apart(shape: &[usize], range: (f64, f64), kinks: &[f64], margin: f64) -> Operand {
        Operand {
            dtype: DType::F64,
            shape: shape.to_vec(),
            fill: Fill::Within(range, kinks.to_vec(), margin),
        }
    }

    /// Floats, some of them equal.
    pub fn coarse(shape: &[usize]) -> Operand {
        Operand {
            dtype: DType::F64,
            shape: shape.to_vec(),
            fill: Fill::Coarse,
        }
    }

    /// Indices.
    pub fn below(shape: &[usize], n: usize) -> Operand {
        Operand {
            dtype: DType::Index,
            shape: shape.to_vec(),
            fill: Fill::Below(n),
        }
    }

    /// A mask.
    pub fn mask(shape: &[usize]) -> Operand {
        Operand {
            dtype: DType::Bool,
            shape: shape.to_vec(),
            fill: Fill::Coins,
        }
    }

    /// A value for it.
    pub fn value(&self, random: &mut Random) -> Value {
        match &self.fill {
            Fill::Within(range, kinks, margin) => {
                Value::from(random.away_from(&self.shape, *range, kinks, *margin))
            }
            Fill::Coarse => {
                let small = random.indices(&self.shape, 4);
                Value::from(small.mapv(|i| i as f64 - 1.0))
            }
            Fill::Below(n) => Value::from(random.indices(&self.shape, *n)),
            Fill::Coins => Value::from(random.mask(&self.shape)),
        }
    }
}

/// An operation with its parameters, and what operands it takes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The operation.
    pub op: Op,
    /// Its operands.
    pub operands: Vec<Operand>,
}

impl Plan {
    /// A plan for an operation that takes these.
    pub fn new(op: impl Into<Op>, operands: impl Into<Vec<Operand>>) -> Option<Plan> {
        Some(Plan {
            op: op.into(),
            operands: operands.into(),
        })
    }
}

/// An operation with values for its operands.
#[derive(Clone, Debug)]
pub struct Case {
    /// The operation.
    pub op: Op,
    /// Its operands; equal ones may be one variable.
    pub values: Vec<Value>,
    /// Whether all operands of floats are one variable.
    pub alias: bool,
}

impl Case {
    /// An operation at given operands.
    pub fn new(op: impl Into<Op>, values: Vec<Value>) -> Case {
        Case {
            op: op.into(),
            values,
            alias: false,
        }
    }

    /// The operands as inputs of a tape.
    pub fn inputs<'t>(&self, tape: &'t Tape) -> Vec<Var<'t, Any>> {
        self.inputs_of(tape, &self.values)
    }

    /// Other values for the operands, as inputs of a tape.
    pub fn inputs_of<'t>(&self, tape: &'t Tape, values: &[Value]) -> Vec<Var<'t, Any>> {
        let mut inputs: Vec<Var<'t, Any>> = Vec::new();
        for (i, value) in values.iter().enumerate() {
            let first = inputs.iter().find(|v| v.dtype().is_float());
            let input = match first {
                Some(&first) if self.alias && value.dtype().is_float() => first,
                _ => tape.input_value(format!("x{i}"), value.clone()),
            };
            inputs.push(input);
        }
        inputs
    }

    /// Records the operation.
    ///
    /// # Errors
    /// Whatever rule the operands break.
    pub fn record<'t>(
        &self,
        tape: &'t Tape,
        inputs: &[Var<'t, Any>],
    ) -> Result<Vec<Var<'t, Any>>, Error> {
        match self.op {
            // A leaf is what it was given.
            Op::Leaf(_) => Ok(inputs.to_vec()),
            ref op => Ok(tape.apply(op.clone(), inputs)?.to_vec()),
        }
    }

    /// The operands that are of floats, each variable once.
    pub fn floats(&self) -> Vec<usize> {
        let floats = (0..self.values.len()).filter(|&i| self.values[i].dtype().is_float());
        floats
            .take(if self.alias { 1 } else { usize::MAX })
            .collect()
    }

    /// The same in f32.
    pub fn narrow(&self) -> Case {
        let narrow = |v: &Value| match v {
            Value::F64(a) => Value::from(a.view().mapv(|x| x as f32)),
            other => other.clone(),
        };
        let op = match self.op {
            Op::OneHot(mut s) => {
                s.dtype = DType::F32;
                s.into()
            }
            ref op => op.clone(),
        };
        Case {
            op,
            values: self.values.iter().map(narrow).collect(),
            alias: self.alias,
        }
    }
}

/// An array of f64 as a value.
pub fn value<D: ndarray::Dimension>(array: ndarray::Array<f64, D>) -> Value {
    Value::from(array)
}

/// The numbers of a value of f64.
///
/// # Panics
/// If it is of another element type.
pub fn numbers(value: &Value) -> ArrayD<f64> {
    value.array::<f64>().expect("a value of f64").to_owned()
}
