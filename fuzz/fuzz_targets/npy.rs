//! An array as NumPy writes it, as the features and as the target of a data set.
#![no_main]

use deme::task::DataFile;
use deme_fuzz::{npy, save_seed, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: {
        let floats: Vec<u8> = (0..8).flat_map(|x| (x as f32).to_le_bytes()).collect();
        save_seed("floats", &npy("<f4", "4, 2", &floats));
        save_seed("rows", &npy("<f4", "8,", &floats));
        save_seed("bytes", &npy("|u1", "4, 2", &[0, 1, 2, 3, 4, 5, 6, 7]));
        save_seed("truths", &npy("|b1", "4,", &[0, 1, 1, 0]));
        save_seed("long", &npy("<i8", "1,", &[7; 8]));
        save_seed("words", &npy("<U1", "2,", b"a\0\0\0b\0\0\0"));
    },
    |file: &[u8]| {
        let fuzzed = write("fuzzed.npy", file);
        let labels = write("labels.npy", &npy("|u1", "4,", &[0, 1, 1, 0]));
        for (features, target) in [(&fuzzed, &labels), (&labels, &fuzzed)] {
            let target = target.to_str();
            if let Ok(loaded) = (DataFile { target, ..DataFile::new(features) }).read() {
                loaded.data.checksum();
            }
        }
    }
);
