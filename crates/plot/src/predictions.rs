//! A grid of images with what each is and what it was taken for.

use std::path::Path;

use ndarray::{ArrayView3, Axis};

use crate::canvas::{self, LEFT, MIDDLE};
use crate::colors::{self, AXIS, INK, WRONG};
use crate::error::{PlotError, Result};
use crate::font;
use crate::tile::{Tile, columns};

const MOST: usize = 400;
const MARGIN: f64 = 20.0;
const TITLE: f64 = 20.0;
const LABEL: f64 = 14.0;
const GAP: f64 = 12.0;

/// Writes `images` (n × rows × columns, 0 black to 1 white, clipped) as a grid
/// to a `.png` or `.svg` file.
///
/// Below a right answer stands its class, `7`; a mistake has a thick red frame
/// and says `true 4, said 9`. Images are magnified, or averaged down, to about
/// the same size; a pixel that is not a number is ochre. At most 400 images.
///
/// # Errors
///
/// No image or no pixel ([`PlotError::Empty`]), lengths that differ
/// ([`PlotError::Shape`]), no finite pixel at all ([`PlotError::NotFinite`]),
/// too many images ([`PlotError::TooLarge`]), an unknown extension or a failed
/// write, which leaves no file.
///
/// ```
/// use ndarray::Array3;
///
/// let path = std::env::temp_dir().join("wengert-predictions.png");
/// let images = Array3::<f32>::from_elem((2, 28, 28), 0.5);
/// wengert_plot::prediction_grid(&path, images.view(), &[7, 4], &[7, 9])?;
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn prediction_grid<A: Copy + Into<f64>>(
    path: impl AsRef<Path>,
    images: ArrayView3<A>,
    truth: &[usize],
    predicted: &[usize],
) -> Result<()> {
    check(images, truth, predicted)?;
    let (n, rows, wide) = images.dim();
    let texts: Vec<String> = truth
        .iter()
        .zip(predicted)
        .map(|(t, p)| {
            if t == p {
                format!("{t}")
            } else {
                format!("true {t}, said {p}")
            }
        })
        .collect();
    // Of the selection that is shown: no accuracy.
    let title = match truth.iter().zip(predicted).filter(|(t, p)| t != p).count() {
        0 => format!("These {n} are right"),
        wrong => format!("{wrong} of these {n} are mistakes"),
    };

    let target = if n <= 40 { 112 } else { 84 };
    let (wide, high) = Tile::size((rows, wide), target);
    let cell = texts
        .iter()
        .map(|text| font::width(text, LABEL))
        .fold(f64::from(wide), f64::max)
        .ceil()
        + GAP;
    let cell_height = f64::from(high) + LABEL + 2.0 * GAP;
    // About three images wide for every two high.
    let across = columns(n, (1.5 * n as f64 * cell_height / cell).sqrt());
    let down = n.div_ceil(across) as f64;

    let top = MARGIN + TITLE + 18.0;
    let width = (across as f64 * cell - GAP).max(font::width(&title, TITLE)) + 2.0 * MARGIN;
    let height = top + down * cell_height - GAP + MARGIN;
    canvas::save(path.as_ref(), (width as i32, height as i32), |canvas| {
        canvas.text(&title, (MARGIN, MARGIN + TITLE / 2.0), TITLE, INK, LEFT)?;
        for (i, (image, text)) in images.axis_iter(Axis(0)).zip(&texts).enumerate() {
            let (r, c) = (i / across, i % across);
            let middle = MARGIN + c as f64 * cell + (cell - GAP) / 2.0;
            let x = (middle - f64::from(wide) / 2.0).floor();
            let y = top + (r as f64 * cell_height).floor();
            let wrong = truth[i] != predicted[i];
            let (frame, color, ink) = if wrong {
                (4.0, WRONG, WRONG)
            } else {
                (1.0, AXIS, INK)
            };
            canvas.rect(
                (x - frame, y - frame),
                (f64::from(wide) + 2.0 * frame, f64::from(high) + 2.0 * frame),
                color,
            )?;
            canvas.tile((x as i32, y as i32), Tile::new(image, target, colors::grey));
            let below = y + f64::from(high) + LABEL / 2.0 + 9.0;
            canvas.text(text, (middle, below), LABEL, ink, MIDDLE)?;
        }
        Ok(())
    })
}

