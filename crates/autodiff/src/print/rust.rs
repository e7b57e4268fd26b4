//! A tape as a Rust test that records it again and checks its gradient: what
//! one sends along with a bug report.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::literal;
use crate::DType;
use crate::dtype::Kind;
use crate::eval::ancestors;
use crate::ops::{
    ArgExtreme, Clamp, Concat, CumProd, CumSum, Gather, IndexSelect, Leaf, LogSoftmax, LogSumExp,
    MatMul, Norm, OneHot, Op, Permute, Powf, Powi, Reduce, Reshape, Softmax, Split,
};
use crate::shape::Axes;
use crate::tape::{Inner, InstId, Tape, ValueId};
use crate::var::Var;

/// Names that an input cannot have in the program.
const TAKEN: [&str; 14] = [
    "tape", "as", "box", "do", "else", "fn", "for", "if", "in", "let", "mut", "ref", "type", "use",
];

impl Tape {
    /// A test, in Rust, that records what `y` depends on, with the values of
    /// inputs and constants written out, and then checks the gradient of `y`
    /// with respect to its inputs of f64; where there is nothing to check,
    /// prints `y`.
    ///
    /// It compiles as it stands, in a crate with `ndarray` and this one; an
    /// operation of your own ([`Op::Custom`](crate::Op::Custom)) has to be in
    /// scope, and is written as its `Debug` prints it. What differentiation
    /// appended is printed like anything else, so a gradient of a gradient
    /// can be reported as well. Numbers are exact.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.5]);
    /// let y = (0.5 * x.exp()).sum();
    /// assert_eq!(tape.to_rust(y), r#"#[test]
    /// fn recorded() -> Result<(), wengert_autodiff::Error> {
    ///     use wengert_autodiff::Tape;
    ///
    ///     let tape = Tape::new();
    ///     let x = tape.input("x", ndarray::array![1.0, 2.5]);
    ///     let v1 = x.exp();
    ///     let v2 = tape.constant(ndarray::arr0(0.5));
    ///     let v3 = v2.mul(v1);
    ///     let v4 = v3.sum();
    ///     tape.check_gradients(v4, &[x])?.assert_passed();
    ///     Ok(())
    /// }
    /// "#);
    /// ```
    pub fn to_rust<T: Kind>(&self, y: Var<'_, T>) -> String {
        let inner = self.inner();
        let needed = ancestors(&inner, &[y.id()], |_| true);
        let mut names: BTreeMap<ValueId, String> = BTreeMap::new();
        let mut inputs: Vec<String> = Vec::new();
        let mut body = String::new();
        for id in inner.insts() {
            let results: Vec<ValueId> = inner.results(id).collect();
            if !results.iter().any(|r| needed[r.index()]) {
                continue;
            }
            let name = name(&inner, results[0], &names);
            let _ = writeln!(body, "    let {name} = {};", line(&inner, id, &names));
            let inst = inner.inst(id);
            let float = inner.value(results[0]).dtype() == DType::F64;
            if matches!(inst.op, Op::Leaf(Leaf::Input)) && float {
                inputs.push(name.clone());
            }
            match inst.op {
                // The only operation here with a list of results.
                Op::Split(_) => {
                    for (i, &r) in results.iter().enumerate() {
                        names.insert(r, format!("{name}[{i}]"));
                    }
                }
                _ => {
                    names.insert(results[0], name);
                }
            }
        }
        let mut uses = String::from("    use wengert_autodiff::Tape;\n");
        if body.contains("ops::") {
            uses = String::from("    use wengert_autodiff::{Axes, Shape, Tape, ops};\n");
            for name in ["Axes", "Shape"] {
                if !body.contains(&format!("{name}::")) {
                    uses = uses.replace(&format!("{name}, "), "");
                }
            }
        }
        let checked = match inner.value(y.id()).dtype() == DType::F64 && !inputs.is_empty() {
            true => format!(
                "    tape.check_gradients({}, &[{}])?.assert_passed();\n",
                names[&y.id()],
                inputs.join(", ")
            ),
            false => format!("    println!(\"{{:?}}\", {});\n", names[&y.id()]),
        };
        format!(
            "#[test]\nfn recorded() -> Result<(), wengert_autodiff::Error> {{\n{uses}\n    \
             let tape = Tape::new();\n{body}{checked}    Ok(())\n}}\n"
        )
    }
}

