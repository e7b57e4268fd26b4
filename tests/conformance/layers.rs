//! Cases of layers and losses. A layer is a function of its inputs and its
//! parameters, so each is run as a case of the operation that it applies,
//! with its configuration as keywords.

use serde_json::{Map, Value as Json, json};

use super::array::Malformed;
use super::case::Case;
use super::run::{Verdict, run as run_case};

/// How a layer becomes a call.
struct Layer {
    name: &'static str,
    op: &'static str,
    /// Configuration that only says what shapes the parameters have, or which
    /// of them there are.
    structure: &'static [&'static str],
    /// Names that the operation has another word for.
    rename: &'static [(&'static str, &'static str)],
    /// The default of a keyword where the layer's is not the operation's.
    default: Option<(&'static str, i64)>,
    mode: Mode,
}

/// What training and evaluation mean to a layer.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// Nothing.
    Alike,
    /// The keyword `training`.
    Training,
    /// The same, and without running statistics evaluation is training.
    Statistics,
}

const fn layer(name: &'static str, op: &'static str) -> Layer {
    Layer {
        name,
        op,
        structure: &[],
        rename: &[],
        default: None,
        mode: Mode::Alike,
    }
}

const fn structured(
    name: &'static str,
    op: &'static str,
    structure: &'static [&'static str],
) -> Layer {
    Layer {
        structure,
        ..layer(name, op)
    }
}

const fn renamed(
    name: &'static str,
    op: &'static str,
    rename: &'static [(&'static str, &'static str)],
) -> Layer {
    Layer {
        rename,
        ..layer(name, op)
    }
}

const fn dropout(name: &'static str, op: &'static str) -> Layer {
    Layer {
        mode: Mode::Training,
        ..layer(name, op)
    }
}

const fn batch_norm(name: &'static str) -> Layer {
    Layer {
        mode: Mode::Statistics,
        ..structured(
            name,
            "nn.functional.batch_norm",
            &["num_features", "affine", "track_running_stats", "momentum"],
        )
    }
}

/// What the weight of a convolution already says.
const CONV: &[&str] = &["in_channels", "out_channels", "kernel_size", "bias"];

