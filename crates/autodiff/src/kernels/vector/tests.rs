//! What all functions have to hold: the error that they state, their values
//! at the ends, and the same bits at every level and in every place.

use super::reference::{self, Pair};
use super::*;
use crate::dtype::Float;
use crate::kernels::elementwise::{map, map_unless_into};
use crate::simd::{self, Level};

/// A function, and what it is compared with.
struct Case {
    name: &'static str,
    single: fn(&[f32]) -> Vec<f32>,
    double: fn(&[f64]) -> Vec<f64>,
    /// To double precision.
    std: fn(f64) -> f64,
    /// To twice that.
    exact: fn(Pair) -> Pair,
    /// The error stated, in ulp.
    ulp: f64,
    /// Where double precision is tested.
    domain: (f64, f64),
}

macro_rules! case {
    ($f:ident, $std:expr, $ulp:literal, $domain:expr) => {
        Case {
            name: stringify!($f),
            single: |x| map(x, $f::<f32>),
            double: |x| map(x, $f::<f64>),
            std: $std,
            exact: reference::$f,
            ulp: $ulp,
            domain: $domain,
        }
    };
    ($f:ident, $std:expr, $ulp:literal, unless $far:ident, $domain:expr) => {
        Case {
            single: |x| unless(x, $f::<f32>, f32::$f),
            double: |x| unless(x, $f::<f64>, f64::$f),
            ..case!($f, $std, $ulp, $domain)
        }
    };
}

fn unless<F: Float>(x: &[F], f: fn(F) -> F, beyond: fn(F) -> F) -> Vec<F> {
    let mut out = vec![F::zero(); x.len()];
    map_unless_into(&mut out, x, f, far, beyond);
    out
}

fn cases() -> Vec<Case> {
    let sigmoid_std = |x: f64| match x < 0.0 {
        true => x.exp() / (1.0 + x.exp()),
        false => 1.0 / (1.0 + (-x).exp()),
    };
    let softplus_std = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let log_sigmoid_std = |x: f64| x.min(0.0) - (-x.abs()).exp().ln_1p();
    vec![
        case!(exp, f64::exp, 1.0, (-708.0, 709.0)),
        case!(exp2, f64::exp2, 1.5, (-1022.0, 1023.0)),
        case!(expm1, f64::exp_m1, 1.5, (-40.0, 700.0)),
        case!(ln, f64::ln, 1.0, (1e-290, 1e3)),
        case!(log1p, f64::ln_1p, 1.0, (f64::EPSILON - 1.0, 1e3)),
        case!(tanh, f64::tanh, 1.5, (-20.0, 20.0)),
        case!(sigmoid, sigmoid_std, 2.5, (-700.0, 40.0)),
        case!(softplus, softplus_std, 2.0, (-700.0, 40.0)),
        case!(log_sigmoid, log_sigmoid_std, 2.0, (-40.0, 700.0)),
        case!(sin, f64::sin, 1.0, unless far, (-1e6, 1e6)),
        case!(cos, f64::cos, 1.0, unless far, (-1e6, 1e6)),
    ]
}

/// Numbers of all magnitudes and signs, the same every time.
fn scattered(seed: u64) -> impl Iterator<Item = u64> + Clone {
    // A multiplicative congruence, of which the high bits are good.
    let next = |x: &u64| {
        Some(
            x.wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407),
        )
    };
    std::iter::successors(Some(seed), next).map(|x| x ^ x >> 29)
}

const SPECIAL: [f64; 24] = [
    0.0,
    -0.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-45,
    -1e-45,
    3.4028234663852886e+38,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1e6,
    1.0000001e6,
    1e8,
    1.00000008e8,
    -745.0,
    710.0,
];

