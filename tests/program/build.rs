//! From a sketch to operations with operands. The values are computed on the
//! way, because what an operand may be depends on its domain.

use ndarray::ArrayD;
use wengert_autodiff::custom::Flow;
use wengert_autodiff::ops::{Binary, Cast, OpKind, Unary};
use wengert_autodiff::{Any, DType, Op, Tape, Value, Var, concat};

use super::sketch::{Sketch, Step};
use crate::random::Random;
use crate::table::case::{Fill, Operand, Plan};
use crate::table::naive::{Interpreter, Naive, Real};
use crate::table::row::{Regime, Row};

/// No value of a program has more elements.
const LARGEST: usize = 48;

/// The rows of the table that can take part in a program whose gradient is
/// compared with differences.
pub fn players() -> Vec<Row> {
    let mut rows = crate::table::rows();
    rows.retain(|row| match row.kind {
        // A leaf is made when it is wanted.
        OpKind::Leaf => false,
        // Differences see what the user has hidden from the sweeps.
        OpKind::StopGradient => false,
        // Differences see the rounding to f32, and nothing else.
        OpKind::Cast => !row.name.ends_with("f32"),
        _ => true,
    });
    rows
}

/// Those of them that take no decision: what they make has derivatives of
/// every order, everywhere in their domains.
pub fn smooth_players() -> Vec<Row> {
    let mut rows = players();
    rows.retain(|row| {
        let case = row
            .case(&mut Random::new(0), Regime::Plain)
            .expect("an ordinary case");
        let primitive = case.op.primitive();
        let operands: Vec<&Value> = case.values.iter().collect();
        let mut decisions = 0;
        primitive.kinks(&operands, &mut |_, _| decisions += 1);
        primitive.flow() == Flow::Smooth && decisions == 0
    });
    rows
}

/// Where a value of a program comes from.
#[derive(Clone, Debug)]
enum Node {
    /// A variable.
    Variable(Value),
    /// Something given: indices, masks, numbers.
    Given(Value),
    /// An operation, on earlier values.
    Applied(Op, Vec<usize>),
}

/// A program: what it computes, in order.
#[derive(Clone, Debug, Default)]
pub struct Program {
    nodes: Vec<Node>,
}

/// A program that is being built, with its values.
struct Builder<'t> {
    tape: &'t Tape,
    program: Program,
    /// The values so far: more than one for an operation of several results.
    values: Vec<Var<'t, Any>>,
    random: Random,
}

impl Program {
    /// Builds what a sketch says; steps that find no operand do nothing.
    pub fn build(sketch: &Sketch, table: &[Row]) -> Program {
        let tape = Tape::new();
        let mut builder = Builder {
            tape: &tape,
            program: Program::default(),
            values: Vec::new(),
            random: Random::new(sketch.seed),
        };
        for shape in &sketch.shapes {
            builder.variable(&Operand::float(shape, (-1.5, 1.5)));
        }
        for step in &sketch.steps {
            builder.step(&table[step.row % table.len()], step);
        }
        builder.program
    }

    /// The operations, without the leaves.
    pub fn operations(&self) -> Vec<&Op> {
        let applied = self.nodes.iter().filter_map(|n| match n {
            Node::Applied(op, _) => Some(op),
            _ => None,
        });
        applied.collect()
    }

    /// The values of the variables.
    pub fn variables(&self) -> Vec<Value> {
        let variables = self.nodes.iter().filter_map(|n| match n {
            Node::Variable(v) => Some(v.clone()),
            _ => None,
        });
        variables.collect()
    }

