//! Round trips, and every way in which a file can be wrong.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array2, array};
use tempfile::{TempDir, tempdir};

use super::format::PREFIX;
use super::{CheckpointError, config, load, save};
use crate::layers::MlpConfig;
use crate::params::Params;

fn example() -> (MlpConfig, Params<f32>) {
    let mut params = Params::new();
    params
        .add("w", array![[1.0, -0.0], [f32::INFINITY, 4.0], [5.0, 6.0]])
        .unwrap();
    // A NaN with a payload of its own.
    params
        .add("b", array![f32::from_bits(0x7fa0_1234), 1e-45])
        .unwrap();
    (MlpConfig::new(3, 2), params)
}

fn saved() -> (TempDir, PathBuf, Vec<u8>) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("model");
    let (config, params) = example();
    save(&path, &config, &params).unwrap();
    let bytes = fs::read(&path).unwrap();
    (directory, path, bytes)
}

fn zeroed() -> Params<f32> {
    let (_, mut params) = example();
    params.flat_mut().fill(0.0);
    params
}

fn try_load(path: &Path) -> Result<Params<f32>, CheckpointError> {
    let mut params = zeroed();
    let result = load(path, &example().0, &mut params);
    if result.is_err() {
        assert!(
            params.flat().iter().all(|&x| x == 0.0),
            "changed by a failed load"
        );
    }
    result.map(|()| params)
}

fn refusal(path: &Path, bytes: &[u8]) -> CheckpointError {
    fs::write(path, bytes).unwrap();
    let error = try_load(path).unwrap_err();
    assert!(
        error.to_string().starts_with(path.to_str().unwrap()),
        "{error}"
    );
    error
}

#[test]
fn every_bit_comes_back() {
    let (_directory, path, _) = saved();
    let bits =
        |params: &Params<f32>| -> Vec<u32> { params.flat().iter().map(|x| x.to_bits()).collect() };
    assert_eq!(bits(&try_load(&path).unwrap()), bits(&example().1));
    assert_eq!(config::<MlpConfig>(&path).unwrap(), example().0);
}

#[test]
fn doubles_and_empty_stores() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("model");
    let mut params = Params::<f64>::new();
    save(&path, &(), &params).unwrap();
    load(&path, &(), &mut params).unwrap();
    params.add("a", array![0.1, f64::MIN_POSITIVE]).unwrap();
    params.add("none", Array2::zeros((0, 3))).unwrap();
    save(&path, &(), &params).unwrap();
    let before = params.flat().to_vec();
    params.flat_mut().fill(0.0);
    load(&path, &(), &mut params).unwrap();
    assert_eq!(params.flat(), before);
}

#[test]
fn another_format_and_another_version() {
    let (_directory, path, mut bytes) = saved();
    assert!(matches!(
        refusal(&path, b"PK\x03\x04 something"),
        CheckpointError::Format { .. }
    ));
    bytes[8] = 2;
    let error = refusal(&path, &bytes);
    assert!(matches!(
        error,
        CheckpointError::Version {
            found: 2,
            known: 1,
            ..
        }
    ));
}

#[test]
fn truncated_anywhere() {
    let (_directory, path, bytes) = saved();
    for length in 0..bytes.len() {
        match refusal(&path, &bytes[..length]) {
            CheckpointError::Truncated { missing, .. } => {
                assert!(missing > 0 && missing <= (bytes.len() - length) as u64);
            }
            error => panic!("{length} bytes: {error}"),
        }
    }
    let error = refusal(&path, &bytes[..bytes.len() - 5]);
    assert!(
        error
            .to_string()
            .ends_with("truncated: 5 bytes are missing"),
        "{error}"
    );
}

#[test]
fn bytes_too_many_and_bytes_changed() {
    let (_directory, path, bytes) = saved();
    let longer = [&bytes[..], &[0; 7]].concat();
    assert!(matches!(
        refusal(&path, &longer),
        CheckpointError::Trailing { extra: 7, .. }
    ));
    for at in PREFIX..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let error = refusal(&path, &damaged);
        assert!(
            matches!(error, CheckpointError::Checksum { .. }),
            "byte {at}: {error}"
        );
    }
}

