//! How the learning rate changes in the course of training.

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::option::NameError;

/// The learning rate as a function of the step.
///
/// ```
/// use wengert_nn::Schedule;
///
/// let schedule: Schedule = "cosine".parse()?;
/// assert_eq!(schedule, Schedule::Cosine { floor: 0.0 });
/// assert_eq!(schedule.rate(0.1, 0, 100), 0.1);
/// assert!((schedule.rate(0.1, 50, 100) - 0.05).abs() < 1e-15);
/// assert_eq!(Schedule::Constant.rate(0.1, 50, 100), 0.1);
/// # Ok::<(), wengert_nn::NameError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Always the base rate.
    #[default]
    Constant,
    /// Half a cosine from the base rate down to the floor:
    /// `floor + (base - floor) (1 + cos(π step / total)) / 2` (I. Loshchilov
    /// and F. Hutter, 2017, arXiv:1608.03983, without restarts).
    Cosine {
        /// The rate at the end, PyTorch's `eta_min`.
        floor: f64,
    },
}

impl Schedule {
    /// The rate of step number `step`, counted from 0, of `total`.
    pub fn rate(self, base: f64, step: usize, total: usize) -> f64 {
        match self {
            Schedule::Constant => base,
            Schedule::Cosine { floor } => {
                let done = step as f64 / total.max(1) as f64;
                floor + (base - floor) * (1.0 + (PI * done.min(1.0)).cos()) / 2.0
            }
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Constant => f.pad("constant"),
            Schedule::Cosine { floor: 0.0 } => f.pad("cosine"),
            Schedule::Cosine { floor } => f.pad(&format!("cosine:{floor}")),
        }
    }
}

impl FromStr for Schedule {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let floor = name
            .strip_prefix("cosine:")
            .and_then(|floor| floor.parse().ok());
        match (name, floor) {
            ("constant", _) => Ok(Schedule::Constant),
            ("cosine", _) => Ok(Schedule::Cosine { floor: 0.0 }),
            (_, Some(floor)) if f64::is_finite(floor) && floor >= 0.0 => {
                Ok(Schedule::Cosine { floor })
            }
            _ => {
                let expected = "constant, cosine, or cosine:<rate at the end>";
                Err(NameError::new("schedule", name, expected))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_falls_from_base_to_floor() {
        let schedule = Schedule::Cosine { floor: 0.01 };
        let rates: Vec<f64> = (0..=10).map(|step| schedule.rate(0.1, step, 10)).collect();
        assert_eq!((rates[0], rates[10]), (0.1, 0.01));
        assert!(rates.windows(2).all(|pair| pair[0] > pair[1]));
        assert_eq!(schedule.rate(0.1, 11, 10), 0.01);
    }

    #[test]
    fn names_round_trip() {
        for name in ["constant", "cosine", "cosine:0.001"] {
            assert_eq!(name.parse::<Schedule>().unwrap().to_string(), name);
        }
        assert!("cosine:-1".parse::<Schedule>().is_err());
        assert_eq!(
            "step".parse::<Schedule>().unwrap_err().to_string(),
            "unknown schedule `step`: expected constant, cosine, or cosine:<rate at the end>"
        );
    }
}
