//! The derivative of a function of one number from its values, with an error
//! bound. Knows nothing of tapes.
//!
//! Central differences at steps `h, h/2, h/4, …` are extrapolated to step 0
//! by Neville's scheme; neighbouring entries of the tableau disagree by about
//! their truncation error, and each carries the rounding noise of the values
//! divided by its step. The entry with the smallest sum of both is taken.
//! Source: C. J. F. Ridders, *Accurate computation of F'(x) and F'(x)F''(x)*,
//! Advances in Engineering Software 4 (1982).

/// A derivative and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The derivative.
    pub value: f64,
    /// A bound for its error.
    pub error: f64,
}

/// What a value of the function is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    /// An ordinary value.
    Value(f64),
    /// A value on the other side of a kink.
    Across(f64),
    /// Not finite, or not defined.
    Outside,
}

/// The outcome of differencing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slope {
    /// The function is smooth around the point.
    Smooth(Estimate),
    /// However small the step, a kink lies between: the slopes on both sides.
    Kink {
        /// Slope towards smaller arguments.
        left: Estimate,
        /// Slope towards larger arguments.
        right: Estimate,
    },
    /// The function is not finite on either side, however small the step.
    Undefined,
}

/// Steps of the first stencil, relative to the scale of the argument.
const STARTS: [f64; 4] = [0.1, 0.8, 0.0125, 0.0015];
/// Entries in the first column of a tableau.
const LEVELS: usize = 6;
/// A step this small has met a kink or a pole and not a coarse stencil.
const FLOOR: f64 = 1e-10;
/// No step is finer than this part of the argument.
const FINEST: f64 = 1e-14;
/// By how much steps shrink that have met a kink, or may have missed a swing.
const SHRINK: f64 = 8.0;
/// An estimate this good is not improved upon.
const GOOD: f64 = 1e-11;

/// The slope of `f` at 0, whose values carry a rounding error of `noise`. An
/// error of `enough` is not improved upon.
pub fn slope(f: &mut dyn FnMut(f64) -> Sample, noise: f64, enough: f64) -> Slope {
    let mut f = Memo { f, known: vec![] };
    let good = |e: Estimate| e.error <= enough.max(GOOD * e.value.abs());
    let mut widest = STARTS[0];
    while widest > FLOOR {
        // Shrink until the stencil stays on this side of every kink.
        if f.pair(widest).is_some() {
            let mut found = Vec::new();
            for &first in &STARTS {
                let step = first * (widest / STARTS[0]);
                found.extend(f.central(step, noise, &good).map(|e| (step, e)));
                if found.last().is_some_and(|&(_, e)| good(e)) {
                    break;
                }
            }
            // None at all: a smaller step of the stencil was across.
            if let Some(best) = sharpest(&found) {
                return Slope::Smooth(best);
            }
        }
        widest /= SHRINK;
    }
    one_sided_pair(&mut f, noise)
}

/// A second opinion where a slope is off by `gap`, from the finest steps at
/// which rounding would leave the gap visible. A function that swings faster
/// than a stencil gives quotients that agree with each other and mean nothing
/// (a fast wave, sampled at multiples of one step, looks like a slow one), and
/// only finer steps can tell. Wider ones, which suffer less from rounding,
/// sharpen what the finest say as long as they do not contradict it.
pub fn finer(f: &mut dyn FnMut(f64) -> Sample, noise: f64, gap: f64) -> Option<Estimate> {
    let mut f = Memo { f, known: vec![] };
    let good = |e: Estimate| e.error <= gap / 16.0;
    let mut found = Vec::new();
    let mut start = STARTS[STARTS.len() - 1];
    while start > FINEST && 2.0 * noise / start < gap / 16.0 {
        found.extend(f.central(start, noise, &good).filter(|&e| good(e)));
        start /= SHRINK;
    }
    let mut finest_first = found.into_iter().rev();
    let mut best = finest_first.next()?;
    for wider in finest_first {
        if (wider.value - best.value).abs() > wider.error + best.error {
            break;
        }
        if wider.error < best.error {
            best = wider;
        }
    }
    Some(best)
}

