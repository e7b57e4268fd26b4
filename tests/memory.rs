//! Training that records every step anew needs no more memory after ten
//! thousand steps than after one thousand: with a new tape for each step, and
//! with one tape that is reset. Figures are printed with `--nocapture`.

use ndarray::{Array1, Array2};
use wengert_autodiff::Tape;

const STEPS: usize = 10_000;
/// What an allocator may keep to itself, in kB.
const SLACK: i64 = 2_000;

/// The memory that is resident now, in kB; `None` where the system does not
/// tell.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A network of 64-32-10, some steps of gradient descent on 16 examples.
struct Network {
    x: Array2<f32>,
    y: Array1<usize>,
    w: [Array2<f32>; 2],
}

impl Network {
    fn new() -> Network {
        let matrix = |rows, cols, scale: f32| {
            Array2::from_shape_fn((rows, cols), |(i, j)| {
                scale * ((i * 7 + j * 13) as f32).sin()
            })
        };
        Network {
            x: matrix(16, 64, 1.0),
            y: (0..16).map(|i| i % 10).collect(),
            w: [matrix(64, 32, 0.1), matrix(32, 10, 0.1)],
        }
    }

    /// Records a step, and returns its loss.
    fn step(&mut self, tape: &Tape) -> f32 {
        let x = tape.input("x", self.x.view());
        let y = tape.constant(self.y.view()).expand_dims(1);
        let [w1, w2] = [0, 1].map(|i| tape.input(format!("w{i}"), self.w[i].view()));
        let logits = x.dot(w1).sigmoid().dot(w2);
        let loss = -logits.log_softmax(-1).gather(1, y).mean();
        let gradient = tape.grad(loss, [w1, w2]).expect("both are used");
        for (w, g) in self.w.iter_mut().zip(gradient) {
            w.scaled_add(-0.1, &g.to_array::<ndarray::Ix2>());
        }
        loss.item()
    }
}

/// Both ways in one test: tests that ran beside it would be measured too.
#[test]
fn resident_memory_is_flat_over_ten_thousand_steps() {
    let mut tape = Tape::new();
    for reset in [false, true] {
        let mut network = Network::new();
        let first = network.step(&Tape::new());
        let (mut last, mut after) = (first, Vec::new());
        for step in 1..=STEPS {
            if reset {
                tape.reset();
                last = network.step(&tape);
            } else {
                last = network.step(&Tape::new());
            }
            if [STEPS / 10, STEPS / 2, STEPS].contains(&step) {
                after.push(resident());
            }
        }
        println!("one tape, reset: {reset}; kB resident after 1,000, 5,000, 10,000: {after:?}");
        assert!(last < 0.5 * first, "{first} to {last}: it has not learnt");
        if let [Some(early), .., Some(late)] = after[..] {
            assert!(late - early <= SLACK, "{early} kB, then {late} kB");
        }
    }
}
