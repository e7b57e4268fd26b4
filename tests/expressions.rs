//! Random small expressions over smooth operations, with shared parts, with
//! broadcasting between `[2, 3]`, `[3]`, `[2, 1]` and `[]`, with reductions
//! and matrix products: values and gradients against the same program on
//! plain arrays and central differences of it, and first and second
//! derivatives against the battery. A failure prints the program and the
//! tape.

use ndarray::ArrayD;
use proptest::prelude::*;
use wengert_autodiff::{Tape, Var};
use wengert_tests::{
    Bound, Program, Random, SHAPES, central_difference, check_function, config, mismatches, program,
};

fn variables(seed: u64) -> Vec<ArrayD<f64>> {
    let mut random = Random::new(seed);
    SHAPES.map(|s| random.array(s, -1.5, 1.5)).to_vec()
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn first_and_second_derivatives(program in program(10), seed: u64) {
        check_function(&variables(seed), seed, |x| program.run(x))?;
    }

    #[test]
    fn values_and_gradients_by_another_way(program in program(14), seed: u64) {
        let at = variables(seed);
        let tape = Tape::new();
        let x: Vec<Var<'_, f64>> = at
            .iter()
            .zip(["a", "b", "c", "d"])
            .map(|(x, name)| tape.input(name, x.clone()))
            .collect();
        let y = program.run(&x);
        let context = |bad: String| {
            let formula = tape.to_formula(&[y.any()]);
            TestCaseError::fail(format!("{bad}\n{formula}\n\n{}", tape.to_text()))
        };
        // Everything on the way is of order 1; the result may have cancelled.
        let bad = mismatches(&y.value(), &program.by_hand(&at), Bound::Absolute(1e-12));
        prop_assert!(bad.is_empty(), "{}", context(bad));

        let scalar = |program: &Program, at: &[ArrayD<f64>]| program.by_hand(at).sum();
        let numeric = central_difference(|at| scalar(&program, at), &at, 1e-3);
        let largest = numeric.iter().flatten().fold(1e-3f64, |m, g| m.max(g.abs()));
        let found = tape.grads(y.sum(), &x).map_err(|e| context(e.to_string()))?;
        for ((g, want), x) in found.into_iter().zip(&numeric).zip(&x) {
            // No gradient: then the function must not change.
            let got = g.map_or(ArrayD::zeros(want.raw_dim()), |g| g.to_array());
            let bad = mismatches(&got, want, Bound::Absolute(1e-7 * largest));
            prop_assert!(bad.is_empty(), "{}", context(format!("gradient of {x}\n{bad}")));
        }
    }
}
