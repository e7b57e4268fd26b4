//! The hard points as `data/edge.jsonl.gz` has them: expression, inputs, and
//! what PyTorch 2.15.0 and JAX 0.10.2 say in f64, measured once. Gzipped JSON,
//! one case per line; numbers that are not finite are texts.

use flate2::read::GzDecoder;
use ndarray::{ArrayD, IxDyn};
use serde_json::Value;

/// Three arrays of results: of the function, its gradient, and the gradient
/// of the sum of all elements of that gradient.
pub const FIELDS: [&str; 3] = ["outputs", "grads", "second"];

/// One field of one column: the elements, or `None` where there is nothing to
/// compare. Several outputs, or the gradients of several inputs, follow each
/// other.
pub type Numbers = Option<Vec<f64>>;

/// What one framework says.
#[derive(Clone, Debug)]
pub enum Column {
    /// Results, by field.
    Values([Numbers; 3]),
    /// It refuses.
    Refuses,
    /// It was not asked.
    Unknown,
}

/// One hard point.
#[derive(Debug)]
pub struct Case {
    /// `group/name`.
    pub id: String,
    /// The expression, in words.
    pub expression: String,
    /// The inputs, all differentiated.
    pub inputs: Vec<(String, ArrayD<f64>)>,
    /// What PyTorch says.
    pub torch: Column,
    /// What JAX says.
    pub jax: Column,
}

impl Case {
    /// The columns that have this field.
    pub fn columns(&self, field: usize) -> Vec<&Vec<f64>> {
        [&self.torch, &self.jax]
            .into_iter()
            .filter_map(|column| column.field(field))
            .collect()
    }
}

impl Column {
    /// One field, if it is there.
    pub fn field(&self, field: usize) -> Option<&Vec<f64>> {
        match self {
            Column::Values(fields) => fields[field].as_ref(),
            _ => None,
        }
    }
}

fn number(v: &Value) -> f64 {
    match v.as_str() {
        Some(text) => text.parse().expect("inf, -inf or nan"),
        None => v.as_f64().expect("a number"),
    }
}

fn list(v: &Value) -> &[Value] {
    v.as_array().expect("a list")
}

fn text(v: &Value) -> String {
    v.as_str().expect("a text").to_string()
}

/// All arrays of a field after each other, if all are there.
fn numbers(v: &Value) -> Numbers {
    let arrays = v.as_array()?;
    let mut all = vec![];
    for array in arrays {
        all.extend(list(array.get("data")?).iter().map(number));
    }
    Some(all)
}

fn column(v: &Value) -> Column {
    match v {
        Value::Null => Column::Unknown,
        v if !v["error"].is_null() => Column::Refuses,
        v => Column::Values(FIELDS.map(|field| numbers(&v[field]))),
    }
}

fn case(line: &str) -> Case {
    let v: Value = serde_json::from_str(line).expect("a line of JSON");
    let input = |v: &Value| {
        let shape: Vec<usize> = list(&v["shape"])
            .iter()
            .map(|n| number(n) as usize)
            .collect();
        let data = list(&v["data"]).iter().map(number).collect();
        let array = ArrayD::from_shape_vec(IxDyn(&shape), data).expect("elements fill the shape");
        (text(&v["name"]), array)
    };
    Case {
        id: text(&v["id"]),
        expression: text(&v["expr"]),
        inputs: list(&v["inputs"]).iter().map(input).collect(),
        torch: column(&v["torch"]),
        jax: column(&v["jax"]),
    }
}

/// Every case, in the order of the file.
pub fn cases() -> Vec<Case> {
    let packed = include_bytes!("../data/edge.jsonl.gz");
    let text = std::io::read_to_string(GzDecoder::new(&packed[..])).expect("gzipped text");
    text.lines().map(case).collect()
}

/// Whether two lists of numbers agree: NaN with NaN, infinities equal, the
/// rest to nine digits (the columns come from programs that round otherwise),
/// or to 1e-12 of the largest.
pub fn agree(got: &[f64], want: &[f64]) -> bool {
    let finite = want.iter().filter(|w| w.is_finite());
    let largest = finite.fold(1.0, |m: f64, w| m.max(w.abs()));
    let close = |(&g, &w): (&f64, &f64)| {
        g == w
            || (g.is_nan() && w.is_nan())
            || (g - w).abs() <= 1e-9 * g.abs().max(w.abs()) + 1e-12 * largest
                && g.is_finite()
                && w.is_finite()
    };
    got.len() == want.len() && got.iter().zip(want).all(close)
}
