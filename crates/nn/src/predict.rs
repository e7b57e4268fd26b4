//! Using a trained model: logits, classes, and how right they are. Nothing
//! here is random or differentiated.

use ndarray::{Array1, Array2, ArrayBase, Axis, Data, Dimension, Ix1, Ix2, RemoveAxis};
use wengert_autodiff::{Float, Tape};

use crate::batch::Batch;
use crate::context::Context;
use crate::layers::Model;
use crate::option::OptionError;
use crate::params::Params;
use crate::team::{Team, ThreadsError};

/// How many examples are on one tape.
const CHUNK: usize = 64;

/// Predictions that cannot be made, or not be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PredictError {
    /// An option makes no sense.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The operating system gives no more threads.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
    /// The model does not return one row per example.
    #[error("the model made outputs {found:?} of {rows} examples: expected [{rows}, classes]")]
    Outputs {
        /// Their shape.
        found: Vec<usize>,
        /// How many examples it was given.
        rows: usize,
    },
    /// There are not as many predictions as labels.
    #[error("{predicted} predictions, but {labels} labels: expected one label per prediction")]
    Lengths {
        /// Number of predictions.
        predicted: usize,
        /// Number of labels.
        labels: usize,
    },
    /// The fraction of nothing.
    #[error("no predictions: their accuracy is not defined")]
    Empty,
    /// A class that does not exist.
    #[error("example {row} has {what} class {class}: expected one of 0..{classes}")]
    Class {
        /// The example.
        row: usize,
        /// `predicted` or `true`.
        what: &'static str,
        /// Its class.
        class: usize,
        /// How many there are.
        classes: usize,
    },
}

/// The model's outputs, `[n, classes]`, for examples along the first axis of
/// `x`. Nothing is differentiated; memory is needed for a few examples at a
/// time; the bits do not depend on the number of threads.
///
/// ```
/// use ndarray::Array2;
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_nn::{Mlp, MlpConfig, Params, predict};
///
/// let mut params = Params::<f32>::new();
/// let config = MlpConfig::new(784, 10);
/// let model = Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1))?;
/// let logits = predict::logits(&model, &params, &Array2::zeros((100, 784)), 2)?;
/// assert_eq!(logits.dim(), (100, 10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If `threads` is 0, or the model does not return one row per example.
///
/// # Panics
/// If the model does, for instance because the examples have another shape.
pub fn logits<F: Float, S: Data<Elem = F> + Sync, D: Dimension + RemoveAxis>(
    model: &dyn Model<F>,
    params: &Params<F>,
    x: &ArrayBase<S, D>,
    threads: usize,
) -> Result<Array2<F>, PredictError> {
    if threads == 0 {
        return Err(OptionError::new("threads", 0, "at least 1").into());
    }
    let rows = x.len_of(Axis(0));
    let chunks = rows.div_ceil(CHUNK);
    let team = Team::new(threads.min(chunks.max(1)))?;
    // Of no examples, the shape of the outputs is still asked for.
    let parts = team.map(chunks.max(1), |i| {
        let chunk: Vec<usize> = (i * CHUNK..rows.min((i + 1) * CHUNK)).collect();
        let tape = Tape::new();
        let cx = Context::eval(&tape, params);
        let outputs = model
            .forward(&cx, Batch::new(&tape, &chunk).rows("x", x))
            .peek();
        match *outputs.shape() {
            [n, _] if n == chunk.len() => Ok(outputs),
            _ => Err(PredictError::Outputs {
                found: outputs.shape().to_vec(),
                rows: chunk.len(),
            }),
        }
    });
    let mut numbers = Vec::new();
    let mut classes = 0;
    for part in parts {
        let part = part?;
        classes = part.shape()[1];
        let part = part.array::<F>().expect("of the parameters' type");
        numbers.extend_from_slice(part.as_slice().expect("values are contiguous"));
    }
    Ok(Array2::from_shape_vec((rows, classes), numbers).expect("a row per example"))
}

/// The class with the largest logit of each row, the first of equal ones.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::predict::classify;
///
/// assert_eq!(classify(&array![[0.1, 2.0, -1.0], [3.0, 3.0, 0.0]]), array![1, 0]);
/// ```
///
/// # Panics
/// If there are rows, but no classes.
pub fn classify<F: Float, S: Data<Elem = F>>(logits: &ArrayBase<S, Ix2>) -> Array1<usize> {
    let (rows, classes) = logits.dim();
    assert!(
        rows == 0 || classes > 0,
        "classify: {rows} rows of no classes"
    );
    logits.map_axis(Axis(1), |row| {
        let larger = |best, class| if row[class] > row[best] { class } else { best };
        (0..row.len()).fold(0, larger)
    })
}

