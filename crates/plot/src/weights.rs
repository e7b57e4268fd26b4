//! What each unit of a first layer looks for.

use std::path::Path;

use ndarray::{Array2, ArrayView2, Axis};

use crate::canvas::{self, LEFT, MIDDLE, RIGHT};
use crate::colors::{self, AXIS, FAINT, INK};
use crate::error::{PlotError, Result};
use crate::font;
use crate::ticks::number;
use crate::tile::{Tile, columns};

const MOST: usize = 1024;
const MARGIN: f64 = 20.0;
const TITLE: f64 = 20.0;
const LABEL: f64 = 14.0;
const GAP: f64 = 6.0;
/// The colour bar; its middle pixel is 0.
const BAR: (usize, usize) = (16, 241);

/// Writes the weights of a first layer (inputs × units) to a `.png` or `.svg`
/// file, each unit as an image of `image` = (rows, columns) inputs.
///
/// Blue is negative, white 0, red positive, all on one scale from -m to m, the
/// largest magnitude; a bar below states it. Units are numbered from 0, row by
/// row. A weight that is not finite is ochre. At most 1024 units.
///
/// # Errors
///
/// No weight ([`PlotError::Empty`]), inputs other than rows times columns
/// ([`PlotError::Shape`]), no finite weight at all ([`PlotError::NotFinite`]),
/// too many units ([`PlotError::TooLarge`]), an unknown extension or a failed
/// write, which leaves no file.
///
/// ```
/// use ndarray::Array2;
///
/// let path = std::env::temp_dir().join("wengert-weights.png");
/// let weights = Array2::from_shape_fn((784, 32), |(i, j)| ((i * j) as f32 / 99.0).sin());
/// wengert_plot::weight_images(&path, weights.view(), (28, 28))?;
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn weight_images<A: Copy + Into<f64>>(
    path: impl AsRef<Path>,
    weights: ArrayView2<A>,
    image: (usize, usize),
) -> Result<()> {
    let largest = check(weights, image)?;
    let n = weights.ncols();
    let units = if n == 1 { "unit" } else { "units" };
    let title = format!("Weights of {n} {units}");

    let target = match n {
        0..=40 => 112,
        41..=300 => 56,
        _ => 28,
    };
    let (wide, high) = Tile::size(image, target);
    let (wide, high) = (f64::from(wide), f64::from(high));
    let across = columns(n, (1.6 * n as f64 * (high + GAP) / (wide + GAP)).sqrt());
    let down = n.div_ceil(across) as f64;

    // All zero: any scale shows white.
    let scale = if largest == 0.0 { 1.0 } else { largest };
    let (low, high_label) = (number(-scale), number(scale));
    let bar_width = BAR.1 as f64 + font::width(&low, LABEL) + font::width(&high_label, LABEL);
    let top = MARGIN + TITLE + 16.0;
    let content = (across as f64 * (wide + GAP) - GAP)
        .max(font::width(&title, TITLE))
        .max(bar_width + 24.0);
    let bar_top = top + down * (high + GAP) + 14.0;
    let size = (
        (content + 2.0 * MARGIN).ceil() as i32,
        (bar_top + BAR.0 as f64 + 26.0 + MARGIN) as i32,
    );
    canvas::save(path.as_ref(), size, |canvas| {
        canvas.text(&title, (MARGIN, MARGIN + TITLE / 2.0), TITLE, INK, LEFT)?;
        let color = |v: f64| colors::diverging(if v.is_finite() { v / scale } else { f64::NAN });
        for (i, unit) in weights.axis_iter(Axis(1)).enumerate() {
            let (r, c) = (i / across, i % across);
            let x = MARGIN + c as f64 * (wide + GAP);
            let y = top + r as f64 * (high + GAP);
            canvas.rect((x - 1.0, y - 1.0), (wide + 2.0, high + 2.0), AXIS)?;
            let values = Array2::from_shape_fn(image, |(r, c)| unit[r * image.1 + c].into());
            let tile = Tile::new(values.view(), target, color);
            canvas.tile((x as i32, y as i32), tile);
        }

        let left = (MARGIN + font::width(&low, LABEL) + 10.0).round();
        let (bar_height, bar_width) = (BAR.0 as f64, BAR.1 as f64);
        canvas.rect(
            (left - 1.0, bar_top - 1.0),
            (bar_width + 2.0, bar_height + 2.0),
            AXIS,
        )?;
        let middle = (BAR.1 / 2) as f64;
        let bar = Array2::from_shape_fn(BAR, |(_, c)| (c as f64 - middle) / middle);
        let bar = Tile::new(bar.view(), BAR.1, colors::diverging);
        canvas.tile((left as i32, bar_top as i32), bar);
        let y = bar_top + bar_height / 2.0;
        canvas.text(&low, (left - 8.0, y), LABEL, INK, RIGHT)?;
        canvas.text(&high_label, (left + bar_width + 8.0, y), LABEL, INK, LEFT)?;
        let zero = (left + middle + 0.5, bar_top + bar_height + 14.0);
        canvas.text("0", zero, LABEL, FAINT, MIDDLE)
    })
}

