//! One chart within a figure: title, legend, axes and lines. The legend
//! stands above the chart, where no data is.

use plotters::prelude::{ChartBuilder, DashedLineSeries, LineSeries};
use plotters::style::Color;

use crate::axis::Axis;
use crate::canvas::{Canvas, LEFT, MIDDLE, drawing, text_style, units};
use crate::colors::{AXIS, FAINT, GRID, INK, SERIES};
use crate::error::{PlotError, Result};
use crate::font;
use crate::ticks::{self, Range};

const TITLE: f64 = 20.0;
const LABEL: f64 = 15.0;
const MARGIN: f64 = 20.0;
const LEGEND_ROW: f64 = 24.0;
/// More would leave no room for the chart.
const LEGEND_ROWS: f64 = 6.0;
const SAMPLE: f64 = 34.0;
/// Up to this many points of a series are marked one by one.
const MARKED: usize = 50;

/// The points of a line, in runs between gaps.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    pub(crate) runs: Vec<Vec<(f64, f64)>>,
}

impl<'a> Line<'a> {
    /// Breaks `points` where they cannot be drawn.
    pub(crate) fn new(name: &'a str, points: &[(f64, f64)], log_y: bool) -> Self {
        let drawable = |&(x, y): &(f64, f64)| shown(x) && shown(y) && !(log_y && y < 1e-200);
        let runs = points
            .split(|point| !drawable(point))
            .filter(|run| !run.is_empty())
            .map(<[_]>::to_vec)
            .collect();
        Self { name, runs }
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.runs.iter().flatten().copied()
    }
}

/// Finite, and not so large that the width of an axis overflows.
fn shown(value: f64) -> bool {
    value.abs() < 1e200
}

/// A chart and its place.
pub(crate) struct Panel<'a> {
    pub(crate) title: &'a str,
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
    pub(crate) log_y: bool,
    /// Written after each label of the y axis, whose values end at `y_max`.
    pub(crate) y_unit: &'a str,
    pub(crate) y_max: f64,
    pub(crate) lines: &'a [Line<'a>],
}

