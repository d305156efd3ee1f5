//! A table as CSV, read with each goal.
#![no_main]

use deme::task::{DataFile, Goal};
use deme_fuzz::{save_seed, write};
use libfuzzer_sys::fuzz_target;

const SEEDS: [(&str, &str); 6] = [
    ("numbers", "a,b,y\n1,2,3\n2,3,5.5\n1,1,2\n4,0,4\n7,1,-8e3\n"),
    ("classes", "width,length,kind\n1,2,red\n2,3,blue\n1,1,red\n4,0,blue\n"),
    ("semicolons", "a;b;y\n1,5;2;3\n2,5;3;5\n1;1;2\n"),
    ("quotes", "\"a \"\"x\"\"\",b,y\n\"1\",2,\"no, no\"\n2,3,yes\n"),
    ("split", "a,y,split\n1,2,train\n2,3,test\n3,4,train\n4,2,test\n"),
    ("tabs", "a\tb\ty\r\n1\t2\t3\r\n4\t5\t6\r\n"),
];

fuzz_target!(
    init: {
        for (name, text) in SEEDS {
            save_seed(name, text.as_bytes());
        }
    },
    |file: &[u8]| {
        let path = write("table.csv", file);
        for goal in [None, Some(Goal::Classification), Some(Goal::Regression)] {
            if let Ok(loaded) = (DataFile { goal, ..DataFile::new(&path) }).read() {
                loaded.data.checksum();
            }
        }
    }
);