/// The user's name for a value where Rust allows it, else `v` and its number.
fn name(inner: &Inner, id: ValueId, names: &BTreeMap<ValueId, String>) -> String {
    let numbered = format!("v{}", id.index());
    let Some(given) = inner.name(id) else {
        return numbered;
    };
    let mut letters = given.chars();
    let plain = letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    // `v7` could be the number of another value.
    let numberlike =
        given.len() > 1 && given.starts_with('v') && given[1..].chars().all(|c| c.is_ascii_digit());
    let taken = TAKEN.contains(&given) || names.values().any(|n| n == given);
    match plain && !numberlike && !taken {
        true => given.to_string(),
        false => numbered,
    }
}

/// What stands to the right of the `=`.
fn line(inner: &Inner, id: InstId, names: &BTreeMap<ValueId, String>) -> String {
    let inst = inner.inst(id);
    let first = inner
        .results(id)
        .next()
        .expect("every instruction has a result");
    let value = inner.value(first);
    match &inst.op {
        Op::Leaf(Leaf::Input) => {
            let name = inner.name(first).unwrap_or_default();
            format!("tape.input({name:?}, {})", literal::array(value))
        }
        Op::Leaf(Leaf::Constant) => format!("tape.constant({})", literal::array(value)),
        op => {
            let operands: Vec<&str> = inner.args(id).iter().map(|a| &names[a][..]).collect();
            let method = method(op, &operands);
            method.unwrap_or_else(|| applied(op, &operands, value.dtype()))
        }
    }
}

/// The method or operator for this operation with these parameters, if there
/// is one that records exactly this instruction.
fn method(op: &Op, operands: &[&str]) -> Option<String> {
    let first = operands.first().copied().unwrap_or_default();
    let call = |name: &str, rest: &[&str]| Some(format!("{first}.{name}({})", rest.join(", ")));
    let over = |all: &str, some: &str, axes: &Axes, keepdims: Option<bool>| match axes {
        Axes::All if keepdims == Some(false) => call(all, &[]),
        Axes::All => None,
        Axes::List(list) => {
            let keep = keepdims.map(|k| k.to_string());
            let list = literal::list(list);
            let rest: Vec<&str> = std::iter::once(&list[..]).chain(keep.as_deref()).collect();
            call(some, &rest)
        }
    };
    match op {
        Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::StopGradient(_) => {
            call(op.name(), &operands[1..])
        }
        Op::Powi(Powi { n }) => call("powi", &[&n.to_string()]),
        Op::Powf(Powf { p }) => call("powf", &[&literal::f64(*p)]),
        Op::Clamp(Clamp { lo, hi }) => call("clamp", &[&literal::f64(*lo), &literal::f64(*hi)]),
        Op::Not(_) => Some(format!("!{first}")),
        Op::Where(_) => call("where_", &operands[1..]),
        Op::Reduce(Reduce { axes, keepdims, .. }) => over(
            op.name(),
            &format!("{}_axes", op.name()),
            axes,
            Some(*keepdims),
        ),
        Op::CumSum(CumSum {
            axis,
            reverse: false,
        })
        | Op::CumProd(CumProd { axis }) => call(op.name(), &[&axis.to_string()]),
        // `norm(1)` is composed of other operations.
        Op::Norm(Norm { p, axes, keepdims }) if *p != 1.0 => match (axes, keepdims) {
            (Axes::All, false) => call("norm", &[&literal::f64(*p)]),
            (Axes::All, true) => None,
            (Axes::List(list), keepdims) => {
                let rest = [literal::f64(*p), literal::list(list), keepdims.to_string()];
                call("norm_axes", &rest.each_ref().map(|s| &s[..]))
            }
        },
        Op::LogSumExp(LogSumExp { axes, keepdims }) => {
            over("logsumexp", "logsumexp_axes", axes, Some(*keepdims))
        }
        Op::Softmax(Softmax { axes }) => over("softmax", "softmax_axes", axes, None),
        Op::LogSoftmax(LogSoftmax {
            axes: Axes::List(list),
        }) if list.len() == 1 => call("log_softmax", &[&list[0].to_string()]),
        Op::ArgExtreme(ArgExtreme { axis, .. }) => call(op.name(), &[&axis.to_string()]),
        Op::Reshape(Reshape { shape }) => call("reshape", &[&literal::sizes(shape)]),
        Op::Permute(Permute { axes }) => call("permute", &[&literal::list(axes)]),
        Op::BroadcastTo(s) => call("broadcast_to", &[&literal::sizes(&s.shape)]),
        Op::Concat(Concat { axis }) => Some(format!(
            "wengert_autodiff::concat(&[{}], {axis})",
            operands.join(", ")
        )),
        Op::Split(Split { axis, lengths }) => call(
            "split",
            &[&format!("&{}", literal::sizes(lengths)), &axis.to_string()],
        ),
        Op::IndexSelect(IndexSelect { axis }) | Op::Gather(Gather { axis }) => {
            call(op.name(), &[&axis.to_string(), operands[1]])
        }
        Op::OneHot(OneHot { classes, dtype }) => {
            call(&format!("one_hot::<{dtype}>"), &[&classes.to_string()])
        }
        Op::Cast(to) => call(&format!("cast::<{}>", to.to), &[]),
        // No method records these as they are, or not these parameters.
        Op::AbsPow(_)
        | Op::CumSum(_)
        | Op::Norm(_)
        | Op::Center(_)
        | Op::LogSoftmax(_)
        | Op::MatMul(_)
        | Op::Slice(_)
        | Op::Embed(_)
        | Op::IndexAdd(_)
        | Op::ScatterAdd(_)
        | Op::Custom(_) => None,
        Op::Leaf(_) => unreachable!("written out by `line`"),
    }
}

