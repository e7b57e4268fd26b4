//! Where an axis has its ticks, and what is written at them.

/// A tick: its value and its label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
}

/// What an axis shows, `lo < hi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) lo: f64,
    pub(crate) hi: f64,
}

impl Range {
    /// Room around data from `lo` to `hi`, smaller than 1e200 in size. A constant gets room on both
    /// sides; data that starts near 0 is shown from 0.
    pub(crate) fn around(lo: f64, hi: f64) -> Self {
        let size = lo.abs().max(hi.abs());
        // Closer than this, labels would need more digits than are readable.
        if hi - lo <= 1e-9 * size || size < 1e-200 {
            let room = if size < 1e-200 { 1.0 } else { 0.1 * size };
            return Self {
                lo: lo - room,
                hi: hi + room,
            };
        }
        let room = 0.05 * (hi - lo);
        let from_zero = lo >= 0.0 && lo < 0.3 * hi;
        Self {
            lo: if from_zero { 0.0 } else { lo - room },
            hi: hi + room,
        }
    }

    /// Room around data from 1e-200 to 1e200 on a logarithmic axis.
    pub(crate) fn around_log(lo: f64, hi: f64) -> Self {
        let decades = hi.log10() - lo.log10();
        let room = if decades < 1e-9 {
            1.5
        } else {
            10.0_f64.powf(0.05 * decades)
        };
        Self {
            lo: lo / room,
            hi: hi * room,
        }
    }
}

/// At most `most` ticks at multiples of 1, 2 or 5 times a power of ten, whole
/// numbers only if `whole`.
pub(crate) fn linear(range: Range, most: usize, whole: bool) -> Vec<Tick> {
    let rough = (range.hi - range.lo) / most.max(1) as f64;
    let mut power = rough.log10().floor() as i32;
    if whole {
        power = power.max(0);
    }
    let (mut values, mut step_power) = (Vec::new(), power);
    'search: for power in power..power + 3 {
        for digit in [1.0, 2.0, 5.0] {
            let step = digit * pow10(power);
            let first = (range.lo / step - 1e-6).ceil();
            let last = (range.hi / step + 1e-6).floor();
            if last - first < most as f64 {
                let count = (last - first + 1.0).max(0.0) as usize;
                values = (0..count).map(|i| (first + i as f64) * step).collect();
                step_power = power;
                break 'search;
            }
        }
    }
    label(&values, step_power)
}

/// At most about `most` ticks on a logarithmic axis: powers of ten, or also
/// their double and fivefold if these are few, or a linear choice.
pub(crate) fn logarithmic(range: Range, most: usize) -> Vec<Tick> {
    let (first, last) = (
        range.lo.log10().floor() as i32,
        range.hi.log10().ceil() as i32,
    );
    let inside = |v: &f64| (range.lo..=range.hi).contains(v);
    let powers: Vec<i32> = (first..=last).filter(|&p| inside(&pow10(p))).collect();
    if powers.len() >= 4 {
        let every = powers.len().div_ceil(most.max(1)) as i32;
        let plain = powers.iter().all(|p| (-3..6).contains(p));
        let tick = |p: i32| Tick {
            at: pow10(p),
            label: if plain {
                single(pow10(p)).label
            } else {
                format!("10{}", superscript(p))
            },
        };
        let shown = powers.into_iter().filter(|p| p.rem_euclid(every) == 0);
        return shown.map(tick).collect();
    }
    let fine: Vec<f64> = (first..=last)
        .flat_map(|p| [1.0, 2.0, 5.0].map(|digit| digit * pow10(p)))
        .filter(inside)
        .collect();
    if (3..=most + 3).contains(&fine.len()) {
        return fine.into_iter().map(single).collect();
    }
    linear(range, most, false)
        .into_iter()
        .filter(|tick| tick.at > 0.0)
        .collect()
}

/// Ticks of one axis whose step has its first digit at 10 to `step_power`: all
/// labels have one form, and the digits that tell them apart.
fn label(values: &[f64], step_power: i32) -> Vec<Tick> {
    let size = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let power = if size > 0.0 { exponent(size) } else { 0 };
    let tick = |&at: &f64| {
        let at = if at.abs() < 1e-6 * pow10(step_power) {
            0.0
        } else {
            at
        };
        let label = if (-3..6).contains(&power) {
            format!("{at:.*}", (-step_power).max(0) as usize)
        } else if at == 0.0 {
            "0".to_owned()
        } else {
            let decimals = (power - step_power).max(0) as usize;
            let mantissa = at / pow10(power);
            format!("{mantissa:.decimals$}×10{}", superscript(power))
        };
        Tick {
            at,
            label: label.replace('-', "−"),
        }
    };
    values.iter().map(tick).collect()
}

