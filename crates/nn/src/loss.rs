//! Losses: one number per example, shape `[n]`, so that the caller chooses
//! between `.mean()`, `.sum()` and weights. Those for classifiers take
//! logits, not probabilities: that keeps them, and their gradients, exact
//! where a probability underflows.
//!
//! Losses do not broadcast. A target of shape `[n, 1]` beside predictions of
//! shape `[n]` would silently become an `[n, n]` table; here it panics, at
//! the caller's line.

use wengert_autodiff::{Float, Var};

/// Cross-entropy of the softmax of logits `[n, classes]` with class labels
/// `[n]`: `-ln softmax(z)[label]`. Its gradient is `softmax(z) - onehot`.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::loss::softmax_cross_entropy;
///
/// let tape = wengert_autodiff::Tape::new();
/// let logits = tape.input("logits", array![[0.0, 0.0], [1000.0, -1000.0]]);
/// let labels = tape.input("labels", array![0usize, 1]);
/// let losses = softmax_cross_entropy(logits, labels);
/// assert_eq!(losses.to_array(), array![2f64.ln(), 2000.0]);
/// ```
///
/// # Panics
/// At the caller's line, if the logits are not `[n, classes]`, the labels not
/// `[n]`, or a label not less than `classes`.
#[track_caller]
pub fn softmax_cross_entropy<'t, F: Float>(
    logits: Var<'t, F>,
    labels: Var<'t, usize>,
) -> Var<'t, F> {
    let (z, y) = (logits.shape(), labels.shape());
    if z.rank() != 2 || y.rank() != 1 || z[0] != y[0] {
        panic!(
            "softmax_cross_entropy: logits {z} and labels {y}; \
             expected [n, classes] and [n]"
        );
    }
    let given = labels.peek();
    let given = given.array::<usize>().expect("labels are indices");
    let given = given.iter();
    if let Some((row, label)) = given.enumerate().find(|(_, label)| **label >= z[1]) {
        panic!(
            "softmax_cross_entropy: label {label} of example {row}; logits {z} have the classes \
             0..{}",
            z[1]
        );
    }
    -logits
        .log_softmax(-1)
        .gather(1, labels.expand_dims(1))
        .squeeze(1)
}

/// Cross-entropy of the softmax of logits `[n, classes]` with a distribution
/// over the classes, `[n, classes]`: `-Σ y ln softmax(z)`. For one-hot rows it
/// is [`softmax_cross_entropy`]; rows may be any distribution (smoothed
/// labels, a teacher's probabilities). Its gradient is `softmax(z) Σy - y`.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::loss::softmax_cross_entropy_one_hot;
///
/// let tape = wengert_autodiff::Tape::new();
/// let logits = tape.input("logits", array![[1000.0, -1000.0]]);
/// let soft = tape.input("targets", array![[0.75, 0.25]]);
/// assert_eq!(softmax_cross_entropy_one_hot(logits, soft).to_array(), array![500.0]);
/// ```
///
/// # Panics
/// At the caller's line, if the two are not `[n, classes]`, both alike.
#[track_caller]
pub fn softmax_cross_entropy_one_hot<'t, F: Float>(
    logits: Var<'t, F>,
    targets: Var<'t, F>,
) -> Var<'t, F> {
    let (z, y) = (logits.shape(), targets.shape());
    if z.rank() != 2 || z != y {
        panic!(
            "softmax_cross_entropy_one_hot: logits {z} and targets {y}; \
             expected [n, classes] for both (for labels [n], use `softmax_cross_entropy`)"
        );
    }
    -(targets * logits.log_softmax(-1)).sum_axes([-1], false)
}

/// Cross-entropy of independent sigmoids, summed over the classes:
/// `Σ softplus(z) - z y`, which is `-Σ y ln σ(z) + (1 - y) ln (1 - σ(z))`, for
/// logits and targets `[n, …]`, targets in `[0, 1]`. Its gradient is
/// `σ(z) - y`.
///
/// It is written `Σ y softplus(-z) + (1 - y) softplus(z)`, which is the same,
/// and in which nothing cancels: the loss of a confident right answer keeps
/// its digits.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::loss::binary_cross_entropy;
///
/// let tape = wengert_autodiff::Tape::new();
/// let logits = tape.input("logits", array![[1000.0, -1000.0], [1000.0, -1000.0]]);
/// let targets = tape.input("targets", array![[1.0, 0.0], [0.0, 1.0]]);
/// assert_eq!(binary_cross_entropy(logits, targets).to_array(), array![0.0, 2000.0]);
/// ```
///
/// # Panics
/// At the caller's line, if the two shapes differ or have no axis.
#[track_caller]
pub fn binary_cross_entropy<'t, F: Float>(logits: Var<'t, F>, targets: Var<'t, F>) -> Var<'t, F> {
    alike("binary_cross_entropy", "logits", logits, targets);
    let losses = targets * (-logits).softplus() + (1.0 - targets) * logits.softplus();
    losses.sum_axes(features(logits), false)
}

