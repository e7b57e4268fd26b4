//! A row of the table: from the shape of one operand to an operation with all
//! its parameters and operands.

use wengert_autodiff::DType;
use wengert_autodiff::Value;
use wengert_autodiff::ops::OpKind;

use super::case::{Case, Fill, Plan};
use crate::random::Random;

/// What the operands are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// As many axes and elements as it happens; every operand of full shape.
    Plain,
    /// Rank 0.
    Scalar,
    /// At least one axis of length 0.
    Empty,
    /// This operand is smaller than the others and has to be broadcast.
    Broadcast(usize),
    /// The same variable in every place that takes floats.
    Alias,
}

impl Regime {
    /// All of them.
    pub const ALL: [Regime; 7] = [
        Regime::Plain,
        Regime::Scalar,
        Regime::Empty,
        Regime::Broadcast(0),
        Regime::Broadcast(1),
        Regime::Broadcast(2),
        Regime::Alias,
    ];
}

/// From a source of numbers, the shape of the principal operand, and what the
/// operands are to be like, a plan; `None` where the operation does not take
/// such an operand.
pub type Planner = Box<dyn Fn(&mut Random, &[usize], Regime) -> Option<Plan> + Send + Sync>;

/// A point at which an operation has a kink, a tie, or a pole.
#[derive(Clone, Debug)]
pub struct Hard {
    /// The operation there.
    pub case: Case,
    /// What its derivatives are there, by convention.
    pub slope: Slope,
}

/// What the derivatives are at a hard point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slope {
    /// Numbers, to the second order.
    Finite,
    /// Numbers or infinite, and not NaN to the first order.
    Infinite,
    /// They do not exist, and are NaN somewhere.
    Undefined,
}

/// One row of the table: an operation, or one kind of it.
pub struct Row {
    /// The name, as the tape prints it.
    pub name: String,
    /// Which operation it is.
    pub kind: OpKind,
    /// Which operand the shape is given of, when an operation is planned.
    pub principal: usize,
    /// The element type of that operand.
    pub dtype: DType,
    /// Whether any element type would do for the operands of floats.
    pub generic: bool,
    plan: Planner,
    /// Kinks, ties, poles, extremes.
    pub hard: Vec<Hard>,
}

impl Row {
    /// A row whose principal operand is the first, of floats.
    pub fn new(
        name: impl Into<String>,
        kind: OpKind,
        plan: impl Fn(&mut Random, &[usize], Regime) -> Option<Plan> + Send + Sync + 'static,
    ) -> Row {
        Row {
            name: name.into(),
            kind,
            principal: 0,
            dtype: DType::F64,
            generic: false,
            plan: Box::new(plan),
            hard: Vec::new(),
        }
    }

    /// The same row with another principal operand.
    pub fn around(self, principal: usize, dtype: DType) -> Row {
        Row {
            principal,
            dtype,
            ..self
        }
    }

    /// The same row, for any element type.
    pub fn generic(self) -> Row {
        Row {
            generic: true,
            ..self
        }
    }

    /// The same row with hard points.
    pub fn hard(mut self, slope: Slope, cases: impl IntoIterator<Item = Case>) -> Row {
        let points = cases.into_iter().map(|case| Hard { case, slope });
        self.hard.extend(points);
        self
    }

    /// An operation around an operand of this shape.
    pub fn plan(&self, random: &mut Random, shape: &[usize], regime: Regime) -> Option<Plan> {
        (self.plan)(random, shape, regime)
    }

    /// An operation at a random point, around an operand of this shape.
    pub fn case_of(&self, random: &mut Random, shape: &[usize], regime: Regime) -> Option<Case> {
        let Plan { op, mut operands } = self.plan(random, shape, regime)?;
        let floats: Vec<usize> = (0..operands.len())
            .filter(|&i| operands[i].dtype.is_float())
            .collect();
        let alias = regime == Regime::Alias;
        if alias {
            // One value for all places: it has to be within every domain.
            let fills = floats.iter().map(|&i| &operands[i].fill);
            let common = fills.cloned().reduce(both)?;
            let same = |&i: &usize| operands[i].shape == operands[floats[0]].shape;
            if floats.len() < 2 || !floats.iter().all(same) {
                return None;
            }
            for &i in &floats {
                operands[i].fill = common.clone();
            }
        }
        let mut values: Vec<Value> = operands.iter().map(|o| o.value(random)).collect();
        if alias {
            for &i in &floats[1..] {
                values[i] = values[floats[0]].clone();
            }
        }
        Some(Case { op, values, alias })
    }

    /// An operation at a random point, if it can be had under this regime.
    pub fn case(&self, random: &mut Random, regime: Regime) -> Option<Case> {
        // Not every shape suits every operation.
        (0..12).find_map(|_| {
            let shape = random_shape(random, regime);
            self.case_of(random, &shape, regime)
        })
    }
}

/// What is within both.
fn both(a: Fill, b: Fill) -> Fill {
    match (a, b) {
        (Fill::Within(a, kinks, margin), Fill::Within(b, more, wide)) => {
            let range = (a.0.max(b.0), a.1.min(b.1));
            Fill::Within(range, [kinks, more].concat(), margin.max(wide))
        }
        (a, _) => a,
    }
}

fn random_shape(random: &mut Random, regime: Regime) -> Vec<usize> {
    if regime == Regime::Scalar {
        return vec![];
    }
    let rank = match regime {
        Regime::Plain => random.below(4),
        _ => 1 + random.below(3),
    };
    let mut shape: Vec<usize> = (0..rank).map(|_| 1 + random.below(4)).collect();
    if regime == Regime::Empty {
        shape[random.below(rank)] = 0;
    }
    shape
}

/// The shapes of `n` operands that are broadcast together, the principal one
/// of which has this shape.
pub fn broadcast(
    random: &mut Random,
    shape: &[usize],
    regime: Regime,
    principal: usize,
    n: usize,
) -> Option<Vec<Vec<usize>>> {
    let Regime::Broadcast(small) = regime else {
        return Some(vec![shape.to_vec(); n]);
    };
    if small >= n {
        return None;
    }
    let mut shapes = vec![shape.to_vec(); n];
    if small == principal {
        // The others are larger: where this one has length 1, and in front.
        let stretch = |&n: &usize| if n == 1 { 3 } else { n };
        let mut large: Vec<usize> = shape.iter().map(stretch).collect();
        if large == shape || random.unit() < 0.3 {
            large.insert(0, 2);
        }
        for (i, shape) in shapes.iter_mut().enumerate() {
            if i != principal {
                *shape = large.clone();
            }
        }
    } else {
        let longer: Vec<usize> = (0..shape.len()).filter(|&i| shape[i] != 1).collect();
        let thin = &mut shapes[small];
        match longer.is_empty() {
            true if shape.is_empty() => return None,
            true => {
                thin.remove(0);
            }
            false => {
                thin[longer[random.below(longer.len())]] = 1;
                if thin[0] == 1 && random.unit() < 0.5 {
                    thin.remove(0);
                }
            }
        }
    }
    Some(shapes)
}
