use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array3, array};
use tempfile::TempDir;

use crate::samples::{gzip, idx};
use crate::{Digits, Error};

fn pair(images: &[u8], labels: &[u8]) -> (TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (image_file, label_file) = (dir.path().join("images"), dir.path().join("labels"));
    fs::write(&image_file, images).unwrap();
    fs::write(&label_file, labels).unwrap();
    (dir, image_file, label_file)
}

/// The error of reading these two files, and what it says without the directory.
fn fault(images: &[u8], labels: &[u8]) -> (Error, String) {
    let (dir, images, labels) = pair(images, labels);
    let error = Digits::from_files(images, labels).unwrap_err();
    let directory = dir.path().join("").display().to_string();
    let message = error.to_string().replace(&directory, "");
    (error, message)
}

#[test]
fn images_of_any_size_plain_and_gzipped() {
    for (rows, cols) in [(1, 1), (3, 5), (28, 28), (100, 2)] {
        let pixels: Vec<u8> = (0..2 * rows * cols).map(|i| (i * 3) as u8).collect();
        let (images, labels) = (idx(&[2, rows, cols], &pixels), idx(&[2], &[9, 0]));
        let (_dir, image_file, label_file) = pair(&images, &labels);
        let plain = Digits::from_files(image_file, label_file).unwrap();
        let (_dir, image_file, label_file) = pair(&gzip(&images), &gzip(&labels));
        let gzipped = Digits::from_files(image_file, label_file).unwrap();

        assert_eq!(plain, gzipped);
        assert_eq!(
            plain.images,
            Array3::from_shape_vec((2, rows, cols), pixels).unwrap()
        );
        assert_eq!(plain.labels, array![9, 0]);
        assert_eq!(
            (plain.len(), plain.pixels(), plain.classes()),
            (2, rows * cols, 10)
        );
    }
}

#[test]
fn a_set_of_no_images_is_empty() {
    let (_dir, images, labels) = pair(&idx(&[0, 28, 28], &[]), &idx(&[0], &[]));
    let digits = Digits::from_files(images, labels).unwrap();
    assert!(digits.is_empty());
    assert_eq!(digits.features::<f32>().dim(), (0, 784));
}

#[test]
fn wrong_ranks() {
    let (images, labels) = (idx(&[1, 1, 1], &[0]), idx(&[1], &[0]));
    assert_eq!(
        fault(&labels, &images).1,
        "images: offset 3: expected images of rank 3, found rank 1, which labels have: are images \
         and labels swapped?"
    );
    assert_eq!(
        fault(&images, &images).1,
        "labels: offset 3: expected labels of rank 1, found rank 3, which images have: are images \
         and labels swapped?"
    );
    let (error, message) = fault(&idx(&[1, 1], &[0]), &labels);
    assert!(matches!(
        error,
        Error::WrongRank {
            expected: 3,
            found: 2,
            ..
        }
    ));
    assert_eq!(
        message,
        "images: offset 3: expected images of rank 3, found rank 2"
    );
}

#[test]
fn images_without_pixels() {
    let (error, message) = fault(&idx(&[7, 0, 5], &[]), &idx(&[7], &[0; 7]));
    assert!(matches!(
        error,
        Error::EmptyImages {
            rows: 0,
            cols: 5,
            ..
        }
    ));
    assert_eq!(
        message,
        "images: offset 8: images of 0 x 5 pixels, expected at least 1 x 1"
    );
    assert!(matches!(
        fault(&idx(&[7, 5, 0], &[]), &idx(&[7], &[0; 7])).0,
        Error::EmptyImages {
            rows: 5,
            cols: 0,
            ..
        }
    ));
}

#[test]
fn counts_that_differ() {
    let (error, message) = fault(&idx(&[2, 1, 1], &[0, 0]), &idx(&[3], &[0; 3]));
    assert!(matches!(
        error,
        Error::CountMismatch {
            images: 2,
            labels: 3,
            ..
        }
    ));
    assert_eq!(
        message,
        "2 images in images, but 3 labels in labels: expected as many labels as images"
    );
}

