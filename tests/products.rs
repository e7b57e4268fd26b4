//! Programs of matrix products: replayed, with transposes folded into the
//! products, to the bits that were recorded; and scaled elsewhere, which
//! changes bits, within the bound that is stated.

use std::cell::Cell;

use ndarray::Array2;
use proptest::prelude::*;
use wengert_autodiff::program::Options;
use wengert_autodiff::{Any, Tape, Value, Var};
use wengert_tests::{Random, config};

/// Lengths of axes: one row or column, less and more than fits into a
/// register, and more than one piece of an inner index.
const LENGTHS: [usize; 6] = [1, 2, 5, 17, 40, 530];

/// No product takes more multiplications.
const LARGEST: usize = 400_000;

fn swapped<'t>(x: Var<'t, Any>) -> Var<'t, Any> {
    let rank = x.rank() as isize;
    let mut axes: Vec<isize> = (0..rank).collect();
    axes.swap(rank as usize - 1, rank as usize - 2);
    x.permute(axes)
}

/// The product of two values, transposed where they fit only so.
fn product<'t>(a: Var<'t, Any>, b: Var<'t, Any>, random: &mut Random) -> Option<Var<'t, Any>> {
    let first = random.below(4);
    for turn in 0..4 {
        let orientation = (first + turn) % 4;
        let a = if orientation & 1 == 0 { a } else { swapped(a) };
        let b = if orientation & 2 == 0 { b } else { swapped(b) };
        let (s, t) = (a.shape(), b.shape());
        let [m, k] = [s[s.len() - 2], s[s.len() - 1]];
        let [inner, n] = [t[t.len() - 2], t[t.len() - 1]];
        let batch = |s: &[usize]| s[..s.len() - 2].iter().product::<usize>();
        if k == inner && batch(&s).max(batch(&t)) * m * k * n <= LARGEST {
            return Some(a.matmul(b));
        }
    }
    None
}

/// Products, transposes and functions of a few matrices and stacks of them.
fn outputs<'t>(x: &[Var<'t, Any>], steps: usize, random: &mut Random) -> Vec<Var<'t, Any>> {
    let mut values = x.to_vec();
    let mut outputs = Vec::new();
    for _ in 0..steps {
        // The latest values most of the time.
        let pick = |random: &mut Random| {
            let back = random
                .below(3)
                .max(random.below(values.len()) * random.below(2));
            values[values.len() - 1 - back.min(values.len() - 1)]
        };
        let (a, b) = (pick(random), pick(random));
        let y = match random.below(8) {
            0 | 1 => swapped(a),
            2 => a.sin(),
            // Needed elsewhere as well.
            3 => {
                outputs.push(a);
                continue;
            }
            _ => match product(a, b, random) {
                Some(y) => y * 0.125,
                None => continue,
            },
        };
        values.push(y);
    }
    outputs.extend(values.last().copied());
    let total = |of: &[Var<'t, Any>]| of.iter().map(|y| y.sin().sum()).reduce(|a, b| a + b);
    let gradient = |y: Option<Var<'t, Any>>, tape: &'t Tape| -> Vec<Var<'t, Any>> {
        let found = y.map(|y| tape.grads(y, x).expect("every operation has a rule"));
        found.into_iter().flatten().flatten().collect()
    };
    let tape = x[0].tape();
    let first = gradient(total(&outputs), tape);
    let second = gradient(total(&first), tape);
    outputs.extend(first);
    outputs.extend(second);
    outputs
}

fn bits(value: &Value) -> Vec<u64> {
    value.to_f64().into_iter().map(f64::to_bits).collect()
}