/// A tick whose label is for itself, not for its axis.
fn single(at: f64) -> Tick {
    let power = exponent(at);
    let mut tick = label(&[at], power).remove(0);
    // 1×10⁻⁹ is written 10⁻⁹.
    if let Some(bare) = tick.label.strip_prefix("1×") {
        tick.label = bare.to_owned();
    }
    tick
}

/// The power of ten of the first digit; a hair below a power counts as it.
fn exponent(value: f64) -> i32 {
    (value.abs().log10() + 1e-9).floor() as i32
}

/// A number to about three digits, in the form of the ticks.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let power = exponent(value);
    label(&[value], power - 2).remove(0).label
}

fn superscript(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize]);
    power.to_string().chars().map(digit).collect()
}

/// Correctly rounded, as literals are, so that 10⁻³ times 5 is written 0.005.
fn pow10(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|t| t.label.as_str()).collect()
    }

    fn linear_labels(lo: f64, hi: f64) -> String {
        labels(&linear(Range { lo, hi }, 6, false)).join(" ")
    }

    #[test]
    fn plain_numbers_for_common_ranges() {
        assert_eq!(linear_labels(0.0, 1.0), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(linear_labels(0.0, 2.4), "0.0 0.5 1.0 1.5 2.0");
        assert_eq!(linear_labels(-1.0, 1.0), "−1.0 −0.5 0.0 0.5 1.0");
        assert_eq!(linear_labels(93.0, 99.0), "94 96 98");
        assert_eq!(linear_labels(0.0, 60000.0), "0 20000 40000 60000");
        assert_eq!(
            linear_labels(0.0, 0.01),
            "0.000 0.002 0.004 0.006 0.008 0.010"
        );
    }

    #[test]
    fn powers_of_ten_for_the_very_large_and_small() {
        assert_eq!(
            linear_labels(0.0, 1e-9),
            "0 0.2×10⁻⁹ 0.4×10⁻⁹ 0.6×10⁻⁹ 0.8×10⁻⁹ 1.0×10⁻⁹"
        );
        assert_eq!(
            linear_labels(9e8, 1.1e9),
            "0.90×10⁹ 0.95×10⁹ 1.00×10⁹ 1.05×10⁹ 1.10×10⁹"
        );
        assert_eq!(
            linear_labels(1e9, 1e9 + 2.0).matches("1.0000000").count(),
            5
        );
    }

    #[test]
    fn every_range_has_a_few_different_labels() {
        for lo in [-1e199_f64, -5.0, 0.0, 1e-12, 0.99, 7.0, 1e9, 1e199] {
            for hi in [lo, lo + 1e-3, lo + 1.0, lo + 1e6, lo * 3.0] {
                let range = Range::around(lo.min(hi), lo.max(hi));
                let ticks = linear(range, 6, false);
                assert!((2..=6).contains(&ticks.len()), "{range:?} {ticks:?}");
                let mut names = labels(&ticks);
                names.dedup();
                assert_eq!(names.len(), ticks.len(), "{range:?} {ticks:?}");
                assert!(names.iter().all(|n| n.chars().count() <= 18), "{names:?}");
            }
        }
    }

    #[test]
    fn epochs_are_whole() {
        let range = Range { lo: 0.5, hi: 1.5 };
        assert_eq!(labels(&linear(range, 10, true)), ["1"]);
        let range = Range { lo: 0.9, hi: 3.1 };
        assert_eq!(labels(&linear(range, 10, true)), ["1", "2", "3"]);
    }

    #[test]
    fn decades_on_a_log_axis() {
        let ticks = |lo, hi| {
            let ticks = logarithmic(Range { lo, hi }, 6);
            labels(&ticks).join(" ")
        };
        assert_eq!(ticks(0.005, 20.0), "0.01 0.1 1 10");
        assert_eq!(ticks(0.05, 2.0), "0.05 0.1 0.2 0.5 1 2");
        assert_eq!(ticks(0.31, 0.39), "0.32 0.34 0.36 0.38");
        assert_eq!(ticks(1e-10, 1e10), "10⁻⁸ 10⁻⁴ 10⁰ 10⁴ 10⁸");
        assert_eq!(ticks(9e-10, 6e-9), "10⁻⁹ 2×10⁻⁹ 5×10⁻⁹");
    }

    #[test]
    fn numbers_to_three_digits() {
        assert_eq!(number(0.1234), "0.123");
        assert_eq!(number(-12.0), "−12.0");
        assert_eq!(number(3e-8), "3.00×10⁻⁸");
        assert_eq!(number(0.0), "0");
    }
}