/// The fraction of predictions that are right, from 0 to 1.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::predict::accuracy;
///
/// assert_eq!(accuracy(&array![1, 2, 3, 4], &array![1, 2, 0, 4])?, 0.75);
/// # Ok::<(), wengert_nn::predict::PredictError>(())
/// ```
///
/// # Errors
/// If there are not as many labels as predictions, or none.
pub fn accuracy<S: Data<Elem = usize>, T: Data<Elem = usize>>(
    predicted: &ArrayBase<S, Ix1>,
    labels: &ArrayBase<T, Ix1>,
) -> Result<f64, PredictError> {
    same_length(predicted, labels)?;
    if labels.is_empty() {
        return Err(PredictError::Empty);
    }
    let right = predicted.iter().zip(labels).filter(|(p, y)| p == y).count();
    Ok(right as f64 / labels.len() as f64)
}

/// How often which class was taken for which: row the true class, column the
/// predicted one. What is right is on the diagonal.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::predict::confusion_matrix;
///
/// let (predicted, labels) = (array![0, 1, 1, 1], array![0, 0, 1, 1]);
/// assert_eq!(confusion_matrix(&predicted, &labels, 2)?, array![[1, 1], [0, 2]]);
/// # Ok::<(), wengert_nn::predict::PredictError>(())
/// ```
///
/// # Errors
/// If there are not as many labels as predictions, or a class is not less
/// than `classes`.
pub fn confusion_matrix<S: Data<Elem = usize>, T: Data<Elem = usize>>(
    predicted: &ArrayBase<S, Ix1>,
    labels: &ArrayBase<T, Ix1>,
    classes: usize,
) -> Result<Array2<usize>, PredictError> {
    same_length(predicted, labels)?;
    let mut matrix = Array2::zeros((classes, classes));
    for (row, (&prediction, &label)) in predicted.iter().zip(labels).enumerate() {
        for (what, class) in [("predicted", prediction), ("true", label)] {
            if class >= classes {
                return Err(PredictError::Class {
                    row,
                    what,
                    class,
                    classes,
                });
            }
        }
        matrix[[label, prediction]] += 1;
    }
    Ok(matrix)
}

fn same_length<S: Data<Elem = usize>, T: Data<Elem = usize>>(
    predicted: &ArrayBase<S, Ix1>,
    labels: &ArrayBase<T, Ix1>,
) -> Result<(), PredictError> {
    let (predicted, labels) = (predicted.len(), labels.len());
    match predicted == labels {
        true => Ok(()),
        false => Err(PredictError::Lengths { predicted, labels }),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use wengert_autodiff::Var;

    use super::*;
    use crate::layers::{Mlp, MlpConfig};

    fn model() -> (Mlp, Params<f32>) {
        let mut params = Params::new();
        let config = MlpConfig {
            hidden: vec![7],
            dropout: 0.5,
            ..MlpConfig::new(3, 2)
        };
        let model = Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
        (model, params)
    }

    #[test]
    fn threads_change_no_bit_and_rows_stand_for_themselves() {
        let (model, params) = model();
        let x = Array2::from_shape_fn((200, 3), |(i, j)| ((i * 3 + j) % 11) as f32 - 5.0);
        let one = logits(&model, &params, &x, 1).unwrap();
        assert_eq!(one, logits(&model, &params, &x, 3).unwrap());
        let row = logits(&model, &params, &x.select(Axis(0), &[150]), 1).unwrap();
        for (a, b) in one.row(150).iter().zip(&row) {
            assert!((a - b).abs() < 1e-6);
        }
        let columns = x.reversed_axes().as_standard_layout().into_owned();
        assert_eq!(one, logits(&model, &params, &columns.t(), 1).unwrap());
    }

    #[test]
    fn no_examples_are_no_predictions() {
        let (model, params) = model();
        let none = logits(&model, &params, &Array2::zeros((0, 3)), 2).unwrap();
        assert_eq!(none.dim(), (0, 2));
        assert!(classify(&none).is_empty());
    }

    #[test]
    fn misuse_is_refused() {
        let (model, params) = model();
        let error = logits(&model, &params, &Array2::zeros((1, 3)), 0).unwrap_err();
        assert_eq!(error.to_string(), "`threads` is 0: must be at least 1");
        assert_eq!(
            accuracy(&array![1, 2], &array![1]).unwrap_err().to_string(),
            "2 predictions, but 1 labels: expected one label per prediction"
        );
        assert_eq!(accuracy(&array![], &array![]), Err(PredictError::Empty));
        assert_eq!(
            confusion_matrix(&array![0, 3], &array![0, 1], 3)
                .unwrap_err()
                .to_string(),
            "example 1 has predicted class 3: expected one of 0..3"
        );
        struct Sum;
        impl Model<f32> for Sum {
            fn forward<'t>(&self, _: &Context<'t, '_, f32>, x: Var<'t, f32>) -> Var<'t, f32> {
                x.sum()
            }
        }
        assert_eq!(
            logits(&Sum, &params, &Array2::zeros((5, 3)), 1)
                .unwrap_err()
                .to_string(),
            "the model made outputs [] of 5 examples: expected [5, classes]"
        );
    }
}