/// Through the one checked way in, which takes any operation.
fn applied(op: &Op, operands: &[&str], dtype: DType) -> String {
    let axes = |axes: &Axes| match axes {
        Axes::All => "Axes::All".to_string(),
        Axes::List(list) => format!("Axes::List(vec!{list:?})"),
    };
    let parameters = match op {
        Op::Reduce(s) => format!(
            "ops::Reduce {{ reduction: ops::Reduction::{:?}, axes: {}, keepdims: {} }}",
            s.reduction,
            axes(&s.axes),
            s.keepdims
        ),
        Op::LogSumExp(s) => {
            let keepdims = s.keepdims;
            format!(
                "ops::LogSumExp {{ axes: {}, keepdims: {keepdims} }}",
                axes(&s.axes)
            )
        }
        Op::AbsPow(s) => {
            let (p, signed) = (literal::f64(s.p), s.signed);
            format!("ops::AbsPow {{ p: {p}, signed: {signed} }}")
        }
        Op::CumSum(CumSum { axis, reverse }) => {
            format!("ops::CumSum {{ axis: {axis}, reverse: {reverse} }}")
        }
        Op::Norm(s) => {
            let (p, keepdims) = (literal::f64(s.p), s.keepdims);
            format!(
                "ops::Norm {{ p: {p}, axes: {}, keepdims: {keepdims} }}",
                axes(&s.axes)
            )
        }
        Op::Center(s) => format!("ops::Center {{ axes: {} }}", axes(&s.axes)),
        Op::Softmax(s) => format!("ops::Softmax {{ axes: {} }}", axes(&s.axes)),
        Op::LogSoftmax(s) => format!("ops::LogSoftmax {{ axes: {} }}", axes(&s.axes)),
        Op::MatMul(MatMul { ta, tb }) => format!("ops::MatMul {{ ta: {ta}, tb: {tb} }}"),
        Op::Slice(s) => format!("ops::Slice {{ axes: {} }}", literal::slices(&s.axes)),
        Op::Embed(s) => format!(
            "ops::Embed {{ shape: {}, axes: {}, fill: {} }}",
            literal::shape(&s.shape),
            literal::slices(&s.axes),
            literal::f64(s.fill)
        ),
        Op::IndexAdd(s) => {
            let (axis, shape) = (s.axis, literal::shape(&s.shape));
            format!("ops::IndexAdd {{ axis: {axis}, shape: {shape} }}")
        }
        Op::ScatterAdd(s) => {
            let (axis, shape) = (s.axis, literal::shape(&s.shape));
            format!("ops::ScatterAdd {{ axis: {axis}, shape: {shape} }}")
        }
        Op::Custom(p) => format!("ops::Op::Custom(std::sync::Arc::new({p:?}))"),
        op => unreachable!("`method` writes every {}", op.name()),
    };
    let operands: Vec<String> = operands.iter().map(|o| format!("{o}.any()")).collect();
    format!(
        "tape.apply({parameters}, &[{}])?[0].typed::<{dtype}>()?",
        operands.join(", ")
    )
}
