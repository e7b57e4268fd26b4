//! Trajectories of optimisers and schedules over given gradients.

use std::collections::BTreeMap;

use ndarray::IxDyn;
use serde_json::Value as Json;
use wengert_autodiff::Value;
use wengert_nn::{Adam, AdamW, Decay, Gradient, Momentum, Optimizer, Params, Schedule, Sgd};

use super::array::{Malformed, array, number, numbers};
use super::call::{Unsupported, unsupported};
use super::compare::{Mismatch, What, agree, scale};
use super::run::{Passed, Verdict};

/// One step's gradient of every parameter, by name.
type Step = BTreeMap<String, Vec<f64>>;

/// The gradient sequences of a file, by name.
#[derive(Debug, Default)]
pub(super) struct Sequences(BTreeMap<String, Vec<Step>>);

fn step(json: &Json) -> Result<Step, Malformed> {
    let entries = json.as_object().ok_or("a step is not an object")?;
    let parsed = entries
        .iter()
        .map(|(name, x)| Ok((name.clone(), numbers(x)?)));
    parsed.collect()
}

fn steps(json: &Json) -> Result<Vec<Step>, Malformed> {
    let list = json.as_array().ok_or("steps are not a list")?;
    list.iter().map(step).collect()
}

impl Sequences {
    pub fn add(&mut self, json: &Json) -> Result<(), Malformed> {
        let id = json["id"].as_str().ok_or("`id` is not a word")?;
        let name = id.rsplit('/').next().unwrap_or(id).to_string();
        self.0.insert(name, steps(&json["steps"])?);
        Ok(())
    }
}

pub(super) fn is_sequence(json: &Json) -> bool {
    json["kind"] == "gradients" && json.get("steps").is_some()
}

pub(super) fn is_one(json: &Json) -> bool {
    json.get("optimizer").is_some() && json.get("trajectory").is_some()
}

/// Name, identifier and verdict.
pub(super) fn run(json: &Json, known: &Sequences) -> Result<(String, String, Verdict), Malformed> {
    let text = |key: &str| {
        json[key]
            .as_str()
            .ok_or_else(|| format!("`{key}` is not a word"))
    };
    let id = text("id")?.to_string();
    let schedule = match &json["scheduler"] {
        Json::Null => String::new(),
        s => format!(" {}", s["name"].as_str().unwrap_or("?")),
    };
    let title = format!("optim {}{schedule}", text("optimizer")?);
    let sequence = text("grad_sequence")?;
    let Some(gradients) = known.0.get(sequence) else {
        return Err(format!(
            "no gradient sequence `{sequence}` before this line"
        ));
    };
    let verdict = match plan(json) {
        Ok(plan) => follow(json, &id, plan, gradients)?,
        Err(Unsupported(what)) => Verdict::Skipped(what),
    };
    Ok((title, id, verdict))
}

/// What is to be done with every gradient.
struct Plan {
    optimizer: Box<dyn Optimizer<f64>>,
    base: f64,
    schedule: Schedule,
    /// Over how many steps the schedule runs.
    total: usize,
    max_norm: Option<f64>,
    /// Momentum or β₁, which a file reports per step.
    momentum: f64,
}

/// Refuses an option that this runner has never heard of.
fn only_known(given: &Json, names: &[&str]) -> Result<(), Unsupported> {
    let keys = given.as_object().into_iter().flat_map(|o| o.keys());
    match keys
        .filter(|key| !names.contains(&&key[..]))
        .find(|key| !given[&key[..]].is_null())
    {
        Some(key) => unsupported(format!("option `{key}`")),
        None => Ok(()),
    }
}

/// Options that are offered only as their default.
fn only_default(options: &Json, names: &[&str]) -> Result<(), Unsupported> {
    let set = |name: &&&str| !matches!(number(&options[**name]), Some(0.0) | None);
    match names.iter().find(set) {
        Some(name) => unsupported(format!("option `{name}`")),
        None => Ok(()),
    }
}

const ADAM: &[&str] = &["lr", "betas", "eps", "weight_decay", "amsgrad", "maximize"];

