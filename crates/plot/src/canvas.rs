//! A sheet on which a figure is drawn, and its way into a file: the choice of
//! PNG or SVG, the units, the encoding and the saving. No figure's own layout
//! lives here.
//!
//! Figures are laid out in pixels and drawn at [`SCALE`] times that size: a
//! PNG is averaged down, which smooths every edge; an SVG states its size and
//! shows a view box [`SCALE`] times as wide.

use std::path::Path;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::{BitMapBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, IntoFont, RGBColor, TextStyle};

use crate::error::{PlotError, Result};
use crate::file::{self, Format};
use crate::font;
use crate::ink::{Ink, LINE_PER_EM};
use crate::tile::Tile;

/// Drawing units per pixel.
pub(crate) const SCALE: i32 = 3;

/// Where a text stands relative to its point.
pub(crate) const LEFT: (HPos, VPos) = (HPos::Left, VPos::Center);
pub(crate) const MIDDLE: (HPos, VPos) = (HPos::Center, VPos::Center);
pub(crate) const RIGHT: (HPos, VPos) = (HPos::Right, VPos::Center);

/// Pixels to drawing units.
pub(crate) fn units(pixels: f64) -> i32 {
    (pixels * f64::from(SCALE)).round() as i32
}

/// plotters' style of a text of `em` pixels.
pub(crate) fn text_style(em: f64, color: RGBColor, (h, v): (HPos, VPos)) -> TextStyle<'static> {
    (
        FontFamily::Name(font::FAMILY),
        em * f64::from(SCALE) * LINE_PER_EM,
    )
        .into_font()
        .color(&color)
        .pos(Pos::new(h, v))
}

/// Any of plotters' errors, as ours.
pub(crate) fn drawing<E: std::fmt::Display>(error: E) -> PlotError {
    PlotError::Draw {
        reason: error.to_string(),
    }
}

/// A white sheet. Its methods take pixels.
pub(crate) struct Canvas<'a> {
    /// plotters' view of the sheet, in drawing units.
    pub(crate) area: DrawingArea<Ink<'a>, Shift>,
    tiles: Vec<((i32, i32), Tile)>,
}

impl<'a> Canvas<'a> {
    fn new(ink: Ink<'a>) -> Self {
        Self {
            area: ink.into_drawing_area(),
            tiles: Vec::new(),
        }
    }

    /// A line of text at a point.
    pub(crate) fn text(
        &self,
        text: &str,
        (x, y): (f64, f64),
        em: f64,
        color: RGBColor,
        anchor: (HPos, VPos),
    ) -> Result<()> {
        let style = text_style(em, color, anchor);
        self.area
            .draw(&Text::new(text, (units(x), units(y)), style))
            .map_err(drawing)
    }

    /// A filled rectangle.
    pub(crate) fn rect(
        &self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        color: RGBColor,
    ) -> Result<()> {
        let corners = [(units(x), units(y)), (units(x + width), units(y + height))];
        self.area
            .draw(&Rectangle::new(corners, color.filled()))
            .map_err(drawing)
    }

    /// A straight line.
    pub(crate) fn line(
        &self,
        from: (f64, f64),
        to: (f64, f64),
        width: f64,
        color: RGBColor,
    ) -> Result<()> {
        let ends = [from, to].map(|(x, y)| (units(x), units(y)));
        let style = color.stroke_width(units(width).unsigned_abs());
        self.area
            .draw(&PathElement::new(ends, style))
            .map_err(drawing)
    }

    /// A marker of radius `r`; `shape` 0 is a disc, 1 a square, 2 a triangle,
    /// 3 a diamond, and so on in turn.
    pub(crate) fn marker(
        &self,
        (x, y): (f64, f64),
        r: f64,
        color: RGBColor,
        shape: usize,
    ) -> Result<()> {
        let corners: &[(f64, f64)] = match shape % 4 {
            0 => {
                let circle = Circle::new((units(x), units(y)), units(r), color.filled());
                return self.area.draw(&circle).map_err(drawing);
            }
            1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            2 => &[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)],
            _ => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
        };
        let corners: Vec<_> = corners
            .iter()
            .map(|&(dx, dy)| (units(x + dx * r), units(y + dy * r)))
            .collect();
        self.area
            .draw(&Polygon::new(corners, color.filled()))
            .map_err(drawing)
    }

    /// An image with its upper left corner at a pixel, above all else.
    pub(crate) fn tile(&mut self, at: (i32, i32), tile: Tile) {
        self.tiles.push((at, tile));
    }

    fn finish(self) -> Result<Vec<((i32, i32), Tile)>> {
        self.area.present().map_err(drawing)?;
        Ok(self.tiles)
    }
}

