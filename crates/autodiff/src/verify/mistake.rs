//! What is wrong with a wrong gradient: which elements, by how much, likely
//! why, and whose rule.

use super::cause::{in_one_line, of_ratio, transposed};
use super::compare::SAFETY;
use super::difference::Estimate;
use super::judge::{Judge, scales};
use super::locate::Search;
use super::noise::{RUNS, noise};
use super::probe::Probe;
use super::report::{Element, Mistake, Verdict, WrongRule};
use super::suspect::first_wrong_rule;
use crate::error::Error;

/// How many elements are tried to see how many are wrong.
const TRIES: usize = 8;
/// How many wrong elements are looked for one by one.
const SHOWN: usize = 3;

/// A direction along which gradient and differences disagree.
pub(super) struct Finding {
    pub v: Vec<f64>,
    pub analytic: f64,
    pub numeric: Estimate,
    /// Rounding of `analytic`.
    pub own: f64,
    /// Rounding of the function.
    pub noise: f64,
}

impl Finding {
    fn gap(&self) -> f64 {
        self.analytic - self.numeric.value
    }

    fn tolerance(&self) -> f64 {
        SAFETY * (self.numeric.error + self.own)
    }
}

impl<'t> Judge<'_, 't> {
    /// Looks into a disagreement.
    pub(super) fn mistake(
        &mut self,
        probe: &mut Probe<'t>,
        input: usize,
        findings: Vec<Finding>,
    ) -> Result<Verdict, Error> {
        let x = self.wrt[input];
        let shape = x.shape();
        let gradient = match self.gradients[input] {
            Some(gradient) => gradient.peek().to_f64(),
            None => vec![0.0; x.size()],
        };
        let first = &findings[0];
        let mut search = Search {
            probe,
            shape: &shape,
            gradient: &gradient,
            v: &first.v,
            noise: first.noise,
            own: first.own / (x.size() as f64).sqrt(),
        };
        let mut elements: Vec<Element> = Vec::new();
        let (mut ratio, mut cause, mut count) = (None, None, 1);
        if let Some(at) = search.halve(first.gap()) {
            elements.extend(search.element(at, 0.0));
        }
        // What the one element does not explain.
        let explained = |e: &Element| {
            let at = ravel(&e.index, &shape);
            (e.analytic - e.numeric) * first.v[at]
        };
        let rest = first.gap() - elements.iter().map(explained).sum::<f64>();
        if rest.abs() > first.tolerance() || elements.is_empty() {
            ratio = search.common_ratio(self.check.seed, first.gap());
            count = x.size();
            if ratio.is_none() {
                let (sampled, tried) = search.sample(self.check.seed, TRIES);
                count = (sampled.len() * x.size()).div_ceil(tried).max(1);
                elements.extend(sampled);
            }
        }
        if x.size() == 1 {
            ratio = Some(first.analytic / first.numeric.value);
        }
        elements.sort_by(|a, b| {
            let off = |e: &Element| (e.analytic - e.numeric).abs();
            off(b).total_cmp(&off(a))
        });
        elements.dedup_by(|a, b| a.index == b.index);
        count = count.max(elements.len());
        let indices: Vec<&[usize]> = elements.iter().map(|e| &e.index[..]).collect();
        if let Some(ratio) = ratio {
            cause = of_ratio(ratio, &self.lengths());
        } else if count > 1 {
            cause = match is_transposed(&gradient, &shape, &findings) {
                true => Some("transposed".into()),
                false => in_one_line(&indices, &shape),
            };
        }
        elements.truncate(SHOWN);
        let (analytic, numeric) = (first.analytic, first.numeric);
        Ok(Verdict::Wrong(Box::new(Mistake {
            analytic,
            numeric: numeric.value,
            error: numeric.error,
            elements,
            count,
            ratio,
            cause,
            rule: self.wrong_rule(input, true)?,
        })))
    }

    /// The first rule that is wrong on its own, unless the gradient came from
    /// elsewhere.
    pub(super) fn wrong_rule(
        &self,
        input: usize,
        reverse: bool,
    ) -> Result<Option<WrongRule>, Error> {
        match self.gradients[input] {
            Some(gradient) if !self.is_swept(gradient) => Ok(None),
            _ => {
                let between = (self.wrt[input].id(), self.y.id());
                let (rules, seed) = (self.check.rules, self.check.seed);
                first_wrong_rule(self.tape, rules, between, reverse, seed)
            }
        }
    }

    /// Every element on its own; the verdict if any is wrong.
    pub(super) fn every_element(
        &mut self,
        probe: &mut Probe<'t>,
        input: usize,
    ) -> Result<Option<Verdict>, Error> {
        let (x, Some(gradient)) = (self.wrt[input], self.gradients[input]) else {
            return Ok(None);
        };
        let ids = [self.y.id(), gradient.id()];
        let noises = noise(self.tape, &[x.id()], &ids, self.check.seed);
        self.evaluations += RUNS;
        let (shape, v, gradient) = (
            x.shape(),
            scales(x.peek().slice()),
            gradient.peek().to_f64(),
        );
        let mut elements = Vec::new();
        for at in 0..x.size() {
            let mut search = Search {
                probe,
                shape: &shape,
                gradient: &gradient,
                v: &v,
                noise: noises[0][0],
                own: noises[1][at] * v[at].abs(),
            };
            elements.extend(search.element(at, 0.0));
        }
        let Some(worst) = elements.first() else {
            return Ok(None);
        };
        Ok(Some(Verdict::Wrong(Box::new(Mistake {
            analytic: worst.analytic,
            numeric: worst.numeric,
            error: worst.error,
            count: elements.len(),
            ratio: None,
            cause: None,
            rule: self.wrong_rule(input, true)?,
            elements,
        }))))
    }

    /// Lengths of axes on the tape, the longest first: a mean that was taken
    /// for a sum runs over one of them, or over several.
    fn lengths(&self) -> Vec<usize> {
        let inner = self.tape.inner();
        let last = inner.producer(self.y.id()).index();
        let mut lengths: Vec<usize> = Vec::new();
        for inst in inner.insts().take(last + 1) {
            for r in inner.results(inst) {
                let shape = inner.value(r).shape();
                lengths.extend(shape);
                lengths.push(shape.iter().product());
            }
        }
        lengths.sort_unstable();
        lengths.dedup();
        lengths.reverse();
        lengths
    }
}

/// Whether the gradient would be right with its last two axes exchanged.
fn is_transposed(gradient: &[f64], shape: &[usize], findings: &[Finding]) -> bool {
    transposed(gradient, shape).is_some_and(|other| {
        findings.iter().all(|f| {
            let analytic: f64 = other.iter().zip(&f.v).map(|(g, v)| g * v).sum();
            (analytic - f.numeric.value).abs() <= f.tolerance()
        })
    })
}

fn ravel(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |at, (i, n)| at * n + i)
}
