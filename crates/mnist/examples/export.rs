//! Writes the embedded MNIST as the four IDX files it is known by.
//!
//!     cargo run -p wengert-mnist --example export -- DIRECTORY

use std::path::Path;
use std::{env, fs, io};

use wengert_mnist::{test, train};

fn main() -> io::Result<()> {
    let Some(directory) = env::args_os().nth(1) else {
        eprintln!("which directory?");
        std::process::exit(2);
    };
    let directory = Path::new(&directory);
    fs::create_dir_all(directory)?;
    for (name, digits) in [("train", train()), ("t10k", test())] {
        let images = directory.join(format!("{name}-images-idx3-ubyte"));
        let labels = directory.join(format!("{name}-labels-idx1-ubyte"));
        fs::write(images, idx(digits.images.shape(), &digits.images))?;
        fs::write(labels, idx(digits.labels.shape(), &digits.labels))?;
    }
    Ok(())
}

/// An IDX file of unsigned bytes: two zeros, the type, the rank, the sizes
/// big-endian, the elements.
fn idx<'a>(shape: &[usize], elements: impl IntoIterator<Item = &'a u8>) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    for size in shape {
        bytes.extend((*size as u32).to_be_bytes());
    }
    bytes.extend(elements);
    bytes
}
