//! How weights begin. Draws numbers; knows no layer.

use std::fmt;
use std::str::FromStr;

use ndarray::Array2;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};
use wengert_autodiff::Float;

use crate::layers::LayerError;
use crate::option::NameError;

/// The distribution that a weight matrix of shape `[inputs, outputs]` is
/// drawn from. Biases begin at zero.
///
/// | name | distribution | for |
/// |---|---|---|
/// | `he` | normal, σ² = 2 / inputs | relu (He and others, 2015, arXiv:1502.01852) |
/// | `he-uniform` | uniform in ±√(6 / inputs) | the same |
/// | `glorot` | normal, σ² = 2 / (inputs + outputs) | tanh, sigmoid (Glorot and Bengio, 2010) |
/// | `glorot-uniform` | uniform in ±√(6 / (inputs + outputs)) | the same |
/// | `lecun` | normal, σ² = 1 / inputs | (LeCun and others, 1998) |
/// | `normal:σ` | normal of that standard deviation | |
/// | `zeros` | 0 | an output layer, never a hidden one: equal units stay equal |
///
/// `kaiming` and `xavier` are read as the other names of `he` and `glorot`.
/// No distribution is truncated. Numbers are drawn as `f64` and rounded, so
/// that one seed gives the same model in f32 and f64.
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_nn::Init;
///
/// let init: Init = "he".parse()?;
/// assert_eq!(init, Init::HeNormal);
/// let w = init.sample::<f32>(784, 128, &mut ChaCha8Rng::seed_from_u64(1));
/// assert!((w.std(0.0) - (2.0f32 / 784.0).sqrt()).abs() < 1e-3);
/// assert!("normal:-1".parse::<Init>().is_err());
/// # Ok::<(), wengert_nn::NameError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Init {
    /// Normal, variance `2 / inputs`.
    HeNormal,
    /// Uniform in `±√(6 / inputs)`.
    HeUniform,
    /// Normal, variance `2 / (inputs + outputs)`.
    GlorotNormal,
    /// Uniform in `±√(6 / (inputs + outputs))`.
    GlorotUniform,
    /// Normal, variance `1 / inputs`.
    LecunNormal,
    /// Normal, of this standard deviation.
    Normal {
        /// The standard deviation, finite and not negative.
        std: f64,
    },
    /// All zero.
    Zeros,
}

/// What a number is drawn from: a standard deviation, a limit, or nothing.
enum Distribution {
    Normal(f64),
    Uniform(f64),
    Zero,
}

impl Init {
    /// Draws a matrix of shape `[inputs, outputs]`.
    pub fn sample<F: Float>(
        self,
        inputs: usize,
        outputs: usize,
        rng: &mut (impl Rng + ?Sized),
    ) -> Array2<F> {
        let mut rng = rng;
        let numbers = self.draw(inputs, outputs, &mut rng);
        let numbers = numbers.into_iter().map(F::of).collect();
        Array2::from_shape_vec((inputs, outputs), numbers).expect("as many as were asked for")
    }

    /// Refuses a deviation that is none; only code can make one.
    pub(crate) fn check(self) -> Result<(), LayerError> {
        match self {
            Init::Normal { std } if !std.is_finite() || std < 0.0 => {
                Err(LayerError::Deviation { std })
            }
            _ => Ok(()),
        }
    }

    fn draw(self, inputs: usize, outputs: usize, rng: &mut dyn Rng) -> Vec<f64> {
        let distribution = self.distribution(inputs, outputs);
        let draw = |_| match distribution {
            Distribution::Zero => 0.0,
            Distribution::Normal(std) => std * rng.sample::<f64, _>(StandardNormal),
            Distribution::Uniform(limit) => limit * (2.0 * rng.random::<f64>() - 1.0),
        };
        (0..inputs * outputs).map(draw).collect()
    }

