//! How far rounding can move a value, measured: Monte Carlo arithmetic.
//!
//! The tape is evaluated a few times with every input and every intermediate
//! result multiplied by `1 + ε ξ`, random `|ξ| <= 1`, as if it had been
//! rounded differently; the spread of a value is its noise. This follows
//! cancellation through the whole program, needs no rule per operation, and
//! does not overestimate long sums as a running bound does.
//!
//! Source: D. S. Parker, *Monte Carlo Arithmetic* (1997).

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::eval::Plan;
use crate::op::{Flow, Results};
use crate::tape::{Tape, ValueId};
use crate::value::{Type, Value};

/// How many times the tape is evaluated.
pub const RUNS: usize = 8;
/// Of `n` numbers added one after the other, the rounding errors of the
/// partial sums amount to about so many `√n ε` of the result.
const OF_A_SUM: f64 = 0.3;

/// The largest deviation of every element of every output.
pub fn noise(tape: &Tape, inputs: &[ValueId], outputs: &[ValueId], seed: u64) -> Vec<Vec<f64>> {
    // All instructions round, also those that do not depend on the inputs.
    let plan = Plan::whole(tape, inputs, outputs);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut jitter = move |value: &Value, amount: f64| match value {
        Value::F64(a) => {
            let mut round =
                |x: &f64| x * (1.0 + f64::EPSILON * amount * rng.random_range(-1.0..=1.0));
            Value::from_vec(value.shape(), a.as_slice().iter().map(&mut round).collect())
        }
        other => other.clone(),
    };
    let recorded = |id: ValueId| tape.inner().value(id).clone();
    let exact: Vec<Vec<f64>> = outputs.iter().map(|&y| recorded(y).to_f64()).collect();
    let own = |y: &Vec<f64>| y.iter().map(|y| f64::EPSILON * y.abs()).collect();
    let mut worst: Vec<Vec<f64>> = exact.iter().map(own).collect();
    for _ in 0..RUNS {
        let point = inputs.iter().map(|&x| jitter(&recorded(x), 1.0)).collect();
        let run = plan.run_with(point, &mut |inst, args, results: &mut Results<Value>| {
            let inner = tape.inner();
            let op = inner.inst(inst).op.primitive();
            let types: Vec<Type> = args.iter().map(|a| a.ty()).collect();
            let amount = (OF_A_SUM * (op.terms(&types) as f64).sqrt()).max(1.0);
            for (r, id) in results.iter_mut().zip(inner.results(inst)) {
                // Decisions stay as they were: `x = max x` would be decided
                // by the perturbation.
                *r = match op.flow() {
                    Flow::PiecewiseConstant => inner.value(id).clone(),
                    _ => jitter(r, amount),
                };
            }
        });
        for (i, (worst, exact)) in worst.iter_mut().zip(&exact).enumerate() {
            // What a rounding error turns into NaN cannot be measured.
            let found = run.as_ref().ok().map(|values| values[i].to_f64());
            for (j, (worst, exact)) in worst.iter_mut().zip(exact).enumerate() {
                let apart = match &found {
                    Some(values) => (values[j] - exact).abs(),
                    None => f64::INFINITY,
                };
                let lost = apart.is_nan() && exact.is_finite();
                *worst = if lost {
                    f64::INFINITY
                } else {
                    worst.max(apart)
                };
            }
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_noise_leaves_decisions_alone() {
        let tape = Tape::new();
        let x = tape.input("x", ndarray::array![1.0, 2.0]);
        let y = x.equal(x.max()).where_(x, 0.0).sum();
        let found = noise(&tape, &[x.id()], &[y.id()], 1)[0][0];
        let rounding = 2.0 * f64::EPSILON..20.0 * f64::EPSILON;
        assert!(rounding.contains(&found), "{found:e}");
    }

    #[test]
    fn long_products_are_noisier() {
        let noise_of = |n: usize| {
            let tape = Tape::new();
            let x = tape.input("x", ndarray::Array2::<f64>::ones((1, n)));
            let y = x
                .dot(tape.constant(ndarray::Array2::<f64>::ones((n, 1))))
                .sum();
            noise(&tape, &[x.id()], &[y.id()], 1)[0][0] / n as f64
        };
        assert!(noise_of(10_000) > 5.0 * noise_of(4));
    }
}
