//! Ours: value, gradient and second order by the reverse sweep, and the
//! gradient once more by the forward sweep.

use std::collections::BTreeMap;

use ndarray::ArrayD;
use wengert_autodiff::{Tape, Var};

use crate::reference::{self, Case};
use crate::table::{self, Formula, Row};

/// Outputs, gradients, second order.
pub type Ours = [Vec<f64>; 3];

/// Every row with its case, in the order of the reference.
///
/// # Panics
/// If a case has no row, or a row no case.
pub fn paired() -> Vec<(Case, Row)> {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for row in table::all() {
        let id = row.id;
        assert!(rows.insert(id, row).is_none(), "{id} is listed twice");
    }
    let pair = |case: Case| match rows.remove(&case.id[..]) {
        Some(row) => (case, row),
        None => panic!(
            "{} ({}) is neither written nor listed as open",
            case.id, case.expression
        ),
    };
    let pairs = reference::cases().into_iter().map(pair).collect();
    assert!(rows.is_empty(), "no such case: {:?}", rows.keys());
    pairs
}

fn inputs<'t>(tape: &'t Tape, case: &Case) -> Vec<Var<'t, f64>> {
    let inputs = case.inputs.iter();
    inputs
        .map(|(name, x)| tape.input(name, x.clone()))
        .collect()
}

/// The gradient of the sum of all elements, zeros where there is none.
fn gradients<'t>(y: Var<'t, f64>, x: &[Var<'t, f64>]) -> Vec<Var<'t, f64>> {
    let found = y.tape().grads(y.sum(), x).expect("every rule exists");
    let or_zeros = |(g, x): (Option<Var<'t, f64>>, &Var<'t, f64>)| {
        g.unwrap_or_else(|| x.tape().constant(ArrayD::zeros(x.value().raw_dim())))
    };
    found.into_iter().zip(x).map(or_zeros).collect()
}

fn elements(arrays: &[Var<'_, f64>]) -> Vec<f64> {
    let lists = arrays
        .iter()
        .map(|a| a.value().iter().copied().collect::<Vec<_>>());
    lists.collect::<Vec<_>>().concat()
}

/// Value, gradient, and gradient of the sum of the gradient.
pub fn reverse(case: &Case, f: Formula) -> Ours {
    let tape = Tape::new();
    let x = inputs(&tape, case);
    let y = f.at(&x);
    let first = gradients(y, &x);
    let sums = first.iter().map(|g| g.sum());
    let second = gradients(sums.reduce(|a, b| a + b).expect("an input"), &x);
    [elements(&[y]), elements(&first), elements(&second)]
}

/// The columns of the Jacobian by the forward sweep, one input element after
/// the other, each summed: what the gradient has to be.
pub fn forward(case: &Case, f: Formula) -> Vec<f64> {
    let mut sums = vec![];
    for (i, (_, moved)) in case.inputs.iter().enumerate() {
        for j in 0..moved.len() {
            let tape = Tape::new();
            let x = inputs(&tape, case);
            let unit = |k: usize, x: &ArrayD<f64>| {
                let one = |at: usize| f64::from(u8::from((k, at) == (i, j)));
                let unit = (0..x.len()).map(one).collect();
                ArrayD::from_shape_vec(x.raw_dim(), unit).expect("as many elements")
            };
            let tangents = case.inputs.iter().enumerate();
            let tangents: Vec<_> = tangents
                .map(|(k, (_, x))| tape.constant(unit(k, x)))
                .collect();
            let pushed = tape
                .jvp(&[f.at(&x)], &x, &tangents)
                .expect("every rule exists");
            sums.push(pushed[0].map_or(0.0, |p| p.value().iter().sum()));
        }
    }
    sums
}
