//! A tape as a listing: one line per instruction, with types, attributes and
//! the source line that recorded it.

use crate::ops::{Leaf, Op};
use crate::tape::{Inner, InstId, Tape};

impl Tape {
    /// One line per instruction: results with their types, the operation,
    /// operands, attributes, scope, and the line of the program. What was
    /// appended by differentiation is marked with the instruction that it is
    /// the derivative of.
    ///
    /// ```
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", ndarray::array![1.0, 2.0]);
    /// let y = x.exp().sum();
    /// let text = tape.to_text();
    /// assert!(text.lines().nth(1).unwrap().starts_with("%1: f64[2] = exp %0"));
    /// ```
    pub fn to_text(&self) -> String {
        let inner = self.inner();
        let lines: Vec<(String, String)> = inner
            .insts()
            .map(|i| (instruction(&inner, i), provenance(&inner, i)))
            .collect();
        let longest = lines.iter().map(|(l, _)| l.chars().count());
        let width = longest.filter(|&n| n <= 60).max().unwrap_or(0);
        let mut text = String::new();
        for (line, source) in lines {
            let gap = width.saturating_sub(line.chars().count());
            text.push_str(&format!("{line}{}   {source}\n", " ".repeat(gap)));
        }
        text
    }
}

/// `%4: f64[2, 1] = matmul %2 %3 {left transposed}`.
pub(super) fn instruction(inner: &Inner, id: InstId) -> String {
    let results: Vec<String> = inner
        .results(id)
        .map(|r| format!("{r}: {}", inner.value(r).ty()))
        .collect();
    let mut line = format!("{} = {}", results.join(", "), head(inner, id));
    for a in inner.args(id) {
        line.push_str(&format!(" {a}"));
    }
    let attributes = inner.inst(id).op.primitive().attributes();
    if !attributes.is_empty() {
        line.push_str(&format!(" {{{attributes}}}"));
    }
    line
}

/// The operation; of a leaf, its name or its value too.
pub(super) fn head(inner: &Inner, id: InstId) -> String {
    let op = &inner.inst(id).op;
    let first = inner.results(id).next();
    let name = first.and_then(|r| inner.name(r));
    match (op, name, first) {
        (_, Some(name), _) => format!("{} \"{name}\"", op.name()),
        (Op::Leaf(Leaf::Constant), None, Some(r)) => {
            format!("constant {}", super::expr::constant(inner.value(r)))
        }
        _ => op.name().to_string(),
    }
}

fn provenance(inner: &Inner, id: InstId) -> String {
    let inst = inner.inst(id);
    let mut source = format!(
        "{}:{}",
        inst.site.location.file(),
        inst.site.location.line()
    );
    let scope = inner.scope_name(inst.site);
    if !scope.is_empty() {
        source = format!("{source}  in {scope}");
    }
    if let Some(origin) = inst.origin {
        let of: Vec<String> = inner.results(origin).map(|r| r.to_string()).collect();
        source = format!("{source}  derivative of {}", of.join(", "));
    }
    source
}