fn check<A: Copy + Into<f64>>(
    images: ArrayView3<A>,
    truth: &[usize],
    predicted: &[usize],
) -> Result<()> {
    let (n, rows, columns) = images.dim();
    if images.is_empty() {
        return Err(PlotError::Empty {
            what: format!("prediction grid of {n} images of {rows}x{columns}"),
            needed: "image with a pixel",
        });
    }
    for (what, found) in [("true", truth.len()), ("predicted", predicted.len())] {
        if found != n {
            return Err(PlotError::Shape {
                what: "prediction grid".into(),
                found: format!("{found} {what} labels"),
                expected: format!("{n}, as many as images"),
            });
        }
    }
    if n > MOST {
        return Err(PlotError::TooLarge {
            what: "prediction grid".into(),
            found: format!("{n} images"),
            max: MOST.to_string(),
        });
    }
    if !images.iter().any(|&v| v.into().is_finite()) {
        return Err(PlotError::NotFinite {
            what: "pixels of the prediction grid".into(),
            needed: "finite",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, both};
    use ndarray::Array3;

    fn ramp(n: usize, rows: usize, columns: usize) -> Array3<f32> {
        Array3::from_shape_fn((n, rows, columns), |(i, r, c)| {
            ((i + r + c) % 10) as f32 / 9.0
        })
    }

    #[test]
    fn any_number_of_images_of_any_size() {
        for (n, rows, columns) in [
            (1, 28, 28),
            (25, 8, 8),
            (3, 1, 1),
            (2, 300, 40),
            (200, 4, 6),
        ] {
            let truth: Vec<usize> = (0..n).map(|i| i % 10).collect();
            let mut said = truth.clone();
            said[n - 1] = 12;
            both(|path| prediction_grid(path, ramp(n, rows, columns).view(), &truth, &said));
        }
    }

    #[test]
    fn a_mistake_is_red_and_says_so() {
        let (_, svg) = both(|p| prediction_grid(p, ramp(2, 8, 8).view(), &[4, 7], &[9, 7]));
        assert!(svg.contains("true 4, said 9") && svg.contains("1 of these 2 are mistakes"));
        let (png, _) = both(|p| prediction_grid(p, ramp(1, 8, 8).view(), &[4], &[9]));
        assert!(png.has(WRONG));
        let (png, _) = both(|p| prediction_grid(p, ramp(1, 8, 8).view(), &[9], &[9]));
        assert!(!png.has(WRONG));
    }

    #[test]
    fn pixels_are_clipped_and_nan_is_seen() {
        let mut images = ramp(1, 8, 8).mapv(f64::from);
        images[[0, 0, 0]] = -3.0;
        images[[0, 0, 1]] = f64::INFINITY;
        images[[0, 0, 2]] = f64::NAN;
        let (png, _) = both(|p| prediction_grid(p, images.view(), &[1], &[1]));
        assert!(png.has(colors::NOT_A_NUMBER));
    }

    #[test]
    fn misuse_is_named() {
        let path = "never-written.png";
        let image = ramp(1, 2, 2);
        let error = |r: Result<()>| testing::one_line(r.unwrap_err());
        assert!(matches!(
            error(prediction_grid(path, ramp(0, 2, 2).view(), &[], &[])),
            PlotError::Empty { .. }
        ));
        assert!(matches!(
            error(prediction_grid(path, image.view(), &[], &[1])),
            PlotError::Shape { .. }
        ));
        assert!(matches!(
            error(prediction_grid(path, image.view(), &[1], &[1, 2])),
            PlotError::Shape { .. }
        ));
        let many = vec![0; 401];
        assert!(matches!(
            error(prediction_grid(path, ramp(401, 1, 1).view(), &many, &many)),
            PlotError::TooLarge { .. }
        ));
        let nan = image.mapv(|_| f32::NAN);
        assert!(matches!(
            error(prediction_grid(path, nan.view(), &[1], &[1])),
            PlotError::NotFinite { .. }
        ));
        assert!(!Path::new(path).exists());
    }
}
