//! Headers of NumPy arrays: three keys, and no depth to get lost in.

use deme::task::DataFile;
use tempfile::TempDir;

use super::{problem, written};

/// A file with a header of some version, and some bytes behind it.
fn npy(version: u8, header: &str, bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    match version {
        1 => file.extend((header.len() as u16).to_le_bytes()),
        _ => file.extend((header.len() as u32).to_le_bytes()),
    }
    [&file, header.as_bytes(), bytes].concat()
}

/// Reads a file of samples beside a file of four targets.
fn read(samples: &[u8]) -> deme::error::Result<Vec<f32>> {
    let folder = TempDir::new().expect("a temporary folder");
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }";
    let target = written(&folder, "y.npy", npy(1, header, &[0, 1, 0, 1]));
    let path = written(&folder, "x.npy", samples);
    let target = target.to_str().expect("a plain name");
    let source = DataFile { target: Some(target), held_out: Some(0.0), ..DataFile::new(&path) };
    source.read().map(|read| read.data.features)
}

#[test]
fn nested_headers_are_refused_at_once() {
    for opening in ["{", "(", "[", "{'a':", "[[("] {
        for count in [20, 200, 3000] {
            let header = opening.repeat(count);
            if header.len() < 10_000 {
                problem(read(&npy(1, &header, &[])));
                let shape = format!("{{'shape': {header}");
                problem(read(&npy(2, &shape[..shape.len().min(9_999)], &[])));
            }
        }
    }
}

#[test]
fn headers_are_read_as_any_writer_has_them() {
    for header in [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 1), }",
        "{\"shape\":(4,1),\"descr\":\"|u1\",\"fortran_order\":True}",
        "  { 'fortran_order' : False , 'shape' : ( 4L , 1L , ) , 'descr' : '<u1' , } \n",
        "{'descr':'|i1','fortran_order':False,'shape':(4,)}\0\0\n",
    ] {
        for version in [1, 2, 3] {
            let bytes = npy(version, header, &[0, 2, 2, 0]);
            let features = read(&bytes);
            if header.contains("(4,)") {
                // One number a sample, without a dimension for it.
                assert_eq!(features.expect("a good array"), [-1.0, 1.0, 1.0, -1.0]);
            } else {
                assert_eq!(features.expect("a good array"), [-1.0, 1.0, 1.0, -1.0]);
            }
        }
    }
}

#[test]
fn damaged_headers_are_refused() {
    let good = "{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }";
    for (from, to, words) in [
        ("'|u1'", "'|u3'", "got |u3"),
        ("'|u1'", "'|O'", "Python objects"),
        ("'|u1'", "'<M8[ns]'", "dates"),
        ("'|u1'", "[('a', '<f4')]", "records"),
        ("'|u1'", "u1", "a string"),
        ("'|u1'", "'<U4294967296'", "expected numbers"),
        ("False", "0", "True or False"),
        ("(4,)", "4", "'('"),
        ("(4,)", "(-4,)", "a length"),
        ("(4,)", "(99999999999999999999,)", "a length below 2^64"),
        ("(4,)", "(4 4)", "')'"),
        (", 'shape': (4,)", "", "the key shape"),
        ("'shape'", "'descr'", "once each, in the header, got 'descr'"),
        ("'shape'", "'size'", "got 'size'"),
        (", }", "} x", "the end of the header"),
        (", }", "", "'}'"),
        ("{", "", "'{'"),
    ] {
        let header = good.replacen(from, to, 1);
        assert_ne!(header, good);
        let problem = problem(read(&npy(1, &header, &[0; 4])));
        assert!(problem.contains(words), "{header}: {problem}");
    }
    assert!(problem(read(&npy(4, good, &[0; 4]))).contains("format 1, 2 or 3, got 4"));
    let long = format!("{good}{}", " ".repeat(1 << 20));
    assert!(problem(read(&npy(2, &long, &[0; 4]))).contains("at most 10000 bytes"));
    // A length that the file does not have.
    let claim = [&npy(2, "", &[])[..8], &u32::MAX.to_le_bytes()].concat();
    assert!(problem(read(&claim)).contains("at most 10000 bytes"));
}
