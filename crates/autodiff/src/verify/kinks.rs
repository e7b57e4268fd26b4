//! What can still be said where the function has a kink: the elements that do
//! not move across it are checked, the others have to follow a convention.

use super::compare::{Claim, Outcome};
use super::difference::Estimate;
use super::judge::{Judge, Line};
use super::locate::unravel;
use super::mistake::Finding;
use super::probe::Probe;
use super::report::{Element, Mistake, Verdict};
use crate::error::Error;

/// How many parts of a direction are looked at.
const PARTS: usize = 128;

impl<'t> Judge<'_, 't> {
    /// Halves the direction until its parts either do not cross the kink or
    /// are single elements.
    pub(super) fn around_kink(
        &mut self,
        probe: &mut Probe<'t>,
        input: usize,
        line: &Line,
        slopes: (Estimate, Estimate),
    ) -> Result<Verdict, Error> {
        let Some(kink) = probe.crossed() else {
            return Ok(Verdict::Inconclusive {
                uncertainty: f64::INFINITY,
            });
        };
        let gradient = self.gradients[input].map_or(vec![], |g| g.peek().to_f64());
        let n = line.v.len();
        let (mut kinked, mut unchecked, mut parts) = (0, 0, 0);
        let mut rest = Vec::from([(0, n)]);
        while let Some((start, end)) = rest.pop() {
            let range = start..end;
            if range.is_empty() {
                continue;
            }
            parts += 1;
            if parts > PARTS {
                unchecked += range.len();
                continue;
            }
            let mut v = vec![0.0; n];
            v[range.clone()].copy_from_slice(&line.v[range.clone()]);
            let claim = Claim {
                slope: range.clone().map(|i| gradient[i] * v[i]).sum(),
                own: line.own,
                noise: line.noise,
                enough: 0.0,
            };
            let finding = |numeric: Estimate, v: Vec<f64>| Finding {
                v,
                analytic: claim.slope,
                numeric,
                own: line.own,
                noise: line.noise,
            };
            match claim.against(&mut |h| probe.along(&v, h)) {
                Outcome::Agrees { .. } => {}
                Outcome::Differs(numeric) => {
                    return self.mistake(probe, input, vec![finding(numeric, v)]);
                }
                Outcome::Kink { left, right } if range.len() == 1 => {
                    if !claim.is_between(left, right) {
                        return self.beyond(input, range.start, &line.v, claim, (left, right));
                    }
                    kinked += 1;
                }
                Outcome::Undefined if range.len() == 1 => unchecked += 1,
                Outcome::Kink { .. } | Outcome::Undefined => {
                    let middle = start + range.len() / 2;
                    rest.extend([(start, middle), (middle, end)]);
                }
            }
        }
        Ok(Verdict::NonDifferentiable {
            kink: Box::new(kink),
            slopes: (slopes.0.value, slopes.1.value),
            analytic: line.analytic,
            kinked,
            unchecked,
        })
    }

    /// One element that no convention allows: outside of the slopes on either
    /// side of the kink, of which the nearer one is reported.
    fn beyond(
        &self,
        input: usize,
        at: usize,
        v: &[f64],
        claim: Claim,
        (left, right): (Estimate, Estimate),
    ) -> Result<Verdict, Error> {
        let off = |e: Estimate| (e.value - claim.slope).abs();
        let near = if off(left) <= off(right) { left } else { right };
        let element = Element {
            index: unravel(at, &self.wrt[input].shape()),
            analytic: claim.slope / v[at],
            numeric: near.value / v[at],
            error: (near.error / v[at]).abs(),
        };
        Ok(Verdict::Wrong(Box::new(Mistake {
            analytic: claim.slope,
            numeric: near.value,
            error: near.error,
            elements: vec![element],
            count: 1,
            ratio: None,
            cause: Some("at a kink, and beyond the slopes on either side".into()),
            rule: self.wrong_rule(input, true)?,
        })))
    }
}
