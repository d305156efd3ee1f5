//! An archive of arrays.
#![no_main]

use std::io::{Cursor, Write};

use deme::task::DataFile;
use deme_fuzz::{mutate_archive, npy, save_seed, write};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_archive(data, size, max_size, seed)
});

fn archive(names: &[&str], method: CompressionMethod) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        let options = SimpleFileOptions::default().compression_method(method);
        to.start_file(format!("{name}.npy"), options).expect("an archive in memory");
        let array = match name.starts_with('x') {
            true => npy("|u1", "4, 2", &[0, 1, 2, 3, 4, 5, 6, 7]),
            false => npy("|u1", "4,", &[0, 1, 1, 0]),
        };
        to.write_all(&array).expect("an archive in memory");
    }
    to.finish().expect("an archive in memory").into_inner()
}

fuzz_target!(
    init: {
        save_seed("stored", &archive(&["x", "y"], CompressionMethod::Stored));
        save_seed("deflated", &archive(&["x", "y"], CompressionMethod::Deflated));
        let names = ["x_train", "y_train", "x_test", "y_test"];
        save_seed("split", &archive(&names, CompressionMethod::Stored));
    },
    |file: &[u8]| {
        if let Ok(loaded) = DataFile::new(&write("fuzzed.npz", file)).read() {
            loaded.data.checksum();
        }
    }
);
