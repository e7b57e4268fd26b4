//! The result of a check, as data. How it reads is in `display`.

use serde::{Deserialize, Serialize};

use super::exact;
use super::node::Node;

/// What a check found out about the gradient with respect to one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// It agrees with the differences and with the forward sweep.
    Ok {
        /// The largest disagreement, relative to the derivative.
        #[serde(with = "exact")]
        agreement: f64,
        /// The smallest relative error that would have been called wrong.
        #[serde(with = "exact")]
        resolution: f64,
    },
    /// It does not.
    Wrong(Box<Mistake>),
    /// The gradient is right, but the forward sweep says something else.
    Inconsistent {
        /// The derivative along a random direction, in reverse.
        #[serde(with = "exact")]
        reverse: f64,
        /// The same, forward.
        #[serde(with = "exact")]
        forward: f64,
        /// The first forward rule that is wrong on its own.
        rule: Option<Box<WrongRule>>,
    },
    /// The differences are too uncertain to say anything.
    Inconclusive {
        /// The uncertainty, relative to the derivative.
        #[serde(with = "exact")]
        uncertainty: f64,
    },
    /// The function has a kink at this very point. That is no failure if all
    /// elements that do not move across it are right.
    NonDifferentiable {
        /// Where.
        kink: Box<Kink>,
        /// Slopes to the left and to the right, along a random direction.
        #[serde(with = "exact::pair")]
        slopes: (f64, f64),
        /// What the gradient says: a convention.
        #[serde(with = "exact")]
        analytic: f64,
        /// How many elements move across the kink; of them, the gradient lies
        /// between the slopes on either side.
        kinked: usize,
        /// How many could not be told apart from them.
        unchecked: usize,
    },
    /// An element of the gradient is NaN or infinite.
    NotFinite {
        /// The first such element.
        index: Vec<usize>,
        /// What it is.
        #[serde(with = "exact")]
        value: f64,
        /// The first instruction whose result is not finite, with its line.
        first: String,
    },
    /// There is no gradient, and the differences agree or the user said so.
    Absent {
        /// Why.
        reason: String,
    },
}

/// Everything that is known about a wrong gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// The derivative along a random direction as the gradient has it.
    #[serde(with = "exact")]
    pub analytic: f64,
    /// The same from differences.
    #[serde(with = "exact")]
    pub numeric: f64,
    /// Bound for the error of `numeric`.
    #[serde(with = "exact")]
    pub error: f64,
    /// Wrong elements, the worst first; all of them in an exhaustive check.
    pub elements: Vec<Element>,
    /// About how many elements are wrong.
    pub count: usize,
    /// `analytic / numeric`, where it is the same everywhere.
    #[serde(with = "exact::option")]
    pub ratio: Option<f64>,
    /// The mistake that this is typical of.
    pub cause: Option<String>,
    /// The first rule that is wrong on its own.
    pub rule: Option<WrongRule>,
}

/// One element of a gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// Its index.
    pub index: Vec<usize>,
    /// The gradient's number.
    #[serde(with = "exact")]
    pub analytic: f64,
    /// The number from differences.
    #[serde(with = "exact")]
    pub numeric: f64,
    /// Bound for the error of `numeric`.
    #[serde(with = "exact")]
    pub error: f64,
}

impl Element {
    /// `analytic / numeric`: often names the mistake.
    pub fn ratio(&self) -> f64 {
        self.analytic / self.numeric
    }
}

/// A derivative rule that is wrong at the recorded values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrongRule {
    /// The instruction whose rule it is.
    pub node: Node,
    /// The operand whose (co)tangent is wrong.
    pub operand: usize,
    /// Whether it is the reverse rule (vjp) or the forward rule (jvp).
    pub reverse: bool,
    /// What the rule says along a random direction.
    #[serde(with = "exact")]
    pub analytic: f64,
    /// The same from differences.
    #[serde(with = "exact")]
    pub numeric: f64,
    /// What it looks like.
    pub cause: Option<String>,
    /// How many other instructions have a wrong rule.
    pub others: usize,
}

/// A kink that decides, or could.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kink {
    /// The instruction that has it.
    pub node: Node,
    /// The number of the decision within the instruction: the element, for an
    /// elementwise operation.
    pub element: usize,
    /// How far the operands are from the kink.
    #[serde(with = "exact")]
    pub margin: f64,
}