    fn distribution(self, inputs: usize, outputs: usize) -> Distribution {
        // Without inputs, or outputs, there is nothing to draw.
        let inward = inputs.max(1) as f64;
        let both = (inputs + outputs).max(1) as f64;
        match self {
            Init::HeNormal => Distribution::Normal((2.0 / inward).sqrt()),
            Init::HeUniform => Distribution::Uniform((6.0 / inward).sqrt()),
            Init::GlorotNormal => Distribution::Normal((2.0 / both).sqrt()),
            Init::GlorotUniform => Distribution::Uniform((6.0 / both).sqrt()),
            Init::LecunNormal => Distribution::Normal((1.0 / inward).sqrt()),
            Init::Normal { std } => Distribution::Normal(std),
            Init::Zeros => Distribution::Zero,
        }
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Init::HeNormal => f.pad("he"),
            Init::HeUniform => f.pad("he-uniform"),
            Init::GlorotNormal => f.pad("glorot"),
            Init::GlorotUniform => f.pad("glorot-uniform"),
            Init::LecunNormal => f.pad("lecun"),
            Init::Normal { std } => f.pad(&format!("normal:{std}")),
            Init::Zeros => f.pad("zeros"),
        }
    }
}

impl FromStr for Init {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        Ok(match name {
            "he" | "kaiming" => Init::HeNormal,
            "he-uniform" | "kaiming-uniform" => Init::HeUniform,
            "glorot" | "xavier" => Init::GlorotNormal,
            "glorot-uniform" | "xavier-uniform" => Init::GlorotUniform,
            "lecun" => Init::LecunNormal,
            "zeros" => Init::Zeros,
            _ => {
                let std = name
                    .strip_prefix("normal:")
                    .and_then(|std| std.parse().ok());
                match std {
                    Some(std) if f64::is_finite(std) && std >= 0.0 => Init::Normal { std },
                    _ => {
                        let expected = "he, he-uniform, glorot, glorot-uniform, lecun, zeros, or \
                                        normal:<standard deviation>";
                        return Err(NameError::new("initialisation", name, expected));
                    }
                }
            }
        })
    }
}

impl TryFrom<String> for Init {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        name.parse()
    }
}

impl From<Init> for String {
    fn from(init: Init) -> String {
        init.to_string()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    const ALL: [Init; 7] = [
        Init::HeNormal,
        Init::HeUniform,
        Init::GlorotNormal,
        Init::GlorotUniform,
        Init::LecunNormal,
        Init::Normal { std: 0.01 },
        Init::Zeros,
    ];

    #[test]
    fn variances_are_the_stated_ones() {
        let (inputs, outputs) = (300, 200);
        for init in ALL {
            let w: Array2<f64> = init.sample(inputs, outputs, &mut ChaCha8Rng::seed_from_u64(7));
            let expected = match init {
                Init::HeNormal | Init::HeUniform => 2.0 / 300.0,
                Init::GlorotNormal | Init::GlorotUniform => 2.0 / 500.0,
                Init::LecunNormal => 1.0 / 300.0,
                Init::Normal { std } => std * std,
                Init::Zeros => 0.0,
            };
            assert!((w.var(0.0) - expected).abs() <= 0.03 * expected, "{init}");
            assert!(w.mean().unwrap().abs() <= 0.02 * expected.sqrt(), "{init}");
            if let Init::HeUniform = init {
                let limit = (6.0f64 / 300.0).sqrt();
                assert!(w.iter().all(|w| w.abs() <= limit));
            }
        }
    }

    #[test]
    fn names_round_trip_and_single_and_double_begin_alike() {
        for init in ALL {
            assert_eq!(init.to_string().parse(), Ok(init));
            let json = serde_json::to_string(&init).unwrap();
            assert_eq!(serde_json::from_str::<Init>(&json).unwrap(), init);
            let single: Array2<f32> = init.sample(3, 2, &mut ChaCha8Rng::seed_from_u64(7));
            let double: Array2<f64> = init.sample(3, 2, &mut ChaCha8Rng::seed_from_u64(7));
            assert_eq!(single, double.mapv(|w| w as f32));
        }
        for wrong in ["", "normal", "normal:", "normal:nan", "normal:inf", "ones"] {
            assert!(wrong.parse::<Init>().is_err(), "{wrong}");
        }
    }
}
