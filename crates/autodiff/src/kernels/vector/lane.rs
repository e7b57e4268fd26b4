//! The bits of a float: what the functions need beside arithmetic. Integer
//! operations are additions, masks and logical shifts, which registers of
//! every width have.

/// A float as bits.
pub trait Lane: Sized {
    /// Whether it is `f32`.
    const SINGLE: bool;

    /// The nearest integer, halves to even, for magnitudes below 2^21 (f32)
    /// or 2^50 (f64).
    fn nearest(self) -> Self;

    /// `2^k` for an integer `k` with a normal result.
    fn two_to(k: Self) -> Self;

    /// `k` and `m` with `2^k m` this number, `m` in `[√½, √2)`; for positive
    /// normal numbers.
    fn parts(self) -> (Self, Self);

    /// Of an integer of magnitude below 2^21 (f32) or 2^50 (f64): whether its
    /// bit is set, that of value 1 or 2.
    fn has_bit(self, bit: u8) -> bool;
}

macro_rules! lane {
    ($F:ty, $U:ty, single $single:literal, mantissa $mantissa:literal, bias $bias:literal) => {
        impl Lane for $F {
            const SINGLE: bool = $single;

            #[inline(always)]
            fn nearest(self) -> $F {
                (self + <$F as Shift>::SHIFT) - <$F as Shift>::SHIFT
            }

            #[inline(always)]
            fn two_to(k: $F) -> $F {
                // The last bits of the sum are k; its other bits are shifted out.
                let k = (k + <$F as Shift>::SHIFT).to_bits() << $mantissa;
                <$F>::from_bits(k.wrapping_add((1.0 as $F).to_bits()))
            }

            #[inline(always)]
            fn parts(self) -> ($F, $F) {
                const LOW: $U = <$F>::to_bits(std::f64::consts::FRAC_1_SQRT_2 as $F);
                const ONE: $U = <$F>::to_bits(1.0);
                const MANTISSA: $U = (1 << $mantissa) - 1;
                // 2^mantissa, whose last bits count.
                const COUNT: $F = (1 as $U << $mantissa) as $F;
                let bits = self.to_bits().wrapping_add(ONE - LOW);
                let k = <$F>::from_bits((bits >> $mantissa) | COUNT.to_bits());
                let m = <$F>::from_bits((bits & MANTISSA) + LOW);
                (k - (COUNT + $bias), m)
            }

            #[inline(always)]
            fn has_bit(self, bit: u8) -> bool {
                (self + <$F as Shift>::SHIFT).to_bits() & <$U>::from(bit) != 0
            }
        }
    };
}

/// A number so large that the last bit of what is added to it has value 1.
trait Shift {
    const SHIFT: Self;
}

impl Shift for f32 {
    const SHIFT: f32 = 1.5 * (1 << 23) as f32;
}

impl Shift for f64 {
    const SHIFT: f64 = 1.5 * (1u64 << 52) as f64;
}

lane!(f32, u32, single true, mantissa 23, bias 127.0);
lane!(f64, u64, single false, mantissa 52, bias 1023.0);

/// `c[0] + c[1] x + c[2] x² + …`.
#[inline(always)]
pub fn polynomial<F: crate::dtype::Float, const N: usize>(x: F, c: [f64; N]) -> F {
    let mut sum = F::of(c[N - 1]);
    for k in (0..N - 1).rev() {
        sum = sum * x + F::of(c[k]);
    }
    sum
}
