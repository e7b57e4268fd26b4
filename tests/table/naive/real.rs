//! A number that knows how wrong it may be: running error analysis, to first
//! order.
//!
//! Source: N. J. Higham, *Accuracy and Stability of Numerical Algorithms*
//! (2002), section 3.3.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number, and a bound for its error in units of one rounding error. The
/// same bound serves f64 and f32: only the unit differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Real {
    /// The number.
    pub value: f64,
    /// How many rounding errors it may be off, in absolute terms.
    pub bound: f64,
}

/// A product in which nothing times anything is nothing: no error is passed
/// on, however steep the function is.
fn times(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 {
        0.0
    } else {
        (a * b).abs()
    }
}

impl Real {
    /// A number that is exactly this one.
    pub fn exact(value: f64) -> Real {
        Real { value, bound: 0.0 }
    }

    /// A constant that is rounded to the working precision.
    pub fn rounded(value: f64) -> Real {
        Real {
            value,
            bound: value.abs(),
        }
    }

    /// `f` of this number, correctly rounded, where `slope` is its derivative.
    pub fn map(self, f: impl Fn(f64) -> f64, slope: f64) -> Real {
        let value = f(self.value);
        Real {
            value,
            bound: times(slope, self.bound) + value.abs(),
        }
    }

    /// `e^x`.
    pub fn exp(self) -> Real {
        self.map(f64::exp, self.value.exp())
    }

    /// `ln x`.
    pub fn ln(self) -> Real {
        self.map(f64::ln, self.value.recip())
    }

    /// `sin x`.
    pub fn sin(self) -> Real {
        self.map(f64::sin, self.value.cos())
    }

    /// `cos x`.
    pub fn cos(self) -> Real {
        self.map(f64::cos, self.value.sin())
    }

    /// The angle whose tangent this is.
    pub fn atan(self) -> Real {
        self.map(f64::atan, (1.0 + self.value * self.value).recip())
    }

    /// The angle whose sine this is.
    pub fn asin(self) -> Real {
        let slope = (1.0 - self.value * self.value).sqrt().recip();
        self.map(f64::asin, slope)
    }

    /// `√x`.
    pub fn sqrt(self) -> Real {
        self.map(f64::sqrt, 0.5 / self.value.sqrt())
    }

    /// `|x|`.
    pub fn abs(self) -> Real {
        Real {
            value: self.value.abs(),
            ..self
        }
    }

    /// `x^p`: as `e^(p ln x)` where that is defined.
    pub fn pow(self, p: Real) -> Real {
        if self.value > 0.0 && self.value.is_finite() {
            return (p * self.ln()).exp();
        }
        let (x, n) = (self.value, p.value);
        self.map(|x| x.powf(n), n * x.powf(n - 1.0))
    }

    /// The larger one; NaN if either is.
    pub fn max(self, other: Real) -> Real {
        let bound = self.bound.max(other.bound);
        let value = match self.value.is_nan() || other.value.is_nan() {
            true => f64::NAN,
            false => self.value.max(other.value),
        };
        Real { value, bound }
    }

    /// The smaller one; NaN if either is.
    pub fn min(self, other: Real) -> Real {
        -((-self).max(-other))
    }
}

impl Neg for Real {
    type Output = Real;
    fn neg(self) -> Real {
        Real {
            value: -self.value,
            ..self
        }
    }
}

impl Add for Real {
    type Output = Real;
    fn add(self, other: Real) -> Real {
        let value = self.value + other.value;
        Real {
            value,
            bound: self.bound + other.bound + value.abs(),
        }
    }
}

impl Sub for Real {
    type Output = Real;
    fn sub(self, other: Real) -> Real {
        self + -other
    }
}

impl Mul for Real {
    type Output = Real;
    fn mul(self, other: Real) -> Real {
        let value = self.value * other.value;
        let passed = times(self.value, other.bound) + times(other.value, self.bound);
        Real {
            value,
            bound: passed + value.abs(),
        }
    }
}

impl Div for Real {
    type Output = Real;
    fn div(self, other: Real) -> Real {
        let value = self.value / other.value;
        let passed = self.bound + times(value, other.bound);
        Real {
            value,
            bound: times(passed, other.value.recip()) + value.abs(),
        }
    }
}
