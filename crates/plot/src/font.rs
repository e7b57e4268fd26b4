//! The one font of all figures, DejaVu Sans: measured, and set glyph by
//! glyph. Sizes are in pixels per em.
//!
//! plotters' own bitmap text drops the side bearing of each glyph, which
//! spaces letters unevenly; [`rasterise`] places them as the font says.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

/// The `font-family` of an SVG, whose viewer falls back to its own font.
pub(crate) const FAMILY: &str = "DejaVu Sans, sans-serif";

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(dejavu::sans::regular()).expect("the embedded font is valid")
});

/// ab_glyph scales by ascent plus descent, not by the em.
fn scale(em: f64) -> PxScale {
    let units = FONT.units_per_em().unwrap_or(2048.0);
    PxScale::from(em as f32 * FONT.height_unscaled() / units)
}

/// The advance width of `text`.
pub(crate) fn width(text: &str, em: f64) -> f64 {
    let font = FONT.as_scaled(scale(em));
    let mut width = 0.0;
    let mut previous = None;
    for id in text.chars().map(|c| font.glyph_id(c)) {
        width += previous.map_or(0.0, |p| font.kern(p, id)) + font.h_advance(id);
        previous = Some(id);
    }
    f64::from(width)
}

/// `text`, shortened with an ellipsis if it is wider than `room`.
pub(crate) fn fit(text: &str, em: f64, room: f64) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if width(&text, em) <= room {
        return text;
    }
    let mut short: Vec<char> = text.chars().collect();
    loop {
        short.pop();
        let cut = short.iter().collect::<String>().trim_end().to_owned() + "…";
        if short.is_empty() || width(&cut, em) <= room {
            return cut;
        }
    }
}

/// Calls `ink(x, y, coverage)` for every pixel of `text` whose first glyph
/// starts at `x` on the line `baseline`.
pub(crate) fn rasterise<E>(
    text: &str,
    em: f64,
    (x, baseline): (f64, f64),
    mut ink: impl FnMut(i32, i32, f64) -> Result<(), E>,
) -> Result<(), E> {
    let scale = scale(em);
    let font = FONT.as_scaled(scale);
    let mut at = x as f32;
    let mut previous = None;
    for id in text.chars().map(|c| font.glyph_id(c)) {
        at += previous.map_or(0.0, |p| font.kern(p, id));
        previous = Some(id);
        let glyph = id.with_scale_and_position(scale, point(at, baseline as f32));
        at += font.h_advance(id);
        let Some(outline) = font.outline_glyph(glyph) else {
            continue;
        };
        let origin = outline.px_bounds().min;
        let mut pixels = Vec::new();
        outline.draw(|x, y, coverage| pixels.push((x, y, coverage)));
        for (x, y, coverage) in pixels {
            ink(
                origin.x as i32 + x as i32,
                origin.y as i32 + y as i32,
                f64::from(coverage).min(1.0),
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_equally_wide_and_width_grows_with_the_em() {
        assert_eq!(width("0", 20.0), width("7", 20.0));
        assert!((width("loss", 40.0) - 2.0 * width("loss", 20.0)).abs() < 0.1);
        assert_eq!(width("", 20.0), 0.0);
    }

    #[test]
    fn text_is_cut_only_when_it_must_be() {
        assert_eq!(fit("short", 12.0, 500.0), "short");
        let cut = fit(&"long ".repeat(100), 12.0, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 100.0);
        assert_eq!(fit("x", 12.0, 0.0), "…");
        assert_eq!(fit("two\nlines", 12.0, 500.0), "two lines");
    }

    #[test]
    fn every_special_glyph_is_in_the_font() {
        for c in "−×⁰¹²³⁴⁵⁶⁷⁸⁹⁻…→↓·%±".chars() {
            assert_ne!(FONT.glyph_id(c).0, 0, "{c}");
        }
    }
}
