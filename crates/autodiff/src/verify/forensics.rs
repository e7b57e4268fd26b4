//! Where NaN and infinity come from: the first instruction, forward or
//! backward, whose result is not finite, and what it was given.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::exact;
use super::locate::unravel;
use super::node::Node;
use crate::dtype::Kind;
use crate::eval::ancestors;
use crate::tape::{InstId, Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

/// The first result on a tape that is not finite. Printed, it says which
/// operation made it of what, at which index, on whose line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NonFinite {
    /// The instruction.
    pub node: Node,
    /// The index of the first such element of its result.
    pub index: Vec<usize>,
    /// What it is: NaN, or an infinity.
    #[serde(with = "exact")]
    pub value: f64,
    /// What the instruction was given.
    pub operands: Vec<Range>,
}

/// What an operand holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Name (or number) and shape.
    pub name: String,
    /// The smallest number in it that is not NaN.
    #[serde(with = "exact")]
    pub least: f64,
    /// The largest number in it that is not NaN.
    #[serde(with = "exact")]
    pub greatest: f64,
    /// How many elements are NaN or infinite.
    pub not_finite: usize,
    /// The element that took part in the offending one, where operand and
    /// result have corresponding elements.
    #[serde(with = "exact::option")]
    pub there: Option<f64>,
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "first {} at {:?} of {}   {}",
            self.value, self.index, self.node, self.node.line
        )?;
        if !self.node.scope.is_empty() {
            write!(f, "   in {}", self.node.scope)?;
        }
        for operand in &self.operands {
            write!(f, "\n      {operand}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.least <= self.greatest {
            true => write!(f, "{} from {} to {}", self.name, self.least, self.greatest)?,
            false => write!(f, "{}", self.name)?,
        }
        if let Some(there) = self.there {
            write!(f, ", {there} there")?;
        }
        match self.not_finite {
            0 => Ok(()),
            n => write!(f, ", {n} not finite"),
        }
    }
}

impl Tape {
    /// The first instruction on the tape, forward or backward, with a result
    /// that is NaN or infinite.
    ///
    /// ```
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", ndarray::array![4.0, 0.0]);
    /// let y = x.sqrt().sum();
    /// assert!(tape.first_non_finite().is_none());
    /// let [dx] = tape.grad(y, [x])?;
    /// let found = tape.first_non_finite().expect("the slope of the root at 0");
    /// assert_eq!((found.value, &found.index[..]), (f64::INFINITY, &[1][..]));
    /// assert!(found.to_string().contains("in the derivative of %1"), "{found}");
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    pub fn first_non_finite(&self) -> Option<NonFinite> {
        self.first(|_| true, |x| !x.is_finite())
    }

    /// The first instruction on the tape with a result that is NaN; for
    /// programs in which infinities are at home, as in masks of attention.
    pub fn first_nan(&self) -> Option<NonFinite> {
        self.first(|_| true, f64::is_nan)
    }

    fn first(
        &self,
        among: impl Fn(ValueId) -> bool,
        bad: impl Fn(f64) -> bool + Copy,
    ) -> Option<NonFinite> {
        let inner = self.inner();
        for inst in inner.insts() {
            for r in inner.results(inst).filter(|&r| among(r)) {
                let value = inner.value(r);
                if value.dtype().is_float()
                    && let Some(at) = position(value, bad)
                {
                    drop(inner);
                    return Some(self.described(inst, r, at));
                }
            }
        }
        None
    }

    fn described(&self, inst: InstId, result: ValueId, at: usize) -> NonFinite {
        let inner = self.inner();
        let node = Node::new(&inner, inst);
        let value = inner.value(result);
        let index = unravel(at, value.shape());
        let operands = inner.args(inst).iter().zip(&node.operands);
        let operands = operands.map(|(&a, name)| range(inner.value(a), name, &index));
        NonFinite {
            operands: operands.collect(),
            value: value.to_f64()[at],
            index,
            node,
        }
    }
}

impl<T: Kind> Var<'_, T> {
    /// The first instruction among those that this value was computed from,
    /// and the one that computed it, with a result that is NaN or infinite.
    /// Asked of a gradient, that includes the forward computation.
    pub fn first_non_finite(self) -> Option<NonFinite> {
        self.first_in_history(|x| !x.is_finite())
    }

    /// The same for NaN alone.
    pub fn first_nan(self) -> Option<NonFinite> {
        self.first_in_history(f64::is_nan)
    }

    fn first_in_history(self, bad: impl Fn(f64) -> bool + Copy) -> Option<NonFinite> {
        let history = ancestors(&self.tape().inner(), &[self.id()], |_| true);
        self.tape().first(|id| history[id.index()], bad)
    }
}

/// Where the first bad element is.
fn position(value: &Value, bad: impl Fn(f64) -> bool) -> Option<usize> {
    match value {
        Value::F32(_) => value.slice::<f32>().iter().position(|&x| bad(f64::from(x))),
        Value::F64(_) => value.slice::<f64>().iter().position(|&x| bad(x)),
        _ => None,
    }
}

fn range(value: &Value, name: &str, index: &[usize]) -> Range {
    let numbers = value.to_f64();
    let shape = value.shape();
    // As broadcasting aligns them: from the last axis.
    let there = (shape.len() <= index.len()).then(|| {
        let aligned = &index[index.len() - shape.len()..];
        shape
            .iter()
            .zip(aligned)
            .try_fold(0, |at, (&n, &i)| match (n, i) {
                (1, _) => Some(at),
                (n, i) if i < n => Some(at * n + i),
                _ => None,
            })
    });
    let there = there.flatten().and_then(|at| numbers.get(at).copied());
    Range {
        name: name.to_string(),
        least: numbers.iter().copied().fold(f64::INFINITY, f64::min),
        greatest: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        not_finite: numbers.iter().filter(|x| !x.is_finite()).count(),
        there,
    }
}