const LAYERS: &[Layer] = &[
    structured("Conv1d", "nn.functional.conv1d", CONV),
    structured("Conv2d", "nn.functional.conv2d", CONV),
    structured("Conv3d", "nn.functional.conv3d", CONV),
    structured("ConvTranspose1d", "nn.functional.conv_transpose1d", CONV),
    structured("ConvTranspose2d", "nn.functional.conv_transpose2d", CONV),
    structured("ConvTranspose3d", "nn.functional.conv_transpose3d", CONV),
    layer("AvgPool1d", "nn.functional.avg_pool1d"),
    layer("AvgPool2d", "nn.functional.avg_pool2d"),
    layer("AvgPool3d", "nn.functional.avg_pool3d"),
    layer("MaxPool1d", "nn.functional.max_pool1d"),
    layer("MaxPool2d", "nn.functional.max_pool2d"),
    layer("MaxPool3d", "nn.functional.max_pool3d"),
    layer("AdaptiveAvgPool1d", "nn.functional.adaptive_avg_pool1d"),
    layer("AdaptiveAvgPool2d", "nn.functional.adaptive_avg_pool2d"),
    layer("AdaptiveMaxPool1d", "nn.functional.adaptive_max_pool1d"),
    layer("AdaptiveMaxPool2d", "nn.functional.adaptive_max_pool2d"),
    layer("Upsample", "nn.functional.interpolate.nearest"),
    structured(
        "Linear",
        "nn.functional.linear",
        &["in_features", "out_features", "bias"],
    ),
    structured(
        "Bilinear",
        "nn.functional.bilinear",
        &["in1_features", "in2_features", "out_features", "bias"],
    ),
    layer("Identity", "clone"),
    layer("Softmax", "softmax"),
    layer("LogSoftmax", "log_softmax"),
    layer("Softmin", "nn.functional.softmin"),
    layer("Softplus", "nn.functional.softplus"),
    layer("GLU", "nn.functional.glu"),
    layer("Hardtanh", "nn.functional.hardtanh"),
    structured("PReLU", "nn.functional.prelu", &["num_parameters"]),
    Layer {
        default: Some(("start_dim", 1)),
        ..layer("Flatten", "flatten")
    },
    dropout("Dropout", "nn.functional.dropout"),
    dropout("Dropout2d", "nn.functional.dropout2d"),
    dropout("AlphaDropout", "nn.functional.alpha_dropout"),
    structured(
        "LayerNorm",
        "nn.functional.layer_norm",
        &["elementwise_affine", "bias"],
    ),
    structured("RMSNorm", "nn.functional.rms_norm", &["elementwise_affine"]),
    structured(
        "GroupNorm",
        "nn.functional.group_norm",
        &["num_channels", "affine"],
    ),
    structured(
        "InstanceNorm1d",
        "nn.functional.instance_norm",
        &["num_features", "affine"],
    ),
    structured(
        "InstanceNorm2d",
        "nn.functional.instance_norm",
        &["num_features", "affine"],
    ),
    batch_norm("BatchNorm1d"),
    batch_norm("BatchNorm2d"),
    Layer {
        rename: &[("input", "indices")],
        ..structured(
            "Embedding",
            "nn.functional.embedding",
            &["num_embeddings", "embedding_dim"],
        )
    },
    renamed(
        "ZeroPad2d",
        "nn.functional.pad.constant",
        &[("padding", "pad")],
    ),
    renamed(
        "ConstantPad1d",
        "nn.functional.pad.constant",
        &[("padding", "pad")],
    ),
    renamed(
        "ReflectionPad2d",
        "nn.functional.pad.reflect",
        &[("padding", "pad")],
    ),
    layer("PixelShuffle", "nn.functional.pixel_shuffle"),
    renamed(
        "CosineSimilarity",
        "nn.functional.cosine_similarity",
        &[("input", "x1"), ("other", "x2")],
    ),
    layer("MSELoss", "nn.functional.mse_loss"),
    layer("L1Loss", "nn.functional.l1_loss"),
    layer("SmoothL1Loss", "nn.functional.smooth_l1_loss"),
    layer("HuberLoss", "nn.functional.huber_loss"),
    layer("CrossEntropyLoss", "nn.functional.cross_entropy"),
    layer("NLLLoss", "nn.functional.nll_loss"),
    layer("BCELoss", "nn.functional.binary_cross_entropy"),
    layer(
        "BCEWithLogitsLoss",
        "nn.functional.binary_cross_entropy_with_logits",
    ),
    layer("KLDivLoss", "nn.functional.kl_div"),
    layer("HingeEmbeddingLoss", "nn.functional.hinge_embedding_loss"),
    layer("MarginRankingLoss", "nn.functional.margin_ranking_loss"),
    layer("CosineEmbeddingLoss", "nn.functional.cosine_embedding_loss"),
    layer("SoftMarginLoss", "nn.functional.soft_margin_loss"),
    layer("TripletMarginLoss", "nn.functional.triplet_margin_loss"),
    layer("PoissonNLLLoss", "nn.functional.poisson_nll_loss"),
    layer("GaussianNLLLoss", "nn.functional.gaussian_nll_loss"),
    layer("MultiMarginLoss", "nn.functional.multi_margin_loss"),
    layer(
        "MultiLabelMarginLoss",
        "nn.functional.multilabel_margin_loss",
    ),
    layer(
        "MultiLabelSoftMarginLoss",
        "nn.functional.multilabel_soft_margin_loss",
    ),
];

/// Whether a record is a case of a layer.
pub(super) fn is_one(json: &Json) -> bool {
    json.get("layer").is_some() && json.get("config").is_some()
}