impl Panel<'_> {
    /// Draws into a rectangle of pixels.
    pub(crate) fn draw(
        &self,
        canvas: &Canvas,
        (left, top): (i32, i32),
        (width, height): (i32, i32),
    ) -> Result<()> {
        let x_axis = self.x_axis(width)?;
        let y_axis = self.y_axis()?;
        let label_width = y_axis
            .ticks
            .iter()
            .map(|tick| font::width(&tick.label, LABEL))
            .fold(20.0, f64::max);

        let (x0, w) = (f64::from(left) + MARGIN, f64::from(width) - 2.0 * MARGIN);
        let mut y = f64::from(top) + MARGIN;
        if !self.title.is_empty() {
            let title = font::fit(self.title, TITLE, w);
            canvas.text(&title, (x0, y + TITLE / 2.0), TITLE, INK, LEFT)?;
            y += TITLE + 14.0;
        }
        y = self.legend(canvas, (x0, y), w)?;
        if !self.y_label.is_empty() {
            let label = font::fit(self.y_label, LABEL, w);
            canvas.text(&label, (x0, y + 10.0), LABEL, FAINT, LEFT)?;
            y += 26.0;
        }
        // Half a tick label stands above the chart.
        y += 6.0;
        let mut bottom = f64::from(top + height) - MARGIN;
        if !self.x_label.is_empty() {
            bottom -= 22.0;
            let middle = x0 + label_width + (w - label_width) / 2.0;
            let label = font::fit(self.x_label, LABEL, w);
            canvas.text(&label, (middle, bottom + 12.0), LABEL, FAINT, MIDDLE)?;
        }
        let size = (units(w), units(bottom - y));
        let area = canvas.area.clone().shrink((units(x0), units(y)), size);

        let mut chart = ChartBuilder::on(&area)
            .x_label_area_size(units(26.0))
            .y_label_area_size(units(label_width + 10.0))
            .margin_right(units(10.0))
            .build_cartesian_2d(x_axis, y_axis)
            .map_err(drawing)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(plotters::style::TRANSPARENT)
            .bold_line_style(GRID.stroke_width(units(1.0).unsigned_abs()))
            .axis_style(AXIS.stroke_width(units(1.0).unsigned_abs()))
            .label_style(text_style(LABEL, INK, LEFT))
            .set_all_tick_mark_size(units(4.0))
            .draw()
            .map_err(drawing)?;

        for (i, line) in self.lines.iter().enumerate() {
            let count = line.points().count();
            let color = SERIES[i % SERIES.len()];
            let style = color.stroke_width(units(2.0).unsigned_abs());
            for run in &line.runs {
                let points = run.iter().copied();
                if i < SERIES.len() {
                    chart.draw_series(LineSeries::new(points.clone(), style))
                } else {
                    let dash = (units(6.0), units(4.0));
                    chart.draw_series(DashedLineSeries::new(points.clone(), dash.0, dash.1, style))
                }
                .map_err(drawing)?;
                // A point between two gaps has no line.
                if count <= MARKED || run.len() == 1 {
                    let scale = f64::from(units(1.0));
                    for point in points {
                        let (x, y) = chart.backend_coord(&point);
                        let at = (f64::from(x) / scale, f64::from(y) / scale);
                        canvas.marker(at, if count <= 20 { 4.0 } else { 3.0 }, color, i)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn x_axis(&self, width: i32) -> Result<Axis> {
        let (lo, hi) = self.extent(|(x, _)| x)?;
        let whole = self
            .lines
            .iter()
            .flat_map(Line::points)
            .all(|(x, _)| x == x.trunc());
        let range = if hi > lo && (hi - lo) > 1e-9 * hi.abs().max(lo.abs()) {
            let room = 0.02 * (hi - lo);
            Range {
                lo: lo - room,
                hi: hi + room,
            }
        } else if whole && hi.abs() < 1e6 {
            Range {
                lo: lo - 1.0,
                hi: hi + 1.0,
            }
        } else {
            Range::around(lo, hi)
        };
        // As many as fit side by side, some labels being wide.
        let mut most = (width / 70).clamp(2, 12) as usize;
        loop {
            let mut ticks = ticks::linear(range, most, whole);
            let widest = ticks
                .iter()
                .map(|tick| font::width(&tick.label, LABEL) + 16.0)
                .fold(0.0, f64::max);
            if most <= 2 || widest * ticks.len() as f64 <= f64::from(width) - 120.0 {
                // No tick beside a single epoch.
                if whole {
                    ticks.retain(|tick| (lo..=hi).contains(&tick.at));
                }
                return Ok(Axis {
                    range,
                    ticks,
                    log: false,
                });
            }
            most -= 1;
        }
    }

    fn y_axis(&self) -> Result<Axis> {
        let (lo, hi) = self.extent(|(_, y)| y)?;
        let (range, mut ticks) = if self.log_y {
            let range = Range::around_log(lo, hi);
            (range, ticks::logarithmic(range, 7))
        } else {
            let range = Range::around(lo, hi);
            (range, ticks::linear(range, 7, false))
        };
        ticks.retain(|tick| tick.at <= self.y_max);
        for tick in &mut ticks {
            tick.label += self.y_unit;
        }
        Ok(Axis {
            range,
            ticks,
            log: self.log_y,
        })
    }

    /// The least and the greatest of a coordinate.
    fn extent(&self, coordinate: impl Fn((f64, f64)) -> f64) -> Result<(f64, f64)> {
        let values = || self.lines.iter().flat_map(Line::points).map(&coordinate);
        let lo = values().reduce(f64::min);
        let hi = values().reduce(f64::max);
        lo.zip(hi).ok_or_else(|| PlotError::NotFinite {
            what: format!("curves {:?}", self.title),
            needed: if self.log_y {
                "finite and, on a logarithmic axis, above 0"
            } else {
                "finite"
            },
        })
    }

    /// One entry beside the other in as many rows as it takes; returns the y
    /// below.
    fn legend(&self, canvas: &Canvas, (left, top): (f64, f64), width: f64) -> Result<f64> {
        let (mut x, mut y) = (left, top);
        for (i, line) in self.lines.iter().enumerate() {
            if line.name.is_empty() {
                continue;
            }
            let name = font::fit(line.name, LABEL, width - SAMPLE);
            let wide = SAMPLE + font::width(&name, LABEL);
            if x > left && x + wide > left + width {
                (x, y) = (left, y + LEGEND_ROW);
                if y >= top + LEGEND_ROWS * LEGEND_ROW {
                    let more = format!("and {} more", self.lines.len() - i);
                    let at = (x, y + LEGEND_ROW / 2.0);
                    canvas.text(&more, at, LABEL, FAINT, LEFT)?;
                    return Ok(y + LEGEND_ROW + 8.0);
                }
            }
            let (color, middle) = (SERIES[i % SERIES.len()], y + LEGEND_ROW / 2.0);
            if i < SERIES.len() {
                canvas.line((x, middle), (x + 26.0, middle), 2.0, color)?;
            } else {
                canvas.line((x, middle), (x + 8.0, middle), 2.0, color)?;
                canvas.line((x + 18.0, middle), (x + 26.0, middle), 2.0, color)?;
            }
            if line.points().count() <= MARKED {
                canvas.marker((x + 13.0, middle), 4.0, color, i)?;
            }
            canvas.text(&name, (x + SAMPLE, middle), LABEL, INK, LEFT)?;
            x += wide + 22.0;
        }
        Ok(if x > left { y + LEGEND_ROW + 8.0 } else { y })
    }
}
