//! A number that is claimed to be a slope, held against the function.

use super::difference::{Estimate, Sample, Slope, finer, slope};

/// Between an estimated error and a verdict.
pub const SAFETY: f64 = 3.0;

/// An estimate less certain than this, relative to the slope, is poor.
const POOR: f64 = 1e-4;

/// A claimed slope, and the rounding it is subject to.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// What is claimed.
    pub slope: f64,
    /// Rounding noise of the claim.
    pub own: f64,
    /// Rounding noise of the function's values.
    pub noise: f64,
    /// An error of the differences that is small enough; 0 for the best.
    pub enough: f64,
}

/// What the function says to a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It is right, as far as `tolerance` can tell.
    Agrees {
        numeric: f64,
        difference: f64,
        tolerance: f64,
    },
    /// It is wrong.
    Differs(Estimate),
    /// There is a kink, with these slopes on either side, one of which at
    /// least is another.
    Kink { left: Estimate, right: Estimate },
    /// The function is not defined around the point.
    Undefined,
}

impl Claim {
    /// Holds the claim against `f` around 0.
    pub fn against(self, f: &mut dyn FnMut(f64) -> Sample) -> Outcome {
        match slope(f, self.noise, self.enough) {
            Slope::Smooth(numeric) => {
                let first = self.off(numeric);
                // What disagrees, or says little, is looked at more closely.
                let gap = match first {
                    Outcome::Agrees { tolerance, .. } if tolerance <= POOR * self.slope.abs() => {
                        return first;
                    }
                    Outcome::Agrees { tolerance, .. } => tolerance,
                    _ => (self.slope - numeric.value).abs(),
                };
                let second = finer(f, self.noise, gap).map(|e| self.off(e));
                match (&first, second) {
                    (Outcome::Agrees { .. }, Some(second)) => second,
                    (_, Some(agrees @ Outcome::Agrees { .. })) => agrees,
                    _ => first,
                }
            }
            Slope::Kink { left, right } => match (self.off(left), self.off(right)) {
                // A kink of a higher derivative only: x |x|, Huber.
                (Outcome::Agrees { .. }, agrees @ Outcome::Agrees { .. }) => agrees,
                _ => Outcome::Kink { left, right },
            },
            Slope::Undefined => Outcome::Undefined,
        }
    }

    fn off(self, numeric: Estimate) -> Outcome {
        let difference = (self.slope - numeric.value).abs();
        let tolerance = SAFETY * (numeric.error + self.own);
        match difference <= tolerance {
            true => Outcome::Agrees {
                numeric: numeric.value,
                difference,
                tolerance,
            },
            false => Outcome::Differs(numeric),
        }
    }

    /// Whether the claim lies between the slopes on either side of a kink,
    /// where every convention does.
    pub fn is_between(self, left: Estimate, right: Estimate) -> bool {
        let room = SAFETY * (left.error.max(right.error) + self.own);
        let (least, greatest) = (left.value.min(right.value), left.value.max(right.value));
        (least - room..=greatest + room).contains(&self.slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims() {
        let claim = |slope: f64| Claim {
            slope,
            own: 0.0,
            noise: f64::EPSILON,
            enough: 0.0,
        };
        let sine = |h: f64| Sample::Value((0.3 + h).sin());
        let right = claim(0.3f64.cos()).against(&mut { sine });
        assert!(matches!(right, Outcome::Agrees { .. }), "{right:?}");
        let wrong = claim(0.3f64.cos() * (1.0 + 1e-9)).against(&mut { sine });
        assert!(matches!(wrong, Outcome::Differs(_)), "{wrong:?}");
        // Waves that the first stencils do not resolve.
        for waves in [1e2, 1e3, 1e4, 1e5, 3e5] {
            let swing = |h: f64| Sample::Value((waves * (0.7 + h)).sin());
            let claim = |slope| Claim {
                slope,
                own: 0.0,
                noise: f64::EPSILON * waves,
                enough: 0.0,
            };
            let exact = waves * (0.7 * waves).cos();
            let right = claim(exact).against(&mut { swing });
            let sharp = matches!(right, Outcome::Agrees { tolerance, .. }
                if tolerance < 1e-3 * exact.abs());
            assert!(sharp, "{waves}: {right:?}, exact {exact}");
            let wrong = claim(1.01 * exact).against(&mut { swing });
            assert!(matches!(wrong, Outcome::Differs(_)), "{waves}: {wrong:?}");
        }
        let bend = |h: f64| match h > 0.0 {
            true => Sample::Across(h),
            false => Sample::Value(0.0),
        };
        let Outcome::Kink { left, right } = claim(0.5).against(&mut { bend }) else {
            panic!()
        };
        assert!(claim(0.5).is_between(left, right) && claim(1.0).is_between(left, right));
        assert!(!claim(1.5).is_between(left, right));
    }
}
