//! The noise that makes a clean set harder.

use ndarray::{ArrayRef, Dimension};
use num_traits::Float;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Normal};

use crate::{Error, Result};

/// Adds Gaussian noise of mean 0 and standard deviation `std` to every element, then clips to the
/// interval from 0 to 1: x becomes min(max(x + std z, 0), 1) with z from the standard normal
/// distribution, one z per element in row-major order. A NaN stays NaN.
///
/// `std` is in the unit of the features, where 1 is full ink. Because of the clipping, the mean of
/// a dark picture rises.
///
/// `rng` gives the 32 bytes that seed a ChaCha8 generator, and that one all samples, drawn as `f64`
/// whatever `F` is: one seed gives `f32` and `f64` the same noise up to rounding, whatever the
/// layout of the array in memory, and two calls in a row give different noise.
///
/// # Errors
///
/// [`Error::InvalidStd`] if `std` is negative, infinite or NaN; nothing is changed then.
///
/// # Examples
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_mnist::add_noise;
///
/// let mut x = wengert_mnist::test().take(100).features::<f32>();
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// add_noise(&mut x, 0.3, &mut rng)?;
/// assert!(x.iter().all(|&x| (0.0..=1.0).contains(&x)));
///
/// assert!(add_noise(&mut x, -0.3, &mut rng).is_err());
/// # Ok::<(), wengert_mnist::Error>(())
/// ```
pub fn add_noise<F: Float, D: Dimension>(
    features: &mut ArrayRef<F, D>,
    std: F,
    rng: &mut (impl Rng + ?Sized),
) -> Result<()> {
    let left = features.len();
    let mut elements = features.iter_mut();
    samples(left, std, rng, |noise| {
        // The noise goes first: where it ends, zip() asks no further element of the other side.
        for (z, x) in noise.iter().zip(elements.by_ref()) {
            *x = num_traits::clamp(*x + of::<F>(*z), F::zero(), F::one());
        }
    })
}

/// Gaussian noise of mean 0 and standard deviation `std`: what [`add_noise`] adds, before it clips.
///
/// # Errors
///
/// [`Error::InvalidStd`] if `std` is negative, infinite or NaN; nothing is changed then.
///
/// # Examples
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_mnist::draw_noise;
///
/// let mut noise = [0.0; 1000];
/// draw_noise(&mut noise, 0.3, &mut ChaCha8Rng::seed_from_u64(1))?;
/// assert!(noise.iter().sum::<f64>().abs() < 30.0);
/// # Ok::<(), wengert_mnist::Error>(())
/// ```
pub fn draw_noise<F: Float>(noise: &mut [F], std: F, rng: &mut (impl Rng + ?Sized)) -> Result<()> {
    let left = noise.len();
    let mut blocks = noise.chunks_mut(BLOCK);
    samples(left, std, rng, |drawn| {
        let block = blocks.next().expect("as many as there are");
        block.iter_mut().zip(drawn).for_each(|(x, &z)| *x = of(z));
    })
}

/// Samples are drawn in blocks of so many.
const BLOCK: usize = 1024;

/// Draws `left` samples, and gives them to `take` a block at a time.
fn samples<F: Float>(
    mut left: usize,
    std: F,
    rng: &mut (impl Rng + ?Sized),
    mut take: impl FnMut(&[f64]),
) -> Result<()> {
    let std = std.to_f64().unwrap_or(f64::NAN);
    // rand_distr takes a negative one.
    let normal = if std >= 0.0 {
        Normal::new(0.0, std).ok()
    } else {
        None
    };
    let normal = normal.ok_or(Error::InvalidStd { std })?;
    let mut generator = ChaCha8Rng::from_rng(rng);
    let mut noise = [0.0; BLOCK];
    while left > 0 {
        let noise = &mut noise[..left.min(BLOCK)];
        draw(&normal, &mut generator, noise);
        left -= noise.len();
        take(noise);
    }
    Ok(())
}

fn of<F: Float>(z: f64) -> F {
    F::from(z).expect("a floating-point type takes any f64")
}