/// Mean over the features of the squared error, `Σ (p - y)² / features`, for
/// predictions and targets `[n, …]`. Its gradient is `2 (p - y) / features`.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::loss::mse;
///
/// let tape = wengert_autodiff::Tape::new();
/// let predictions = tape.input("predictions", array![[1.0, 5.0], [0.0, 0.0]]);
/// let targets = tape.input("targets", array![[0.0, 2.0], [0.0, 0.0]]);
/// assert_eq!(mse(predictions, targets).to_array(), array![5.0, 0.0]);
/// ```
///
/// # Panics
/// At the caller's line, if the two shapes differ, or have no axis or no
/// features.
#[track_caller]
pub fn mse<'t, F: Float>(predictions: Var<'t, F>, targets: Var<'t, F>) -> Var<'t, F> {
    alike("mse", "predictions", predictions, targets);
    let errors = predictions - targets;
    errors.square().mean_axes(features(predictions), false)
}

/// Mean over the features of the absolute error, `Σ |p - y| / features`, for
/// predictions and targets `[n, …]`. Its gradient is `sign(p - y) / features`,
/// 0 where they are equal.
///
/// # Panics
/// At the caller's line, if the two shapes differ, or have no axis or no
/// features.
#[track_caller]
pub fn mae<'t, F: Float>(predictions: Var<'t, F>, targets: Var<'t, F>) -> Var<'t, F> {
    alike("mae", "predictions", predictions, targets);
    let errors = predictions - targets;
    errors.abs().mean_axes(features(predictions), false)
}

#[track_caller]
fn alike<F: Float>(loss: &str, what: &str, left: Var<'_, F>, targets: Var<'_, F>) {
    let (p, y) = (left.shape(), targets.shape());
    if p.rank() == 0 || p != y {
        panic!(
            "{loss}: {what} {p} and targets {y}; \
             expected one shape [n, …] for both (losses do not broadcast)"
        );
    }
}

