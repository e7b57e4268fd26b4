//! Values and parameters as Rust literals, exact to the last bit.

use crate::ops::SliceAxis;
use crate::value::Value;

/// A number as an expression of type f64.
pub(super) fn f64(x: f64) -> String {
    match x {
        x if x.is_nan() => "f64::NAN".into(),
        f64::INFINITY => "f64::INFINITY".into(),
        f64::NEG_INFINITY => "f64::NEG_INFINITY".into(),
        x => format!("{x:?}"),
    }
}

fn f32(x: f32) -> String {
    match x {
        x if x.is_nan() => "f32::NAN".into(),
        f32::INFINITY => "f32::INFINITY".into(),
        f32::NEG_INFINITY => "f32::NEG_INFINITY".into(),
        x => format!("{x:?}_f32"),
    }
}

/// An array: `array!` up to two axes, the flat elements and a shape beyond.
pub(super) fn array(value: &Value) -> String {
    let (elements, ty): (Vec<String>, &str) = match value {
        Value::F32(a) => (a.as_slice().iter().map(|&x| f32(x)).collect(), "f32"),
        Value::F64(a) => (a.as_slice().iter().map(|&x| f64(x)).collect(), "f64"),
        Value::Index(a) => (
            a.as_slice().iter().map(|x| format!("{x}_usize")).collect(),
            "usize",
        ),
        Value::Bool(a) => (a.as_slice().iter().map(bool::to_string).collect(), "bool"),
    };
    let row = |row: &[String]| format!("[{}]", row.join(", "));
    match (value.shape(), elements.is_empty()) {
        ([], _) => format!("ndarray::arr0({})", elements[0]),
        ([_], false) => format!("ndarray::array!{}", row(&elements)),
        (&[_, columns], false) => {
            let rows: Vec<String> = elements.chunks(columns).map(row).collect();
            format!("ndarray::array!{}", row(&rows))
        }
        (shape, true) => format!("ndarray::ArrayD::<{ty}>::default(ndarray::IxDyn(&{shape:?}))"),
        (shape, _) => format!(
            "ndarray::Array1::from(vec!{}).into_shape_with_order(ndarray::IxDyn(&{shape:?})).unwrap()",
            row(&elements)
        ),
    }
}

/// A list of axes.
pub(super) fn list(axes: &[isize]) -> String {
    match axes {
        [] => "[0_isize; 0]".into(),
        axes => format!("{axes:?}"),
    }
}

/// A list of lengths.
pub(super) fn sizes(lengths: &[usize]) -> String {
    match lengths {
        [] => "[0_usize; 0]".into(),
        lengths => format!("{lengths:?}"),
    }
}

/// A [`Shape`](crate::Shape).
pub(super) fn shape(lengths: &[usize]) -> String {
    format!("Shape::from({})", sizes(lengths))
}

/// A slice of every axis.
pub(super) fn slices(axes: &[SliceAxis]) -> String {
    let one = |a: &SliceAxis| {
        let SliceAxis { start, step, len } = a;
        format!("ops::SliceAxis {{ start: {start}, step: {step}, len: {len} }}")
    };
    let all: Vec<String> = axes.iter().map(one).collect();
    format!("vec![{}]", all.join(", "))
}
