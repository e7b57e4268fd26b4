//! An axis as plotters sees it: places values, linearly or by logarithm, and
//! names its own ticks.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::ticks::{Range, Tick};

/// The shown range of an axis and its ticks.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) range: Range,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) log: bool,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let place = |v: f64| if self.log { v.log10() } else { v };
        let (lo, hi) = (place(self.range.lo), place(self.range.hi));
        let part = (place(*value) - lo) / (hi - lo);
        from + (f64::from(to - from) * part).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.at).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.range.lo..self.range.hi
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.at == *value);
        tick.map_or(String::new(), |tick| tick.label.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_in_the_middle() {
        let mut axis = Axis {
            range: Range { lo: 1.0, hi: 100.0 },
            ticks: Vec::new(),
            log: true,
        };
        assert_eq!(axis.map(&10.0, (0, 200)), 100);
        axis.log = false;
        assert_eq!(axis.map(&50.5, (200, 0)), 100);
    }
}