/// Every axis but the first.
fn features<F: Float>(x: Var<'_, F>) -> Vec<isize> {
    (1..x.rank() as isize).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use wengert_autodiff::Tape;

    use super::*;

    fn logits() -> Array2<f64> {
        array![[1.0, -2.0, 0.5], [1000.0, -1000.0, 0.0], [-40.0, 40.0, 3.0]]
    }

    fn softmax(z: &Array2<f64>) -> Array2<f64> {
        let mut p = z.clone();
        for mut row in p.rows_mut() {
            let max = row.fold(f64::NEG_INFINITY, |m, &z| m.max(z));
            row.mapv_inplace(|z| (z - max).exp());
            let sum = row.sum();
            row.mapv_inplace(|e| e / sum);
        }
        p
    }

    fn close(got: &Array2<f64>, want: &Array2<f64>) {
        for (&g, &w) in got.iter().zip(want) {
            assert!(
                (g - w).abs() <= 1e-15 * w.abs().max(1.0),
                "{got} and {want}"
            );
        }
    }

    #[test]
    fn softmax_gradient_is_probability_minus_target() {
        let tape = Tape::new();
        let z = tape.input("z", logits());
        let labels = tape.input("labels", array![2usize, 0, 1]);
        let one_hot = array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        let targets = tape.input("targets", one_hot.clone());
        let (a, b) = (
            softmax_cross_entropy(z, labels),
            softmax_cross_entropy_one_hot(z, targets),
        );
        assert_eq!(a.value(), b.value());
        for losses in [a, b] {
            let [dz] = tape.grad(losses.sum(), [z]).unwrap();
            close(&dz.to_array(), &(softmax(&logits()) - &one_hot));
        }
    }

    #[test]
    fn soft_targets() {
        let tape = Tape::new();
        let soft = array![[0.2, 0.3, 0.5], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]];
        let z = tape.input("z", logits());
        let losses = softmax_cross_entropy_one_hot(z, tape.input("y", soft.clone()));
        let [dz] = tape.grad(losses.sum(), [z]).unwrap();
        close(&dz.to_array(), &(softmax(&logits()) - &soft));
        assert_eq!(losses.value()[1], 2000.0);
    }

    #[test]
    fn binary_gradient_is_sigmoid_minus_target() {
        let tape = Tape::new();
        let z = logits();
        let y = array![[0.0, 1.0, 0.25], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
        let var = tape.input("z", z.clone());
        let losses = binary_cross_entropy(var, tape.input("y", y.clone()));
        let [dz] = tape.grad(losses.sum(), [var]).unwrap();
        let sigmoid = z.mapv(|z| 1.0 / (1.0 + (-z).exp()));
        close(&dz.to_array(), &(sigmoid - &y));
        // A right answer at 40: the textbook's softplus(z) - z y would be 0.
        let tiny = losses.value()[2] - f64::ln_1p(3f64.exp());
        assert!(tiny.abs() < 1e-15);
        let right = binary_cross_entropy(
            tape.input("z", array![[40.0]]),
            tape.input("y", array![[1.0]]),
        );
        assert_eq!(right.value()[0], (-40f64).exp());
    }

    #[test]
    fn finite_and_right_where_probabilities_underflow() {
        let tape = Tape::new();
        let z = tape.input("z", array![[1000f32, -1000.0], [-1000.0, 1000.0]]);
        let y = tape.input("y", array![[0f32, 1.0], [0.0, 1.0]]);
        let labels = tape.input("labels", array![1usize, 1]);
        for (losses, expected) in [
            (softmax_cross_entropy(z, labels), [2000.0, 0.0]),
            (softmax_cross_entropy_one_hot(z, y), [2000.0, 0.0]),
            (binary_cross_entropy(z, y), [2000.0, 0.0]),
        ] {
            assert_eq!(losses.to_array::<ndarray::Ix1>().to_vec(), expected);
            let [dz] = tape.grad(losses.sum(), [z]).unwrap();
            assert_eq!(dz.to_array(), array![[1f32, -1.0], [0.0, 0.0]]);
        }
    }

    #[test]
    fn regression_gradients() {
        let tape = Tape::new();
        let p = tape.input("p", array![[1.0, 5.0], [0.0, -2.0]]);
        let y = tape.input("y", array![[0.0, 2.0], [0.0, 0.0]]);
        let [dp] = tape.grad(mse(p, y).sum(), [p]).unwrap();
        assert_eq!(dp.to_array(), array![[1.0, 3.0], [0.0, -2.0]]);
        assert_eq!(mae(p, y).to_array(), array![2.0, 1.0]);
        let [dp] = tape.grad(mae(p, y).sum(), [p]).unwrap();
        assert_eq!(dp.to_array(), array![[0.5, 0.5], [0.0, -0.5]]);
        let column = tape.input("p", array![1.0, 3.0]);
        let losses = mse(column, tape.input("y", array![0.0, 0.0]));
        assert_eq!(losses.to_array(), array![1.0, 9.0]);
    }

    fn message(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let payload = std::panic::catch_unwind(f).unwrap_err();
        *payload.downcast::<String>().expect("a formatted message")
    }

    #[test]
    fn shapes_are_not_broadcast() {
        let tape = Tape::new;
        assert_eq!(
            message(|| {
                let tape = tape();
                mse(
                    tape.input("p", array![1.0, 2.0]),
                    tape.input("y", array![[1.0], [2.0]]),
                );
            }),
            "mse: predictions [2] and targets [2, 1]; \
             expected one shape [n, …] for both (losses do not broadcast)"
        );
        assert_eq!(
            message(|| {
                let tape = tape();
                let z = tape.input("z", array![[1.0, 2.0]]);
                softmax_cross_entropy(z, tape.input("y", array![0usize, 1]));
            }),
            "softmax_cross_entropy: logits [1, 2] and labels [2]; expected [n, classes] and [n]"
        );
        assert_eq!(
            message(|| {
                let tape = tape();
                let z = tape.input("z", array![[1.0, 2.0]]);
                softmax_cross_entropy(z, tape.input("y", array![2usize]));
            }),
            "softmax_cross_entropy: label 2 of example 0; logits [1, 2] have the classes 0..2"
        );
    }
}
