//! Parts that fuzz targets share: a scratch folder, seeds, and mutations that keep a file whole.
//!
//! A target reads its input the way the command does, from a file, and then uses what it read. It
//! fails if the library panics, takes more memory or time than `tests/fuzz.sh` allows, or accepts a
//! file that it cannot use.
//!
//! Seeds are small valid files, which a target writes to the folder `DEME_FUZZ_SEEDS` when it
//! starts. A champion, a checkpoint and an archive have checksums that a random change breaks, so
//! that no change would get past the check. Their mutations change one entry, and put the checksum
//! right again: the file is forged.

mod archive;
mod runs;
mod tensors;
mod text;
mod worlds;

pub use archive::mutate_archive;
pub use runs::{SmallRun, small_runs};
pub use tensors::mutate_tensors;
pub use text::{Dictionary, mutate_text};
pub use worlds::{WORLD_DICTIONARY, world_seeds};

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder of this process for files that the library is to read.
pub fn scratch() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("deme-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        folder
    })
}

/// Writes a file of the scratch folder and returns its path.
pub fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let path = scratch().join(name);
    fs::write(&path, bytes).expect("room for a temporary file");
    path
}

/// Writes a seed, if seeds are asked for.
pub fn save_seed(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("DEME_FUZZ_SEEDS") {
        fs::write(Path::new(&folder).join(name), bytes).expect("the folder of seeds");
    }
}

/// The bytes of an array as NumPy writes it, from its type, its shape and its numbers.
pub fn npy(kind: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), numbers].concat()
}

/// The bytes of an IDX array of bytes.
pub fn idx(shape: &[u32], numbers: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(numbers);
    bytes
}
