//! The colours of all figures, told apart by colour-blind readers too.

use plotters::style::RGBColor;

pub(crate) const INK: RGBColor = RGBColor(34, 34, 34);
pub(crate) const FAINT: RGBColor = RGBColor(100, 100, 100);
pub(crate) const AXIS: RGBColor = RGBColor(150, 150, 150);
pub(crate) const GRID: RGBColor = RGBColor(228, 228, 228);
/// A mistake.
pub(crate) const WRONG: RGBColor = RGBColor(200, 50, 10);
/// A value that is not a number.
pub(crate) const NOT_A_NUMBER: RGBColor = RGBColor(215, 190, 120);

/// Of M. Okabe and K. Ito, "Color Universal Design" (2008), without its yellow
/// and its black.
pub(crate) const SERIES: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
];

/// 0 black to 1 white, clipped.
pub(crate) fn grey(value: f64) -> RGBColor {
    if value.is_nan() {
        return NOT_A_NUMBER;
    }
    let v = (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    RGBColor(v, v, v)
}

/// -1 blue, 0 white, 1 red, clipped: the ends of ColorBrewer's RdBu.
pub(crate) fn diverging(value: f64) -> RGBColor {
    const BLUE: [RGBColor; 3] = [
        RGBColor(255, 255, 255),
        RGBColor(103, 169, 207),
        RGBColor(5, 48, 97),
    ];
    const RED: [RGBColor; 3] = [
        RGBColor(255, 255, 255),
        RGBColor(239, 138, 98),
        RGBColor(103, 0, 31),
    ];
    if value.is_nan() {
        return NOT_A_NUMBER;
    }
    ramp(if value < 0.0 { BLUE } else { RED }, value.abs())
}

/// A right answer's share, 0 white to 1 deep blue.
pub(crate) fn right(share: f64) -> RGBColor {
    ramp(
        [
            RGBColor(255, 255, 255),
            RGBColor(107, 174, 214),
            RGBColor(8, 81, 156),
        ],
        share,
    )
}

/// A wrong answer's share, 0 white to 1 deep orange.
pub(crate) fn wrong(share: f64) -> RGBColor {
    ramp(
        [
            RGBColor(255, 255, 255),
            RGBColor(253, 174, 107),
            RGBColor(166, 54, 3),
        ],
        share,
    )
}

/// Black or white, whichever is read better on `ground`.
pub(crate) fn text_on(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let light = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
    if light < 140.0 {
        RGBColor(255, 255, 255)
    } else {
        INK
    }
}

/// Through three colours, at 0, 0.5 and 1.
fn ramp(stops: [RGBColor; 3], at: f64) -> RGBColor {
    let at = at.clamp(0.0, 1.0) * 2.0;
    let (from, to, part) = if at < 1.0 {
        (stops[0], stops[1], at)
    } else {
        (stops[1], stops[2], at - 1.0)
    };
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - part) + f64::from(b) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_white_at_zero_and_clipped() {
        let white = RGBColor(255, 255, 255);
        assert_eq!(diverging(0.0), white);
        assert_eq!(right(0.0), white);
        assert_eq!(wrong(0.0), white);
        assert_eq!(diverging(9.0), diverging(1.0));
        assert_eq!(grey(-1.0), RGBColor(0, 0, 0));
        assert_eq!(grey(2.0), white);
        assert_eq!(grey(f64::NAN), NOT_A_NUMBER);
    }

    #[test]
    fn signs_have_different_hues() {
        let (RGBColor(r, _, b), RGBColor(r2, _, b2)) = (diverging(0.5), diverging(-0.5));
        assert!(r > b && r2 < b2);
    }

    #[test]
    fn text_is_light_on_dark() {
        assert_eq!(text_on(right(1.0)), RGBColor(255, 255, 255));
        assert_eq!(text_on(right(0.1)), INK);
    }
}
