//! Records of `edge.jsonl`: what PyTorch and JAX say at hard points, side by
//! side. They often disagree, and neither is an expectation that a case could
//! fail; so these records are counted, and skipped. `tests/edge` compares them
//! with this library's own choices.

use serde_json::Value as Json;

use super::array::Malformed;
use super::run::Verdict;

/// Whether a record is one.
pub(super) fn is_one(json: &Json) -> bool {
    ["expr", "torch", "jax"]
        .iter()
        .all(|key| json.get(key).is_some())
}

/// The group that the point is reported under, its name, and why it is
/// skipped.
pub(super) fn skip(json: &Json) -> Result<(String, String, Verdict), Malformed> {
    let text = |key: &str| match json[key].as_str() {
        Some(s) => Ok(s.to_string()),
        None => Err(format!("`{key}` is not a word")),
    };
    let why = "conventions side by side, not an expectation; tests/edge compares them";
    Ok((
        format!("edge/{}", text("group")?),
        text("id")?,
        Verdict::Skipped(why.into()),
    ))
}