    /// The program in f64, as one function: its result, or all its results in
    /// one vector.
    ///
    /// # Panics
    /// Unless there is a variable for each, on one tape.
    pub fn run<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
        let any: Vec<Var<'t, Any>> = x.iter().map(|x| x.any()).collect();
        let results = self.record(x[0].tape(), &any, false);
        let typed = results.into_iter().map(|y| y.typed::<f64>());
        let typed: Vec<_> = typed.collect::<Result<_, _>>().expect("a program in f64");
        match typed[..] {
            [y] => y,
            _ => {
                let flat: Vec<_> = typed.iter().map(|y| y.reshape([y.size()])).collect();
                concat(&flat, 0)
            }
        }
    }

    /// Records the program on the tape of these variables. The results are
    /// the floats that nothing else uses; `narrow` is in f32.
    pub fn record<'t>(
        &self,
        tape: &'t Tape,
        variables: &[Var<'t, Any>],
        narrow: bool,
    ) -> Vec<Var<'t, Any>> {
        let mut variables = variables.iter();
        let mut values: Vec<Var<'t, Any>> = Vec::new();
        let mut used: Vec<bool> = Vec::new();
        let given = |value: &Value| match value {
            Value::F64(a) if narrow => Value::from(a.view().mapv(|x| x as f32)),
            other => other.clone(),
        };
        for node in &self.nodes {
            match node {
                Node::Variable(_) => values.push(*variables.next().expect("one for each")),
                Node::Given(value) => values.push(tape.constant_value(given(value))),
                Node::Applied(op, operands) => {
                    let args: Vec<_> = operands.iter().map(|&i| values[i]).collect();
                    for &i in operands {
                        used[i] = true;
                    }
                    let op = if narrow { in_f32(op) } else { op.clone() };
                    let results = tape.apply(op, &args);
                    values.extend(results.unwrap_or_else(|e| panic!("{e}")));
                }
            }
            used.resize(values.len(), false);
        }
        let floats: Vec<bool> = values.iter().map(|v| v.dtype().is_float()).collect();
        results(&floats, &used)
            .into_iter()
            .map(|i| values[i])
            .collect()
    }

    /// The sum of all results, on plain arrays: nothing of the crate under
    /// test.
    pub fn sum_by_hand(&self, variables: &[ArrayD<f64>]) -> f64 {
        let mut interpreter = Interpreter::of(DType::F64);
        let mut variables = variables.iter();
        let mut values: Vec<Naive> = Vec::new();
        let mut used: Vec<bool> = Vec::new();
        for node in &self.nodes {
            match node {
                Node::Variable(_) => {
                    let x = variables.next().expect("one for each");
                    values.push(Naive::Real(x.mapv(Real::exact)));
                }
                Node::Given(value) => values.push(Naive::exact(value)),
                Node::Applied(op, operands) => {
                    let args: Vec<Naive> = operands.iter().map(|&i| values[i].clone()).collect();
                    for &i in operands {
                        used[i] = true;
                    }
                    values.extend(interpreter.apply(op, &args));
                }
            }
            used.resize(values.len(), false);
        }
        let floats: Vec<bool> = values.iter().map(|v| matches!(v, Naive::Real(_))).collect();
        let sum = |i: usize| match &values[i] {
            Naive::Real(a) => a.iter().map(|x| x.value).sum::<f64>(),
            _ => unreachable!("results are floats"),
        };
        results(&floats, &used).into_iter().map(sum).sum()
    }
}

/// The floats that nothing uses; if there are none, the last of the floats.
fn results(floats: &[bool], used: &[bool]) -> Vec<usize> {
    let unused: Vec<usize> = (0..floats.len())
        .filter(|&i| floats[i] && !used[i])
        .collect();
    match unused.is_empty() {
        false => unused,
        true => vec![
            floats
                .iter()
                .rposition(|&f| f)
                .expect("there is a variable"),
        ],
    }
}

fn in_f32(op: &Op) -> Op {
    match op {
        Op::Cast(Cast { to: DType::F64 }) => Cast { to: DType::F32 }.into(),
        &Op::OneHot(mut s) => {
            s.dtype = DType::F32;
            s.into()
        }
        op => op.clone(),
    }
}

impl<'t> Builder<'t> {
    fn variable(&mut self, operand: &Operand) -> usize {
        let value = operand.value(&mut self.random);
        let var = self.tape.input_value("x", value.clone());
        self.push(Node::Variable(value), vec![var])
    }

    fn given(&mut self, value: Value) -> usize {
        let var = self.tape.constant_value(value.clone());
        self.push(Node::Given(value), vec![var])
    }

    fn push(&mut self, node: Node, results: Vec<Var<'t, Any>>) -> usize {
        self.program.nodes.push(node);
        self.values.extend(results);
        self.values.len() - 1
    }

