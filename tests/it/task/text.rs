//! Texts: encodings, compression and limits.

use std::io::Write;

use deme::task::DataFile;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::{problem, written};

#[test]
fn other_encodings_are_refused_with_their_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let utf_16 = |text: &str, mark: &[u8]| -> Vec<u8> {
        [mark, &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    };
    let cases: [(Vec<u8>, &str); 5] = [
        (utf_16("a,y\n1,p\n", &[0xff, 0xfe]), ":1: expected text in UTF-8, got UTF-16"),
        (utf_16("a,y\n1,p\n", &[]), ":1: expected text in UTF-8, got a zero byte"),
        (b"a,y\n1,p\n2,q\0\n".into(), ":3: expected text in UTF-8, got a zero byte"),
        (b"a,y\r\n1,caf\xe9\r\n".into(), ":2: expected text in UTF-8, got the byte 0xe9"),
        (b"a,y\r1,p\r2,caf\xe9\r".into(), ":3: expected text in UTF-8, got the byte 0xe9"),
    ];
    for (bytes, words) in cases {
        let path = written(&folder, "t.csv", bytes);
        let problem = problem(DataFile::new(&path).read());
        assert!(problem.contains(words), "{words}: {problem}");
    }
}

/// A file compressed with gzip.
fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("room");
    encoder.finish().expect("room")
}

#[test]
fn compressed_tables_are_read_within_the_memory() {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, text) in
        [("t.csv.gz", "a,y\n1,p\n2,q\n3,p\n"), ("t.tsv.gz", "a\ty\n1\tp\n2\tq\n3\tp\n")]
    {
        let path = written(&folder, name, gzipped(text.as_bytes()));
        let data = DataFile::new(&path).read().expect("a good table").data;
        assert_eq!((data.targets.len(), data.about.name.as_ref()), (3, "t"));
        let plain = written(&folder, name, text);
        assert!(problem(DataFile::new(&plain).read()).contains("expected gzip"));
    }
    // A small file with a large text.
    let bomb = gzipped(&[&b"a,y\n"[..], &b"1,p\n".repeat(1 << 22)].concat());
    assert!(bomb.len() < 1 << 18);
    let path = written(&folder, "bomb.csv.gz", bomb);
    let source = DataFile { memory: 1 << 22, ..DataFile::new(&path) };
    let problem = problem(source.read());
    assert!(problem.contains("its text") && problem.contains("4.0 MiB of memory"), "{problem}");
}