/// The part of a report that is about one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputReport {
    /// The input's name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What was found.
    pub verdict: Verdict,
    /// For an f32 model: how far the f32 gradient is from the f64 one,
    /// relative to the largest entry.
    pub rounding: Option<Rounding>,
}

/// What f32 did to a gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rounding {
    /// The largest difference from the f64 gradient, relative to its largest
    /// entry.
    #[serde(with = "exact")]
    pub relative: f64,
    /// How many decisions f32 takes differently than f64: on another side of a
    /// kink the gradient is another one.
    pub flipped: usize,
    /// Whether rounding, or such a decision, explains it.
    pub explained: bool,
}

/// The result of [`check_gradients`](super::check_gradients). Printed, it is
/// a page that a person can act on; with serde it is data.
///
/// ```
/// use wengert_autodiff::{check_gradients, verify::Report};
///
/// let report = check_gradients(|[x]| x.sin().sum(), &ndarray::array![0.5, 1.0])?;
/// let json = serde_json::to_string(&report)?;
/// let again: Report = serde_json::from_str(&json)?;
/// assert_eq!(again, report);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The name of the function's value, if it has one.
    pub name: Option<String>,
    /// The value of the function.
    #[serde(with = "exact")]
    pub value: f64,
    /// Whether the model was recorded in f32; it is checked in f64.
    pub f32: bool,
    /// Which derivative this is about: 1 for the gradient.
    pub order: usize,
    /// One entry per input.
    pub inputs: Vec<InputReport>,
    /// Where two evaluations of the function differ, if they do.
    pub nondeterministic: Option<String>,
    /// The closest kink.
    pub nearest_kink: Option<Kink>,
    /// The largest disagreement of the reverse and the forward sweep, relative
    /// to the derivative; none if nothing was compared.
    #[serde(with = "exact::option")]
    pub forward_against_reverse: Option<f64>,
    /// Laws of derivatives that are broken: linearity in the cotangent.
    pub broken_laws: Vec<String>,
    /// Instructions between the inputs and the value whose rules have only
    /// seen cotangents of zero: the check says nothing about them.
    pub unexercised: Vec<Node>,
    /// How many times the function was evaluated.
    pub evaluations: usize,
    /// Seconds that it took.
    #[serde(with = "exact")]
    pub seconds: f64,
    /// The check of the next derivative, if it was asked for.
    pub next: Option<Box<Report>>,
}

impl Report {
    /// Whether every gradient was found right. Inconclusive is not right. At
    /// a kink, where there is no gradient but a convention, it is right if
    /// everything else is; [`differentiable`](Report::differentiable) asks for
    /// more.
    pub fn passed(&self) -> bool {
        let right = |i: &InputReport| {
            let verdict = match i.verdict {
                Verdict::Ok { .. } | Verdict::Absent { .. } => true,
                Verdict::NonDifferentiable { unchecked, .. } => unchecked == 0,
                _ => false,
            };
            verdict && i.rounding.is_none_or(|r| r.explained)
        };
        self.nondeterministic.is_none()
            && self.broken_laws.is_empty()
            && self.inputs.iter().all(right)
            && self.next.as_ref().is_none_or(|next| next.passed())
    }

    /// Whether no kink lies at the very point of the check.
    pub fn differentiable(&self) -> bool {
        let kinked = |i: &InputReport| matches!(i.verdict, Verdict::NonDifferentiable { .. });
        !self.inputs.iter().any(kinked)
            && self.next.as_ref().is_none_or(|next| next.differentiable())
    }

    /// Panics with the whole report unless the check has passed.
    ///
    /// # Panics
    /// If it has not.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "{self}");
    }

    /// The report about the input of this name.
    pub fn input(&self, name: &str) -> Option<&InputReport> {
        self.inputs.iter().find(|i| i.name == name)
    }

    /// The first rule that was found wrong, if one was.
    pub fn wrong_rule(&self) -> Option<&WrongRule> {
        let here = self.inputs.iter().find_map(|i| i.verdict.wrong_rule());
        here.or_else(|| self.next.as_ref()?.wrong_rule())
    }
}

impl Verdict {
    /// The first rule that was found wrong, if one was.
    pub fn wrong_rule(&self) -> Option<&WrongRule> {
        match self {
            Verdict::Wrong(mistake) => mistake.rule.as_ref(),
            Verdict::Inconsistent { rule, .. } => rule.as_deref(),
            _ => None,
        }
    }
}
