//! Dropout.

use rand::Rng;
use rand::rngs::ChaCha8Rng;
use wengert_autodiff::{Float, Var};

use super::LayerError;
use crate::context::{Context, Mode};
use crate::flat::SliceMut;

/// Inverted dropout: in training each element is set to 0 with probability
/// `p`, and the others are multiplied by `1 / (1 - p)`, which keeps the
/// expectation; in evaluation it does nothing. (N. Srivastava and others,
/// 2014, JMLR 15.)
///
/// The mask is drawn from the context's stream and is an input of the tape,
/// named after the layer.
///
/// ```
/// use ndarray::Array2;
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_autodiff::Tape;
/// use wengert_nn::{Context, Dropout, Params};
///
/// let dropout = Dropout::new("hidden.dropout", 0.5)?;
/// let (tape, params) = (Tape::new(), Params::<f64>::new());
/// let x = tape.input("x", Array2::ones((2, 3)));
///
/// let cx = Context::train(&tape, &params, ChaCha8Rng::seed_from_u64(1));
/// assert!(dropout.forward(&cx, x).value().iter().all(|&y| y == 0.0 || y == 2.0));
/// let cx = Context::eval(&tape, &params);
/// assert_eq!(dropout.forward(&cx, x).id(), x.id());
/// # Ok::<(), wengert_nn::LayerError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dropout {
    name: String,
    p: f64,
}

impl Dropout {
    /// Drops each element with probability `p`.
    ///
    /// # Errors
    /// If `p` is not in `[0, 1)`.
    pub fn new(name: impl Into<String>, p: f64) -> Result<Dropout, LayerError> {
        if !(0.0..1.0).contains(&p) {
            return Err(LayerError::Dropout { p });
        }
        let name = name.into();
        Ok(Dropout { name, p })
    }

    /// The probability of dropping an element.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// `x * mask` in training, `x` in evaluation.
    #[track_caller]
    pub fn forward<'t, F: Float>(&self, cx: &Context<'t, '_, F>, x: Var<'t, F>) -> Var<'t, F> {
        if cx.mode() == Mode::Eval || self.p == 0.0 {
            return x;
        }
        let p = self.p;
        x * cx.random(&self.name, &x.shape(), move |rng, out| {
            mask(SliceMut::of(out), p, rng);
        })
    }
}

/// Zeros with probability `p`, `1 / (1 - p)` elsewhere. One 32-bit draw per
/// element, so that f32 and f64 drop the same ones.
///
/// Not generic, so that it is compiled with this crate's optimisation: a debug
/// build of a training program would spend its time here otherwise.
fn mask(out: SliceMut<'_>, p: f64, rng: &mut ChaCha8Rng) {
    fn run<F: Float>(out: &mut [F], p: f64, rng: &mut ChaCha8Rng) {
        let threshold = (p * 2f64.powi(32)) as u32;
        let scale = F::of(1.0 / (1.0 - p));
        out.fill_with(|| match rng.next_u32() >= threshold {
            true => scale,
            false => F::zero(),
        });
    }
    match out {
        SliceMut::F32(out) => run(out, p, rng),
        SliceMut::F64(out) => run(out, p, rng),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use rand::SeedableRng;
    use wengert_autodiff::Tape;

    use super::*;
    use crate::params::Params;

    #[test]
    fn the_probability_must_be_one() {
        for p in [1.0, 1.5, -0.1, f64::NAN] {
            assert!(Dropout::new("d", p).is_err(), "{p}");
        }
        assert_eq!(
            Dropout::new("d", 1.0).unwrap_err().to_string(),
            "dropout of 1: must be at least 0 and less than 1"
        );
    }

    #[test]
    fn expectation_is_kept_and_the_gradient_is_the_mask() {
        for p in [0.1, 0.5, 0.9] {
            let (tape, params) = (Tape::new(), Params::<f64>::new());
            let cx = Context::train(&tape, &params, ChaCha8Rng::seed_from_u64(5));
            let x = tape.input("x", Array1::from_elem(100_000, 1.0));
            let y = Dropout::new("d", p).unwrap().forward(&cx, x);
            assert!((y.mean().item() - 1.0).abs() < 0.02, "{p}");
            let [dx] = tape.grad(y.sum(), [x]).unwrap();
            assert_eq!(dx.value(), y.value());
        }
    }

    #[test]
    fn single_and_double_drop_the_same_elements() {
        fn draw<F: Float>() -> Vec<bool> {
            let mut out = vec![F::zero(); 1000];
            mask(
                SliceMut::of(&mut out),
                0.3,
                &mut ChaCha8Rng::seed_from_u64(5),
            );
            out.into_iter().map(|x| x == F::zero()).collect()
        }
        assert_eq!(draw::<f32>(), draw::<f64>());
    }
}
