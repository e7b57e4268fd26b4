//! Running one case: record the call, differentiate it both ways and twice,
//! compare every field that the file gives.

use wengert_autodiff::{Tape, Value};

use super::array::array;
use super::call::{Output, Unsupported, V, unsupported};
use super::case::{Case, Expected};
use super::compare::{Compared, Findings, Mismatch, What};
use super::{deviations, ops, quiet};

/// What became of a case.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// Every field was compared, and agrees.
    Passed(Passed),
    Failed(Vec<Mismatch>),
    /// Not offered, and why.
    Skipped(String),
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passed {
    /// Elements in which only a convention differs.
    pub conventions: usize,
    /// The largest relative error.
    pub worst: f64,
}

/// One case, with everything that it gives.
pub(super) fn run(case: &Case) -> Verdict {
    let Some(op) = ops::find(&case.op) else {
        return Verdict::Skipped("not offered".into());
    };
    let mut findings = match quiet::catch(|| attempt(case, op)) {
        Ok(Ok(findings)) => findings,
        Ok(Err(Unsupported(what))) => return Verdict::Skipped(what),
        Err(message) => match deviations::refusal(&case.op, &message) {
            Some(deviation) => return Verdict::Skipped(deviation.what.into()),
            None => {
                let mut findings = Findings::default();
                findings.miss(&case.id, "outputs", 0, What::Refused(message));
                findings
            }
        },
    };
    let all = findings.mismatches.len();
    findings
        .mismatches
        .retain(|miss| !deviations::accepts(case, miss));
    findings.conventions += all - findings.mismatches.len();
    if findings.mismatches.is_empty() {
        Verdict::Passed(Passed {
            conventions: findings.conventions,
            worst: findings.worst,
        })
    } else {
        Verdict::Failed(findings.mismatches)
    }
}

fn attempt(case: &Case, op: &ops::Entry) -> Result<Findings, Unsupported> {
    if let Some(post) = &case.post
        && op.post != Some(post)
    {
        return unsupported(format!("outputs as `{post}`"));
    }
    if let Some(dtype) = case.outputs.iter().find_map(|o| o.foreign.as_ref()) {
        return unsupported(format!("outputs of type {dtype}"));
    }
    let tape = Tape::new();
    let (variables, call) = case.record(&tape, op.signature)?;
    let outputs = op.run(&call)?;
    call.finish()?;
    let mut findings = Findings::default();
    if compare_values(case, &outputs, &mut findings) {
        let result = compare_derivatives(case, &tape, &variables, &outputs, &mut findings);
        if let Err(error) = result {
            findings.miss(&case.id, "grads", 0, What::Refused(error.to_string()));
        }
    }
    Ok(findings)
}

