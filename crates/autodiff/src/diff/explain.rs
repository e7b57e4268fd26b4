//! Why a variable has a gradient, or none.

use std::collections::VecDeque;
use std::fmt;
use std::panic::Location;

use super::flow;
use crate::dtype::{Any, Kind};
use crate::error::{Error, Fault};
use crate::op::Flow;
use crate::tape::{Inner, Tape, ValueId};
use crate::var::Var;

/// How one value depends on another. Printed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// Through operations that pass derivatives on: there is a gradient. The
    /// path is one of possibly many, from the variable to the output.
    Smooth {
        /// Names of the values on the path.
        path: Vec<String>,
    },
    /// Not at all.
    Independent,
    /// Only through `stop_gradient`.
    Stopped {
        /// Names of the values on the path.
        path: Vec<String>,
        /// The line that stopped it.
        at: &'static Location<'static>,
    },
    /// Only through operations that do not change under small changes.
    PiecewiseConstant {
        /// Names of the values on the path.
        path: Vec<String>,
        /// The first such operation.
        op: &'static str,
        /// The line that recorded it.
        at: &'static Location<'static>,
    },
    /// Through an operation that has no derivative rule.
    Unsupported {
        /// Names of the values on the path.
        path: Vec<String>,
        /// The operation.
        op: &'static str,
        /// The line that recorded it.
        at: &'static Location<'static>,
    },
}

impl fmt::Display for Dependence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = |path: &[String]| path.join(" -> ");
        match self {
            Dependence::Smooth { path } => write!(f, "differentiable along {}", way(path)),
            Dependence::Independent => f.write_str("the output does not depend on it"),
            Dependence::Stopped { path, at } => {
                write!(f, "stopped by `stop_gradient` at {at}, along {}", way(path))
            }
            Dependence::Unsupported { path, op, at } => {
                write!(
                    f,
                    "`{op}` at {at} has no derivative rule, along {}",
                    way(path)
                )
            }
            Dependence::PiecewiseConstant { path, op, at } => write!(
                f,
                "`{op}` at {at} is piecewise constant, along {}",
                way(path)
            ),
        }
    }
}

impl Tape {
    /// Why `y` has, or does not have, a gradient with respect to `x`.
    ///
    /// ```
    /// use wengert_autodiff::{Dependence, Tape};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", ndarray::array![1.0, -2.0]);
    /// let y = x.sign().sum();
    /// assert!(matches!(tape.explain(y, x), Dependence::PiecewiseConstant { op: "sign", .. }));
    /// assert!(tape.grads(y, &[x])?[0].is_none());
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// If a variable belongs to another tape.
    #[track_caller]
    pub fn explain<T: Kind, U: Kind>(&self, y: Var<'_, T>, x: Var<'_, U>) -> Dependence {
        for (operand, tape) in [y.tape(), x.tape()].into_iter().enumerate() {
            if !std::ptr::eq(tape, self) {
                let fault = Fault::Foreign { operand };
                Error::new("explain", vec![], fault, Location::caller()).raise()
            }
        }
        let inner = self.inner();
        let named = |path: &[ValueId]| path.iter().map(|&id| inner.label(id)).collect();
        let float = |id: ValueId| inner.value(id).dtype().is_float();
        let step = |from: ValueId, to: ValueId| match float(from) && float(to) {
            true => flow(&inner, inner.producer(to)),
            false => Flow::PiecewiseConstant,
        };
        // The path that is cut the least: nowhere, by a missing rule, at all.
        let ways: [&dyn Fn(Flow) -> bool; 3] = [
            &|flow| flow == Flow::Smooth,
            &|flow| matches!(flow, Flow::Smooth | Flow::Unsupported),
            &|_| true,
        ];
        let path = ways
            .into_iter()
            .find_map(|way| find_path(&inner, x.id(), y.id(), |from, to| way(step(from, to))));
        let Some(path) = path else {
            return Dependence::Independent;
        };
        let cut = path.windows(2).find(|w| step(w[0], w[1]) != Flow::Smooth);
        let (path, cut) = (named(&path), cut.map(|w| (w[1], step(w[0], w[1]))));
        let Some((at, flow)) = cut else {
            return Dependence::Smooth { path };
        };
        let inst = inner.inst(inner.producer(at));
        let (op, at) = (inst.op.name(), inst.site.location);
        match flow {
            Flow::Stopped => Dependence::Stopped { path, at },
            Flow::Unsupported => Dependence::Unsupported { path, op, at },
            _ => Dependence::PiecewiseConstant { path, op, at },
        }
    }

    pub(crate) fn no_gradient(
        &self,
        y: Var<'_, Any>,
        x: Var<'_, Any>,
        here: &'static Location<'static>,
    ) -> Error {
        let fault = Fault::NoGradient {
            variable: self.inner().label(x.id()),
            reason: self.explain(y, x).to_string(),
        };
        Error::new("grad", vec![y.ty(), x.ty()], fault, here)
    }
}

/// A shortest path from `x` to `y` along steps that are allowed.
fn find_path(
    inner: &Inner,
    x: ValueId,
    y: ValueId,
    allowed: impl Fn(ValueId, ValueId) -> bool,
) -> Option<Vec<ValueId>> {
    if x > y {
        return None;
    }
    // Backwards from `y`, so that only its ancestors are visited.
    let mut next: Vec<Option<ValueId>> = vec![None; y.index() + 1];
    let mut queue = VecDeque::from([y]);
    while let Some(id) = queue.pop_front() {
        if id == x {
            let mut path = vec![x];
            while path.last() != Some(&y) {
                path.push(next[path[path.len() - 1].index()]?);
            }
            return Some(path);
        }
        for &arg in inner.args(inner.producer(id)) {
            if arg >= x && next[arg.index()].is_none() && allowed(arg, id) {
                next[arg.index()] = Some(id);
                queue.push_back(arg);
            }
        }
    }
    None
}
