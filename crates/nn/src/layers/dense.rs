//! The fully connected layer.

use ndarray::Array1;
use rand::Rng;
use wengert_autodiff::{Float, Var};

use super::LayerError;
use crate::activation::Activation;
use crate::context::Context;
use crate::init::Init;
use crate::params::{ParamId, Params};

/// The fully connected layer, `activation(x · w + b)`: `[n, inputs]` to
/// `[n, outputs]`.
///
/// ```
/// use ndarray::array;
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_autodiff::Tape;
/// use wengert_nn::{Activation, Context, Dense, Init, Params};
///
/// let mut params = Params::<f64>::new();
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// let layer = Dense::new("hidden", 3, 2, Activation::Tanh, Init::GlorotNormal, &mut params, &mut rng)?;
/// assert_eq!(params.shape(layer.weight), [3, 2]);
///
/// let tape = Tape::new();
/// let cx = Context::eval(&tape, &params);
/// let x = tape.input("x", array![[1.0, 2.0, 3.0]]);
/// let y = layer.forward(&cx, x);
/// assert_eq!(y.to_string(), "tanh(x · hidden.weight + hidden.bias)");
/// # Ok::<(), wengert_nn::LayerError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// `[inputs, outputs]`, so that a batch of rows is multiplied from the
    /// left. (PyTorch stores the transpose.)
    pub weight: ParamId,
    /// `[outputs]`.
    pub bias: ParamId,
    /// What is applied to the sums.
    pub activation: Activation,
}

impl Dense {
    /// Adds the parameters `name.weight`, drawn from `init`, and `name.bias`,
    /// zero.
    ///
    /// # Errors
    /// If one of the names is taken, a width is 0, or the deviation of
    /// [`Init::Normal`] is not one.
    pub fn new<F: Float>(
        name: &str,
        inputs: usize,
        outputs: usize,
        activation: Activation,
        init: Init,
        params: &mut Params<F>,
        rng: &mut (impl Rng + ?Sized),
    ) -> Result<Dense, LayerError> {
        if inputs == 0 || outputs == 0 {
            let layer = name.to_string();
            return Err(LayerError::Empty { layer });
        }
        init.check()?;
        let weight = init.sample(inputs, outputs, rng);
        Ok(Dense {
            weight: params.add(format!("{name}.weight"), weight)?,
            bias: params.add(format!("{name}.bias"), Array1::zeros(outputs))?,
            activation,
        })
    }

    /// `activation(x · w + b)`.
    ///
    /// # Panics
    /// At the caller's line, if `x` is not `[n, inputs]`.
    #[track_caller]
    pub fn forward<'t, F: Float>(&self, cx: &Context<'t, '_, F>, x: Var<'t, F>) -> Var<'t, F> {
        let (w, b) = (cx.param(self.weight), cx.param(self.bias));
        self.activation.apply(x.dot(w) + b)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use wengert_autodiff::Tape;

    use super::*;

    fn layer(params: &mut Params<f64>) -> Result<Dense, LayerError> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        Dense::new(
            "d",
            2,
            2,
            Activation::Identity,
            Init::Zeros,
            params,
            &mut rng,
        )
    }

    #[test]
    fn value_is_the_formula() {
        let mut params = Params::new();
        let d = layer(&mut params).unwrap();
        params
            .view_mut(d.weight)
            .assign(&array![[1.0, 2.0], [3.0, 4.0]].into_dyn());
        params
            .view_mut(d.bias)
            .assign(&array![10.0, 20.0].into_dyn());
        let tape = Tape::new();
        let x = tape.input("x", array![[1.0, 1.0], [0.0, 2.0]]);
        let y = d.forward(&Context::eval(&tape, &params), x);
        assert_eq!(y.to_array(), array![[14.0, 26.0], [16.0, 28.0]]);
    }

    #[test]
    fn misuse_is_refused() {
        let mut params = Params::new();
        layer(&mut params).unwrap();
        assert!(matches!(layer(&mut params), Err(LayerError::Params(_))));
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut build = |inputs, std| {
            let init = Init::Normal { std };
            Dense::new(
                "e",
                inputs,
                2,
                Activation::Relu,
                init,
                &mut Params::<f32>::new(),
                &mut rng,
            )
        };
        assert_eq!(build(0, 0.1), Err(LayerError::Empty { layer: "e".into() }));
        assert_eq!(build(2, -0.1), Err(LayerError::Deviation { std: -0.1 }));
        assert!(build(2, 0.1).is_ok());
    }
}
