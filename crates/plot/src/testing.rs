//! Helpers of the tests: figures in both formats, looked at by machine.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use plotters::style::RGBColor;

use crate::error::{PlotError, Result};

/// A decoded PNG.
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    pub(crate) fn read(path: &Path) -> Self {
        let file = std::io::BufReader::new(fs::File::open(path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(frame.color_type, png::ColorType::Rgb);
        Self {
            width: frame.width,
            height: frame.height,
            pixels: bytes.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect(),
        }
    }

    /// Whether any pixel has just this colour.
    pub(crate) fn has(&self, RGBColor(r, g, b): RGBColor) -> bool {
        self.pixels.contains(&[r, g, b])
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        self.pixels[(y * self.width + x) as usize]
    }
}

/// Draws to a PNG and an SVG and checks what holds of every figure: it is not
/// blank, it has text, nothing touches its border, both have one size, and no
/// other file is left.
pub(crate) fn both(draw: impl Fn(&Path) -> Result<()>) -> (Picture, String) {
    let dir = tempfile::tempdir().unwrap();
    let (png, svg) = (dir.path().join("a.png"), dir.path().join("a.svg"));
    draw(&png).unwrap();
    draw(&svg).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);

    let picture = Picture::read(&png);
    let colors: HashSet<_> = picture.pixels.iter().collect();
    assert!(colors.len() > 10, "only {} colours", colors.len());
    let dark = |p: &&[u8; 3]| p.iter().all(|&v| v < 100);
    assert!(picture.pixels.iter().filter(dark).count() > 50, "no text");
    for d in 0..8 {
        let (right, bottom) = (picture.width - 1 - d, picture.height - 1 - d);
        let columns = (0..picture.height).flat_map(|y| [(d, y), (right, y)]);
        let rows = (0..picture.width).flat_map(|x| [(x, d), (x, bottom)]);
        for (x, y) in columns.chain(rows) {
            assert_eq!(picture.at(x, y), [255; 3], "ink at {x}, {y}");
        }
    }

    let svg = fs::read_to_string(svg).unwrap();
    let size = format!(
        "<svg width=\"{}\" height=\"{}\" ",
        picture.width, picture.height
    );
    assert!(
        svg.starts_with(&size) && svg.ends_with("</svg>\n"),
        "{size}"
    );
    assert_eq!(svg.matches("</svg>").count(), 1);
    assert!(svg.contains("font-family=\"DejaVu Sans, sans-serif\""));
    (picture, svg)
}

/// Checks that an error's message is one line.
pub(crate) fn one_line(error: PlotError) -> PlotError {
    let text = error.to_string();
    assert!(!text.contains('\n') && text.len() < 250, "{text}");
    error
}
