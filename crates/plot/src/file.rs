//! Bytes to disk: the format named by an extension, PNG encoding, and a write
//! that leaves a whole file or none.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::canvas::drawing;
use crate::error::{PlotError, Result};

/// What a figure is written as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    Png,
    Svg,
}

impl Format {
    /// By the extension, in either case.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        match path.extension() {
            Some(e) if e.eq_ignore_ascii_case("png") => Ok(Self::Png),
            Some(e) if e.eq_ignore_ascii_case("svg") => Ok(Self::Svg),
            _ => Err(PlotError::Extension { path: path.into() }),
        }
    }
}

/// Three bytes per pixel, row by row, as a PNG.
pub(crate) fn encode_png(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(drawing)?;
    writer.write_image_data(rgb).map_err(drawing)?;
    writer.finish().map_err(drawing)?;
    Ok(bytes)
}

/// Writes a new file beside `path` and renames it, so that `path` is at any
/// moment its old self or the whole new file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{count}.part", std::process::id()));
    let part = path.with_file_name(name);

    let written = create(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|source| {
        // The first error is the one to report.
        let _ = fs::remove_file(&part);
        PlotError::Write {
            path: path.into(),
            source,
        }
    })
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_in_either_case() {
        assert_eq!(Format::of(Path::new("a/b.png")).unwrap(), Format::Png);
        assert_eq!(Format::of(Path::new("b.SVG")).unwrap(), Format::Svg);
        for bad in ["b", "b.jpg", ".png", "", "png", "a.png/b"] {
            let error = Format::of(Path::new(bad)).unwrap_err();
            assert!(matches!(error, PlotError::Extension { .. }), "{bad}");
        }
    }

    #[test]
    fn a_write_replaces_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_says_where_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("none").join("a.png");
        let error = write(&missing, b"x").unwrap_err();
        assert!(error.to_string().contains("a.png") && !error.to_string().contains('\n'));

        let folder = dir.path().join("folder.png");
        fs::create_dir(&folder).unwrap();
        assert!(matches!(write(&folder, b"x"), Err(PlotError::Write { .. })));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
