//! What was taken for what.

use std::path::Path;

use ndarray::{ArrayView2, Axis};

use crate::canvas::{self, LEFT, MIDDLE, RIGHT};
use crate::colors::{self, AXIS, FAINT, GRID, INK};
use crate::error::{PlotError, Result};
use crate::font;

const MOST: usize = 64;
const MARGIN: f64 = 20.0;
const TITLE: f64 = 20.0;
const LABEL: f64 = 15.0;

/// Writes a confusion matrix to a `.png` or `.svg` file: row t, column p holds
/// how many of the true class t were predicted to be p.
///
/// Every count is written in its cell. Right answers, on the diagonal, are
/// blue, mistakes orange; the shade is the count's share s of its row on a
/// logarithmic scale, ln(1 + 999 s) / ln 1000, so that one mistake in a
/// hundred is still seen. The title states the overall accuracy. At most 64
/// classes.
///
/// # Errors
///
/// No class or no count above 0 ([`PlotError::Empty`]), rows and columns of
/// different number ([`PlotError::Shape`]), too many classes or digits
/// ([`PlotError::TooLarge`]), an unknown extension or a failed write, which
/// leaves no file.
///
/// ```
/// use ndarray::array;
///
/// let path = std::env::temp_dir().join("wengert-confusion.svg");
/// let counts = array![[48, 2, 0], [1, 50, 1], [0, 3, 45]];
/// wengert_plot::confusion_matrix(&path, counts.view())?;
/// # assert!(std::fs::read_to_string(&path)?.contains("95.33 % of 150 right"));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn confusion_matrix(path: impl AsRef<Path>, counts: ArrayView2<usize>) -> Result<()> {
    let k = check(counts)?;
    let total: f64 = counts.iter().map(|&n| n as f64).sum();
    let right: f64 = counts.diag().iter().map(|&n| n as f64).sum();
    let title = format!("{} % of {total} right", percent(right / total));

    let most = counts.iter().max().copied().unwrap_or(0).to_string();
    let em = if k <= 12 { 15.0 } else { 12.0 };
    let least = match k {
        0..=5 => 90.0,
        6..=12 => 62.0,
        _ => 32.0,
    };
    let cell = (font::width(&most, em) + 10.0).max(least).round();

    let header = font::width("true ↓", LABEL) + 14.0;
    let (left, top) = (MARGIN + header, MARGIN + TITLE + 76.0);
    let note = "shade: share of the row, logarithmic";
    let wide = (header + k as f64 * cell)
        .max(font::width(&title, TITLE))
        .max(font::width(note, 13.0));
    let width = (wide + 2.0 * MARGIN).ceil() as i32;
    let height = (top + k as f64 * cell + 34.0 + MARGIN) as i32;

    canvas::save(path.as_ref(), (width, height), |canvas| {
        canvas.text(&title, (MARGIN, MARGIN + TITLE / 2.0), TITLE, INK, LEFT)?;
        let side = k as f64 * cell;
        canvas.text("predicted →", (left, top - 44.0), LABEL, FAINT, LEFT)?;
        canvas.text("true ↓", (left - 12.0, top - 16.0), LABEL, FAINT, RIGHT)?;
        canvas.text(note, (MARGIN, top + side + 26.0), 13.0, FAINT, LEFT)?;
        for (t, row) in counts.axis_iter(Axis(0)).enumerate() {
            let middle = (t as f64 + 0.5) * cell;
            let name = t.to_string();
            canvas.text(&name, (left + middle, top - 16.0), LABEL, INK, MIDDLE)?;
            canvas.text(&name, (left - 12.0, top + middle), LABEL, INK, RIGHT)?;
            let sum: f64 = row.iter().map(|&n| n as f64).sum();
            for (p, &n) in row.iter().enumerate() {
                let share = if n == 0 { 0.0 } else { n as f64 / sum };
                let shade = (999.0 * share).ln_1p() / 1000.0_f64.ln();
                let color = if t == p {
                    colors::right(shade)
                } else {
                    colors::wrong(shade)
                };
                let (x, y) = (left + p as f64 * cell, top + t as f64 * cell);
                canvas.rect((x, y), (cell, cell), color)?;
                let ink = if n == 0 { AXIS } else { colors::text_on(color) };
                let at = (x + cell / 2.0, y + cell / 2.0);
                canvas.text(&n.to_string(), at, em, ink, MIDDLE)?;
            }
        }
        for i in 0..=k {
            let at = i as f64 * cell;
            canvas.line((left + at, top), (left + at, top + side), 1.0, GRID)?;
            canvas.line((left, top + at), (left + side, top + at), 1.0, GRID)?;
        }
        Ok(())
    })
}

/// A share in percent with two decimals, 100 only if it is all.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let shown = if share < 1.0 {
        percent.min(99.99)
    } else {
        percent
    };
    format!("{shown:.2}")
}

fn check(counts: ArrayView2<usize>) -> Result<usize> {
    let (k, columns) = counts.dim();
    if k != columns {
        return Err(PlotError::Shape {
            what: "confusion matrix".into(),
            found: format!("{k}x{columns} counts"),
            expected: "as many rows (true) as columns (predicted)".into(),
        });
    }
    if counts.iter().all(|&n| n == 0) {
        return Err(PlotError::Empty {
            what: format!("confusion matrix of {k} classes"),
            needed: "count above 0",
        });
    }
    if k > MOST {
        return Err(PlotError::TooLarge {
            what: "confusion matrix".into(),
            found: format!("{k} classes"),
            max: MOST.to_string(),
        });
    }
    Ok(k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{both, one_line};
    use ndarray::{Array2, array};

    fn counts(k: usize) -> Array2<usize> {
        Array2::from_shape_fn((k, k), |(t, p)| if t == p { 980 } else { (t * 7 + p) % 4 })
    }

    #[test]
    fn from_one_class_to_many() {
        for k in [1, 2, 10, 26, 30] {
            let (png, svg) = both(|path| confusion_matrix(path, counts(k).view()));
            assert!(png.has(colors::right(1.0)) || k > 1);
            assert_eq!(svg.matches("980").count(), k + usize::from(k == 1));
        }
    }

    #[test]
    fn a_class_without_examples_and_huge_counts() {
        both(|path| confusion_matrix(path, array![[0, 0], [1, 9]].view()));
        let huge = usize::MAX / 2;
        both(|path| confusion_matrix(path, array![[huge, 1], [huge, huge]].view()));
    }

    #[test]
    fn all_is_said_of_all_only() {
        assert_eq!(percent(1.0), "100.00");
        assert_eq!(percent(0.999_999), "99.99");
        assert_eq!(percent(0.5), "50.00");
    }

    #[test]
    fn misuse_is_named() {
        let path = "never-written.png";
        let error = |c: Array2<usize>| one_line(confusion_matrix(path, c.view()).unwrap_err());
        assert!(matches!(
            error(Array2::zeros((0, 0))),
            PlotError::Empty { .. }
        ));
        assert!(matches!(
            error(Array2::zeros((3, 3))),
            PlotError::Empty { .. }
        ));
        assert!(matches!(
            error(Array2::ones((3, 4))),
            PlotError::Shape { .. }
        ));
        assert!(matches!(
            error(Array2::ones((65, 65))),
            PlotError::TooLarge { .. }
        ));
        assert!(matches!(
            error(Array2::from_elem((64, 64), usize::MAX)),
            PlotError::TooLarge { .. }
        ));
        assert!(!Path::new(path).exists());
    }
}
