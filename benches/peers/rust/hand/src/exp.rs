//! The exponential, free of branches so that the compiler vectorises it.

/// `exp(x)` to about one unit in the last place, `x` clamped to [-87, 88].
///
/// x = n ln 2 + r with |r| ≤ (ln 2)/2: a polynomial for exp(r), Cephes'
/// coefficients, and n added to the exponent.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // ln 2 in two parts, the first so short that its product with n is exact.
    const LN2_HIGH: f32 = 355.0 / 512.0;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4_f32;
    p = p * r + 1.398_2e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 0.166_666_65;
    p = p * r + 0.5;
    let y = p * (r * r) + r + 1.0;
    let exponent = (n as i32) << 23;
    f32::from_bits((y.to_bits() as i32).wrapping_add(exponent) as u32)
}

/// `1 / (1 + exp(-x))`
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn within_two_units_in_the_last_place() {
        let worst = (-8_700..8_800)
            .map(|i| i as f32 / 100.0)
            .map(|x| {
                let exact = f64::from(x).exp();
                ((f64::from(exp(x)) - exact) / exact).abs() / f64::from(f32::EPSILON)
            })
            .fold(0.0, f64::max);
        assert!(worst < 2.0, "{worst} eps");
    }
}
