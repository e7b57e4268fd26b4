//! What f32 did to a gradient, and whether rounding explains it.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::judge::signs;
use super::noise::noise;
use super::report::Rounding;
use crate::tape::ValueId;
use crate::value::Value;
use crate::var::Var;

/// One unit in the last place of f32, in those of f64.
const COARSER: f64 = f32::EPSILON as f64 / f64::EPSILON;
/// Between the noise that was measured and a verdict: noise is measured for
/// results, while f32 rounds the inputs and every partial result as well.
const SAFETY: f64 = 16.0;

/// Compares a gradient in f32 with the same in f64: the largest difference,
/// and along random directions, where it can be held against the noise of the
/// f64 gradient, scaled to f32.
pub(super) fn judge(
    low: &[f64],
    high: Var<'_, f64>,
    inputs: &[Var<'_, f64>],
    seed: u64,
) -> Rounding {
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
    Rounding {
        relative,
        explained,
    }
}