#[test]
fn an_enormous_header_is_refused_before_it_is_read() {
    let (_directory, path, mut bytes) = saved();
    bytes[12..20].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(
        refusal(&path, &bytes),
        CheckpointError::Truncated { .. }
    ));
}

#[test]
fn enormous_shapes_are_refused_before_they_are_allocated() {
    let (_directory, path, bytes) = saved();
    let length = u64::from_le_bytes(bytes[12..20].try_into().unwrap()) as usize;
    let header = String::from_utf8(bytes[PREFIX..PREFIX + length].to_vec()).unwrap();
    for (shape, truncated) in [
        ("[4294967296,4294967296]", false),
        ("[1073741824,1073741824]", true),
    ] {
        let header = header.replace("[3,2]", shape);
        let mut forged = bytes[..12].to_vec();
        forged.extend((header.len() as u64).to_le_bytes());
        forged.extend(crc32fast::hash(header.as_bytes()).to_le_bytes());
        forged.extend(header.as_bytes());
        let error = refusal(&path, &forged);
        match truncated {
            true => assert!(
                matches!(error, CheckpointError::Truncated { .. }),
                "{error}"
            ),
            false => assert!(matches!(error, CheckpointError::Header { .. }), "{error}"),
        }
    }
}

#[test]
fn another_element_type_and_another_architecture() {
    let (_directory, path, _) = saved();
    let mut double = Params::<f64>::new();
    double.add("w", Array2::zeros((3, 2))).unwrap();
    let error = load(&path, &example().0, &mut double).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("numbers are f32, but the model is f64"),
        "{error}"
    );

    let different = |config: &MlpConfig, names: &[(&str, (usize, usize))]| {
        let mut params = Params::<f32>::new();
        for (name, shape) in names {
            match shape {
                (n, 0) => params.add(*name, ndarray::Array1::zeros(*n)).unwrap(),
                _ => params.add(*name, Array2::zeros(*shape)).unwrap(),
            };
        }
        let error = load(&path, config, &mut params).unwrap_err();
        match error {
            CheckpointError::Architecture { difference, .. } => difference,
            error => panic!("{error}"),
        }
    };
    let good = example().0;
    assert_eq!(
        different(&good, &[("w", (3, 2)), ("c", (2, 0))]),
        "parameter 1 is `b` in the file, but `c` in the model"
    );
    assert_eq!(
        different(&good, &[("w", (4, 2)), ("b", (2, 0))]),
        "`w` has shape [3, 2] in the file, but [4, 2] in the model"
    );
    assert_eq!(
        different(&good, &[("w", (3, 2))]),
        "the file has a parameter `b`, the model has not"
    );
    assert_eq!(
        different(&good, &[("w", (3, 2)), ("b", (2, 0)), ("more", (1, 0))]),
        "the model has a parameter `more`, the file has not"
    );
    let relu = MlpConfig {
        activation: crate::Activation::Tanh,
        ..good
    };
    assert_eq!(
        different(&relu, &[("w", (3, 2)), ("b", (2, 0))]),
        r#"`configuration.activation` is "relu" in the file, but "tanh" in the model"#
    );
    assert!(matches!(
        config::<Vec<u8>>(&path).unwrap_err(),
        CheckpointError::Architecture { .. }
    ));
}

#[test]
fn a_failed_save_changes_nothing_and_leaves_nothing() {
    let (directory, path, bytes) = saved();
    let (_, params) = example();
    // Keys of a JSON object must be text.
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = save(&path, &unwritable, &params).unwrap_err();
    assert!(matches!(error, CheckpointError::Config { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);

    // A directory cannot be replaced by a file.
    let taken = directory.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("inside"), "x").unwrap();
    let error = save(&taken, &(), &params).unwrap_err();
    assert!(matches!(error, CheckpointError::Io { .. }), "{error}");
    assert!(save(directory.path().join("no/such/place"), &(), &params).is_err());
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["model", "taken"]);
}