fn plan(json: &Json) -> Result<Plan, Unsupported> {
    let (given, options) = (&json["options"], &json["resolved_options"]);
    let option = |name: &str, default: f64| number(&options[name]).unwrap_or(default);
    let decays = match &json["param_groups"] {
        Json::Null => Decay::All,
        // What biases without decay are to us.
        groups if *groups == serde_json::json!({ "b": { "weight_decay": 0.0 } }) => Decay::Matrices,
        _ => return unsupported("parameter groups"),
    };
    let adam = || Adam {
        beta1: number(&options["betas"][0]).unwrap_or(0.9),
        beta2: number(&options["betas"][1]).unwrap_or(0.999),
        epsilon: option("eps", 1e-8),
        ..Adam::default()
    };
    let (optimizer, momentum): (Box<dyn Optimizer<f64>>, f64) = match json["optimizer"].as_str() {
        Some("SGD") => {
            only_known(
                given,
                &[
                    "lr",
                    "momentum",
                    "dampening",
                    "weight_decay",
                    "nesterov",
                    "maximize",
                ],
            )?;
            only_default(options, &["dampening", "weight_decay", "maximize"])?;
            let momentum = option("momentum", 0.0);
            let nesterov = options["nesterov"] == true;
            let steered = Momentum {
                momentum,
                nesterov,
                ..Momentum::default()
            };
            match momentum {
                0.0 => (Box::new(Sgd), 0.0),
                _ => (Box::new(steered), momentum),
            }
        }
        Some("Adam") => {
            only_known(given, ADAM)?;
            only_default(options, &["weight_decay", "amsgrad", "maximize"])?;
            (Box::new(adam()), adam().beta1)
        }
        Some("AdamW") => {
            only_known(given, ADAM)?;
            only_default(options, &["amsgrad", "maximize"])?;
            let decay = option("weight_decay", 0.01);
            let optimizer = AdamW {
                adam: adam(),
                decay,
                decays,
            };
            (Box::new(optimizer), adam().beta1)
        }
        _ => return unsupported("not offered"),
    };
    if decays == Decay::Matrices && json["optimizer"] != "AdamW" {
        return unsupported("parameter groups");
    }
    let steps = json["trajectory"].as_array().map_or(0, Vec::len);
    let (schedule, total) = match &json["scheduler"] {
        Json::Null => (Schedule::Constant, steps),
        s if s["name"] == "CosineAnnealingLR" => {
            let total = s["options"]["T_max"].as_u64().unwrap_or(0) as usize;
            only_known(&s["options"], &["T_max", "eta_min"])?;
            // PyTorch's cosine rises again, ours stays down.
            if total < steps {
                return unsupported("a cosine that rises again");
            }
            let floor = number(&s["options"]["eta_min"]).unwrap_or(0.0);
            (Schedule::Cosine { floor }, total)
        }
        _ => return unsupported("not offered"),
    };
    let clip = &json["clip"];
    let max_norm = match clip["kind"].as_str() {
        None => None,
        Some("norm") if number(&clip["norm_type"]).unwrap_or(2.0) == 2.0 => {
            number(&clip["max_norm"])
        }
        Some(kind) => return unsupported(format!("clipping by another {kind}")),
    };
    let base = option("lr", 1e-3);
    Ok(Plan {
        optimizer,
        base,
        schedule,
        total,
        max_norm,
        momentum,
    })
}

/// Numbers compared one list at a time.
struct Ledger<'a> {
    id: &'a str,
    mismatches: Vec<Mismatch>,
    worst: f64,
}

impl Ledger<'_> {
    fn compare(&mut self, field: &'static str, step: usize, got: &[f64], want: &[f64]) {
        if got.len() != want.len() {
            let what = What::Shape {
                got: vec![got.len()],
                want: vec![want.len()],
            };
            return self.miss(field, step, what);
        }
        let scale = scale(want);
        for (i, (&got, &want)) in got.iter().zip(want).enumerate() {
            if agree(got, want, 1e-9, scale) {
                self.worst = self.worst.max((got - want).abs() / want.abs().max(scale));
            } else {
                self.miss(
                    field,
                    step,
                    What::Number {
                        index: vec![i],
                        got,
                        want,
                    },
                );
            }
        }
    }

    fn miss(&mut self, field: &'static str, array: usize, what: What) {
        let id = self.id.to_string();
        self.mismatches.push(Mismatch {
            id,
            field,
            array,
            what,
        });
    }
}

fn follow(json: &Json, id: &str, plan: Plan, gradients: &[Step]) -> Result<Verdict, Malformed> {
    let mut optimizer = plan.optimizer;
    let mut params = Params::new();
    let start = json["start"]
        .as_object()
        .ok_or("`start` is not an object")?;
    let mut names = Vec::new();
    for (name, parameter) in start {
        let shape = numbers(&parameter["shape"])?;
        let shape: Vec<usize> = shape.into_iter().map(|n| n as usize).collect();
        let data = numbers(&parameter["data"])?;
        if data.len() != shape.iter().product::<usize>() {
            return Err(format!(
                "`start.{name}` does not have as many elements as its shape"
            ));
        }
        let value = array(&shape, data);
        names.push((name, params.add(name, value).map_err(|e| e.to_string())?));
    }
    let trajectory = steps(&json["trajectory"])?;
    if trajectory.len() > gradients.len() {
        return Err("`trajectory` is longer than its gradients".into());
    }
    let mut ledger = Ledger {
        id,
        mismatches: vec![],
        worst: 0.0,
    };
    for (step, want) in trajectory.iter().enumerate() {
        let mut gradient = Gradient::absent(&params);
        for (name, parameter) in &names {
            let shape = params.shape(*parameter).to_vec();
            let numbers = gradients[step].get(*name).cloned().unwrap_or_default();
            if numbers.len() != shape.iter().product::<usize>() {
                return Err(format!("the gradient of `{name}` is not as long as it"));
            }
            gradient.add(*parameter, &Value::new(&array(&shape, numbers)));
        }
        if let Some(max) = plan.max_norm {
            let norm = gradient.clip_norm(max);
            if let Some(want) = number(&json["clip_total_norm"][step]) {
                ledger.compare("clip_total_norm", step, &[norm], &[want]);
            }
        }
        let rate = plan.schedule.rate(plan.base, step, plan.total);
        if let Ok(want) = numbers(&json["lr_used"][step]) {
            ledger.compare("lr_used", step, &vec![rate; want.len()], &want);
        }
        if let Some(want) = number(&json["momentum_used"][step]) {
            ledger.compare("momentum_used", step, &[plan.momentum], &[want]);
        }
        optimizer.step(&mut params, &gradient, rate);
        for (name, parameter) in &names {
            let view = params.view(*parameter);
            let got: Vec<f64> = view
                .into_dimensionality::<IxDyn>()
                .expect("any")
                .iter()
                .copied()
                .collect();
            let want = want
                .get(*name)
                .ok_or_else(|| format!("`trajectory` lacks `{name}`"))?;
            ledger.compare("trajectory", step, &got, want);
        }
    }
    Ok(match ledger.mismatches.is_empty() {
        true => Verdict::Passed(Passed {
            conventions: 0,
            worst: ledger.worst,
        }),
        false => Verdict::Failed(ledger.mismatches),
    })
}
