//! Arrays as the files hold them: numbers in row-major order, and the memory
//! layout that they are to have when they enter the tape.

use ndarray::{ArrayD, ArrayView, Axis, IxDyn, ShapeBuilder};
use serde_json::Value as Json;

/// What a record lacks, or has wrong.
pub(super) type Malformed = String;

/// The elements, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Float(Vec<f64>),
    Int(Vec<i64>),
    Bool(Vec<bool>),
    /// Of a type that the framework does not have.
    Other,
}

/// An array of a record.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub dtype: String,
    pub data: Data,
    /// The distance in memory, in elements, from one index to the next along
    /// every axis, if the array is not stored in row-major order.
    pub strides: Option<Vec<isize>>,
    pub requires_grad: bool,
}

/// A JSON number, or one of the strings that stand for those JSON has not.
pub(super) fn number(json: &Json) -> Option<f64> {
    match json {
        Json::Number(n) => n.as_f64(),
        Json::Bool(b) => Some(f64::from(u8::from(*b))),
        Json::String(s) => match s.as_str() {
            "nan" => Some(f64::NAN),
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// A flat list of numbers.
pub(super) fn numbers(json: &Json) -> Result<Vec<f64>, Malformed> {
    let list = json.as_array().ok_or("expected a list of numbers")?;
    list.iter()
        .map(|x| number(x).ok_or_else(|| format!("expected a number, found {x}")))
        .collect()
}

/// A list whose entries are lists of numbers, or null.
pub(super) fn lists(json: &Json) -> Result<Vec<Option<Vec<f64>>>, Malformed> {
    let list = json.as_array().ok_or("expected a list of arrays")?;
    list.iter()
        .map(|x| match x {
            Json::Null => Ok(None),
            x => numbers(x).map(Some),
        })
        .collect()
}

fn integers(json: &Json) -> Result<Vec<i64>, Malformed> {
    let list = json.as_array().ok_or("expected a list of integers")?;
    list.iter()
        .map(|x| {
            x.as_i64()
                .ok_or_else(|| format!("expected an integer, found {x}"))
        })
        .collect()
}

fn bools(json: &Json) -> Result<Vec<bool>, Malformed> {
    let list = json.as_array().ok_or("expected a list of booleans")?;
    list.iter()
        .map(|x| match (x.as_bool(), x.as_i64()) {
            (Some(b), _) => Ok(b),
            (_, Some(n @ (0 | 1))) => Ok(n == 1),
            _ => Err(format!("expected a boolean, found {x}")),
        })
        .collect()
}

impl Array {
    pub fn parse(json: &Json) -> Result<Array, Malformed> {
        let shape = integers(&json["shape"]).map_err(|e| format!("`shape`: {e}"))?;
        let shape: Vec<usize> = shape
            .into_iter()
            .map(|n| usize::try_from(n).map_err(|_| format!("`shape`: {n} is negative")))
            .collect::<Result<_, _>>()?;
        let dtype = json["dtype"].as_str().unwrap_or("float64").to_string();
        let data = match dtype.as_str() {
            "float64" => numbers(&json["data"]).map(Data::Float),
            "int64" | "int32" | "int16" | "int8" | "uint8" => {
                integers(&json["data"]).map(Data::Int)
            }
            "bool" => bools(&json["data"]).map(Data::Bool),
            _ => Ok(Data::Other),
        }
        .map_err(|e| format!("`data`: {e}"))?;
        let strides = match &json["layout"] {
            Json::Null => None,
            layout => {
                let strides =
                    integers(&layout["strides"]).map_err(|e| format!("`strides`: {e}"))?;
                Some(strides.into_iter().map(|s| s as isize).collect())
            }
        };
        let array = Array {
            shape,
            dtype,
            data,
            strides,
            requires_grad: json["requires_grad"].as_bool().unwrap_or(false),
        };
        array.check()?;
        Ok(array)
    }

    fn check(&self) -> Result<(), Malformed> {
        let size: usize = self.shape.iter().product();
        let (Data::Float(_) | Data::Int(_) | Data::Bool(_)) = self.data else {
            return Ok(());
        };
        if self.len() != size {
            let (found, shape) = (self.len(), &self.shape);
            return Err(format!(
                "`data` has {found} elements, but shape {shape:?} {size}"
            ));
        }
        match &self.strides {
            Some(s) if s.len() != self.shape.len() => Err(format!(
                "`strides` has {} entries, but shape {:?} {} axes",
                s.len(),
                self.shape,
                self.shape.len()
            )),
            _ => Ok(()),
        }
    }

    fn len(&self) -> usize {
        match &self.data {
            Data::Float(d) => d.len(),
            Data::Int(d) => d.len(),
            Data::Bool(d) => d.len(),
            Data::Other => 0,
        }
    }

    /// Calls `enter` with a view of `data` that has the array's layout; the
    /// gaps of the layout hold `gap`.
    pub fn laid_out<T: Copy, R>(
        &self,
        data: &[T],
        gap: T,
        enter: impl FnOnce(ArrayView<'_, T, IxDyn>) -> R,
    ) -> R {
        let rows = ArrayView::from_shape(IxDyn(&self.shape), data).expect("checked when parsed");
        match &self.strides {
            Some(strides) if rows.len() > 1 => enter_with(rows, strides, gap, enter),
            _ => enter(rows),
        }
    }
}

fn enter_with<T: Copy, R>(
    rows: ArrayView<'_, T, IxDyn>,
    strides: &[isize],
    gap: T,
    enter: impl FnOnce(ArrayView<'_, T, IxDyn>) -> R,
) -> R {
    // Where every element lies. Axes with a negative stride are stored
    // forwards and inverted afterwards.
    let place = |index: &IxDyn| -> usize {
        let axes = strides.iter().zip(rows.shape()).enumerate();
        axes.map(|(axis, (&stride, &len))| {
            let at = index[axis];
            let at = if stride < 0 { len - 1 - at } else { at };
            at * stride.unsigned_abs()
        })
        .sum()
    };
    let last = strides.iter().zip(rows.shape());
    let reach: usize = last.map(|(s, n)| (n - 1) * s.unsigned_abs()).sum();
    let mut memory = vec![gap; reach + 1];
    for (index, &x) in rows.indexed_iter() {
        memory[place(&index)] = x;
    }
    let forwards: Vec<usize> = strides.iter().map(|s| s.unsigned_abs()).collect();
    let shape = IxDyn(rows.shape()).strides(IxDyn(&forwards));
    let mut view = ArrayView::from_shape(shape, &memory).expect("as long as its strides reach");
    for (axis, _) in strides.iter().enumerate().filter(|(_, s)| **s < 0) {
        view.invert_axis(Axis(axis));
    }
    enter(view)
}

/// An array of `data` in row-major order.
pub(super) fn array<T>(shape: &[usize], data: Vec<T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(shape), data).expect("as many elements as its shape has")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strided(shape: &[usize], strides: &[isize]) -> (Vec<f64>, Vec<isize>) {
        let n: usize = shape.iter().product();
        let array = Array {
            shape: shape.to_vec(),
            dtype: "float64".into(),
            data: Data::Other,
            strides: Some(strides.to_vec()),
            requires_grad: false,
        };
        let data: Vec<f64> = (0..n).map(|i| i as f64).collect();
        array.laid_out(&data, f64::NAN, |view| {
            (view.iter().copied().collect(), view.strides().to_vec())
        })
    }

    #[test]
    fn every_layout_holds_the_same_values() {
        for (shape, strides) in [
            (vec![3, 4], vec![1, 3]),
            (vec![3, 4], vec![8, 2]),
            (vec![3, 4], vec![-4, 1]),
            (vec![2, 3, 2], vec![-12, 2, -6]),
            (vec![3, 1, 3], vec![3, 3, 1]),
        ] {
            let (values, found) = strided(&shape, &strides);
            let n: usize = shape.iter().product();
            assert_eq!(values, (0..n).map(|i| i as f64).collect::<Vec<_>>());
            for ((f, s), n) in found.iter().zip(&strides).zip(shape) {
                assert!(n == 1 || f == s, "{found:?} is not {strides:?}");
            }
        }
    }

    #[test]
    fn a_damaged_array_is_refused_with_the_reason() {
        let parse = |json: &str| Array::parse(&serde_json::from_str(json).unwrap());
        let fault = parse(r#"{"shape":[2],"dtype":"float64","data":[1.0]}"#).unwrap_err();
        assert_eq!(fault, "`data` has 1 elements, but shape [2] 2");
        let fault = parse(r#"{"shape":[1],"dtype":"float64","data":["x"]}"#).unwrap_err();
        assert_eq!(fault, "`data`: expected a number, found \"x\"");
        assert!(parse(r#"{"shape":[-1],"data":[]}"#).is_err());
    }
}