/// Whether the shapes are right, so that it makes sense to go on.
fn compare_values(case: &Case, outputs: &[Output<'_>], findings: &mut Findings) -> bool {
    if outputs.len() != case.outputs.len() {
        let (got, want) = (vec![outputs.len()], vec![case.outputs.len()]);
        findings.miss(&case.id, "outputs", 0, What::Shape { got, want });
        return false;
    }
    let doubt = case.doubtful("outputs");
    for (at, (output, expected)) in outputs.iter().zip(&case.outputs).enumerate() {
        let value = match output {
            Output::Float(y) => y.peek(),
            Output::Index(y) => y.peek(),
        };
        if value.shape() != expected.shape {
            let (got, want) = (value.shape().to_vec(), expected.shape.clone());
            findings.miss(&case.id, "outputs", at, What::Shape { got, want });
            continue;
        }
        let compared = Compared {
            field: "outputs",
            array: at,
            shape: &expected.shape,
            got: &value.to_f64(),
            want: &expected.data,
        };
        findings.compare(case, &doubt, &compared);
    }
    let shape = |m: &Mismatch| matches!(m.what, What::Shape { .. });
    !findings.mismatches.iter().any(shape)
}

fn compare_derivatives<'t>(
    case: &Case,
    tape: &'t Tape,
    variables: &[Option<V<'t>>],
    outputs: &[Output<'t>],
    findings: &mut Findings,
) -> Result<(), wengert_autodiff::Error> {
    let constant = |shape: &[usize], data: &[f64]| tape.constant(array(shape, data.to_vec()));
    let (mut ys, mut cotangents) = (Vec::new(), Vec::new());
    for ((output, expected), w) in outputs.iter().zip(&case.outputs).zip(&case.cotangents) {
        if let (Output::Float(y), Some(w)) = (output, w) {
            ys.push(*y);
            cotangents.push(constant(&expected.shape, w));
        }
    }
    let xs: Vec<V<'t>> = variables.iter().flatten().copied().collect();
    // What the file gives per input, for the inputs that are variables.
    let per_variable = |list: &[Option<Vec<f64>>]| -> Vec<Option<Vec<f64>>> {
        let pairs = list.iter().zip(variables);
        pairs
            .filter(|(_, v)| v.is_some())
            .map(|(x, _)| x.clone())
            .collect()
    };
    let directions: Vec<V<'t>> = per_variable(&case.directions)
        .iter()
        .zip(&xs)
        .map(|(v, x)| match v {
            Some(v) => constant(&x.shape(), v),
            None => x.zeros_like(),
        })
        .collect();
    let numbers: Vec<usize> = (0..variables.len())
        .filter(|&i| variables[i].is_some())
        .collect();

    let gradients = tape.vjp(&ys, &cotangents, &xs)?;
    if let Some(grads) = &case.grads {
        compare_per_variable(
            case,
            "grads",
            &gradients,
            &per_variable(grads),
            &numbers,
            findings,
        );
    }
    if let Some(second) = &case.second_order {
        // Gradient of <gradients, directions>: where there is no gradient,
        // there is nothing to differentiate.
        let pairs = gradients.iter().zip(&directions);
        let (of, along): (Vec<V<'t>>, Vec<V<'t>>) =
            pairs.filter_map(|(g, v)| g.map(|g| (g, *v))).unzip();
        let products = tape.vjp(&of, &along, &xs)?;
        let want = per_variable(second);
        compare_per_variable(case, "second_order", &products, &want, &numbers, findings);
    }
    if let Some(jvp) = &case.jvp {
        let floats = outputs.iter().enumerate().filter_map(|(i, y)| match y {
            Output::Float(y) => Some((i, *y)),
            Output::Index(_) => None,
        });
        let (places, of): (Vec<usize>, Vec<V<'t>>) = floats.unzip();
        let tangents = tape.jvp(&of, &xs, &directions)?;
        let doubt = case.doubtful("jvp");
        for (at, tangent) in places.into_iter().zip(tangents) {
            if let Some(want) = &jvp[at] {
                let Expected { shape, .. } = &case.outputs[at];
                compare_one(case, "jvp", at, shape, tangent, want, &doubt, findings);
            }
        }
    }
    Ok(())
}

fn compare_per_variable(
    case: &Case,
    field: &'static str,
    got: &[Option<V<'_>>],
    want: &[Option<Vec<f64>>],
    numbers: &[usize],
    findings: &mut Findings,
) {
    let doubt = case.doubtful(field);
    for ((got, want), &at) in got.iter().zip(want).zip(numbers) {
        if let Some(want) = want {
            let shape = &case.inputs[at].shape;
            compare_one(case, field, at, shape, *got, want, &doubt, findings);
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn compare_one(
    case: &Case,
    field: &'static str,
    at: usize,
    shape: &[usize],
    got: Option<V<'_>>,
    want: &[f64],
    doubt: &super::case::Doubt,
    findings: &mut Findings,
) {
    // A derivative that does not exist for a structural reason is exactly
    // zero, and that is what the file has there.
    let value = got.map_or_else(|| Value::new(&array(shape, vec![0.0; want.len()])), V::peek);
    if value.shape() != shape {
        let (got, want) = (value.shape().to_vec(), shape.to_vec());
        findings.miss(&case.id, field, at, What::Shape { got, want });
        return;
    }
    let got = &value.to_f64();
    findings.compare(
        case,
        doubt,
        &Compared {
            field,
            array: at,
            shape,
            got,
            want,
        },
    );
}
