//! Numbers in serialised reports: JSON has no NaN and no infinity, so these
//! are written as the strings `"nan"`, `"inf"` and `"-inf"`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Word(String),
}

fn write(x: f64) -> Number {
    match x {
        x if x.is_finite() => Number::Finite(x),
        x => Number::Word(if x.is_nan() {
            "nan".into()
        } else {
            x.to_string()
        }),
    }
}

fn read<E: serde::de::Error>(number: Number) -> Result<f64, E> {
    match number {
        Number::Finite(x) => Ok(x),
        Number::Word(word) => match word.as_str() {
            "nan" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(E::custom(format!(
                "\"{word}\" is not a number; expected \"nan\", \"inf\" or \"-inf\""
            ))),
        },
    }
}

pub fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    write(*x).serialize(to)
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    read(Number::deserialize(from)?)
}

/// The same for a number that may be missing.
pub mod option {
    use super::*;

    pub fn serialize<S: Serializer>(x: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        x.map(write).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Option::<Number>::deserialize(from)?.map(read).transpose()
    }
}

/// The same for two numbers.
pub mod pair {
    use super::*;

    pub fn serialize<S: Serializer>(x: &(f64, f64), to: S) -> Result<S::Ok, S::Error> {
        (write(x.0), write(x.1)).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(f64, f64), D::Error> {
        let (a, b) = <(Number, Number)>::deserialize(from)?;
        Ok((read(a)?, read(b)?))
    }
}
