//! Decompression: members, padding, and bytes that are neither.

use std::io::Write;

use deme::task::DataFile;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::{problem, written};

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("room");
    encoder.finish().expect("room")
}

#[test]
fn zeros_after_a_member_are_padding_and_other_bytes_are_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let (first, second) = (gzipped("a,y\n1,p\n"), gzipped("2,q\n3,p\n"));
    let read = |parts: &[&[u8]]| {
        let path = written(&folder, "t.csv.gz", parts.concat());
        DataFile::new(&path).read().map(|read| read.data.targets.len())
    };
    let zeros = vec![0; 100_000];
    for parts in [
        &[&first[..], &second[..]][..],
        &[&first, &second, &[0]],
        &[&first, &second, &zeros],
        &[&first, &zeros, &second, &zeros],
    ] {
        assert_eq!(read(parts).expect("a good file"), 3);
    }
    for garbage in [&b"garbage"[..], b"\0\0garbage", b"\x1f", b"\x1f\x8bgarbage"] {
        let problem = problem(read(&[&first, &second, garbage]));
        assert!(problem.contains("t.csv.gz"), "{problem}");
    }
    // A member that is cut, and one whose checksum differs.
    problem(read(&[&first, &second[..second.len() - 1]]));
    let mut damaged = second.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    problem(read(&[&first, &damaged]));
}
