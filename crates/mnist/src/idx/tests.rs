use std::io::{self, Read};

use super::{IdxFile, parse, read, read_array, read_plain_or_gzip};
use crate::Error;
use crate::samples::{gzip, idx};

fn error(bytes: &[u8]) -> Error {
    parse(bytes, "f").unwrap_err()
}

fn message(bytes: &[u8]) -> String {
    error(bytes).to_string()
}

#[test]
fn reads_any_rank_plain_and_gzipped() {
    for shape in [
        vec![4],
        vec![2, 3],
        vec![1, 1, 1],
        vec![2, 3, 5],
        vec![0],
        vec![2, 0, 5],
    ] {
        let data: Vec<u8> = (0..shape.iter().product::<usize>())
            .map(|i| i as u8)
            .collect();
        let bytes = idx(&shape, &data);
        let expected = IdxFile { shape, data };
        assert_eq!(parse(&bytes, "f").unwrap(), expected);
        assert_eq!(parse(&gzip(&bytes), "f").unwrap(), expected);
        assert_eq!(bytes.len() - expected.data.len(), expected.data_offset());
    }
}

#[test]
fn the_contents_and_not_the_name_decide_what_is_gzip() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = idx(&[3], &[1, 2, 3]);
    let (plain, packed) = (dir.path().join("plain.gz"), dir.path().join("packed"));
    std::fs::write(&plain, &bytes).unwrap();
    std::fs::write(&packed, gzip(&bytes)).unwrap();
    assert_eq!(read(plain).unwrap(), read(packed).unwrap());
}

#[test]
fn gzip_of_several_members_is_one_file() {
    let bytes = idx(&[3], &[1, 2, 3]);
    let members = [gzip(&bytes[..9]), gzip(&bytes[9..])].concat();
    assert_eq!(parse(&members, "f").unwrap().data, [1, 2, 3]);
}

#[test]
fn a_file_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    let error = read(&absent).unwrap_err();
    assert!(matches!(&error, Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound));
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}: cannot read: ", absent.display()))
    );
    assert!(matches!(read(dir.path()).unwrap_err(), Error::Io { .. }));
}

/// Gives its bytes, then fails.
struct Fails<'a>(&'a [u8]);

impl Read for Fails<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            count => Ok(count),
        }
    }
}

#[test]
fn a_disk_that_fails_is_not_blamed_on_the_format() {
    let bytes = idx(&[8], &[1, 2, 3]);
    for bytes in [
        bytes[..1].to_vec(),
        bytes.clone(),
        gzip(&bytes)[..12].to_vec(),
    ] {
        let error = read_plain_or_gzip(Fails(&bytes), "f").unwrap_err();
        assert_eq!(error.to_string(), "f: cannot read: the disk is gone");
    }
}

#[test]
fn bad_magic() {
    assert_eq!(
        message(b"\x89PNG\r\n"),
        "f: not an IDX file: starts with the bytes [89, 50, 4e, 47], \
         expected [00, 00, 08, rank] with rank 1 for labels and 3 for images"
    );
    assert!(matches!(
        error(&[0, 1, 8, 1]),
        Error::BadMagic {
            found: [0, 1, 8, 1],
            ..
        }
    ));
    assert!(
        matches!(error(&[0, 0, 8, 0]), Error::BadMagic { .. }),
        "rank 0"
    );
    assert!(matches!(error(&gzip(b"text")), Error::BadMagic { .. }));
}

#[test]
fn unsupported_element_types() {
    assert_eq!(
        message(&[0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0]),
        "f: offset 2: element type 0x0d (32-bit float) is not supported, \
         expected 0x08 (unsigned byte)"
    );
    for (code, name) in [
        (0x09, "signed byte"),
        (0x0b, "16-bit integer"),
        (0x0c, "32-bit integer"),
        (0x0e, "64-bit float"),
        (0x0a, "unknown to the format"),
    ] {
        let error = error(&[0, 0, code, 1]);
        assert!(
            matches!(&error, Error::UnsupportedElement { code: c, .. } if *c == code),
            "{error}"
        );
        assert!(error.to_string().contains(&format!("({name})")), "{error}");
    }
}

#[test]
fn truncated_headers() {
    assert_eq!(
        message(&[]),
        "f: truncated header: expected 4 bytes, found 0"
    );
    assert_eq!(
        message(&[0, 0, 8]),
        "f: truncated header: expected 4 bytes, found 3"
    );
    let whole = idx(&[1, 1, 1], &[9]);
    for cut in 4..16 {
        for bytes in [whole[..cut].to_vec(), gzip(&whole[..cut])] {
            assert_eq!(
                message(&bytes),
                format!("f: truncated header: expected 16 bytes, found {cut}")
            );
        }
    }
}

