//! A result in parts, each written by whichever thread takes it.

use std::sync::Mutex;

use smallvec::SmallVec;

use crate::dtype::{DType, Float};
use crate::error::Fault;
use crate::op::Part;
use crate::team::Team;
use crate::view::{Pieces, ViewMut};

/// What is known of the parts of a result before a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InParts {
    /// So many rows are worth a thread.
    pub least: usize,
    /// Terms that add up to the result.
    pub terms: usize,
    /// The slot for all terms but the first, if they are to be computed one by
    /// one.
    pub scratch: Option<u32>,
}

/// Writes a part.
type Write<'w> = dyn Fn(Part, &mut ViewMut<'_>) -> Result<(), Fault> + Sync + 'w;

/// Computes a matrix in pieces of rows.
///
/// # Errors
/// The first in the order of the rows.
pub(super) fn by_rows(
    team: &dyn Team,
    out: ViewMut<'_>,
    least: usize,
    write: &Write<'_>,
) -> Result<(), Fault> {
    let &[rows, cols] = out.shape() else {
        unreachable!("only matrices are shared")
    };
    // Two pieces for each thread, so that one which comes late has less to do;
    // where they end changes no bit.
    let each = rows
        .div_ceil(2 * team.threads())
        .max(least)
        .clamp(1, rows.max(1));
    let (full, last) = ([each, cols], [rows % each, cols]);
    let part = |i: usize| Part::Rows(i * each..((i + 1) * each).min(rows));
    parts(team, out.pieces(&full, &last), &|i, out| {
        write(part(i), out)
    })?;
    Ok(())
}

/// Computes a matrix as the sum of its terms, of which all but the first go
/// into `scratch`.
///
/// # Errors
/// The first in the order of the terms.
pub(super) fn by_terms(
    team: &dyn Team,
    out: ViewMut<'_>,
    scratch: ViewMut<'_>,
    write: &Write<'_>,
) -> Result<(), Fault> {
    let shape = out.shape();
    let mut terms: Pieces<'_> = SmallVec::new();
    terms.push(out);
    terms.extend(scratch.pieces(shape, shape));
    let mut terms = parts(team, terms, &|i, out| write(Part::Term(i), out))?.into_iter();
    if let Some(mut sum) = terms.next() {
        for mut term in terms {
            match sum.dtype() {
                DType::F32 => add::<f32>(&mut sum, &mut term),
                _ => add::<f64>(&mut sum, &mut term),
            }
        }
    }
    Ok(())
}

fn add<F: Float>(sum: &mut ViewMut<'_>, term: &mut ViewMut<'_>) {
    let terms = sum.of::<F>().iter_mut().zip(term.of::<F>());
    terms.for_each(|(sum, term)| *sum += *term);
}

/// A piece, and why it could not be written.
type Place<'a> = Mutex<(ViewMut<'a>, Option<Fault>)>;

/// Calls `write` for every piece with its number; returns the pieces.
fn parts<'a>(
    team: &dyn Team,
    pieces: Pieces<'a>,
    write: &(dyn Fn(usize, &mut ViewMut<'_>) -> Result<(), Fault> + Sync),
) -> Result<Pieces<'a>, Fault> {
    // Whoever has a piece has it alone; the locks are never waited for.
    let places: SmallVec<[Place<'a>; 32]> = pieces
        .into_iter()
        .map(|piece| Mutex::new((piece, None)))
        .collect();
    team.run(places.len(), &|i| {
        let mut place = places[i].lock().unwrap_or_else(|e| e.into_inner());
        place.1 = write(i, &mut place.0).err();
    });
    let written = places.into_iter().map(|place| {
        let (piece, fault) = place.into_inner().unwrap_or_else(|e| e.into_inner());
        fault.map_or(Ok(piece), Err)
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::team::Alone;

    #[test]
    fn every_row_is_written_once_and_knows_its_number() {
        for (rows, least) in [(1, 1), (7, 3), (6, 3), (10, 100), (64, 2)] {
            let (shape, mut data) = ([rows, 3], vec![0.0; rows * 3]);
            let out = ViewMut::new(&shape, &mut data);
            by_rows(&Alone, out, least, &|part, out| {
                let Part::Rows(rows) = part else {
                    panic!("{part:?}")
                };
                assert_eq!(out.shape(), [rows.len(), 3]);
                for (i, x) in out.of::<f64>().iter_mut().enumerate() {
                    *x += (rows.start * 3 + i) as f64;
                }
                Ok(())
            })
            .unwrap();
            assert!(data.iter().enumerate().all(|(i, &x)| x == i as f64));
        }
    }

    #[test]
    fn terms_are_added_up_in_order() {
        // In another order they would not be 0.5.
        let terms = [1e20, -1e20, 0.5, 0.0];
        let (shape, others, mut sum, mut scratch) = ([1, 2], [6], [7.0; 2], [7.0; 6]);
        let (out, scratch) = (
            ViewMut::new(&shape, &mut sum),
            ViewMut::new(&others, &mut scratch),
        );
        by_terms(&Alone, out, scratch, &|part, out| {
            let Part::Term(i) = part else {
                panic!("{part:?}")
            };
            out.of::<f64>().fill(terms[i]);
            Ok(())
        })
        .unwrap();
        assert_eq!(sum, [0.5; 2]);
    }

    #[test]
    fn the_first_fault_is_told() {
        let (shape, mut data) = ([9, 1], [0.0; 9]);
        let refuse = |first: usize| Fault::Parameter(format!("row {first}"));
        let found = by_rows(
            &Alone,
            ViewMut::new(&shape, &mut data),
            2,
            &|part, _| match part {
                Part::Rows(rows) if rows.start >= 4 => Err(refuse(rows.start)),
                _ => Ok(()),
            },
        );
        assert_eq!(found, Err(refuse(5)));
    }
}