    fn apply(&mut self, op: impl Into<Op>, operands: Vec<usize>) -> Option<usize> {
        let op = op.into();
        let args: Vec<_> = operands.iter().map(|&i| self.values[i]).collect();
        let results = self.tape.apply(op.clone(), &args).ok()?;
        let fits = |v: &Var<'_, Any>| v.size() <= LARGEST;
        if !results.iter().all(fits) {
            return None;
        }
        Some(self.push(Node::Applied(op, operands), results.to_vec()))
    }

    fn step(&mut self, row: &Row, step: &Step) {
        self.random = Random::new(step.seed);
        let mut starts: Vec<usize> = (0..self.values.len())
            .rev()
            .filter(|&i| self.values[i].dtype() == row.dtype)
            .collect();
        if starts.is_empty() {
            return;
        }
        let n = starts.len();
        starts.rotate_left(step.operand % n);
        let regimes = [
            Regime::Plain,
            Regime::Broadcast(0),
            Regime::Broadcast(1),
            Regime::Broadcast(2),
        ];
        let regime = regimes[self.random.below(4)];
        for start in starts {
            let shape = self.values[start].shape().to_vec();
            for regime in [regime, Regime::Plain] {
                if let Some(plan) = row.plan(&mut self.random, &shape, regime) {
                    let done = self.planned(row, start, plan);
                    if done.is_some() {
                        return;
                    }
                }
            }
        }
    }

    fn planned(&mut self, row: &Row, start: usize, plan: Plan) -> Option<usize> {
        // Too large a result is not recorded, and nothing else is either.
        let (nodes, values) = (self.program.nodes.len(), self.values.len());
        let mut operands = Vec::new();
        for (i, operand) in plan.operands.iter().enumerate() {
            let from = if i == row.principal {
                Some(start)
            } else {
                self.existing(operand)
            };
            operands.push(match from {
                Some(i) => self.within(i, operand)?,
                // Whole numbers are kinks of much that could follow.
                None if matches!(operand.fill, Fill::Within(..)) => self.variable(operand),
                None => {
                    let value = operand.value(&mut self.random);
                    self.given(value)
                }
            });
        }
        let done = self.apply(plan.op, operands);
        if done.is_none() {
            self.program.nodes.truncate(nodes);
            self.values.truncate(values);
        }
        done
    }

    /// A value that could be this operand, if there is one.
    fn existing(&mut self, operand: &Operand) -> Option<usize> {
        let fits = |v: &Var<'_, Any>| {
            let below = match operand.fill {
                Fill::Below(n) => v.peek().to_f64().iter().all(|&i| i < n as f64),
                _ => true,
            };
            v.dtype() == operand.dtype && *v.shape() == operand.shape[..] && below
        };
        let all: Vec<usize> = (0..self.values.len())
            .filter(|&i| fits(&self.values[i]))
            .collect();
        // Sometimes a new one all the same.
        if all.is_empty() || self.random.unit() < 0.1 {
            return None;
        }
        Some(all[self.random.below(all.len())])
    }

    /// The value, brought into the operand's domain if it is not there:
    /// `m + r tanh x`.
    fn within(&mut self, i: usize, operand: &Operand) -> Option<usize> {
        let Fill::Within((lo, hi), poles, margin) = &operand.fill else {
            return Some(i);
        };
        let inside = |x: &f64| {
            (*lo..=*hi).contains(x)
                && (*margin < 0.1 || poles.iter().all(|p| (x - p).abs() > *margin))
        };
        if self.values[i].peek().to_f64().iter().all(inside) {
            return Some(i);
        }
        // Poles are at the middle of their domain: the upper half will do.
        let lo = if *margin < 0.1 {
            *lo
        } else {
            lo + (hi - lo) / 2.0 + margin
        };
        let scalar = |x: f64| Value::scalar(x);
        let squashed = self.apply(Unary::Tanh, vec![i])?;
        let half = self.given(scalar((hi - lo) / 2.0));
        let scaled = self.apply(Binary::Mul, vec![squashed, half])?;
        let middle = self.given(scalar((hi + lo) / 2.0));
        self.apply(Binary::Add, vec![scaled, middle])
    }
}