/// The error of `got` in units of the last place of a result near `want`.
fn ulps_single(got: f32, want: f64) -> f64 {
    if f64::from(got) == want || got.is_nan() && want.is_nan() {
        return 0.0;
    }
    if got == want as f32 {
        // The nearest; infinity is beyond half a unit of the largest.
        return 0.5;
    }
    let a = (want as f32).abs().max(f32::MIN_POSITIVE);
    let unit = f64::from(a) - f64::from(f32::from_bits(a.to_bits() - 1));
    let unit = if a.to_bits() << 9 == 0 {
        2.0 * unit
    } else {
        unit
    };
    (f64::from(got) - want).abs() / unit
}

fn ulps_double(got: f64, want: Pair) -> f64 {
    let a = want.0.abs().max(2.0 * f64::MIN_POSITIVE);
    let unit = f64::from_bits(a.to_bits() & !((1 << 52) - 1)) * f64::EPSILON;
    ((got - want.0) - want.1).abs() / unit
}

#[test]
fn single_precision_is_as_exact_as_stated() {
    for case in cases() {
        let (mut worst, mut at) = (0.0, 0.0);
        for start in (0..=u32::MAX).step_by(1 << 22) {
            let x: Vec<f32> = (0..1 << 11)
                .map(|k| f32::from_bits(start + k * 2039))
                .collect();
            for (&x, y) in x.iter().zip((case.single)(&x)) {
                let error = ulps_single(y, (case.std)(f64::from(x)));
                assert!(!error.is_nan(), "{} of {x:e} is {y:e}", case.name);
                if error > worst {
                    (worst, at) = (error, x);
                }
            }
        }
        println!("{}: {worst:.2} ulp at {at:e}, f32", case.name);
        assert!(worst <= case.ulp, "{}: {worst} ulp at {at:e}", case.name);
    }
}

#[test]
fn double_precision_is_as_exact_as_stated() {
    for case in cases() {
        let (low, high) = case.domain;
        let unit = |bits: u64| (bits >> 11) as f64 * 2f64.powi(-53);
        let spread = scattered(1).map(|bits| low + (high - low) * unit(bits));
        let near = scattered(2).map(|bits| 4.0 * unit(bits) - 2.0);
        // Magnitudes from 2^-60 up.
        let small = scattered(3).map(|bits| {
            let x = 2f64.powi(-((bits % 61) as i32)) * (1.0 + unit(bits));
            if bits & 64 == 0 { x } else { -x }
        });
        let x: Vec<f64> = spread
            .take(10_000)
            .chain(near.take(10_000))
            .chain(small.take(10_000))
            .filter(|x| (low..=high).contains(x))
            .collect();
        let (mut worst, mut at) = (0.0, 0.0);
        for (&x, y) in x.iter().zip((case.double)(&x)) {
            let error = ulps_double(y, (case.exact)(Pair(x, 0.0)));
            assert!(!error.is_nan(), "{} of {x:e} is {y:e}", case.name);
            if error > worst {
                (worst, at) = (error, x);
            }
        }
        println!("{}: {worst:.2} ulp at {at:e}, f64", case.name);
        assert!(worst <= case.ulp, "{}: {worst} ulp at {at:e}", case.name);
    }
}

