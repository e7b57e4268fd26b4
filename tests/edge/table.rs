//! How each hard point is written here. A case of the reference that is
//! missing from these lists fails the test, and so does a row that no case
//! has.

use wengert_autodiff::Var;

type V<'t> = Var<'t, f64>;

/// A function of the inputs of a case.
#[derive(Clone, Copy)]
pub enum Formula {
    /// Of one.
    One(for<'t> fn(V<'t>) -> V<'t>),
    /// Of two.
    Two(for<'t> fn(V<'t>, V<'t>) -> V<'t>),
    /// Of three.
    Three(for<'t> fn(V<'t>, V<'t>, V<'t>) -> V<'t>),
}

impl Formula {
    /// The value.
    pub fn at<'t>(self, inputs: &[V<'t>]) -> V<'t> {
        match (self, inputs) {
            (Formula::One(f), &[x]) => f(x),
            (Formula::Two(f), &[x, y]) => f(x, y),
            (Formula::Three(f), &[x, y, z]) => f(x, y, z),
            _ => panic!("the case has {} inputs", inputs.len()),
        }
    }
}

/// One hard point.
pub struct Row {
    /// The identifier in the reference.
    pub id: &'static str,
    /// How it is written; `None` if there is no such operation yet.
    pub formula: Option<Formula>,
    /// For what is refused when recorded: a part of the message.
    pub refused: Option<&'static str>,
    /// Why the convention is what it is. Empty where there is nothing to
    /// choose: where we, PyTorch and JAX say the same.
    pub why: &'static str,
}

impl Row {
    /// With a reason.
    pub fn because(self, why: &'static str) -> Row {
        Row { why, ..self }
    }

    /// Refused when recorded, with this in the message.
    pub fn refused(self, message: &'static str) -> Row {
        Row {
            refused: Some(message),
            ..self
        }
    }
}

fn row(id: &'static str, formula: Option<Formula>) -> Row {
    Row {
        id,
        formula,
        refused: None,
        why: "",
    }
}

/// A function of one input.
pub fn one(id: &'static str, f: for<'t> fn(V<'t>) -> V<'t>) -> Row {
    row(id, Some(Formula::One(f)))
}

/// A function of two inputs.
pub fn two(id: &'static str, f: for<'t> fn(V<'t>, V<'t>) -> V<'t>) -> Row {
    row(id, Some(Formula::Two(f)))
}

/// A function of three inputs.
pub fn three(id: &'static str, f: for<'t> fn(V<'t>, V<'t>, V<'t>) -> V<'t>) -> Row {
    row(id, Some(Formula::Three(f)))
}

/// There is no such operation yet.
pub fn open(id: &'static str) -> Row {
    row(id, None)
}

/// Every row.
pub fn all() -> Vec<Row> {
    let groups = [
        crate::kinks::rows(),
        crate::zeros::rows(),
        crate::exponentials::rows(),
        crate::programs::rows(),
    ];
    groups.into_iter().flatten().collect()
}
