//! An IDX array, as the features and as the target of a data set.
#![no_main]

use deme::task::DataFile;
use deme_fuzz::{idx, save_seed, write};
use libfuzzer_sys::fuzz_target;

/// An IDX array of four labels, as gzip writes it.
const PACKED: [u8; 32] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 100, 96, 96, 96, 97, 96, 100, 100, 0, 0, 110,
    111, 32, 146, 12, 0, 0, 0,
];

fuzz_target!(
    init: {
        save_seed("images", &idx(&[4, 2, 1], &[0, 1, 2, 3, 4, 5, 6, 7]));
        save_seed("labels", &idx(&[4], &[0, 1, 1, 0]));
        save_seed("packed", &PACKED);
    },
    |file: &[u8]| {
        let labels = write("labels-idx1-ubyte", &idx(&[4], &[0, 1, 1, 0]));
        for name in ["fuzzed-idx3-ubyte", "fuzzed-idx3-ubyte.gz"] {
            let fuzzed = write(name, file);
            for (features, target) in [(&fuzzed, &labels), (&labels, &fuzzed)] {
                let target = target.to_str();
                if let Ok(loaded) = (DataFile { target, ..DataFile::new(features) }).read() {
                    loaded.data.checksum();
                }
            }
        }
    }
);
