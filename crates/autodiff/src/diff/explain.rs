//! Why a variable has a gradient, or none.

use std::collections::VecDeque;
use std::fmt;
use std::panic::Location;

use super::passes;
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
        let smooth = |from: ValueId, to: ValueId| {
            passes(&inner, inner.producer(to)) && float(from) && float(to)
        };
        if let Some(path) = find_path(&inner, x.id(), y.id(), smooth) {
            return Dependence::Smooth { path: named(&path) };
        }
        let Some(path) = find_path(&inner, x.id(), y.id(), |_, _| true) else {
            return Dependence::Independent;
        };
        // Follow the path to the first step that cuts it.
        let step = path.windows(2).find(|w| !smooth(w[0], w[1]));
        let inst = inner.inst(inner.producer(step.map_or(y.id(), |w| w[1])));
        let (path, at) = (named(&path), inst.site.location);
        match inst.op.primitive().flow() {
            Flow::Stopped => Dependence::Stopped { path, at },
            _ => Dependence::PiecewiseConstant {
                path,
                op: inst.op.name(),
                at,
            },
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
