//! `docs/conventions.md`: the part between the two marks is made from the
//! tables of this test, so that no number on the page can be out of date.

use std::fmt::Write;
use std::path::Path;

use crate::evaluate::{paired, reverse};
use crate::reference::{Case, Column, agree};
use crate::table::Row;

const BEGIN: &str = "<!-- made by tests/edge: do not edit by hand -->\n";
const END: &str = "<!-- end of what is made by tests/edge -->\n";

/// Groups of the reference, and their headings.
const GROUPS: [(&str, &str); 16] = [
    ("kink", "Kinks"),
    ("clip", "Bounds"),
    ("ties", "Ties"),
    ("zero", "Zeros"),
    ("power", "Powers"),
    ("prod", "Products"),
    ("where", "Branches that were not selected"),
    ("logsumexp", "Logarithms of sums of exponentials"),
    ("softmax", "Softmax"),
    ("saturation", "Saturation and overflow"),
    ("domain", "Ends of domains"),
    ("loss", "Losses"),
    ("stats", "Statistics"),
    ("index", "Indices"),
    ("linalg", "Linear algebra"),
    ("nonfinite", "Infinity and NaN"),
];

/// Six digits, as short as can be; what is nothing beside `largest` is 0.
fn number(x: f64, largest: f64) -> String {
    if x.is_nan() {
        return "NaN".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞" } else { "-∞" }.into();
    }
    if x.abs() < 1e-12 * largest {
        return "0".into();
    }
    let rounded: f64 = format!("{x:.5e}").parse().expect("a number");
    match rounded.abs() {
        0.0 => "0".into(),
        a if (1e-4..1e6).contains(&a) => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    }
}

/// An input, exactly.
fn exactly(x: f64) -> String {
    match x {
        x if x.is_infinite() => number(x, 1.0),
        x => format!("{x:?}").trim_end_matches(".0").to_string(),
    }
}

fn list(numbers: &[f64]) -> String {
    let finite = numbers.iter().filter(|x| x.is_finite());
    let largest = finite.fold(1.0, |m: f64, x| m.max(x.abs()));
    let each = numbers.iter().map(|&x| number(x, largest));
    match each.collect::<Vec<_>>() {
        none if none.is_empty() => "nothing".into(),
        some => some.join(", "),
    }
}

/// A list in parts of these lengths: one per input.
fn parts(numbers: &[f64], lengths: &[usize]) -> String {
    let mut rest = numbers;
    let part = |&n: &usize| {
        let (part, after) = rest.split_at(n);
        rest = after;
        list(part)
    };
    lengths.iter().map(part).collect::<Vec<_>>().join(" / ")
}

/// The fields that are worth a place in the table: the gradient, and what
/// anybody disagrees about.
fn shown(case: &Case, ours: &[Vec<f64>; 3]) -> [bool; 3] {
    let disputed = |i: usize| case.columns(i).iter().any(|want| !agree(&ours[i], want));
    [disputed(0), true, disputed(2)]
}

fn cell(fields: [Option<&Vec<f64>>; 3], lengths: &[usize], shown: [bool; 3]) -> String {
    let words = ["value", "gradient", "second"];
    let mut out = vec![];
    for (i, field) in fields.into_iter().enumerate() {
        if let (Some(numbers), true) = (field, shown[i]) {
            let numbers = if i == 0 {
                list(numbers)
            } else {
                parts(numbers, lengths)
            };
            // The gradient alone needs no word.
            match shown {
                [false, true, false] => out.push(numbers),
                _ => out.push(format!("{} {numbers}", words[i])),
            }
        }
    }
    out.join("; ")
}

fn column(
    column: &Column,
    ours: Option<&[Vec<f64>; 3]>,
    lengths: &[usize],
    shown: [bool; 3],
) -> String {
    match column {
        Column::Unknown => String::new(),
        Column::Refuses => "error".into(),
        Column::Values(fields) => {
            let fields = [0, 1, 2].map(|i| fields[i].as_ref());
            let same = ours.is_some_and(|ours| {
                (0..3).all(|i| !shown[i] || fields[i].is_none_or(|f| agree(&ours[i], f)))
            });
            if same {
                "same".into()
            } else {
                cell(fields, lengths, shown)
            }
        }
    }
}

fn line(case: &Case, row: &Row) -> String {
    let lengths: Vec<usize> = case.inputs.iter().map(|(_, x)| x.len()).collect();
    let at = case.inputs.iter().map(|(name, x)| {
        let elements: Vec<String> = x.iter().map(|&x| exactly(x)).collect();
        match &elements[..] {
            [] => format!("no {name}"),
            some => format!("{name} = {}", some.join(", ")),
        }
    });
    let at = at.collect::<Vec<_>>().join("; ");
    let (ours, shown, numbers) = match (row.formula, row.refused) {
        (Some(f), None) => {
            let ours = reverse(case, f);
            let shown = shown(case, &ours);
            (
                cell([0, 1, 2].map(|i| Some(&ours[i])), &lengths, shown),
                shown,
                Some(ours),
            )
        }
        _ => ("refused".to_string(), [true, true, false], None),
    };
    let [torch, jax] =
        [&case.torch, &case.jax].map(|c| column(c, numbers.as_ref(), &lengths, shown));
    let expression = case.expression.replace('|', "\\|");
    format!(
        "| {expression} at {at} | {ours} | {torch} | {jax} | {} |\n",
        row.why
    )
}

fn made() -> String {
    let mut out = String::new();
    let pairs = paired();
    for (group, heading) in GROUPS {
        let of_group = || {
            pairs
                .iter()
                .filter(|(case, _)| case.id.split('/').next() == Some(group))
        };
        let rows: Vec<String> = of_group()
            .filter(|(_, row)| !row.why.is_empty())
            .map(|(case, row)| line(case, row))
            .collect();
        let named = |keep: fn(&Row) -> bool| {
            let mut names: Vec<String> = vec![];
            for (case, row) in of_group() {
                let name = format!("`{}`", case.expression);
                if keep(row) && !names.contains(&name) {
                    names.push(name);
                }
            }
            names.join(", ")
        };
        let _ = writeln!(out, "\n## {heading}\n");
        if !rows.is_empty() {
            out += "| hard point | ours | PyTorch | JAX | why |\n|---|---|---|---|---|\n";
            out.extend(rows);
        }
        let alike = named(|row| row.formula.is_some() && row.why.is_empty());
        if !alike.is_empty() {
            let _ = writeln!(
                out,
                "\nAt all other points the same for all three: {alike}."
            );
        }
        let open = named(|row| row.formula.is_none());
        if !open.is_empty() {
            let _ = writeln!(out, "\nOpen, without an operation: {open}.");
        }
    }
    out += "\n";
    out
}

/// Fails unless the page has the numbers of today; writes them with
/// `WRITE_CONVENTIONS=1`.
///
/// # Panics
/// If the page is out of date.
pub fn check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conventions.md");
    let page = std::fs::read_to_string(&path).expect("docs/conventions.md");
    let (before, rest) = page.split_once(BEGIN).expect("the first mark");
    let (found, after) = rest.split_once(END).expect("the last mark");
    let made = made();
    if std::env::var_os("WRITE_CONVENTIONS").is_some() {
        std::fs::write(&path, [before, BEGIN, &made, END, after].concat()).expect("written");
        return;
    }
    let differing = found.lines().zip(made.lines()).find(|(a, b)| a != b);
    assert!(
        found == made,
        "docs/conventions.md is out of date; look at the difference and run this test with \
         WRITE_CONVENTIONS=1: {differing:#?}"
    );
}
