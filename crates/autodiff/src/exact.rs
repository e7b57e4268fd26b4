//! A parameter written as text that reads back to the same bits, in formats
//! too that know no infinity. For `#[serde(with = "…")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    text(*x).serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a number")))
}

/// The shortest decimals that mean this number; of NaN, its bits.
fn text(x: f64) -> String {
    match x.is_nan() {
        true => format!("NaN:{:016x}", x.to_bits()),
        false => format!("{x:?}"),
    }
}

fn parse(text: &str) -> Option<f64> {
    match text.strip_prefix("NaN:") {
        Some(bits) => {
            let x = f64::from_bits(u64::from_str_radix(bits, 16).ok()?);
            x.is_nan().then_some(x)
        }
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_reads_back() {
        let odd_nan = f64::from_bits(0xfff8_0000_0000_0123);
        for x in [
            0.0,
            -0.0,
            0.1,
            -1e-320,
            1e300,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            odd_nan,
        ] {
            assert_eq!(parse(&text(x)).map(f64::to_bits), Some(x.to_bits()));
        }
        assert_eq!(parse("NaN:0000000000000000"), None);
        assert_eq!(parse("one"), None);
    }
}
