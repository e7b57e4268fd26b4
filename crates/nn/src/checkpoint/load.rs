//! Reading a checkpoint. Nothing in the file is believed before it has been
//! checked, and nothing is allocated that the file is not long enough for.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use wengert_autodiff::Float;

use super::CheckpointError;
use super::format::{Header, MAGIC, PREFIX, VERSION, dtype, from_bytes};
use crate::params::Params;

/// The configuration in a checkpoint, to build the model from. See
/// [`save`](super::save) for an example.
///
/// # Errors
/// If the file is not a whole checkpoint, or the configuration in it is of
/// another type.
pub fn config<C: DeserializeOwned>(path: impl AsRef<Path>) -> Result<C, CheckpointError> {
    let path = path.as_ref();
    let (header, _) = read(path)?;
    serde_json::from_value(header.config).map_err(|e| CheckpointError::Architecture {
        path: path.into(),
        difference: format!("its configuration is of another kind: {e}"),
    })
}

/// Overwrites parameters with those of a checkpoint, which must be of the
/// same architecture: the same configuration, names, order and shapes. See
/// [`save`](super::save) for an example.
///
/// # Errors
/// If the file is not a whole checkpoint, of another element type, or of
/// another architecture; the parameters are then unchanged.
pub fn load<F: Float>(
    path: impl AsRef<Path>,
    config: &impl Serialize,
    params: &mut Params<F>,
) -> Result<(), CheckpointError> {
    let path = path.as_ref();
    let (header, data) = read(path)?;
    if header.dtype != dtype::<F>() {
        return Err(CheckpointError::DType {
            path: path.into(),
            found: header.dtype,
            expected: dtype::<F>(),
        });
    }
    let expected = serde_json::to_value(config).map_err(|e| CheckpointError::Config {
        path: path.into(),
        reason: e.to_string(),
    })?;
    let difference = different_parameters(&header, params)
        .or_else(|| different_json("configuration", &header.config, &expected));
    if let Some(difference) = difference {
        return Err(CheckpointError::Architecture {
            path: path.into(),
            difference,
        });
    }
    from_bytes(params.buffer_mut(), &data);
    Ok(())
}

/// Header and data, both whole.
fn read(path: &Path) -> Result<(Header, Vec<u8>), CheckpointError> {
    let io = |source| CheckpointError::Io {
        path: path.into(),
        action: "read it",
        source,
    };
    let truncated = |missing| CheckpointError::Truncated {
        path: path.into(),
        missing,
    };
    let mut file = File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let mut prefix = Vec::with_capacity(PREFIX);
    let mut start = (&mut file).take(PREFIX as u64);
    start.read_to_end(&mut prefix).map_err(io)?;
    let magic = &prefix[..prefix.len().min(MAGIC.len())];
    if !MAGIC.starts_with(magic) {
        return Err(CheckpointError::Format { path: path.into() });
    }
    if prefix.len() < PREFIX {
        return Err(truncated((PREFIX - prefix.len()) as u64));
    }
    let word = |at: usize| u32::from_le_bytes(prefix[at..at + 4].try_into().expect("4 bytes"));
    if word(8) != VERSION {
        return Err(CheckpointError::Version {
            path: path.into(),
            found: word(8),
            known: VERSION,
        });
    }
    let length = u64::from(word(12)) | u64::from(word(16)) << 32;
    let rest = size.saturating_sub(PREFIX as u64);
    if length > rest {
        return Err(truncated(length - rest));
    }
    let mut take = |length: u64| {
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| truncated(length))?];
        file.read_exact(&mut bytes).map_err(io)?;
        Ok(bytes)
    };
    let header = take(length)?;
    checksum(path, "header", &header, word(20))?;
    let header: Header = serde_json::from_slice(&header).map_err(|e| CheckpointError::Header {
        path: path.into(),
        reason: e.to_string(),
    })?;
    let Some(needed) = header.data_bytes() else {
        return Err(CheckpointError::Header {
            path: path.into(),
            reason: format!(
                "it promises impossibly many numbers of type `{}`",
                header.dtype
            ),
        });
    };
    let rest = rest - length;
    if needed > rest {
        return Err(truncated(needed - rest));
    }
    if needed < rest {
        return Err(CheckpointError::Trailing {
            path: path.into(),
            extra: rest - needed,
        });
    }
    let data = take(needed)?;
    checksum(path, "data", &data, header.crc32)?;
    Ok((header, data))
}

fn checksum(
    path: &Path,
    part: &'static str,
    bytes: &[u8],
    expected: u32,
) -> Result<(), CheckpointError> {
    let found = crc32fast::hash(bytes);
    match found == expected {
        true => Ok(()),
        false => Err(CheckpointError::Checksum {
            path: path.into(),
            part,
            found,
            expected,
        }),
    }
}

/// The first parameter that is not the same.
fn different_parameters<F: Float>(header: &Header, params: &Params<F>) -> Option<String> {
    for (id, entry) in params.ids().zip(&header.parameters) {
        let (name, shape) = (params.name(id), params.shape(id));
        if entry.name != name {
            let found = &entry.name;
            let number = id.index();
            return Some(format!(
                "parameter {number} is `{found}` in the file, but `{name}` in the model"
            ));
        }
        if !shape
            .iter()
            .map(|&len| len as u64)
            .eq(entry.shape.iter().copied())
        {
            let found = &entry.shape;
            return Some(format!(
                "`{name}` has shape {found:?} in the file, but {shape:?} in the model"
            ));
        }
    }
    let (file, model) = (header.parameters.len(), params.len());
    if file > model {
        let extra = &header.parameters[model].name;
        return Some(format!(
            "the file has a parameter `{extra}`, the model has not"
        ));
    }
    let missing = params.ids().nth(file)?;
    let missing = params.name(missing);
    Some(format!(
        "the model has a parameter `{missing}`, the file has not"
    ))
}

/// The first setting that is not the same, by its path.
fn different_json(at: &str, file: &Json, model: &Json) -> Option<String> {
    match (file, model) {
        (Json::Object(f), Json::Object(m)) => {
            let keys = f.keys().chain(m.keys().filter(|key| !f.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let (f, m) = (f.get(key), m.get(key));
                let at = format!("{at}.{key}");
                different_json(&at, f.unwrap_or(&Json::Null), m.unwrap_or(&Json::Null))
            })
        }
        _ if file == model => None,
        _ => Some(format!(
            "`{at}` is {file} in the file, but {model} in the model"
        )),
    }
}
