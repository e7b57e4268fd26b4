//! Writing a checkpoint: beside the file, then in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use wengert_autodiff::Float;

use super::CheckpointError;
use super::format::{Entry, Header, MAGIC, VERSION, dtype, to_bytes};
use crate::params::Params;

/// Writes parameters and a configuration to a file.
///
/// It is written beside the file and renamed at the end: whatever goes wrong,
/// a file that was there before stays whole, and nothing half-written is left
/// behind.
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// use wengert_nn::{Mlp, MlpConfig, Params, checkpoint};
///
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("model.wengert");
/// let config = MlpConfig { hidden: vec![5], ..MlpConfig::new(3, 2) };
/// let mut params = Params::<f32>::new();
/// Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1))?;
/// checkpoint::save(&path, &config, &params)?;
///
/// // Somewhere else: the configuration first, then a model of its shape.
/// let config: MlpConfig = checkpoint::config(&path)?;
/// let mut loaded = Params::<f32>::new();
/// let model = Mlp::new(&config, &mut loaded, &mut ChaCha8Rng::seed_from_u64(2))?;
/// checkpoint::load(&path, &config, &mut loaded)?;
/// assert_eq!(loaded.flat(), params.flat());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be written, or the configuration is not expressible in
/// JSON.
pub fn save<F: Float>(
    path: impl AsRef<Path>,
    config: &impl Serialize,
    params: &Params<F>,
) -> Result<(), CheckpointError> {
    let path = path.as_ref();
    let unserializable = |e: serde_json::Error| CheckpointError::Config {
        path: path.into(),
        reason: e.to_string(),
    };
    let data = to_bytes(params.buffer());
    let parameters = params.ids().map(|id| Entry {
        name: params.name(id).to_string(),
        shape: params.shape(id).iter().map(|&len| len as u64).collect(),
    });
    let header = Header {
        crate_version: env!("CARGO_PKG_VERSION").into(),
        dtype: dtype::<F>(),
        config: serde_json::to_value(config).map_err(unserializable)?,
        parameters: parameters.collect(),
        crc32: crc32fast::hash(&data),
    };
    let header = serde_json::to_vec(&header).map_err(unserializable)?;
    let length = header.len() as u64;
    let parts: [&[u8]; 6] = [
        MAGIC,
        &VERSION.to_le_bytes(),
        &length.to_le_bytes(),
        &crc32fast::hash(&header).to_le_bytes(),
        &header,
        &data,
    ];
    replace(path, &parts).map_err(|(action, source)| CheckpointError::Io {
        path: path.into(),
        action,
        source,
    })
}

/// A file that is removed unless it has been put in its place.
struct Beside {
    path: PathBuf,
    placed: bool,
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.placed {
            // Nothing can be done about a failure here, and the error that
            // led here is the one to report.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Beside {
    /// A new file in the directory of `path`, so that renaming stays within
    /// one file system.
    fn create(path: &Path) -> io::Result<(Beside, File)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{count}.tmp", std::process::id()));
        let path = path.with_file_name(hidden);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        let placed = false;
        Ok((Beside { path, placed }, file))
    }
}

fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), (&'static str, io::Error)> {
    let (mut beside, mut file) = Beside::create(path).map_err(|e| ("create it", e))?;
    let write = |file: &mut File| {
        for part in parts {
            file.write_all(part)?;
        }
        // On the disk before the name points to it.
        file.sync_all()
    };
    write(&mut file).map_err(|e| ("write it", e))?;
    drop(file);
    fs::rename(&beside.path, path).map_err(|e| ("put it in its place", e))?;
    beside.placed = true;
    Ok(())
}
