//! One case of an operation: what a line of `public.jsonl` says, and the call
//! that it describes, brought onto a tape.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use wengert_autodiff::{Tape, Var};

use super::array::{Array, Data, Malformed, lists, number};
use super::call::{Arg, Call, Unsupported, V, unsupported};

/// What an operation is to return.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub shape: Vec<usize>,
    /// Indices and masks as numbers.
    pub data: Vec<f64>,
    /// The element type, if it is one that the framework does not have; then
    /// there are no data.
    pub foreign: Option<String>,
}

/// What finite differences said about an element: see [`Case::doubtful`].
#[derive(Clone, Debug, Default)]
pub(super) struct Doubt {
    pub everything: bool,
    pub elements: BTreeSet<(usize, usize)>,
}

/// A case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub id: String,
    pub op: String,
    pub inputs: Vec<Array>,
    tags: BTreeSet<String>,
    positional: Vec<Json>,
    named: Vec<(String, Json)>,
    /// What is done to an input before the call, by its number.
    pre: Vec<(usize, String)>,
    pub post: Option<String>,
    pub outputs: Vec<Expected>,
    pub cotangents: Vec<Option<Vec<f64>>>,
    pub grads: Option<Vec<Option<Vec<f64>>>>,
    pub directions: Vec<Option<Vec<f64>>>,
    pub second_order: Option<Vec<Option<Vec<f64>>>>,
    pub jvp: Option<Vec<Option<Vec<f64>>>>,
    check: Json,
    rtol: Json,
}

fn text(json: &Json, key: &str) -> Result<String, Malformed> {
    match json[key].as_str() {
        Some(s) => Ok(s.to_string()),
        None => Err(format!("`{key}` is not a word")),
    }
}

fn each<'j, T>(
    json: &'j Json,
    key: &str,
    parse: impl Fn(&'j Json) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let list = json[key].as_array();
    let list = list.ok_or_else(|| format!("`{key}` is not a list"))?;
    let numbered = list.iter().enumerate();
    numbered
        .map(|(i, x)| parse(x).map_err(|e| format!("`{key}[{i}]`: {e}")))
        .collect()
}

fn optional_lists(json: &Json, key: &str) -> Result<Option<Vec<Option<Vec<f64>>>>, Malformed> {
    match &json[key] {
        Json::Null => Ok(None),
        found => lists(found).map(Some).map_err(|e| format!("`{key}`: {e}")),
    }
}

impl Expected {
    fn parse(json: &Json) -> Result<Expected, Malformed> {
        let array = Array::parse(json)?;
        let data = match array.data {
            Data::Float(data) => data,
            Data::Int(data) => data.into_iter().map(|i| i as f64).collect(),
            Data::Bool(data) => data.into_iter().map(|b| f64::from(u8::from(b))).collect(),
            Data::Other => {
                let (shape, data, foreign) = (array.shape, vec![], Some(array.dtype));
                return Ok(Expected {
                    shape,
                    data,
                    foreign,
                });
            }
        };
        let (shape, foreign) = (array.shape, None);
        Ok(Expected {
            shape,
            data,
            foreign,
        })
    }
}

impl Case {
    /// Whether a record is one.
    pub fn is_one(json: &Json) -> bool {
        json.get("op").is_some() && json.get("call").is_some()
    }

