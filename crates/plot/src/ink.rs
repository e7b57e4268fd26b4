//! plotters' two backends behind one type, so that no figure is generic over
//! where it is drawn, with two repairs to its bitmaps: text is set by
//! [`font`](crate::font), and a thick path is drawn segment by segment,
//! because the one polygon plotters makes of it has holes where it crosses
//! itself.

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use crate::font;

/// plotters' font size is the height of a line, this many times the em.
pub(crate) const LINE_PER_EM: f64 = 1.24;

/// Where a figure is drawn.
pub(crate) enum Ink<'a> {
    Png(BitMapBackend<'a>),
    Svg(SVGBackend<'a>),
}

/// What either backend reported, as text: the two have different types.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InkError(String);

type Drawn = Result<(), DrawingErrorKind<InkError>>;

fn convert<E: std::error::Error + Send + Sync>(
    error: DrawingErrorKind<E>,
) -> DrawingErrorKind<InkError> {
    DrawingErrorKind::DrawingError(InkError(error.to_string()))
}

macro_rules! each {
    ($self:ident, $ink:ident => $call:expr) => {
        match $self {
            Ink::Png($ink) => $call.map_err(convert),
            Ink::Svg($ink) => $call.map_err(convert),
        }
    };
}

impl DrawingBackend for Ink<'_> {
    type ErrorType = InkError;

    fn get_size(&self) -> (u32, u32) {
        match self {
            Ink::Png(ink) => ink.get_size(),
            Ink::Svg(ink) => ink.get_size(),
        }
    }

    fn ensure_prepared(&mut self) -> Drawn {
        each!(self, ink => ink.ensure_prepared())
    }

    fn present(&mut self) -> Drawn {
        each!(self, ink => ink.present())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        each!(self, ink => ink.draw_pixel(point, color))
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        each!(self, ink => ink.draw_line(from, to, style))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        each!(self, ink => ink.draw_rect(upper_left, bottom_right, style, fill))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        match self {
            Ink::Png(ink) if style.stroke_width() > 2 => {
                let mut last = None;
                for point in path {
                    if let Some(last) = last.filter(|&last| last != point) {
                        ink.draw_line(last, point, style).map_err(convert)?;
                        ink.draw_circle(point, style.stroke_width() / 2, style, true)
                            .map_err(convert)?;
                    }
                    last = Some(point);
                }
                Ok(())
            }
            Ink::Png(ink) => ink.draw_path(path, style).map_err(convert),
            Ink::Svg(ink) => ink.draw_path(path, style).map_err(convert),
        }
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        each!(self, ink => ink.draw_circle(center, radius, style, fill))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        each!(self, ink => ink.fill_polygon(path, style))
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        let ink = match self {
            Ink::Svg(ink) => return ink.draw_text(text, style, (x, y)).map_err(convert),
            Ink::Png(ink) => ink,
        };
        let em = style.size() / LINE_PER_EM;
        let width = font::width(text, em);
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => width / 2.0,
            HPos::Right => width,
        };
        // The same offsets as the SVG backend's `dy`, an ex being 0.547 em.
        let baseline = match style.anchor().v_pos {
            VPos::Top => 0.76,
            VPos::Center => 0.2735,
            VPos::Bottom => -0.2735,
        };
        let start = (f64::from(x) - left, f64::from(y) + baseline * em);
        let color = style.color();
        font::rasterise(text, em, start, |x, y, coverage| {
            let alpha = color.alpha * coverage;
            ink.draw_pixel((x, y), BackendColor { alpha, ..color })
        })
        .map_err(convert)
    }
}
