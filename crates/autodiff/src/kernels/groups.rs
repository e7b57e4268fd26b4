//! The groups of elements that a reduction over some axes combines, wherever
//! the axes lie: no element has to be moved.

use smallvec::SmallVec;

use super::reduce::pairwise_by;
use super::scalar;
use crate::dtype::Float;

/// Length of an axis, and distance in memory between its elements.
type Axis = (usize, usize);

/// Which elements belong together.
pub struct Groups {
    kept: SmallVec<[Axis; 4]>,
    reduced: SmallVec<[Axis; 4]>,
    /// How many groups there are.
    pub count: usize,
    /// How many elements each has.
    pub n: usize,
}

impl Groups {
    /// Groups over `axes`, ascending.
    pub fn new(shape: &[usize], axes: &[usize]) -> Groups {
        let (mut kept, mut reduced) = (SmallVec::new(), SmallVec::new());
        let mut stride = 1;
        for (axis, &n) in shape.iter().enumerate().rev() {
            let list: &mut SmallVec<[Axis; 4]> = match axes.contains(&axis) {
                true => &mut reduced,
                false => &mut kept,
            };
            // Axes side by side are one.
            match list.last_mut() {
                Some((len, step)) if *len * *step == stride => *len *= n,
                _ => list.push((n, stride)),
            }
            stride *= n;
        }
        let size = |list: &[Axis]| list.iter().map(|(n, _)| n).product();
        Groups {
            count: size(&kept),
            n: size(&reduced),
            kept,
            reduced,
        }
    }

    /// Where group `g` begins.
    pub fn start(&self, g: usize) -> usize {
        position(&self.kept, g)
    }

    /// How far element `k` is from the beginning of its group.
    pub fn offset(&self, k: usize) -> usize {
        position(&self.reduced, k)
    }
}

/// Where element `i`, in row-major order of these axes, lies. The axes are
/// listed from the last to the first.
fn position(axes: &[Axis], mut i: usize) -> usize {
    if let [(_, stride)] = axes {
        return i * stride;
    }
    let mut at = 0;
    for &(n, stride) in axes {
        at += i % n * stride;
        i /= n;
    }
    at
}

/// The maximum of a group, and what is subtracted from an element so that none
/// is above 0. A maximum of +∞ does not differ from itself, and leaves nothing
/// to what is below it: the limit. A group of nothing but -∞ is shifted by
/// nothing and stays at -∞.
fn shift<F: Float>(x: &[F], groups: &Groups, start: usize) -> (F, impl Fn(usize) -> F) {
    let at = move |k| x[start + groups.offset(k)];
    let max = (0..groups.n).fold(F::neg_infinity(), |m, k| scalar::maximum(m, at(k)));
    let max = if max == F::neg_infinity() {
        F::zero()
    } else {
        max
    };
    let shifted = move |k| {
        let x = at(k);
        if x == max { F::zero() } else { x - max }
    };
    (max, shifted)
}

/// `ln Σ exp(x)` of what is shifted. The maximum, now 0, puts a 1 into the
/// sum beside which small terms would lose their digits; `ln(1 + rest)`
/// keeps them. The loss of a confident right answer is made of nothing else.
fn ln_sum_exp<F: Float>(n: usize, x: &impl Fn(usize) -> F) -> F {
    let below = pairwise_by(0..n, &|k| {
        let x = x(k);
        if x == F::zero() { x } else { x.exp() }
    });
    let winners = (0..n).filter(|&k| x(k) == F::zero()).count();
    match winners {
        0 => below.ln(),
        w => (below + F::of((w - 1) as f64)).ln_1p(),
    }
}

/// `ln Σ exp(x)` of every group.
pub fn logsumexp_into<F: Float>(out: &mut [F], x: &[F], groups: &Groups) {
    for (g, out) in out.iter_mut().enumerate() {
        let (max, shifted) = shift(x, groups, groups.start(g));
        *out = max + ln_sum_exp(groups.n, &shifted);
    }
}

/// `x - ln Σ exp(x)` in every group.
pub fn log_softmax_into<F: Float>(out: &mut [F], x: &[F], groups: &Groups) {
    for g in 0..groups.count {
        let start = groups.start(g);
        let (_, shifted) = shift(x, groups, start);
        let ln = ln_sum_exp(groups.n, &shifted);
        for k in 0..groups.n {
            out[start + groups.offset(k)] = shifted(k) - ln;
        }
    }
}

/// `exp(x) / Σ exp(x)` in every group.
pub fn softmax_into<F: Float>(out: &mut [F], x: &[F], groups: &Groups) {
    for g in 0..groups.count {
        let start = groups.start(g);
        let (_, shifted) = shift(x, groups, start);
        let place = |k| start + groups.offset(k);
        for k in 0..groups.n {
            out[place(k)] = shifted(k).exp();
        }
        let sum = pairwise_by(0..groups.n, &|k| out[place(k)]);
        for k in 0..groups.n {
            out[place(k)] /= sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_in_one_group() {
        let shape = [2, 3, 4];
        for axes in [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[0, 1],
            &[1, 2],
            &[0, 2],
            &[0, 1, 2],
        ] {
            let groups = Groups::new(&shape, axes);
            let mut seen: Vec<usize> = (0..groups.count)
                .flat_map(|g| (0..groups.n).map(move |k| (g, k)))
                .map(|(g, k)| groups.start(g) + groups.offset(k))
                .collect();
            // In a group, all axes but the reduced ones agree.
            for group in seen.chunks(groups.n) {
                for axis in (0..3).filter(|a| !axes.contains(a)) {
                    let stride: usize = shape[axis + 1..].iter().product();
                    let index = |i: usize| i / stride % shape[axis];
                    assert!(group.iter().all(|&i| index(i) == index(group[0])));
                }
            }
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..24), "{axes:?}");
        }
    }
}