    pub fn parse(json: &Json) -> Result<Case, Malformed> {
        let pairs = |key: &str| -> Vec<(String, Json)> {
            let entries = json[key].as_object().into_iter().flatten();
            entries.map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        let call = &json["call"];
        let named = call["kwargs"].as_object().into_iter().flatten();
        let pre = pairs("pre_args").into_iter().map(|(i, what)| {
            let at = i
                .parse()
                .map_err(|_| format!("`pre_args`: {i} is not a number"))?;
            Ok((at, what.as_str().unwrap_or_default().to_string()))
        });
        let pre: Vec<(usize, String)> = pre.collect::<Result<_, Malformed>>()?;
        if pre.is_empty() && !pairs("pre").is_empty() {
            return Err("`pre` without `pre_args`".into());
        }
        let case = Case {
            id: text(json, "id")?,
            op: text(json, "op")?,
            inputs: each(json, "inputs", Array::parse)?,
            tags: each(json, "tags", |t| {
                Ok(t.as_str().unwrap_or_default().to_string())
            })?
            .into_iter()
            .collect(),
            positional: each(call, "args", |a| Ok(a.clone()))?,
            named: named.map(|(k, v)| (k.clone(), v.clone())).collect(),
            pre,
            post: json["post"].as_str().map(str::to_string),
            outputs: each(json, "outputs", Expected::parse)?,
            cotangents: optional_lists(json, "cotangents")?.unwrap_or_default(),
            grads: optional_lists(json, "grads")?,
            directions: optional_lists(json, "directions")?.unwrap_or_default(),
            second_order: optional_lists(json, "second_order")?,
            jvp: optional_lists(json, "jvp")?,
            check: json["check"].clone(),
            rtol: json["rtol"].clone(),
        };
        case.check_lengths()?;
        Ok(case)
    }

    /// Derivatives are per input or per output; a missing one would go
    /// uncompared.
    fn check_lengths(&self) -> Result<(), Malformed> {
        let (inputs, outputs) = (self.inputs.len(), self.outputs.len());
        let count = |list: &Option<Vec<Option<Vec<f64>>>>| list.as_ref().map(Vec::len);
        for (key, found, expected) in [
            ("cotangents", Some(self.cotangents.len()), outputs),
            ("directions", Some(self.directions.len()), inputs),
            ("grads", count(&self.grads), inputs),
            ("second_order", count(&self.second_order), inputs),
            ("jvp", count(&self.jvp), outputs),
        ] {
            if found.is_some_and(|n| n != expected) {
                return Err(format!("`{key}` does not have {expected} entries"));
            }
        }
        Ok(())
    }

    /// The case's own relative tolerance for a field.
    pub fn rtol(&self, field: &str) -> f64 {
        number(&self.rtol[field]).unwrap_or(0.0)
    }

    /// The elements of a field at which PyTorch's numbers are a choice, or
    /// not confirmed, rather than the truth.
    pub fn doubtful(&self, field: &str) -> Doubt {
        let lists: &[&str] = match field {
            "grads" => &["kink", "unconfirmed"],
            "second_order" => &["kink", "unconfirmed", "second_unconfirmed"],
            "jvp" => &["jvp_unconfirmed"],
            _ => return Doubt::default(),
        };
        let mut doubt = Doubt::default();
        for list in lists {
            for entry in self.check[list].as_array().into_iter().flatten() {
                match (entry[0].as_u64(), entry[1].as_u64()) {
                    (Some(array), Some(i)) => {
                        doubt.elements.insert((array as usize, i as usize));
                    }
                    // An ellipsis: there are too many to list.
                    _ => doubt.everything = true,
                }
            }
        }
        let any = |list: &str| self.check[list].as_array().is_some_and(|l| !l.is_empty());
        doubt.everything |= field == "jvp" && (any("kink") || any("unconfirmed"));
        let soft = ["extremal", "nonfinite_input", "nonfinite_output"];
        doubt.everything |= soft.iter().any(|tag| self.tags.contains(*tag));
        doubt
    }

    /// The inputs as variables, and the call on them.
    pub fn record<'t>(
        &self,
        tape: &'t Tape,
        signature: &str,
    ) -> Result<(Vec<Option<V<'t>>>, Call<'t>), Unsupported> {
        let mut variables = Vec::new();
        let mut operands = Vec::new();
        for (i, input) in self.inputs.iter().enumerate() {
            let arg = enter(tape, &format!("x{i}"), input)?;
            variables.push(match arg {
                Arg::Array(v) if input.requires_grad => Some(v),
                _ => None,
            });
            let pre = self.pre.iter().find(|(at, _)| *at == i);
            operands.push(match (arg, pre) {
                (Arg::Array(v), Some((_, what))) => Arg::Array(prepare(v, what)?),
                (arg, _) => arg,
            });
        }
        let positional = self.positional.iter().map(|a| argument(a, &operands));
        let named = self.named.iter();
        let named = named.map(|(name, a)| Ok((name.clone(), argument(a, &operands)?)));
        let call = Call::bind(
            tape,
            signature,
            positional.collect::<Result<_, _>>()?,
            named.collect::<Result<_, _>>()?,
        )?;
        Ok((variables, call))
    }
}

