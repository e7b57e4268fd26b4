//! The hand-written program learns.

use peers_common::{Digits, Training};
use peers_hand::{Product, train};

fn digits() -> Digits {
    let (train, test) = (wengert_mnist::train(), wengert_mnist::test());
    let pixels = |digits: &wengert_mnist::Digits| digits.features().into_raw_vec_and_offset().0;
    Digits {
        train_x: pixels(&train),
        train_y: train.labels.to_vec(),
        test_x: pixels(&test),
        test_y: test.labels.to_vec(),
    }
}

#[test]
fn digits_are_learnt_by_one_thread_and_by_two() {
    let digits = digits();
    assert_eq!(digits.train_x.len(), 60_000 * 784);
    for threads in [1, 2] {
        let options = Training {
            data: Default::default(),
            batch: 64,
            hidden: 128,
            epochs: 2,
            threads,
        };
        let accuracy = train(&digits, &options, Product::Gemm);
        // PyTorch, JAX and NumPy, begun alike: 94.47 %.
        assert!(
            (accuracy - 0.9447).abs() < 0.005,
            "{accuracy} with {threads} threads"
        );
    }
}
