//! A tape as a graph in Graphviz' DOT language.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::text::head;
use crate::ops::{Leaf, Op};
use crate::tape::{Inner, InstId, Tape};

impl Tape {
    /// The graph in Graphviz' DOT language: inputs as boxes, constants
    /// dotted, derivatives in another colour, scopes as clusters.
    ///
    /// ```
    /// let tape = wengert_autodiff::Tape::new();
    /// let y = tape.input("x", ndarray::array![1.0]).exp();
    /// let dot = tape.to_dot();
    /// assert!(dot.starts_with("digraph tape {") && dot.contains("n0 -> n1"));
    /// ```
    pub fn to_dot(&self) -> String {
        let inner = self.inner();
        let mut out = String::from(
            "digraph tape {\n  rankdir=TB;\n  node [fontname=\"sans-serif\", fontsize=11, \
             style=\"rounded,filled\", fillcolor=white, shape=box];\n  edge [arrowsize=0.7];\n",
        );
        let mut scopes: BTreeMap<&str, Vec<InstId>> = BTreeMap::new();
        for id in inner.insts() {
            let scope = inner.scope_name(inner.inst(id).site);
            scopes.entry(scope).or_default().push(id);
        }
        for (i, (scope, insts)) in scopes.into_iter().enumerate() {
            let indent = match scope {
                "" => "  ",
                _ => {
                    let _ = writeln!(
                        out,
                        "  subgraph cluster_{i} {{\n    label=\"{}\";",
                        escape(scope)
                    );
                    "    "
                }
            };
            for id in insts {
                let _ = writeln!(out, "{indent}{}", node(&inner, id));
            }
            if !scope.is_empty() {
                out.push_str("  }\n");
            }
        }
        for id in inner.insts() {
            for &a in inner.args(id) {
                let _ = writeln!(out, "  n{} -> n{};", inner.producer(a).0, id.0);
            }
        }
        out.push_str("}\n");
        out
    }
}

fn node(inner: &Inner, id: InstId) -> String {
    let inst = inner.inst(id);
    let types: Vec<String> = inner
        .results(id)
        .map(|r| inner.value(r).ty().to_string())
        .collect();
    let attributes = inst.op.primitive().attributes();
    let attributes = match attributes.as_str() {
        "" => String::new(),
        a => format!("\\n{}", escape(a)),
    };
    let look = match (&inst.op, inst.origin) {
        (Op::Leaf(Leaf::Input), _) => ", fillcolor=\"#dbe9f6\"",
        (Op::Leaf(Leaf::Constant), _) => ", style=\"rounded,dotted\"",
        (_, Some(_)) => ", fillcolor=\"#fbe6d4\"",
        _ => "",
    };
    format!(
        "n{} [label=\"{}{attributes}\\n{}\"{look}];",
        id.0,
        escape(&head(inner, id)),
        types.join(", ")
    )
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
