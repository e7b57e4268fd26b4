//! The gradient by hand against the one that is derived from the expression.

use ndarray::{Array1, Array2};
use peers_common::{Digits, INPUTS, OUTPUTS};
use peers_hand::{Product, Shard, Split, count, initial};
use wengert_autodiff::Tape;

const HIDDEN: usize = 128;

/// Images of which a fifth of the pixels carry ink, with labels that differ.
fn images(n: usize) -> Digits {
    let ink = |i: usize| match i.wrapping_mul(0x9E37_79B9) >> 7 & 0xff {
        level @ 0..52 => level as f32 / 51.0,
        _ => 0.0,
    };
    Digits {
        train_x: (0..n * INPUTS).map(ink).collect(),
        train_y: (0..n).map(|i| (i * 7 % OUTPUTS) as u8).collect(),
        test_x: vec![],
        test_y: vec![],
    }
}

/// Loss and gradient of the rows' mean, from a tape in f64.
fn recorded(parameters: &[f32], digits: &Digits, rows: &[u32]) -> (f64, Vec<f64>) {
    let matrix = |shape: (usize, usize), data: &[f32]| {
        let data = data.iter().map(|x| f64::from(*x)).collect();
        Array2::from_shape_vec(shape, data).expect("the shape fits")
    };
    let vector = |data: &[f32]| Array1::from_iter(data.iter().map(|x| f64::from(*x)));
    let p = Split::new(parameters, HIDDEN);
    let pixels = |row: &u32| {
        let start = *row as usize * INPUTS;
        digits.train_x[start..start + INPUTS].to_vec()
    };
    let x: Vec<f32> = rows.iter().flat_map(pixels).collect();
    let mut labels = Array2::zeros((rows.len(), OUTPUTS));
    for (i, row) in rows.iter().enumerate() {
        labels[[i, digits.train_y[*row as usize] as usize]] = 1.0;
    }

    let tape = Tape::new();
    let w1 = tape.input("w1", matrix((INPUTS, HIDDEN), p.w1));
    let b1 = tape.input("b1", vector(p.b1));
    let w2 = tape.input("w2", matrix((HIDDEN, OUTPUTS), p.w2));
    let b2 = tape.input("b2", vector(p.b2));
    let x = tape.constant(matrix((rows.len(), INPUTS), &x));
    let logits = (x.dot(w1) + b1).sigmoid().dot(w2) + b2;
    let log_likelihood = (logits.log_softmax(-1) * tape.constant(labels)).sum();
    let loss = -log_likelihood / rows.len() as f64;
    let gradients = tape.grad(loss, [w1, b1, w2, b2]).expect("each is used");
    let flat = gradients
        .iter()
        .flat_map(|g| g.value().into_iter())
        .collect();
    (loss.item(), flat)
}

/// The norm of the difference over the norm.
fn distance(by_hand: &[f32], exact: &[f64]) -> f64 {
    assert_eq!(by_hand.len(), exact.len());
    let pairs = by_hand.iter().zip(exact);
    let difference: f64 = pairs.map(|(a, b)| (f64::from(*a) - b).powi(2)).sum();
    let norm: f64 = exact.iter().map(|b| b.powi(2)).sum();
    (difference / norm).sqrt()
}

#[test]
fn agrees_with_the_tape() {
    let digits = images(65);
    // Rows in another order, an odd number of them, one of them twice.
    let rows: Vec<u32> = (0..33).map(|i| i * 37 % 65).chain([0]).collect();
    let parameters = initial(HIDDEN, 3);
    let (loss, exact) = recorded(&parameters, &digits, &rows);
    let scale = 1.0 / rows.len() as f32;
    for product in [Product::Gemm, Product::Matrixmultiply] {
        // The whole batch, and two shards whose gradients are added.
        for split in [rows.len(), 20] {
            let mut sum = vec![0.0; count(HIDDEN)];
            let mut losses = 0.0;
            let mut shard = Shard::new(rows.len(), HIDDEN, product);
            for part in rows.chunks(split) {
                // What was in the buffer must not matter.
                let mut gradient = vec![f32::NAN; count(HIDDEN)];
                losses += shard.gradient(&parameters, &digits, part, scale, &mut gradient);
                for (sum, g) in sum.iter_mut().zip(gradient) {
                    *sum += g;
                }
            }
            let sum = Split::new(&sum[..], HIDDEN);
            let exact = Split::new(&exact[..], HIDDEN);
            for (name, by_hand, exact) in [
                ("w1", sum.w1, exact.w1),
                ("b1", sum.b1, exact.b1),
                ("w2", sum.w2, exact.w2),
                ("b2", sum.b2, exact.b2),
            ] {
                let distance = distance(by_hand, exact);
                assert!(
                    distance < 1e-6,
                    "{product:?}, {split} rows, {name}: {distance:.1e}"
                );
            }
            let mean = losses / rows.len() as f64;
            assert!((mean / loss - 1.0).abs() < 1e-6, "{mean} against {loss}");
        }
    }
}