/// Name, identifier and verdict.
pub(super) fn run(json: &Json) -> Result<(String, String, Verdict), Malformed> {
    let text = |key: &str| match json[key].as_str() {
        Some(s) => Ok(s.to_string()),
        None => Err(format!("`{key}` is not a word")),
    };
    let (name, id) = (text("layer")?, text("id")?);
    let title = format!("layer {name}");
    let Some(layer) = LAYERS.iter().find(|l| l.name == name) else {
        return Ok((title, id, Verdict::Skipped("not offered".into())));
    };
    // The running statistics after the call are a result like any other.
    let changed = json["buffers_before"] != json["buffers_after"];
    if changed
        && json["buffers_after"]
            .as_object()
            .is_some_and(|b| !b.is_empty())
    {
        return Ok((title, id, Verdict::Skipped("running statistics".into())));
    }
    let case = Case::parse(&as_call(json, layer)?)?;
    Ok((title, id, run_case(&case)))
}

/// Padding given as one number, for every side of the padded axes.
fn sides(layer: &Layer, padding: &Json) -> Json {
    let axes = if layer.name.ends_with("2d") { 2 } else { 1 };
    match padding {
        Json::Number(n) => json!(vec![n; 2 * axes]),
        list => list.clone(),
    }
}

/// The record as one of a call.
fn as_call(json: &Json, layer: &Layer) -> Result<Json, Malformed> {
    let (mut inputs, mut grads, mut named) = (Vec::new(), Vec::new(), Map::new());
    let word = |name: &str| {
        let other = layer.rename.iter().find(|(own, _)| *own == name);
        other.map_or(name, |(_, other)| other).to_string()
    };
    let mut give = |name: &str, array: &Json, grad: Json, trained: Option<bool>| {
        let mut array = array.clone();
        if let (Some(trained), Some(object)) = (trained, array.as_object_mut()) {
            object.insert("requires_grad".into(), trained.into());
        }
        named.insert(word(name), json!({ "$t": inputs.len() }));
        inputs.push(array);
        grads.push(grad);
    };
    let entries = |key: &str| json[key].as_object().cloned().unwrap_or_default();
    for (name, array) in entries("inputs") {
        give(&name, &array, json["grads"]["inputs"][&name].clone(), None);
    }
    for (name, array) in entries("params") {
        give(
            &name,
            &array,
            json["grads"]["params"][&name].clone(),
            Some(true),
        );
    }
    let statistics = layer.mode == Mode::Statistics;
    let buffers = entries("buffers_before");
    for (name, array) in buffers
        .iter()
        .filter(|(n, _)| statistics && n.starts_with("running"))
    {
        give(name, array, Json::Null, Some(false));
    }
    let mut plain = Vec::new();
    for (name, value) in entries("config") {
        if layer.structure.contains(&&name[..]) {
            continue;
        }
        match value.get("shape") {
            Some(_) => give(&name, &value, Json::Null, Some(false)),
            None => plain.push((word(&name), value)),
        }
    }
    for (name, value) in plain {
        let value = if name == "pad" {
            sides(layer, &value)
        } else {
            value
        };
        named.insert(name, value);
    }
    if let Some((name, value)) = layer.default {
        named.entry(name).or_insert(value.into());
    }
    if layer.mode != Mode::Alike {
        let unknown = statistics && buffers.is_empty();
        let training = json["mode"] == "train" || unknown;
        named.insert("training".into(), training.into());
    }
    let check = match json["check"].as_str() {
        Some("ok") | None => json!({}),
        // Not said of which elements.
        Some(_) => json!({ "unconfirmed": ["..."] }),
    };
    let directions = vec![Json::Null; inputs.len()];
    Ok(json!({
        "id": json["id"], "op": layer.op, "tags": [], "inputs": inputs,
        "call": { "args": [], "kwargs": named },
        "outputs": json["outputs"], "cotangents": json["cotangents"], "grads": grads,
        "directions": directions, "check": check, "rtol": json["rtol"],
    }))
}
