//! What f32 did to a gradient, and whether rounding explains it.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::check::{Check, weighted};
use super::judge::signs;
use super::noise::noise;
use super::probe::side;
use super::report::{Report, Rounding};
use crate::dtype::Float;
use crate::error::Error;
use crate::eval::ancestors;
use crate::tape::{Inner, InstId, Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

/// One unit in the last place of f32, in those of f64.
const COARSER: f64 = f32::EPSILON as f64 / f64::EPSILON;
/// Between the noise that was measured and a verdict: noise is measured for
/// results, while f32 rounds the inputs and every partial result as well.
const SAFETY: f64 = 16.0;

/// How far the gradient in f32 is from the one in f64, and whether rounding
/// explains it.
///
/// # Errors
/// If an operation on the way has no rule.
pub(super) fn compare<F: Float>(
    check: &Check<'_>,
    tape: &Tape,
    (y, wrt): (Var<'_, F>, &[Var<'_, F>]),
    (scalar, inputs): (Var<'_, f64>, &[Var<'_, f64>]),
    report: &mut Report,
) -> Result<(), Error> {
    let narrow = tape.copy(wrt.iter().map(|x| x.id()).chain([y.id()]));
    let result: Var<'_, F> = Var::new(&narrow, y.id());
    let wrt: Vec<Var<'_, F>> = wrt.iter().map(|x| Var::new(&narrow, x.id())).collect();
    let low = narrow.grads_by(check.rules, weighted(result, check.seed), &wrt)?;
    let high = scalar.tape().grads_by(check.rules, scalar, inputs)?;
    let flipped = flipped(&narrow.inner(), &scalar.tape().inner(), y.id());
    for (i, (low, high)) in low.into_iter().zip(high).enumerate() {
        if let (Some(low), Some(high)) = (low, high) {
            let low = low.peek().to_f64();
            let (relative, explained) = judge(&low, high, inputs, check.seed);
            report.inputs[i].rounding = Some(Rounding {
                relative,
                flipped,
                explained: explained || flipped > 0,
            });
        }
    }
    Ok(())
}

/// How many decisions on the way to `y` f32 takes differently than f64: there
/// the two are on different sides of a kink, and so may their gradients be.
fn flipped(narrow: &Inner, wide: &Inner, y: ValueId) -> usize {
    let needed = ancestors(narrow, &[y], |_| true);
    let sides = |inner: &Inner, inst: InstId| {
        let args: Vec<&Value> = inner.args(inst).iter().map(|&a| inner.value(a)).collect();
        let mut sides = Vec::new();
        let op = inner.inst(inst).op.primitive();
        op.kinks(&args, &mut |_, distance| sides.push(side(distance)));
        sides
    };
    let on_the_way = |&inst: &InstId| narrow.results(inst).any(|r| needed[r.index()]);
    let insts = narrow.insts().filter(on_the_way);
    insts
        .map(|inst| {
            let (low, high) = (sides(narrow, inst), sides(wide, inst));
            low.iter().zip(&high).filter(|(l, h)| l != h).count()
        })
        .sum()
}

/// The largest difference between a gradient in f32 and the same in f64,
/// relative to the largest entry, and whether rounding explains it: along
/// random directions, with the noise of the f64 gradient scaled to f32.
fn judge(low: &[f64], high: Var<'_, f64>, inputs: &[Var<'_, f64>], seed: u64) -> (f64, bool) {
    let exact = high.peek().to_f64();
    let largest = exact.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    let apart = low.iter().zip(&exact).map(|(l, h)| (l - h).abs());
    let apart = apart.fold(0.0f64, |m, d| if d.is_nan() { f64::NAN } else { m.max(d) });
    let relative = if apart == 0.0 { 0.0 } else { apart / largest };
    let tape = high.tape();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let ids: Vec<ValueId> = inputs.iter().map(|x| x.id()).collect();
    let explained = (0..2).any(|_| {
        let v = signs(&mut rng, exact.len());
        let direction = tape.constant_value(Value::from_vec(&high.shape(), v.clone()));
        let projected = (high * Var::new(tape, direction.id())).sum();
        let noise = noise(tape, &ids, &[projected.id()], seed)[0][0];
        let off: f64 = low
            .iter()
            .zip(&exact)
            .zip(&v)
            .map(|((l, h), v)| (l - h) * v)
            .sum();
        let size: f64 = exact.iter().zip(&v).map(|(h, v)| (h * v).abs()).sum();
        // f32 also ends earlier: below 1e-38 it has nothing.
        let floor = f64::from(f32::MIN_POSITIVE) * exact.len() as f64;
        off.abs() <= SAFETY * (COARSER * noise + f64::from(f32::EPSILON) * size) + floor
    });
    (relative, explained)
}