/// Of estimates from several steps, the one with the smallest error, unless a
/// finer one contradicts it: a bump that is narrower than the steps leaves
/// them on the flat ground beside it, where everything agrees. What the two
/// differ by is uncertain then.
fn sharpest(found: &[(f64, Estimate)]) -> Option<Estimate> {
    let by_error = |a: &&(f64, Estimate), b: &&(f64, Estimate)| a.1.error.total_cmp(&b.1.error);
    let &(step, best) = found.iter().min_by(by_error)?;
    let finer = found.iter().filter(|(s, _)| *s < step);
    let gaps = finer.filter_map(|(_, e)| {
        let apart = (e.value - best.value).abs();
        (apart > best.error + 3.0 * e.error).then_some(apart)
    });
    let error = gaps.fold(best.error, f64::max);
    Some(Estimate { error, ..best })
}

/// A function that is not evaluated twice at one point: stencils overlap.
struct Memo<'f> {
    f: &'f mut dyn FnMut(f64) -> Sample,
    known: Vec<(f64, Sample)>,
}

impl Memo<'_> {
    fn at(&mut self, h: f64) -> Sample {
        if let Some(&(_, sample)) = self.known.iter().find(|(at, _)| *at == h) {
            return sample;
        }
        let sample = (self.f)(h);
        self.known.push((h, sample));
        sample
    }

    /// The best estimate from central differences at `start` and below.
    fn central(
        &mut self,
        start: f64,
        noise: f64,
        good: &dyn Fn(Estimate) -> bool,
    ) -> Option<Estimate> {
        tableau(start, noise, 2, good, &mut |h| {
            let (up, down) = self.pair(h)?;
            Some((up - down) / (2.0 * h))
        })
    }

    /// The values on either side, if both are ordinary.
    fn pair(&mut self, h: f64) -> Option<(f64, f64)> {
        match (self.at(h), self.at(-h)) {
            (Sample::Value(up), Sample::Value(down)) => Some((up, down)),
            _ => None,
        }
    }
}

/// Neville's scheme over `quotient(h)`, whose error is a series in powers of
/// `h^order`; stops where the quotient is not defined, or an estimate is good.
fn tableau(
    start: f64,
    noise: f64,
    order: i32,
    good: &dyn Fn(Estimate) -> bool,
    quotient: &mut dyn FnMut(f64) -> Option<f64>,
) -> Option<Estimate> {
    let mut best: Option<Estimate> = None;
    let mut previous: Vec<f64> = Vec::new();
    let mut h = start;
    for _ in 0..LEVELS {
        let mut row = vec![quotient(h)?];
        for (j, &upper) in previous.iter().enumerate() {
            let factor = 2f64.powi(order * (j as i32 + 1));
            let left = row[j];
            let entry = (factor * left - upper) / (factor - 1.0);
            let truncation = (entry - left).abs().max((entry - upper).abs());
            // The weights of the scheme add up to less than 2 in magnitude.
            let error = truncation + 2.0 * noise / h + 4.0 * f64::EPSILON * entry.abs();
            if best.is_none_or(|b| error < b.error) {
                best = Some(Estimate {
                    value: entry,
                    error,
                });
            }
            row.push(entry);
        }
        if best.is_some_and(good) {
            break;
        }
        previous = row;
        h /= 2.0;
    }
    best.filter(|b| b.value.is_finite() && b.error.is_finite())
}

