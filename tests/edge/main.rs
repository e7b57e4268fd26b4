//! Conventions at hard points, beside those of PyTorch and JAX: every case of
//! `data/edge.jsonl.gz` that there is an operation for is evaluated,
//! differentiated twice and pushed forward. Results must be those of PyTorch
//! or of JAX, or be listed in `differences.rs` with our numbers; and
//! `docs/conventions.md`, which is made from the same tables, must be up to
//! date.

mod differences;
mod evaluate;
mod exponentials;
mod kinks;
mod page;
mod programs;
mod reference;
mod table;
mod zeros;

use std::panic::{AssertUnwindSafe, catch_unwind};

use evaluate::{forward, paired, reverse};
use reference::{FIELDS, agree};

#[test]
fn every_hard_point_is_as_pytorch_or_jax_or_listed() {
    let mut bad = vec![];
    let mut listed = differences::listed();
    for (case, row) in paired() {
        let (Some(f), None) = (row.formula, row.refused) else {
            continue;
        };
        let ours = reverse(&case, f);
        // The two sweeps have to agree with each other.
        let forward = forward(&case, f);
        let columns = [0, 1, 2].map(|i| case.columns(i));
        let fields = FIELDS.into_iter().zip(&ours).zip(columns);
        let fields = fields.map(|((field, got), columns)| (field, got, columns));
        let fields = fields.chain([(differences::FORWARD, &forward, vec![&ours[1]])]);
        let mut choice = false;
        for (field, got, columns) in fields {
            let agreed = columns.iter().filter(|want| agree(got, want)).count();
            choice |= agreed < columns.len();
            let alone = agreed == 0 && !columns.is_empty();
            let id = row.id;
            match (alone, listed.remove(&(id, field))) {
                (false, None) => {}
                (true, Some(want)) if agree(got, &want) => {}
                (true, Some(want)) => {
                    bad.push(format!("{id} {field}: {got:?}, listed as {want:?}"))
                }
                (true, None) => bad.push(format!("{id} {field}: {got:?}, unlike {columns:?}")),
                (false, Some(_)) => bad.push(format!("{id} {field}: listed, but no difference")),
            }
        }
        if choice && row.why.is_empty() {
            bad.push(format!("{}: a choice without a reason", row.id));
        }
    }
    bad.extend(
        listed
            .keys()
            .map(|key| format!("{key:?}: listed, but not evaluated")),
    );
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

#[test]
fn what_is_refused_says_why() {
    let mut count = 0;
    for (case, row) in paired() {
        let (Some(f), Some(message)) = (row.formula, row.refused) else {
            continue;
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| reverse(&case, f)));
        let said = outcome.expect_err(&format!("{} was not refused", case.id));
        let said = said.downcast_ref::<String>().expect("a message");
        assert!(said.contains(message), "{}: {said}", case.id);
        assert!(
            !row.why.is_empty(),
            "{}: a refusal without a reason",
            case.id
        );
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn the_page_of_conventions_is_up_to_date() {
    page::check();
}