/// The largest finite magnitude.
fn check<A: Copy + Into<f64>>(weights: ArrayView2<A>, image: (usize, usize)) -> Result<f64> {
    let ((inputs, n), (rows, columns)) = (weights.dim(), image);
    if weights.is_empty() {
        return Err(PlotError::Empty {
            what: format!("weights of {inputs} inputs and {n} units"),
            needed: "weight",
        });
    }
    if rows.checked_mul(columns) != Some(inputs) {
        return Err(PlotError::Shape {
            what: format!("weights as images of {rows}x{columns}"),
            found: format!("{inputs} inputs"),
            expected: "rows times columns".into(),
        });
    }
    if n > MOST {
        return Err(PlotError::TooLarge {
            what: "weight images".into(),
            found: format!("{n} units"),
            max: MOST.to_string(),
        });
    }
    let sizes = weights.iter().map(|&w| w.into().abs());
    sizes
        .filter(|w| w.is_finite())
        .reduce(f64::max)
        .ok_or_else(|| PlotError::NotFinite {
            what: "weights".into(),
            needed: "finite",
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{both, one_line};

    fn waves(inputs: usize, units: usize) -> Array2<f64> {
        Array2::from_shape_fn((inputs, units), |(i, j)| ((i * (j + 1)) as f64 * 0.1).sin())
    }

    #[test]
    fn any_number_of_units_of_any_size() {
        for (rows, columns, units) in [(28, 28, 128), (1, 1, 1), (3, 50, 7), (200, 200, 2)] {
            let weights = waves(rows * columns, units);
            both(|path| weight_images(path, weights.view(), (rows, columns)));
        }
    }

    #[test]
    fn the_scale_is_symmetric_and_stated() {
        let mut weights = waves(16, 4) * 0.1;
        weights[[3, 2]] = -0.5;
        weights[[4, 2]] = f64::NAN;
        let (png, svg) = both(|path| weight_images(path, weights.view(), (4, 4)));
        assert!(
            svg.contains(
                "
−0.500
"
            ) && svg.contains(
                "
0.500
"
            )
        );
        assert!(png.has(colors::diverging(-1.0)) && png.has(colors::NOT_A_NUMBER));
    }

    #[test]
    fn zero_and_tiny_weights() {
        both(|path| weight_images(path, Array2::<f32>::zeros((4, 2)).view(), (2, 2)));
        both(|path| weight_images(path, (waves(4, 2) * 1e-300).view(), (2, 2)));
    }

    #[test]
    fn misuse_is_named() {
        let path = "never-written.png";
        let error = |w: Array2<f64>, s| one_line(weight_images(path, w.view(), s).unwrap_err());
        assert!(matches!(
            error(Array2::zeros((0, 3)), (0, 0)),
            PlotError::Empty { .. }
        ));
        assert!(matches!(
            error(waves(784, 3), (28, 27)),
            PlotError::Shape { .. }
        ));
        assert!(matches!(
            error(waves(4, 3), (usize::MAX, 2)),
            PlotError::Shape { .. }
        ));
        assert!(matches!(
            error(waves(1, 1025), (1, 1)),
            PlotError::TooLarge { .. }
        ));
        assert!(matches!(
            error(waves(4, 3) * f64::NAN, (2, 2)),
            PlotError::NotFinite { .. }
        ));
        assert!(!Path::new(path).exists());
    }
}