/// A PNG needs some 30 bytes of memory per pixel while it is drawn.
const MOST_PIXELS: i64 = 12_000_000;

/// Draws a figure of `size` pixels and writes it to `path`, whole or not at
/// all.
pub(crate) fn save(
    path: &Path,
    size: (i32, i32),
    draw: impl FnOnce(&mut Canvas) -> Result<()>,
) -> Result<()> {
    let format = Format::of(path)?;
    if i64::from(size.0) * i64::from(size.1) > MOST_PIXELS {
        return Err(PlotError::TooLarge {
            what: format!("figure {}", path.display()),
            found: format!("{}x{} pixels", size.0, size.1),
            max: format!("{MOST_PIXELS} pixels"),
        });
    }
    let bytes = match format {
        Format::Png => png(size, draw)?,
        Format::Svg => svg(size, draw)?.into_bytes(),
    };
    file::write(path, &bytes)
}

fn png(
    (width, height): (i32, i32),
    draw: impl FnOnce(&mut Canvas) -> Result<()>,
) -> Result<Vec<u8>> {
    let (w, h, s) = (width as usize, height as usize, SCALE as usize);
    let mut fine = vec![255; w * h * s * s * 3];
    let size = ((w * s) as u32, (h * s) as u32);
    let mut canvas = Canvas::new(Ink::Png(BitMapBackend::with_buffer(&mut fine, size)));
    draw(&mut canvas)?;
    let tiles = canvas.finish()?;

    let mut rgb = average(&fine, w);
    for ((x, y), tile) in tiles {
        tile.paint(&mut rgb, w, (x as usize, y as usize));
    }
    file::encode_png(&rgb, w as u32, h as u32)
}

/// Squares of [`SCALE`] by [`SCALE`] pixels to their mean, `width` to a row.
fn average(fine: &[u8], width: usize) -> Vec<u8> {
    // Most of a figure is of one colour over some distance, and comparing
    // slices is fast even in a debug build: only the rest is added up.
    const PART: usize = 16;
    let s = SCALE as usize;
    let stride = width * s * 3;
    let mut mean = Vec::with_capacity(fine.len() / (s * s));
    for rows in fine.chunks_exact(stride * s) {
        for start in (0..stride).step_by(PART * s * 3) {
            let end = (start + PART * s * 3).min(stride);
            let part = |r: usize| &rows[r * stride..][start..end];
            let first = part(0);
            let even = first[3..] == first[..first.len() - 3];
            if even && (1..s).all(|r| part(r) == first) {
                mean.extend_from_slice(&first[..first.len() / s]);
                continue;
            }
            for at in (0..first.len()).step_by(s * 3) {
                for channel in 0..3 {
                    let mut sum = 0;
                    for r in 0..s {
                        let row = part(r);
                        for c in 0..s {
                            sum += usize::from(row[at + c * 3 + channel]);
                        }
                    }
                    mean.push(((sum + s * s / 2) / (s * s)) as u8);
                }
            }
        }
    }
    mean
}

fn svg(
    (width, height): (i32, i32),
    draw: impl FnOnce(&mut Canvas) -> Result<()>,
) -> Result<String> {
    let (wide, high) = (width * SCALE, height * SCALE);
    let mut text = String::new();
    let size = (wide as u32, high as u32);
    let mut canvas = Canvas::new(Ink::Svg(SVGBackend::with_string(&mut text, size)));
    let white = plotters::style::WHITE;
    canvas.rect((0.0, 0.0), (f64::from(width), f64::from(height)), white)?;
    draw(&mut canvas)?;
    let tiles = canvas.finish()?;

    let mut text = text.replacen(
        &format!("width=\"{wide}\" height=\"{high}\""),
        &format!("width=\"{width}\" height=\"{height}\""),
        1,
    );
    if let Some(end) = text.rfind("</svg>") {
        text.truncate(end);
    }
    for ((x, y), tile) in tiles {
        text.push_str(&tile.svg((x * SCALE, y * SCALE), SCALE)?);
    }
    text.push_str("</svg>\n");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averaging_keeps_rows_and_channels() {
        let (w, s) = (100, SCALE as usize);
        let mut fine = vec![255; w * s * 3 * s * 2];
        // The second row's last pixel loses a third of its green.
        for r in 0..s {
            let end = fine.len() - r * w * s * 3;
            fine[end - 2] = 0;
        }
        let mean = average(&fine, w);
        assert_eq!(mean.len(), w * 2 * 3);
        assert!(mean[..mean.len() - 3].iter().all(|&v| v == 255));
        assert_eq!(mean[mean.len() - 3..], [255, 170, 255]);
    }
}
