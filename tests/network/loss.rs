//! What a network is judged by: the mean over the batch of a loss of its
//! outputs `[batch, outputs]`.

use ndarray::{Array1, Array2, ArrayD, Axis};
use wengert_autodiff::Var;

use crate::random::Random;

/// A loss with its targets.
#[derive(Clone, Debug)]
pub enum Loss {
    /// `-ln softmax(y)[label]`.
    CrossEntropy(Vec<usize>),
    /// `softplus(y) - y t`, `t` 0 or 1, written so that nothing cancels.
    BinaryCrossEntropy(ArrayD<f64>),
    /// `(y - t)²`.
    Squared(ArrayD<f64>),
    /// `|y - t|`.
    Absolute(ArrayD<f64>),
    /// `(y - t)² / 2` up to `δ`, a straight line beyond.
    Huber(ArrayD<f64>, f64),
    /// `relu(1 - y t)`, `t` 1 or -1.
    Hinge(ArrayD<f64>),
    /// `relu(1 - y t)²`.
    SquaredHinge(ArrayD<f64>),
}

impl Loss {
    /// A random loss of outputs of this shape. The target is `teacher`, or
    /// its signs or winners; or random without one.
    pub fn draw(random: &mut Random, shape: [usize; 2], teacher: Option<&ArrayD<f64>>) -> Loss {
        let numbers = match teacher {
            Some(y) => y.clone(),
            None => random.array(&shape, -1.0, 1.0),
        };
        let signs = numbers.mapv(f64::signum);
        match random.below(7) {
            0 => Loss::CrossEntropy(numbers.axis_iter(Axis(0)).map(|row| winner(&row)).collect()),
            1 => Loss::BinaryCrossEntropy(signs.mapv(|s| 0.5 * (1.0 + s))),
            2 => Loss::Squared(numbers),
            3 => Loss::Absolute(numbers),
            4 => Loss::Huber(numbers, random.between(0.1, 1.0)),
            5 => Loss::Hinge(signs),
            _ => Loss::SquaredHinge(signs),
        }
    }

    pub fn of<'t>(&self, y: Var<'t, f64>) -> Var<'t, f64> {
        let tape = y.tape();
        let constant = |t: &ArrayD<f64>| tape.constant(t.clone());
        let each = match self {
            Loss::CrossEntropy(labels) => {
                let labels = Array2::from_shape_vec((labels.len(), 1), labels.clone());
                let labels = tape.constant(labels.expect("a column"));
                -y.log_softmax(1).gather(1, labels)
            }
            Loss::BinaryCrossEntropy(t) => {
                let t = constant(t);
                t * (-y).softplus() + (1.0 - t) * y.softplus()
            }
            Loss::Squared(t) => (y - constant(t)).square(),
            Loss::Absolute(t) => (y - constant(t)).abs(),
            Loss::Huber(t, delta) => {
                let e = y - constant(t);
                let line = *delta * (e.abs() - 0.5 * delta);
                e.abs().less_equal(*delta).where_(0.5 * e.square(), line)
            }
            Loss::Hinge(t) => (1.0 - y * constant(t)).relu(),
            Loss::SquaredHinge(t) => (1.0 - y * constant(t)).relu().square(),
        };
        each.mean()
    }
}

/// The place of the largest number.
fn winner(row: &ndarray::ArrayViewD<'_, f64>) -> usize {
    let row: Array1<f64> = row.iter().copied().collect();
    let (place, _) = row
        .iter()
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (i, &x)| {
            if x > best.1 { (i, x) } else { best }
        });
    place
}
