//! Einstein's notation: sums of products over named axes.

use super::{Entry, call};
use crate::conformance::call::{Answer, Arg, Call, Unsupported, V, one, unsupported};

/// An axis name. Letters come from the equation; the axes that an ellipsis
/// stands for are numbered from the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Dots(usize),
    Letter(char),
}

/// The names of the axes of one term, given how many the ellipsis stands for.
fn names(term: &str, dots: usize) -> Result<Vec<Name>, Unsupported> {
    let mut out = Vec::new();
    let mut rest = term;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("...") {
            out.extend((0..dots).rev().map(Name::Dots));
            rest = after;
        } else if c.is_ascii_alphabetic() {
            out.push(Name::Letter(c));
            rest = &rest[1..];
        } else {
            return unsupported(format!("`{c}` in an equation"));
        }
    }
    Ok(out)
}

fn letters(term: &str) -> usize {
    term.chars().filter(char::is_ascii_alphabetic).count()
}

/// Repeated names of one operand taken as its diagonal.
fn diagonals<'t>(mut x: V<'t>, mut names: Vec<Name>) -> (V<'t>, Vec<Name>) {
    while let Some((i, j)) = repeated(&names) {
        let last = x.rank() as isize - 1;
        let mut order: Vec<isize> = (0..=last).filter(|&a| a != j as isize).collect();
        order.insert(i + 1, j as isize);
        let n = x.shape()[i];
        let along = (0..n).map(|k| k * n + k).collect::<Vec<_>>();
        let y = x.permute(order);
        let mut shape = y.shape().to_vec();
        shape.splice(i..i + 2, [n * n]);
        let at = x.tape().constant(ndarray::Array1::from(along));
        x = y.reshape(shape).index_select(i as isize, at);
        names.remove(j);
    }
    (x, names)
}

/// The first name that stands twice, and where.
fn repeated(names: &[Name]) -> Option<(usize, usize)> {
    let later = |i: usize| names[i + 1..].iter().position(|n| *n == names[i]);
    (0..names.len()).find_map(|i| later(i).map(|d| (i, i + 1 + d)))
}

fn einsum<'t>(c: &Call<'t>) -> Answer<'t> {
    let mut operands = Vec::new();
    for arg in match c.get("operands") {
        Some(Arg::List(list) | Arg::Tuple(list)) => list.clone(),
        _ => return unsupported("an equation in sublist form"),
    } {
        operands.push(c.as_array(&arg)?);
    }
    let equation = c.text("equation", "")?.replace(' ', "");
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (&equation[..], None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != operands.len() {
        return unsupported("an equation with another number of terms than operands");
    }
    let dots = |(term, x): (&&str, &V<'t>)| x.rank().saturating_sub(letters(term));
    let most = terms.iter().zip(&operands).map(dots).max().unwrap_or(0);

    let mut named = Vec::new();
    for (term, x) in terms.iter().zip(operands) {
        let given = names(term, dots((term, &x)))?;
        if given.len() != x.rank() {
            return unsupported("an equation that does not name every axis");
        }
        named.push(diagonals(x, given));
    }
    let result = match right {
        Some(right) => names(right, most)?,
        // Implicit: the ellipsis, then letters that stand once, in order.
        None => {
            let all: Vec<char> = left.chars().filter(char::is_ascii_alphabetic).collect();
            let once = |l: &char| all.iter().filter(|m| *m == l).count() == 1;
            let mut letters: Vec<char> = all.iter().copied().filter(once).collect();
            letters.sort_unstable();
            let dots = (0..most).rev().map(Name::Dots);
            dots.chain(letters.into_iter().map(Name::Letter)).collect()
        }
    };
    let mut order = result.clone();
    for (_, names) in &named {
        let new: Vec<Name> = names
            .iter()
            .copied()
            .filter(|n| !order.contains(n))
            .collect();
        order.extend(new);
    }
    // Every operand with all axes, those that it does not have of length 1.
    let aligned = named.iter().map(|(x, names)| {
        let has = order
            .iter()
            .filter_map(|n| names.iter().position(|m| m == n));
        let x = x.permute(has.map(|i| i as isize).collect::<Vec<_>>());
        let mut lengths = x.shape().to_vec().into_iter();
        let shape = order.iter().map(|n| match names.contains(n) {
            true => lengths.next().expect("one per name"),
            false => 1,
        });
        x.reshape(shape.collect::<Vec<_>>())
    });
    let Some(product) = aligned.reduce(|a, b| a * b) else {
        return unsupported("a product of nothing");
    };
    let summed: Vec<isize> = (result.len() as isize..order.len() as isize).collect();
    one(product.sum_axes(summed, false))
}

pub(super) const OPS: &[Entry] = &[call("einsum", "operands equation", einsum)];