/// Slopes on either side of a kink at 0, from one-sided differences at steps
/// that stay on their side.
fn one_sided_pair(f: &mut Memo<'_>, noise: f64) -> Slope {
    let value = |s: Sample| match s {
        Sample::Value(x) | Sample::Across(x) => Some(x),
        Sample::Outside => None,
    };
    let Some(here) = value(f.at(0.0)) else {
        return Slope::Undefined;
    };
    let mut side = |sign: f64| {
        let candidates = [1e-2, 1e-3, 1e-4].into_iter().filter_map(|step| {
            tableau(step, 2.0 * noise, 1, &|_| false, &mut |h| {
                value(f.at(sign * h)).map(|there| sign * (there - here) / h)
            })
        });
        candidates.min_by(|a, b| a.error.total_cmp(&b.error))
    };
    match (side(-1.0), side(1.0)) {
        (Some(left), Some(right)) => Slope::Kink { left, right },
        _ => Slope::Undefined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPS: f64 = f64::EPSILON;

    fn of(f: impl Fn(f64) -> f64) -> Slope {
        let noise = EPS * f(0.0).abs();
        slope(&mut |h| Sample::Value(f(h)), noise, 0.0)
    }

    #[test]
    fn the_error_bound_holds_and_is_small() {
        let cases: [(&dyn Fn(f64) -> f64, f64); 5] = [
            (&|h| (1.0 + h).exp(), std::f64::consts::E),
            (&|h| (0.3 + h).sin(), 0.3f64.cos()),
            (&|h| (5.0 + h).powi(7), 7.0 * 5f64.powi(6)),
            (&|h| (2.0 + h).ln() * 1e-8, 0.5e-8),
            (&|h| 3.0 * h + 1.0, 3.0),
        ];
        for (i, (f, exact)) in cases.into_iter().enumerate() {
            let Slope::Smooth(e) = of(f) else {
                panic!("case {i}")
            };
            assert!(
                (e.value - exact).abs() <= e.error,
                "case {i}: {e:?}, exact {exact}"
            );
            assert!(e.error <= 1e-9 * exact.abs(), "case {i}: {e:?}");
        }
    }

    #[test]
    fn flat_ground_beside_a_narrow_bump_is_not_trusted() {
        let f = |h: f64| 0.15 + 5e-14 * (-2e3 * h - 1e6 * h * h).exp();
        let Slope::Smooth(e) = slope(&mut |h| Sample::Value(f(h)), EPS * 0.02, 0.0) else {
            panic!()
        };
        assert!((e.value + 1e-10).abs() <= 3.0 * e.error, "{e:?}");
    }

    #[test]
    fn a_kink_shows_both_slopes() {
        let f = |h: f64| {
            if h == 0.0 {
                Sample::Value(0.0)
            } else {
                Sample::Across(h.abs())
            }
        };
        let Slope::Kink { left, right } = slope(&mut { f }, EPS, 0.0) else {
            panic!()
        };
        assert!((left.value + 1.0).abs() <= left.error);
        assert!((right.value - 1.0).abs() <= right.error);
    }

    #[test]
    fn a_swing_between_the_steps_is_seen_by_finer_ones() {
        let f = |h: f64| Sample::Value((1e9 * (0.3 + h)).sin());
        let exact = 1e9 * (1e9f64 * 0.3).cos();
        let noise = 1e9 * EPS;
        let Slope::Smooth(coarse) = slope(&mut { f }, noise, 0.0) else {
            panic!()
        };
        let gap = (coarse.value - exact).abs();
        assert!(gap > 1e3 * coarse.error, "the coarse steps are fooled");
        let fine = finer(&mut { f }, noise, gap).unwrap();
        assert!((fine.value - exact).abs() <= fine.error, "{fine:?}");
        // Where nothing swings, nothing changes.
        let fine = finer(&mut |h| Sample::Value((0.3 + h).sin()), EPS, 1e-3).unwrap();
        assert!((fine.value - 0.3f64.cos()).abs() <= fine.error, "{fine:?}");
    }

    #[test]
    fn a_kink_nearby_is_avoided_by_smaller_steps() {
        let mut f = |h: f64| match h > -1e-4 {
            true => Sample::Value((2.0 + h) * (2.0 + h)),
            false => Sample::Across(100.0),
        };
        let Slope::Smooth(e) = slope(&mut f, EPS, 0.0) else {
            panic!()
        };
        assert!((e.value - 4.0).abs() <= e.error && e.error < 1e-9);
    }
}
