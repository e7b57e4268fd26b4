//! Small images inside a figure, drawn pixel by pixel with sharp edges.

use ndarray::{Array2, ArrayView2, Axis};
use plotters::style::RGBColor;

use crate::error::Result;
use crate::file::encode_png;

/// An image whose every pixel is a square of `zoom` by `zoom` pixels.
#[derive(Clone, Debug)]
pub(crate) struct Tile {
    pixels: Array2<RGBColor>,
    zoom: usize,
}

impl Tile {
    /// `values` coloured by `color`, near `target` pixels along its longer
    /// side: small images are magnified by a whole number, larger ones shrunk
    /// by averaging blocks of a whole number of pixels. Neither side may be 0.
    pub(crate) fn new<A: Copy + Into<f64>>(
        values: ArrayView2<A>,
        target: usize,
        color: impl Fn(f64) -> RGBColor,
    ) -> Self {
        let (zoom, block) = steps(values.dim(), target);
        let (rows, columns) = values.dim();
        let small = (rows.div_ceil(block), columns.div_ceil(block));
        let pixels = Array2::from_shape_fn(small, |(r, c)| {
            let rows = r * block..((r + 1) * block).min(rows);
            let columns = c * block..((c + 1) * block).min(columns);
            let part = values.slice_axis(Axis(0), rows.into());
            let part = part.slice_axis(Axis(1), columns.into());
            let sum: f64 = part.iter().map(|&v| v.into()).sum();
            color(sum / part.len() as f64)
        });
        Self { pixels, zoom }
    }

    /// The width and height that [`Tile::new`] gives to `(rows, columns)`.
    pub(crate) fn size((rows, columns): (usize, usize), target: usize) -> (i32, i32) {
        let (zoom, block) = steps((rows, columns), target);
        let side = |n: usize| (n.div_ceil(block) * zoom) as i32;
        (side(columns), side(rows))
    }

    /// Paints onto an image of three bytes per pixel.
    pub(crate) fn paint(&self, rgb: &mut [u8], width: usize, (left, top): (usize, usize)) {
        for ((r, c), &RGBColor(red, green, blue)) in self.pixels.indexed_iter() {
            for y in top + r * self.zoom..top + (r + 1) * self.zoom {
                for x in left + c * self.zoom..left + (c + 1) * self.zoom {
                    let at = (y * width + x) * 3;
                    rgb[at..at + 3].copy_from_slice(&[red, green, blue]);
                }
            }
        }
    }

    /// An SVG `image` element at a point, `scale` units to the pixel.
    pub(crate) fn svg(&self, (x, y): (i32, i32), scale: i32) -> Result<String> {
        // Magnified here too: not every viewer keeps the edges sharp.
        let (rows, columns) = self.pixels.dim();
        let (width, height) = (columns * self.zoom, rows * self.zoom);
        let mut rgb = vec![0; width * height * 3];
        self.paint(&mut rgb, width, (0, 0));
        let png = encode_png(&rgb, width as u32, height as u32)?;
        Ok(format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" \
             style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" \
             href=\"data:image/png;base64,{}\"/>\n",
            width * scale as usize,
            height * scale as usize,
            base64(&png)
        ))
    }
}

/// How many columns a grid of `n` has: near `ideal`, with few places empty in
/// the last row.
pub(crate) fn columns(n: usize, ideal: f64) -> usize {
    let near = |factor: f64| (factor * ideal).round().clamp(1.0, n as f64) as usize;
    let empty = |&c: &usize| (c - 1 - (n - 1) % c) as f64 + 0.3 * (c as f64 - ideal).abs();
    let better = (near(0.7)..=near(1.35)).min_by(|a, b| empty(a).total_cmp(&empty(b)));
    better.unwrap_or(1)
}

/// How many times larger, and how many pixels to average.
fn steps((rows, columns): (usize, usize), target: usize) -> (usize, usize) {
    let longer = rows.max(columns).max(1);
    ((target / longer).max(1), longer.div_ceil(target).max(1))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0, |g, i| {
            g << 8 | u32::from(chunk.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= chunk.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn grey(v: f64) -> RGBColor {
        let v = (v * 255.0) as u8;
        RGBColor(v, v, v)
    }

    #[test]
    fn base64_as_in_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn small_images_grow_and_large_ones_shrink() {
        assert_eq!(Tile::size((28, 28), 84), (84, 84));
        assert_eq!(Tile::size((28, 28), 100), (84, 84));
        assert_eq!(Tile::size((1, 1), 84), (84, 84));
        assert_eq!(Tile::size((10, 20), 84), (80, 40));
        assert_eq!(Tile::size((300, 150), 100), (50, 100));
        assert_eq!(Tile::size((1, 784), 84), (79, 1));
    }

    #[test]
    fn grids_are_filled_where_they_can_be() {
        for (n, ideal, expected) in [
            (1, 1.2, 1),
            (3, 2.1, 3),
            (25, 6.1, 5),
            (100, 12.2, 10),
            (128, 14.3, 16),
            (7, 3.2, 4),
        ] {
            assert_eq!(columns(n, ideal), expected, "{n}");
        }
        for n in 1..500 {
            let c = columns(n, (1.5 * n as f64).sqrt());
            assert!((1..=n).contains(&c));
        }
    }

    #[test]
    fn a_shrunk_pixel_is_the_mean_of_its_block() {
        let values = array![[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]];
        let tile = Tile::new(values.view(), 2, grey);
        assert_eq!(
            tile.pixels.mapv(|RGBColor(v, ..)| v),
            array![[127, 255], [0, 0]]
        );
    }

    #[test]
    fn painting_fills_whole_squares() {
        let tile = Tile::new(array![[0.0_f32, 1.0]].view(), 4, grey);
        let mut rgb = vec![9; 5 * 3 * 3];
        tile.paint(&mut rgb, 5, (1, 1));
        let red: Vec<u8> = rgb.chunks(3).map(|p| p[0]).collect();
        assert_eq!(red, [9, 9, 9, 9, 9, 9, 0, 0, 255, 255, 9, 0, 0, 255, 255]);
    }
}
