//! `digits predict IMAGE`: which digit a picture shows.

use std::error::Error;
use std::path::Path;

use ndarray::{Array2, Axis, s};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use serde::{Deserialize, Serialize};
use wengert::nn::{Mlp, MlpConfig, Params, checkpoint, predict};
use wengert::plot::read_grey_png;

use crate::options::LossKind;
use crate::report::print_line;

/// What is saved with the parameters: all that prediction needs to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    pub network: MlpConfig,
    pub loss: LossKind,
    /// Rows and columns of the images.
    pub image: (usize, usize),
}

/// Prints the digit, and how sure the network is.
pub fn predict(image: &Path, model: &Path) -> Result<(), Box<dyn Error>> {
    let saved: Saved = checkpoint::config(model)?;
    let mut params = Params::<f32>::new();
    let network = Mlp::new(
        &saved.network,
        &mut params,
        &mut ChaCha8Rng::seed_from_u64(0),
    )?;
    checkpoint::load(model, &saved, &mut params)?;
    let picture = read_grey_png(image)?;
    let (darkest, lightest) =
        (picture.iter()).fold((1.0f32, 0.0f32), |(a, b), &x| (a.min(x), b.max(x)));
    if lightest - darkest < 0.1 {
        return Err(format!(
            "{}: shows nothing: all of it is of one shade (what is transparent counts as white)",
            image.display()
        )
        .into());
    }
    let picture = prepare(picture, saved.image);
    let (rows, cols) = saved.image;
    let x = picture.into_shape_with_order((1, rows * cols))?;
    let logits = predict::logits(&network, &params, &x, 1)?;
    let scores = probabilities(
        logits.row(0).iter().map(|&z| f64::from(z)).collect(),
        saved.loss,
    );

    let mut ranked: Vec<usize> = (0..scores.len()).collect();
    ranked.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    print_line(&ranked[0].to_string());
    let listed = ranked
        .iter()
        .take(3)
        .map(|&k| format!("{k} with {:.1} %", 100.0 * scores[k]));
    print_line(&format!("({})", listed.collect::<Vec<_>>().join(", ")));
    Ok(())
}

fn probabilities(logits: Vec<f64>, loss: LossKind) -> Vec<f64> {
    match loss {
        LossKind::Bce => logits.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect(),
        LossKind::Softmax => {
            let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let e: Vec<f64> = logits.iter().map(|z| (z - top).exp()).collect();
            let sum: f64 = e.iter().sum();
            e.into_iter().map(|e| e / sum).collect()
        }
    }
}

/// Makes of any picture what the network has learnt on: light ink on black.
/// A picture of the right size is taken as it is. Another one is cropped to
/// its ink, scaled to fit 20 of 28 rows, and centred on the ink's centre of
/// mass, as MNIST was made.
fn prepare(picture: Array2<f32>, (rows, cols): (usize, usize)) -> Array2<f32> {
    // The border tells paper from ink.
    let (h, w) = picture.dim();
    let border = picture
        .indexed_iter()
        .filter(|&((i, j), _)| i == 0 || j == 0 || i == h - 1 || j == w - 1);
    let (sum, count) = border.fold((0.0, 0), |(sum, n), (_, &x)| (sum + x, n + 1));
    let picture = if sum / count as f32 > 0.5 {
        1.0 - picture
    } else {
        picture
    };
    if picture.dim() == (rows, cols) {
        return picture;
    }
    let inked = |axis: Axis| {
        let hit: Vec<usize> = picture
            .axis_iter(axis)
            .enumerate()
            .filter(|(_, line)| line.iter().any(|&x| x > 0.2))
            .map(|(i, _)| i)
            .collect();
        match (hit.first(), hit.last()) {
            (Some(&first), Some(&last)) => first..last + 1,
            _ => 0..picture.len_of(axis),
        }
    };
    let ink = picture.slice(s![inked(Axis(0)), inked(Axis(1))]);
    let longest = ink.nrows().max(ink.ncols()) as f32;
    let fit = rows.min(cols) as f32 * 20.0 / 28.0 / longest;
    let size = |n: usize| ((n as f32 * fit).round() as usize).max(1);
    let small = shrink(ink.to_owned(), (size(ink.nrows()), size(ink.ncols())));

    let total = small.sum().max(f32::MIN_POSITIVE);
    let centre = |axis: usize| {
        let moment: f32 = small
            .indexed_iter()
            .map(|((i, j), &x)| x * ([i, j][axis] as f32 + 0.5))
            .sum();
        moment / total
    };
    let offset = |axis: usize, whole: usize, part: usize| {
        let start = whole as f32 / 2.0 - centre(axis);
        start.round().clamp(0.0, whole.saturating_sub(part) as f32) as usize
    };
    let (top, left) = (
        offset(0, rows, small.nrows()),
        offset(1, cols, small.ncols()),
    );
    let mut out = Array2::zeros((rows, cols));
    let place = s![top..top + small.nrows(), left..left + small.ncols()];
    out.slice_mut(place).assign(&small);
    out
}

/// Scaled by averaging: every new pixel is the mean over the old ones under
/// it, weighted by how much of each it covers.
fn shrink(picture: Array2<f32>, (rows, cols): (usize, usize)) -> Array2<f32> {
    let weights = |from: usize, to: usize| {
        Array2::from_shape_fn((to, from), |(i, k)| {
            let scale = from as f32 / to as f32;
            let (a, b) = (i as f32 * scale, (i + 1) as f32 * scale);
            ((b.min(k as f32 + 1.0) - a.max(k as f32)).max(0.0)) / scale
        })
    };
    let (h, w) = picture.dim();
    weights(h, rows).dot(&picture).dot(&weights(w, cols).t())
}
