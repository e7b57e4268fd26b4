//! A PNG file as a grey image, for classification.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use ndarray::Array2;
use png::{BitDepth, Decoder, DecodingError, Transformations};

use crate::error::{PlotError, Result};

const MOST: u32 = 4096;

/// Reads a PNG of any colour type and bit depth as luminances from 0, black,
/// to 1, white: rows × columns.
///
/// The luminance is 0.299 R + 0.587 G + 0.114 B of the stored values (ITU-R
/// BT.601), over a white background where the image is transparent. Of an
/// animation the first image is read. An image wider or higher than 4096
/// pixels is refused before memory is reserved for it.
///
/// # Errors
///
/// An unreadable file ([`PlotError::Read`]), one that is no whole PNG
/// ([`PlotError::Decode`]), or too large an image ([`PlotError::TooLarge`]).
///
/// ```
/// use ndarray::array;
/// use wengert_plot::{confusion_matrix, read_grey_png};
///
/// let path = std::env::temp_dir().join("wengert-read.png");
/// confusion_matrix(&path, array![[9, 1], [0, 10]].view())?;
/// let image = read_grey_png(&path)?;
/// assert_eq!(image[[0, 0]], 1.0);
/// assert!(image.iter().any(|&v| v < 0.5));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_grey_png(path: impl AsRef<Path>) -> Result<Array2<f32>> {
    let path = path.as_ref();
    let unreadable = |source| PlotError::Read {
        path: path.into(),
        source,
    };
    let undecodable = |error| match error {
        // The decoder reports a file that ends early, or a folder, so.
        DecodingError::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            unreadable(source)
        }
        source => PlotError::Decode {
            path: path.into(),
            source,
        },
    };
    let file = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut decoder = Decoder::new(file);
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(undecodable)?.size();
    if width > MOST || height > MOST {
        return Err(PlotError::TooLarge {
            what: format!("image {}", path.display()),
            found: format!("{width}x{height} pixels"),
            max: format!("{MOST}x{MOST}"),
        });
    }
    let mut reader = decoder.read_info().map_err(undecodable)?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| undecodable(DecodingError::LimitsExceeded))?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(undecodable)?;

    let wide = frame.bit_depth == BitDepth::Sixteen;
    let channels = frame.color_type.samples();
    let (rows, columns) = (frame.height as usize, frame.width as usize);
    let sample = |at: usize| {
        if wide {
            let value = u16::from_be_bytes([bytes[2 * at], bytes[2 * at + 1]]);
            f32::from(value) / 65535.0
        } else {
            f32::from(bytes[at]) / 255.0
        }
    };
    Ok(Array2::from_shape_fn((rows, columns), |(r, c)| {
        let at = (r * columns + c) * channels;
        let (grey, alpha) = match channels {
            1 | 2 => (sample(at), (channels == 2).then(|| sample(at + 1))),
            _ => {
                let [red, green, blue] = [0, 1, 2].map(|i| sample(at + i));
                let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
                (grey, (channels == 4).then(|| sample(at + 3)))
            }
        };
        let alpha = alpha.unwrap_or(1.0);
        (alpha * grey + (1.0 - alpha)).clamp(0.0, 1.0)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::one_line;
    use ndarray::{array, aview1};
    use png::ColorType;

    /// What [`read_grey_png`] makes of an image of one row.
    fn row(color: ColorType, depth: BitDepth, width: u32, data: &[u8]) -> Vec<f32> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        let mut encoder = png::Encoder::new(File::create(&path).unwrap(), width, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![255, 255, 255, 0, 0, 0, 255, 0, 0]);
            encoder.set_trns(vec![255, 255, 0]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        read_grey_png(&path).unwrap().into_raw_vec_and_offset().0
    }

    fn close(found: Vec<f32>, expected: &[f32]) {
        let (found, expected) = (aview1(&found), aview1(expected));
        assert_eq!(found.len(), expected.len());
        let far = (&found - &expected).mapv(f32::abs);
        assert!(far.iter().all(|&d| d < 1e-6), "{found} {expected}");
    }

    #[test]
    fn every_colour_type_and_depth() {
        use BitDepth::{Eight, Four, One, Sixteen, Two};
        use ColorType::{Grayscale, GrayscaleAlpha, Indexed, Rgb, Rgba};
        close(row(Grayscale, One, 3, &[0b1010_0000]), &[1.0, 0.0, 1.0]);
        close(row(Grayscale, Two, 2, &[0b0111_0000]), &[1.0 / 3.0, 1.0]);
        close(row(Grayscale, Four, 2, &[0x3F]), &[0.2, 1.0]);
        close(row(Grayscale, Eight, 2, &[0, 51]), &[0.0, 0.2]);
        close(row(Grayscale, Sixteen, 1, &[0x33, 0x33]), &[0.2]);
        close(row(GrayscaleAlpha, Eight, 2, &[0, 0, 0, 51]), &[1.0, 0.8]);
        close(
            row(Rgb, Eight, 2, &[255, 0, 0, 9, 9, 9]),
            &[0.299, 9.0 / 255.0],
        );
        close(row(Rgb, Sixteen, 1, &[0, 0, 255, 255, 0, 0]), &[0.587]);
        close(row(Rgba, Eight, 1, &[0, 0, 255, 0]), &[1.0]);
        close(
            row(Rgba, Sixteen, 1, &[0, 0, 0, 0, 255, 255, 255, 255]),
            &[0.114],
        );
        // White, black, and a red that is transparent.
        close(row(Indexed, Two, 3, &[0b0001_1000]), &[1.0, 0.0, 1.0]);
    }

    #[test]
    fn rows_stay_rows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        let rgb: Vec<u8> = [0, 51, 102, 153, 204, 255]
            .iter()
            .flat_map(|&v| [v; 3])
            .collect();
        std::fs::write(&path, crate::file::encode_png(&rgb, 3, 2).unwrap()).unwrap();
        let image = read_grey_png(&path).unwrap();
        let expected = array![[0.0_f32, 0.2, 0.4], [0.6, 0.8, 1.0]];
        assert!((image - expected).iter().all(|d| d.abs() < 1e-6));
    }

    #[test]
    fn bad_files_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        let error = || one_line(read_grey_png(&path).unwrap_err());
        assert!(matches!(error(), PlotError::Read { .. }));
        let whole = crate::file::encode_png(&[7; 30 * 30 * 3], 30, 30).unwrap();
        for length in [0, 5, 20, 40, whole.len() - 20] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(matches!(error(), PlotError::Decode { .. }), "{length}");
        }
        std::fs::write(&path, b"GIF89a, not a PNG at all").unwrap();
        assert!(matches!(error(), PlotError::Decode { .. }));
        let folder = one_line(read_grey_png(dir.path()).unwrap_err());
        assert!(matches!(folder, PlotError::Read { .. }));
    }

    #[test]
    fn a_huge_image_is_refused_by_its_header() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("huge.png");
        let encoder = png::Encoder::new(File::create(&path).unwrap(), 4097, 1_000_000_000);
        // Only the header is written.
        std::mem::forget(encoder.write_header().unwrap());
        let error = one_line(read_grey_png(&path).unwrap_err());
        assert!(matches!(error, PlotError::TooLarge { .. }));
    }
}