fn check(
    shapes: &[Vec<usize>],
    steps: usize,
    seed: u64,
    narrow: bool,
) -> Result<usize, TestCaseError> {
    let mut random = Random::new(seed);
    let tape = Tape::new();
    let mut enter = |shape: &Vec<usize>| {
        let array = random.array(shape, -1.0, 1.0);
        match narrow {
            true => Value::from(array.mapv(|x| x as f32)),
            false => Value::from(array),
        }
    };
    let values: Vec<Value> = shapes.iter().map(&mut enter).collect();
    let inputs: Vec<_> = values
        .iter()
        .map(|v| tape.input_value("", v.clone()))
        .collect();
    let outputs = outputs(&inputs, steps, &mut random);
    let mut lengths = Vec::new();
    for options in [Options::plain(), Options::default()] {
        let program = tape.compile_with(&inputs, &outputs, &options);
        let program = program.expect("nothing was read");
        let found = program.call(&values).expect("it runs");
        for (found, recorded) in found.iter().zip(&outputs) {
            let same = bits(found) == bits(&recorded.peek());
            let sum = || outputs.iter().map(|y| y.sum()).reduce(|a, b| a + b);
            let code = || tape.to_rust(sum().expect("an output"));
            prop_assert!(same, "{options:?}\n{}", code());
        }
        lengths.push(program.to_string().matches("permute").count());
    }
    Ok(lengths[0] - lengths[1])
}

#[test]
fn transposes_are_folded_to_the_same_bits() {
    let length = |of: &[usize]| prop::sample::select(of.to_vec());
    let sizes = (length(&LENGTHS), length(&LENGTHS[..5]));
    let folded = Cell::new(0);
    proptest!(config(120), |((p, q) in sizes, stack in 0..3usize, steps in 1..9usize, seed: u64)| {
        let mut shapes = vec![vec![p, q], vec![q, p], vec![p, p], vec![q, q]];
        shapes.retain(|s| s.iter().product::<usize>() <= 40_000);
        if stack > 0 {
            shapes[0].insert(0, stack);
        }
        for narrow in [false, true] {
            folded.set(folded.get() + check(&shapes, steps, seed, narrow)?);
        }
    });
    // Or there was nothing to test.
    let folded = folded.get();
    assert!(folded > 300, "{folded}");
}

/// `|c| Σ |a||b|` for every element.
fn terms(c: f64, a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    a.mapv(f64::abs).dot(&b.mapv(f64::abs)) * c.abs()
}

#[test]
fn a_product_scaled_elsewhere_is_within_the_bound() {
    let size = || 1..60usize;
    let sizes = (size(), 1..1200usize, size());
    let (changed, worst) = (Cell::new(0), Cell::new(0f64));
    proptest!(config(80), |((m, k, n) in sizes, way in 0..4usize, seed: u64)| {
        let mut random = Random::new(seed);
        let mut matrix = |rows, cols| {
            let scale = 2f64.powi(random.below(20) as i32 - 10);
            let array = random.array(&[rows, cols], -scale, scale);
            array.into_dimensionality::<ndarray::Ix2>().expect("a matrix")
        };
        let (a, b, c) = (matrix(m, k), matrix(k, n), matrix(1, 1)[[0, 0]]);
        let tape = Tape::new();
        let x = tape.input("x", a.view());
        let w = tape.input("w", b.view());
        let s = tape.input("s", ndarray::arr0(c));
        let y = match way {
            0 => s * x.dot(w),
            1 => (x * s).dot(w),
            2 => x.dot(s * w),
            _ => x.dot(w) / s,
        };
        let c = if way == 3 { 1.0 / c } else { c };
        let inputs = [x.any(), w.any(), s.any()];
        let options = Options::default().reassociate();
        let program = tape.compile_with(&inputs, &[y.any()], &options).expect("nothing was read");
        let values = inputs.map(|x| x.peek());
        let found = program.call(&values).expect("it runs")[0].to_f64();
        let recorded = y.any().peek().to_f64();
        // u is half the distance from 1 to the next number.
        let u = f64::EPSILON / 2.0;
        let k1 = (k + 1) as f64;
        let bound = 2.0 * k1 * u / (1.0 - k1 * u);
        let terms = terms(c, &a, &b);
        for ((x, y), terms) in found.iter().zip(&recorded).zip(terms) {
            let difference = (x - y).abs();
            prop_assert!(difference <= bound * terms, "{difference} {terms}");
            changed.set(changed.get() + usize::from(difference > 0.0));
            worst.set(worst.get().max(difference / (u * terms)));
        }
    });
    let (changed, worst) = (changed.get(), worst.get());
    println!("{changed} elements changed, at most by {worst:.1} u of their terms");
    // It does something, and far less than the worst case.
    assert!(changed > 1000 && worst < 8.0, "{changed} {worst}");
}
