//! Bytes as numbers from 0 to 1.

use num_traits::Float;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// What features are made of: `f32` or `f64`.
///
/// The loop over pixels is a function of a known type, not a generic one, so that it is compiled
/// with this crate's optimisation and not with that of the crate that calls it: a debug build of a
/// training program spends its time here otherwise.
pub trait Feature: Float + sealed::Sealed {
    /// Writes `byte / 255` for every byte.
    #[doc(hidden)]
    fn write(out: &mut [Self], bytes: &[u8]);
}

macro_rules! feature {
    ($($F:ty),*) => {$(
        impl Feature for $F {
            #[inline(never)]
            fn write(out: &mut [Self], bytes: &[u8]) {
                for (x, &byte) in out.iter_mut().zip(bytes) {
                    *x = <$F>::from(byte) / 255.0;
                }
            }
        }
    )*};
}

feature! { f32, f64 }
