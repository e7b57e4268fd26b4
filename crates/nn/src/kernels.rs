//! The loops over flat slices: adding gradients, and one pass per optimiser.
//!
//! They are functions of known element types, not generic ones, so that they
//! are compiled, with this crate's optimisation level, here and not in the
//! crate that calls them. Knows nothing of parameters.

use wengert_autodiff::{Float, simd};

use crate::flat::{Slice, SliceMut};
use crate::team::Team;

/// Elements that a thread works on at a time: two pieces for each thread, so
/// that one which comes late has less to do, but not too small. Where a piece
/// ends changes no bit: every element stands for itself.
pub(crate) fn piece(team: &Team, len: usize) -> usize {
    let each = len.div_ceil(2 * team.threads());
    each.next_multiple_of(64).max(4096)
}

/// Defines a function of buffers of one element type and length, element by
/// element, from the loop over slices; the threads of a team share the pieces.
macro_rules! kernel {
    ($(
        $(#[$doc:meta])*
        fn $name:ident<$F:ident>([$($out:ident),+], [$($in:ident),*], $k:ident: $K:ty) $body:block
    )*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(team: &Team, $($out: SliceMut<'_>,)+ $($in: Slice<'_>,)* $k: $K) {
            #[inline(always)]
            fn run<$F: Float>($($out: &mut [$F],)+ $($in: &[$F],)* $k: $K) $body

            /// The same for all pieces.
            fn all<$F: Float>(team: &Team, $($out: &mut [$F],)+ $($in: &[$F],)* $k: $K) {
                let len = [$($out.len()),+][0];
                let each = piece(team, len);
                $(let mut $out = $out.chunks_mut(each);)+
                $(let mut $in = $in.chunks(each);)*
                let pieces = std::iter::from_fn(|| Some(($($out.next()?,)+ $($in.next()?,)*)));
                team.each(pieces, |($($out,)+ $($in,)*)| {
                    simd::run(#[inline(always)] || run($($out,)+ $($in,)* $k));
                });
            }

            match ($($out,)+ $($in,)*) {
                ($(SliceMut::F32($out),)+ $(Slice::F32($in),)*) => all(team, $($out,)+ $($in,)* $k),
                ($(SliceMut::F64($out),)+ $(Slice::F64($in),)*) => all(team, $($out,)+ $($in,)* $k),
                #[allow(unreachable_patterns, reason = "with a single operand there is no other")]
                _ => unreachable!("one element type"),
            }
        }
    )*};
}

kernel! {
    /// `y += x`.
    fn add<F>([y], [x], _k: ()) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y += x;
        }
    }

    /// `y = k y`.
    fn scale<F>([y], [], k: f64) {
        let k = F::of(k);
        for y in y {
            *y *= k;
        }
    }

    /// `p -= rate g`.
    fn sgd<F>([p], [g], rate: f64) {
        let rate = F::of(rate);
        for (p, &g) in p.iter_mut().zip(g) {
            *p -= rate * g;
        }
    }

    /// `v = momentum v + g`, `p -= rate v`; with Nesterov's look ahead,
    /// `p -= rate (g + momentum v)`.
    fn momentum<F>([p, v], [g], k: MomentumStep) {
        let (rate, momentum) = (F::of(k.rate), F::of(k.momentum));
        let state = p.iter_mut().zip(v).zip(g);
        if k.nesterov {
            for ((p, v), &g) in state {
                *v = momentum * *v + g;
                *p -= rate * (g + momentum * *v);
            }
        } else {
            for ((p, v), &g) in state {
                *v = momentum * *v + g;
                *p -= rate * *v;
            }
        }
    }

    /// One step of Adam, see [`Adam`](crate::Adam).
    fn adam<F>([p, m, v], [g], k: AdamStep) {
        let keep = F::of(k.keep);
        let (beta1, beta2) = (F::of(k.beta1), F::of(k.beta2));
        let (new1, new2) = (F::of(1.0 - k.beta1), F::of(1.0 - k.beta2));
        let rate = F::of(k.rate / (1.0 - k.beta1.powf(k.step)));
        // One division per number is enough: it costs more than all the rest.
        let root = F::of(1.0 / (1.0 - k.beta2.powf(k.step)).sqrt());
        let epsilon = F::of(k.epsilon);
        for (((p, m), v), &g) in p.iter_mut().zip(m).zip(v).zip(g) {
            // Named, so that they stay in registers: after `v` is written, the
            // compiler would have to read `m` again.
            let first = beta1 * *m + new1 * g;
            let second = beta2 * *v + new2 * (g * g);
            (*m, *v) = (first, second);
            *p = keep * *p - rate * (first / (second.sqrt() * root + epsilon));
        }
    }
}

/// Numbers of one step of [`momentum`].
#[derive(Clone, Copy)]
pub(crate) struct MomentumStep {
    pub rate: f64,
    pub momentum: f64,
    pub nesterov: bool,
}

/// Numbers of one step of [`adam`].
#[derive(Clone, Copy)]
pub(crate) struct AdamStep {
    pub rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// Counted from 1.
    pub step: f64,
    /// `1 - rate decay`: what decoupled decay leaves of the parameter.
    pub keep: f64,
}

/// Whether there is neither an infinity nor a NaN.
pub(crate) fn is_finite(x: Slice<'_>) -> bool {
    #[inline(always)]
    fn run<F: Float>(x: &[F]) -> bool {
        // Without a branch for each, so that it is done in registers.
        x.iter().fold(true, |all, x| all & x.is_finite())
    }
    simd::run(
        #[inline(always)]
        || match x {
            Slice::F32(x) => run(x),
            Slice::F64(x) => run(x),
        },
    )
}

/// `Σ x²`, in `f64`.
pub(crate) fn sum_of_squares(x: Slice<'_>) -> f64 {
    fn run<F: Float>(x: &[F]) -> f64 {
        // Eight sums at once: independent, so that the compiler can use SIMD.
        let mut lanes = [0.0; 8];
        for chunk in x.chunks(8) {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                let x = Float::as_f64(x);
                *lane += x * x;
            }
        }
        lanes.iter().sum()
    }
    match x {
        Slice::F32(x) => run(x),
        Slice::F64(x) => run(x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_that_is_not_finite_is_found_anywhere() {
        for length in [1, 63, 64, 65, 200] {
            for at in 0..length {
                for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    let mut x = vec![f32::MAX; length];
                    assert!(is_finite(Slice::F32(&x)));
                    x[at] = odd;
                    assert!(!is_finite(Slice::F32(&x)), "{odd} at {at} of {length}");
                }
            }
        }
        assert!(is_finite(Slice::F64(&[])));
    }

    #[test]
    fn squares_are_summed_in_double() {
        let x = vec![1e-3f32; 1_000_003];
        let exact = 1_000_003.0 * f64::from(1e-3f32).powi(2);
        assert!((sum_of_squares(Slice::F32(&x)) / exact - 1.0).abs() < 1e-12);
    }
}
