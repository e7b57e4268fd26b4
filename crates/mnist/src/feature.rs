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

/// Asks for memory that is about to be read. Images come from anywhere in 47 MB: asked for when
/// they are read, their cache lines come one after the other; like this they are on their way
/// together.
#[inline(never)]
pub(crate) fn ask_for(bytes: &[u8]) {
    let lines = bytes.iter().step_by(64);
    std::hint::black_box(lines.fold(0, |all, byte| all ^ byte));
}

macro_rules! feature {
    ($($F:ty: $high:expr, $low:expr;)*) => {$(
        impl Feature for $F {
            #[inline(never)]
            fn write(out: &mut [Self], bytes: &[u8]) {
                // Wider registers, where the processor has them, and no division: byte / 255 is
                // the sum of two products, the first of which is exact because its factor has few
                // bits. The test goes through all bytes.
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || {
                        for (x, &byte) in out.iter_mut().zip(bytes) {
                            let byte = <$F>::from(byte);
                            *x = byte * $high + byte * $low;
                        }
                    },
                );
            }
        }
    )*};
}

// 1/255 in two parts, the first of so few bits that its product with a byte is exact.
feature! {
    f32: HIGH as f32, REST as f32;
    f64: HIGH, REST;
}

/// 1/255 to 13 bits: 257 / 2¹⁶.
const HIGH: f64 = 257.0 / 65_536.0;

/// 1/255 - 257/2¹⁶ = 1 / (255 · 2¹⁶).
const REST: f64 = 1.0 / (255.0 * 65_536.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_divided_as_exactly_as_can_be() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut single = vec![0f32; 256];
        let mut double = vec![0f64; 256];
        Feature::write(&mut single, &bytes);
        Feature::write(&mut double, &bytes);
        for byte in bytes {
            let i = usize::from(byte);
            assert_eq!(single[i], f32::from(byte) / 255.0);
            assert_eq!(double[i], f64::from(byte) / 255.0);
        }
    }
}