/// An array of a record on the tape, in its memory layout.
pub(super) fn enter<'t>(tape: &'t Tape, name: &str, a: &Array) -> Result<Arg<'t>, Unsupported> {
    Ok(match &a.data {
        Data::Float(data) => {
            // What lies between the elements must never be read.
            Arg::Array(a.laid_out(data, f64::NAN, |view| match a.requires_grad {
                true => tape.input(name, view),
                false => tape.constant(view),
            }))
        }
        Data::Bool(data) => Arg::Mask(a.laid_out(data, false, |view| tape.constant(view))),
        Data::Int(_) => Arg::Ints(a.clone()),
        Data::Other => return unsupported(format!("element type {}", a.dtype)),
    })
}

/// An argument as the files write it: `{"$t": i}` is input `i`.
pub(super) fn argument<'t>(json: &Json, inputs: &[Arg<'t>]) -> Result<Arg<'t>, Unsupported> {
    let list = |list: &Vec<Json>| {
        let parsed = list.iter().map(|x| argument(x, inputs));
        parsed.collect::<Result<_, _>>()
    };
    match json {
        Json::Null => Ok(Arg::None),
        Json::Bool(b) => Ok(Arg::Bool(*b)),
        Json::Number(n) => Ok(match n.as_i64() {
            Some(i) => Arg::Int(i),
            None => Arg::Float(n.as_f64().unwrap_or(f64::NAN)),
        }),
        Json::String(s) => Ok(Arg::Text(s.clone())),
        Json::Array(items) => Ok(Arg::List(list(items)?)),
        Json::Object(object) => match object.iter().next() {
            Some((key, value)) if object.len() == 1 => match (key.as_str(), value) {
                ("$t", i) => match i.as_u64().and_then(|i| inputs.get(i as usize)) {
                    Some(input) => Ok(input.clone()),
                    None => unsupported(format!("input {i}, which does not exist")),
                },
                ("$tuple", Json::Array(items)) => Ok(Arg::Tuple(list(items)?)),
                ("$slice", Json::Array(parts)) if parts.len() == 3 => {
                    let part = |i: usize| parts[i].as_i64();
                    Ok(Arg::Slice([part(0), part(1), part(2)]))
                }
                ("$ellipsis", _) => Ok(Arg::Ellipsis),
                ("$dtype", d) => Ok(Arg::DType(d.as_str().unwrap_or_default().into())),
                (other, _) => unsupported(format!("an argument written `{other}`")),
            },
            _ => unsupported(format!("an argument written {json}")),
        },
    }
}

/// What is done to an input before the call, as part of the function.
fn prepare<'t>(x: V<'t>, what: &str) -> Result<V<'t>, Unsupported> {
    let rank = x.rank();
    if rank < 2 {
        return unsupported(format!("`{what}` of rank {rank}"));
    }
    match what {
        "x + x^T" => {
            let mut axes: Vec<isize> = (0..rank as isize).collect();
            axes.swap(rank - 2, rank - 1);
            Ok(x + x.permute(axes))
        }
        "tril(x)" => Ok(triangle(x, |i, j| j <= i).where_(x, 0.0)),
        "triu(x)" => Ok(triangle(x, |i, j| j >= i).where_(x, 0.0)),
        "tril(x) with unit diagonal" => {
            let below = triangle(x, |i, j| j < i).where_(x, 0.0);
            Ok(triangle(x, |i, j| i == j).where_(1.0, below))
        }
        other => unsupported(format!("inputs prepared by `{other}`")),
    }
}

/// The part of the last two axes of `x` at which `inside(row, column)` holds.
pub(super) fn triangle<'t>(x: V<'t>, inside: impl Fn(i64, i64) -> bool) -> Var<'t, bool> {
    let shape = x.shape();
    let (m, n) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
    let mask = ndarray::Array2::from_shape_fn((m, n), |(i, j)| inside(i as i64, j as i64));
    x.tape().constant(mask)
}