#[test]
fn labels_out_of_range() {
    let (images, labels) = (idx(&[3, 1, 1], &[0; 3]), idx(&[3], &[9, 10, 200]));
    let (error, message) = fault(&images, &labels);
    assert!(matches!(
        error,
        Error::LabelOutOfRange {
            offset: 9,
            index: 1,
            label: 10,
            classes: 10,
            ..
        }
    ));
    assert_eq!(
        message,
        "labels: offset 9: label 1 is 10, expected less than 10, the number of classes"
    );

    let (_dir, image_file, label_file) = pair(&images, &labels);
    let letters = Digits::from_files_with_classes(image_file, label_file, 201).unwrap();
    assert_eq!((letters.classes(), letters.labels[2]), (201, 200));
}

#[test]
fn a_fault_of_the_format_names_its_file() {
    let (error, message) = fault(&idx(&[1, 1, 1], &[0]), &idx(&[2], &[0]));
    assert!(matches!(error, Error::TruncatedData { .. }));
    assert!(message.starts_with("labels: truncated data"), "{message}");
}

const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// Two training images and one test image of 1 x 2 pixels, under names as `rename` makes them.
fn fill(dir: &Path, rename: impl Fn(&str) -> String) {
    let contents = [
        idx(&[2, 1, 2], &[1, 2, 3, 4]),
        idx(&[2], &[5, 6]),
        idx(&[1, 1, 2], &[7, 8]),
        idx(&[1], &[9]),
    ];
    for (name, bytes) in NAMES.iter().zip(contents) {
        let name = rename(name);
        let bytes = if name.ends_with(".gz") {
            gzip(&bytes)
        } else {
            bytes
        };
        fs::write(dir.join(name), bytes).unwrap();
    }
}

fn dotted(name: &str) -> String {
    name.replace("-idx", ".idx")
}

#[test]
fn a_directory_under_each_accepted_name() {
    type Rename = fn(&str) -> String;
    let forms: [Rename; 4] = [
        str::to_owned,
        dotted,
        |name| format!("{name}.gz"),
        |name| format!("{}.gz", dotted(name)),
    ];
    for rename in forms {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), rename);
        let (train, test) = Digits::from_dir(dir.path()).unwrap();
        assert_eq!(
            train,
            Digits::new(array![[[1, 2]], [[3, 4]]], array![5, 6], 10)
        );
        assert_eq!(test, Digits::new(array![[[7, 8]]], array![9], 10));
    }
}

#[test]
fn a_plain_file_goes_before_gzip_and_a_folder_of_the_name_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), dotted);
    fs::write(dir.path().join("train-images-idx3-ubyte.gz"), "not read").unwrap();
    fs::create_dir(dir.path().join("train-images-idx3-ubyte")).unwrap();
    assert!(Digits::from_dir(dir.path()).is_ok());
}

#[test]
fn each_missing_file() {
    let whats = [
        "training images",
        "training labels",
        "test images",
        "test labels",
    ];
    for (name, what) in NAMES.iter().zip(whats) {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), str::to_owned);
        fs::remove_file(dir.path().join(name)).unwrap();
        let error = Digits::from_dir(dir.path()).unwrap_err();
        assert!(matches!(error, Error::MissingFile { .. }));
        let d = dotted(name);
        assert_eq!(
            error.to_string(),
            format!(
                "{}: no file of the {what}, \
                 expected one named {name} or {d} or {name}.gz or {d}.gz",
                dir.path().display()
            )
        );
    }
}

#[test]
fn a_directory_that_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file, dir.path().join("absent")] {
        let error = Digits::from_dir(&path).unwrap_err();
        assert!(matches!(&error, Error::Io { file, .. } if *file == path.display().to_string()));
    }
}

#[test]
fn a_directory_of_other_classes_and_of_two_sizes() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), str::to_owned);
    assert!(matches!(
        Digits::from_dir_with_classes(dir.path(), 9).unwrap_err(),
        Error::LabelOutOfRange {
            label: 9,
            classes: 9,
            ..
        }
    ));

    fs::write(dir.path().join(NAMES[2]), idx(&[1, 3, 1], &[0; 3])).unwrap();
    let error = Digits::from_dir(dir.path()).unwrap_err();
    assert!(matches!(
        error,
        Error::SizeMismatch {
            train: (1, 2),
            test: (3, 1),
            ..
        }
    ));
    assert!(
        error.to_string().starts_with("images of 1 x 2 pixels in "),
        "{error}"
    );
    assert!(error.to_string().contains(", but of 3 x 1 in "), "{error}");
}