/// Where the time goes. Nothing in it is generic, the generator included, so that it is compiled
/// here, with this crate's optimisation, and a debug build that calls it is quick as well.
fn draw(normal: &Normal<f64>, generator: &mut ChaCha8Rng, noise: &mut [f64]) {
    noise.fill_with(|| normal.sample(generator));
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, Array3, ShapeBuilder};
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    use super::add_noise;
    use crate::Error;

    fn grey(std: f64, seed: u64) -> Array2<f64> {
        let mut x = Array2::from_elem((200, 784), 0.5);
        add_noise(&mut x, std, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        x
    }

    #[test]
    fn has_the_mean_and_the_standard_deviation_asked_for() {
        // 0.5 is five standard deviations from either bound, so clipping does not count. Of 156,800
        // samples, the mean is off by 0.1 / 396 and the deviation by 0.1 / 560, one in three times.
        let x = grey(0.1, 7);
        assert!(
            (x.mean().unwrap() - 0.5).abs() < 4.0 * 0.1 / 396.0,
            "{}",
            x.mean().unwrap()
        );
        assert!(
            (x.std(1.0) - 0.1).abs() < 4.0 * 0.1 / 560.0,
            "{}",
            x.std(1.0)
        );
    }

    #[test]
    fn clips_to_the_unit_interval() {
        // At std 0.5 a bound is one deviation away: 15.87 % of the samples lie beyond each.
        let x = grey(0.5, 7);
        assert!(x.iter().all(|x| (0.0..=1.0).contains(x)));
        for bound in [0.0, 1.0] {
            let share = x.iter().filter(|&&x| x == bound).count() as f64 / x.len() as f64;
            assert!((share - 0.1587).abs() < 0.004, "{share} at {bound}");
        }
    }

    #[test]
    fn a_seed_decides_all() {
        assert_eq!(grey(0.2, 1), grey(0.2, 1));
        assert_ne!(grey(0.2, 1), grey(0.2, 2));
    }

    #[test]
    fn one_seed_gives_both_precisions_and_both_layouts_the_same_noise() {
        let mut single = Array2::from_elem((200, 784), 0.5_f32);
        add_noise(&mut single, 0.25, &mut ChaCha8Rng::seed_from_u64(3)).unwrap();
        let double = grey(0.25, 3);
        assert!(
            single
                .iter()
                .zip(&double)
                .all(|(&s, &d)| (f64::from(s) - d).abs() < 1e-6)
        );

        let mut columns = Array2::from_elem((200, 784).f(), 0.5);
        add_noise(&mut columns, 0.25, &mut ChaCha8Rng::seed_from_u64(3)).unwrap();
        assert_eq!(columns, double);
    }

    #[test]
    fn one_sample_is_drawn_for_each_element_in_order() {
        for len in [0, 1, 1023, 1024, 1025, 3000] {
            let mut x = Array1::from_elem(len, 0.5);
            add_noise(&mut x, 0.01, &mut ChaCha8Rng::seed_from_u64(9)).unwrap();
            let mut reference = ChaCha8Rng::from_rng(&mut ChaCha8Rng::seed_from_u64(9));
            let normal = Normal::new(0.0, 0.01).unwrap();
            assert_eq!(
                x,
                Array1::from_shape_fn(len, |_| 0.5 + normal.sample(&mut reference))
            );
        }
    }

    #[test]
    fn one_generator_gives_one_noise_after_another() {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let (mut first, mut second) = (Array1::from_elem(99, 0.5), Array1::from_elem(99, 0.5));
        add_noise(&mut first, 0.01, &mut rng).unwrap();
        add_noise(&mut second, 0.01, &mut rng).unwrap();
        assert!(
            first
                .iter()
                .zip(&second)
                .all(|(first, second)| first != second)
        );
    }

    #[test]
    fn no_deviation_is_no_noise_and_a_nan_stays() {
        assert_eq!(grey(0.0, 5), Array2::from_elem((200, 784), 0.5));
        let mut x = Array3::from_elem((1, 1, 1), f32::NAN);
        add_noise(&mut x, 0.1, &mut ChaCha8Rng::seed_from_u64(5)).unwrap();
        assert!(x[[0, 0, 0]].is_nan());
    }

    #[test]
    fn takes_views_and_dyn_generators() {
        let mut x = Array2::from_elem((4, 3), 0.5);
        let rng: &mut dyn rand::Rng = &mut ChaCha8Rng::seed_from_u64(5);
        add_noise(&mut x.row_mut(1), 0.1, rng).unwrap();
        assert!(x.row(1).iter().all(|&x| x != 0.5));
        assert!(x.row(0).iter().chain(x.row(2)).all(|&x| x == 0.5));
    }

    #[test]
    fn a_deviation_that_is_none_is_an_error_and_changes_nothing() {
        for std in [-0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut x = Array2::from_elem((2, 2), 0.5);
            let error = add_noise(&mut x, std, &mut ChaCha8Rng::seed_from_u64(5)).unwrap_err();
            assert!(matches!(error, Error::InvalidStd { .. }), "{error:?}");
            assert!(x.iter().all(|&x| x == 0.5));
        }
        let mut x = Array2::from_elem((2, 2), 0.5_f32);
        let error = add_noise(&mut x, -2.0, &mut ChaCha8Rng::seed_from_u64(5)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "noise of standard deviation -2, expected a finite number that is 0 or more"
        );
    }
}