#[test]
fn truncated_data() {
    let whole = idx(&[2, 3, 5], &[7; 30]);
    for cut in 16..46 {
        for bytes in [whole[..cut].to_vec(), gzip(&whole[..cut])] {
            assert_eq!(
                message(&bytes),
                format!(
                    "f: truncated data: sizes [2, 3, 5] need 30 bytes from offset 16, found {}",
                    cut - 16
                )
            );
        }
    }
}

#[test]
fn trailing_bytes() {
    for bytes in [idx(&[2], &[1, 2, 3]), idx(&[2], &[1, 2, 3, 4])] {
        for bytes in [gzip(&bytes), bytes] {
            assert_eq!(
                message(&bytes),
                "f: trailing bytes: sizes [2] end the file at offset 10, but it goes on"
            );
        }
    }
}

#[test]
fn sizes_beyond_any_memory() {
    let huge = u32::MAX as usize;
    for shape in [
        vec![huge; 3],
        vec![huge, huge],
        vec![0, huge, huge, huge],
        vec![huge; 255],
    ] {
        let error = error(&idx(&shape, &[]));
        assert!(
            matches!(&error, Error::TooLarge { shape: s, .. } if *s == shape),
            "{error}"
        );
    }
    assert_eq!(
        message(&idx(&[huge, huge, 2], &[])),
        "f: offset 4: sizes [4294967295, 4294967295, 2] multiply to more bytes than this machine \
         can address"
    );
}

/// Zeros without end; counts what is taken.
struct Zeros(usize);

impl Read for Zeros {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(0);
        self.0 += buffer.len();
        Ok(buffer.len())
    }
}

#[test]
fn a_header_is_a_claim_and_not_an_order() {
    // Four billion images in a file of 20 bytes: were the memory asked for, the 3 TB would abort.
    let claim = idx(&[u32::MAX as usize, 28, 28], &[1, 2, 3, 4]);
    for bytes in [gzip(&claim), claim] {
        let error = error(&bytes);
        assert!(
            matches!(
                error,
                Error::TruncatedData {
                    expected: 3_367_254_359_280,
                    found: 4,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn no_more_is_read_than_one_byte_past_the_data() {
    let header = idx(&[1000], &[]);
    let mut zeros = Zeros(0);
    let error = read_plain_or_gzip(header.as_slice().chain(&mut zeros), "f").unwrap_err();
    assert!(
        matches!(error, Error::TrailingBytes { offset: 1008, .. }),
        "{error}"
    );
    assert_eq!(zeros.0, 1001);

    // Of a bomb, no byte of the compressed file past the one in question.
    let mut bomb = header;
    bomb.resize(50_000_000, 0);
    let bomb = gzip(&bomb);
    let mut rest = bomb.as_slice();
    let error = read_plain_or_gzip(&mut rest, "f").unwrap_err();
    assert!(
        matches!(error, Error::TrailingBytes { offset: 1008, .. }),
        "{error}"
    );
    assert!(
        bomb.len() > 40_000 && rest.len() > bomb.len() / 5,
        "{} of {}",
        rest.len(),
        bomb.len()
    );
}

#[test]
fn corrupt_gzip() {
    let bytes = idx(
        &[600],
        &(0..600_u32).map(|i| (i * i / 7) as u8).collect::<Vec<_>>(),
    );
    let whole = gzip(&bytes);
    let fault = |bytes: &[u8]| match error(bytes) {
        Error::CorruptGzip { decompressed, .. } => decompressed,
        other => panic!("{other}"),
    };
    for cut in 2..whole.len() {
        assert!(fault(&whole[..cut]) <= 608);
    }
    // The checksum, the last eight bytes, is compared although every element has arrived.
    for at in [1, 2, 3, 4, 5, 6, 7, 8] {
        let mut flipped = whole.clone();
        let last = flipped.len() - at;
        flipped[last] ^= 1;
        assert_eq!(fault(&flipped), 608);
    }
    assert_eq!(fault(&[whole.as_slice(), b"garbage"].concat()), 608);
    assert!(message(&whole[..5]).starts_with("f: corrupt gzip after 0 decompressed bytes: "));
}

#[test]
fn arrays_one_after_the_other() {
    let bytes = [idx(&[2], &[1, 2]), idx(&[1, 1], &[3])].concat();
    let mut rest = bytes.as_slice();
    assert_eq!(read_array(&mut rest, "f").unwrap().data, [1, 2]);
    assert_eq!(read_array(&mut rest, "f").unwrap().data, [3]);
    assert!(rest.is_empty());
}
