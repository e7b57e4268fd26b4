//! A result cut into pieces of rows, each written by whichever thread takes
//! it.

use std::sync::Mutex;

use smallvec::SmallVec;

use crate::error::Fault;
use crate::team::Team;
use crate::view::ViewMut;

/// Calls `write(first, rows)` for pieces of `each` rows of `out`, a matrix,
/// with the number of the first row of each.
///
/// # Errors
/// The first in the order of the rows.
pub(super) fn share(
    team: &dyn Team,
    out: ViewMut<'_>,
    each: usize,
    write: &(dyn Fn(usize, &mut ViewMut<'_>) -> Result<(), Fault> + Sync),
) -> Result<(), Fault> {
    let &[rows, cols] = out.shape() else {
        unreachable!("only matrices are shared")
    };
    let each = each.clamp(1, rows.max(1));
    let (full, last) = ([each, cols], [rows % each, cols]);
    let pieces: SmallVec<[Mutex<Option<ViewMut<'_>>>; 32]> = out
        .pieces(&full, &last)
        .into_iter()
        .map(|piece| Mutex::new(Some(piece)))
        .collect();
    let fault: Mutex<Option<(usize, Fault)>> = Mutex::new(None);
    team.run(pieces.len(), &|i| {
        let piece = pieces[i].lock().ok().and_then(|mut piece| piece.take());
        let mut piece = piece.expect("taken once");
        if let Err(found) = write(i * each, &mut piece) {
            let mut fault = fault.lock().unwrap_or_else(|e| e.into_inner());
            if fault.as_ref().is_none_or(|(first, _)| i < *first) {
                *fault = Some((i, found));
            }
        }
    });
    match fault.into_inner().unwrap_or_else(|e| e.into_inner()) {
        Some((_, fault)) => Err(fault),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::team::Alone;

    #[test]
    fn every_row_is_written_once_and_knows_its_number() {
        for (rows, each) in [(1, 1), (7, 3), (6, 3), (10, 100), (64, 2)] {
            let (shape, mut data) = ([rows, 3], vec![0.0; rows * 3]);
            let out = ViewMut::new(&shape, &mut data);
            share(&Alone, out, each, &|first, out| {
                assert!(out.shape()[0] <= each);
                for (i, x) in out.of::<f64>().iter_mut().enumerate() {
                    *x += (first * 3 + i) as f64;
                }
                Ok(())
            })
            .unwrap();
            assert!(data.iter().enumerate().all(|(i, &x)| x == i as f64));
        }
    }

    #[test]
    fn the_first_fault_is_told() {
        let (shape, mut data) = ([9, 1], [0.0; 9]);
        let refuse = |first: usize| Fault::Parameter(format!("row {first}"));
        let found = share(&Alone, ViewMut::new(&shape, &mut data), 2, &|first, _| {
            if first < 4 {
                Ok(())
            } else {
                Err(refuse(first))
            }
        });
        assert_eq!(found, Err(refuse(4)));
    }
}