#[test]
fn the_ends_are_those_of_the_standard_library() {
    for case in cases() {
        for (x, y) in SPECIAL.into_iter().zip((case.double)(&SPECIAL)) {
            let want = (case.std)(x);
            let whole = want.is_nan() || want.is_infinite() || want == 0.0;
            let right = match whole {
                true => y == want || (y.is_nan() && want.is_nan()),
                false => (y - want).abs() <= 4.0 * f64::EPSILON * want.abs().max(f64::MIN_POSITIVE),
            };
            assert!(right, "{}({x:e}) = {y:e}, not {want:e}", case.name);
        }
    }
    // Odd functions keep the sign of zero, and all digits beside it.
    for f in [expm1::<f64>, log1p, tanh, sin] {
        for x in [0.0, -0.0, 5e-324, -5e-324, -f64::MIN_POSITIVE, 1e-200] {
            assert_eq!(f(x).to_bits(), x.to_bits());
        }
    }
    for k in -1074..1024 {
        let want = match k < -1022 {
            true => f64::from_bits(1 << (k + 1074)),
            false => 2f64.powi(k),
        };
        assert_eq!(exp2(f64::from(k)), want, "{k}");
        assert_eq!(exp2(k as f32), want as f32, "{k}");
    }
    assert_eq!((exp(0.0), exp(-0.0), cos(0.0)), (1.0, 1.0, 1.0));
    assert_eq!(
        (sigmoid(0.0), sigmoid(-1000.0), sigmoid(1000.0)),
        (0.5, 0.0, 1.0)
    );
    assert_eq!(
        (sigmoid(-700.0), softplus(-700.0)),
        (exp(-700.0), exp(-700.0))
    );
    assert_eq!(
        (softplus(0.0), softplus(1000.0)),
        (std::f64::consts::LN_2, 1000.0)
    );
}

/// Beside multiples of π/2 all leading digits cancel.
#[test]
fn angles_near_multiples_of_a_quarter_turn() {
    for n in (1..600_000).step_by(7) {
        let x = f64::from(n) * std::f64::consts::FRAC_PI_2;
        for (got, want) in [
            (sin(x), reference::sin(Pair(x, 0.0))),
            (cos(x), reference::cos(Pair(x, 0.0))),
        ] {
            assert!(ulps_double(got, want) <= 1.0, "{x:e}: {got:e}, {want:?}");
        }
    }
    for n in (1..60_000_000).step_by(997) {
        let x = (f64::from(n) * std::f64::consts::FRAC_PI_2) as f32;
        for (got, want) in [(sin(x), f64::from(x).sin()), (cos(x), f64::from(x).cos())] {
            assert!(ulps_single(got, want) <= 1.0, "{x:e}: {got:e}, {want:e}");
        }
    }
}

#[test]
fn every_level_length_and_place_gives_the_same_bits() {
    fn hold<F: Float>(f: impl Fn(&[F]) -> Vec<F>, name: &str, x: &[F]) {
        let same = |a: F, b: F| {
            let signs = a.is_sign_negative() == b.is_sign_negative();
            (a == b && signs) || (a.is_nan() && b.is_nan())
        };
        let alone = |x: &F| simd::with_level(Level::Portable, || f(&[*x])[0]);
        let want: Vec<F> = x.iter().map(alone).collect();
        for level in Level::available() {
            for length in 0..=70 {
                for start in [0, 1, x.len() - length] {
                    let part = start..start + length;
                    let got = simd::with_level(level, || f(&x[part.clone()]));
                    assert_eq!(got.len(), length);
                    for (k, (got, &want)) in got.into_iter().zip(&want[part]).enumerate() {
                        let x = x[start + k];
                        assert!(
                            same(got, want),
                            "{name}({x:e}), {level}: {got:e}, not {want:e}"
                        );
                    }
                }
            }
            let whole = simd::with_level(level, || f(x));
            assert!(
                whole.into_iter().zip(&want).all(|(a, &b)| same(a, b)),
                "{name}, {level}"
            );
        }
    }
    for case in cases() {
        let bits = scattered(4).take(3000);
        let double: Vec<f64> = SPECIAL
            .into_iter()
            .chain(bits.clone().map(f64::from_bits))
            .chain(bits.clone().map(|b| (b >> 32) as f64 * 1e-8 - 20.0))
            .collect();
        let single: Vec<f32> = SPECIAL
            .into_iter()
            .map(|x| x as f32)
            .chain(bits.clone().map(|b| f32::from_bits((b >> 32) as u32)))
            .chain(bits.map(|b| (b >> 32) as f32 * 1e-8 - 20.0))
            .collect();
        hold(case.double, case.name, &double);
        hold(case.single, case.name, &single);
    }
}
