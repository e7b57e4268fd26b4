//! A tape as formulas: `sigmoid(x · W1 + b1)`.

use std::collections::{BTreeMap, BTreeSet};

use super::Term;
use crate::dtype::Any;
use crate::eval::ancestors;
use crate::ops::{Leaf, Op};
use crate::tape::{Inner, Tape, ValueId};
use crate::value::Value;
use crate::var::Var;

/// A formula longer than this is broken up, its parts named by number.
const WIDTH: usize = 72;

impl Tape {
    /// The formulas that compute `outputs`, one line per named, shared or
    /// long sub-expression, in the order of evaluation. A gradient prints the
    /// same way, so that one can read the backprop that was derived.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![[1.0, 2.0]]);
    /// let w = tape.input("W", array![[0.5], [0.25]]);
    /// let h = x.dot(w).tanh().named("h");
    /// let y = h.square().sum().named("y");
    /// assert_eq!(tape.to_formula(&[y.any()]), "\
    /// h = tanh(x · W)
    /// y = sum(h²)");
    /// ```
    pub fn to_formula(&self, outputs: &[Var<'_, Any>]) -> String {
        let ids: Vec<ValueId> = outputs.iter().map(|v| v.id()).collect();
        let inner = self.inner();
        let mut lines = Lines::new(&inner, &ids);
        lines.define_all();
        for &id in &ids {
            if !lines.defined(id) {
                lines.name(id);
            }
        }
        lines.text.join("\n")
    }
}

/// The formula of the last of `outputs`, preceded by the lines it needs.
pub(crate) fn expression(tape: &Tape, outputs: &[ValueId]) -> String {
    let inner = tape.inner();
    let mut lines = Lines::new(&inner, &[]);
    lines.outputs = outputs.to_vec();
    lines.needed = ancestors(&inner, outputs, |_| true);
    lines.count_uses();
    lines.define_all();
    let last = lines.terms.remove(&outputs[outputs.len() - 1]);
    lines.text.extend(last.map(|t| t.text));
    lines.text.join("\n")
}

struct Lines<'a> {
    inner: &'a Inner,
    /// Printed as formulas of their own, whatever their name.
    outputs: Vec<ValueId>,
    needed: Vec<bool>,
    uses: BTreeMap<ValueId, usize>,
    /// What stands for a value in the formulas that use it.
    terms: BTreeMap<ValueId, Term>,
    named: BTreeSet<ValueId>,
    text: Vec<String>,
}

impl<'a> Lines<'a> {
    fn new(inner: &'a Inner, named: &[ValueId]) -> Lines<'a> {
        let mut lines = Lines {
            inner,
            outputs: vec![],
            needed: ancestors(inner, named, |_| true),
            uses: BTreeMap::new(),
            terms: BTreeMap::new(),
            named: BTreeSet::new(),
            text: vec![],
        };
        lines.count_uses();
        lines
    }

    fn count_uses(&mut self) {
        self.uses.clear();
        for inst in self.inner.insts() {
            if self.inner.results(inst).any(|r| self.needed[r.index()]) {
                for &a in self.inner.args(inst) {
                    *self.uses.entry(a).or_default() += 1;
                }
            }
        }
    }

    fn define_all(&mut self) {
        for inst in self.inner.insts() {
            let results: Vec<ValueId> = self.inner.results(inst).collect();
            if !results.iter().any(|r| self.needed[r.index()]) {
                continue;
            }
            let args: Vec<Term> = self
                .inner
                .args(inst)
                .iter()
                .map(|a| self.terms[a].clone())
                .collect();
            let op = &self.inner.inst(inst).op;
            let term = match op {
                Op::Leaf(leaf) => Term::atom(self.leaf(*leaf, results[0])),
                op => {
                    let types = self
                        .inner
                        .args(inst)
                        .iter()
                        .map(|&a| self.inner.value(a).ty());
                    op.primitive().formula(&args, &types.collect::<Vec<_>>())
                }
            };
            match results[..] {
                [id] => {
                    let leaf = matches!(op, Op::Leaf(_));
                    self.terms.insert(id, term);
                    let shared = self.uses.get(&id).copied().unwrap_or(0) > 1;
                    let wide = self.terms[&id].text.chars().count() > WIDTH;
                    let named = self.inner.name(id).is_some();
                    if !leaf && !self.outputs.contains(&id) && (shared || wide || named) {
                        self.name(id);
                    }
                }
                _ => {
                    for (i, &id) in results.iter().enumerate() {
                        self.terms
                            .insert(id, Term::atom(format!("{}[{i}]", term.text)));
                    }
                }
            }
        }
    }

    fn defined(&self, id: ValueId) -> bool {
        self.named.contains(&id)
    }

    /// Gives a value a line of its own and uses its name from there on.
    fn name(&mut self, id: ValueId) {
        let name = match self.inner.name(id) {
            Some(name) => name.to_string(),
            None => id.to_string(),
        };
        let term = self.terms.insert(id, Term::atom(name.clone()));
        let formula = term.map_or(String::new(), |t| t.text);
        self.text.push(format!("{name} = {formula}"));
        self.named.insert(id);
    }

    fn leaf(&self, leaf: Leaf, id: ValueId) -> String {
        match (self.inner.name(id), leaf) {
            (Some(name), _) => name.to_string(),
            (None, Leaf::Input) => id.to_string(),
            (None, Leaf::Constant) => constant(self.inner.value(id)),
        }
    }
}

/// A constant as one would write it if it is short, else by its shape.
pub(crate) fn constant(value: &Value) -> String {
    let number = |x: &f64| match x {
        x if *x == 0.0 || (1e-4..1e6).contains(&x.abs()) => format!("{x}"),
        x => format!("{x:e}"),
    };
    let elements = value.to_f64();
    match (value.shape().len(), &elements[..]) {
        (0, [x]) => number(x),
        (1, few) if few.len() <= 4 => {
            let few: Vec<String> = few.iter().map(number).collect();
            format!("[{}]", few.join(", "))
        }
        (_, [x, rest @ ..]) if rest.iter().all(|y| y == x) => {
            format!("full({}, {})", crate::Shape::from(value.shape()), number(x))
        }
        _ => format!("const{}", crate::Shape::from(value.shape())),
    }
}
