//! IDX files: every type, gzip, held-out counterparts, and errors.

use std::io::Write;
use std::path::Path;

use deme::error::Result;
use deme::task::{self, DataFile, Objective, Split};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::{problem, written};

/// A file of a type, a shape, and numbers in big-endian bytes.
fn idx(code: u8, shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, code, shape.len() as u8];
    file.extend(shape.iter().flat_map(|length| length.to_be_bytes()));
    file.extend(bytes);
    file
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("room");
    encoder.finish().expect("room")
}

/// Images of two by two pixels, and their labels.
fn images(count: u8) -> Vec<u8> {
    let pixels: Vec<u8> = (0..4 * count).map(|pixel| pixel.wrapping_mul(37)).collect();
    idx(8, &[count.into(), 2, 2], &pixels)
}

fn labels(count: u8) -> Vec<u8> {
    idx(8, &[count.into()], &(0..count).map(|label| label % 3).collect::<Vec<u8>>())
}

fn read(path: &Path, target: &Path, held_out: Option<f64>) -> Result<task::LoadedDataSet> {
    let target = Some(target.to_str().expect("a plain name"));
    DataFile { target, held_out, ..DataFile::new(path) }.read()
}

#[test]
fn bytes_share_a_mean_and_other_types_do_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let y = written(&folder, "labels.idx1-ubyte", idx(8, &[4], &[7, 200, 7, 200]));
    let numbers = [[1, 2], [3, 20], [5, 2], [7, 20]];
    let flat = || numbers.iter().flatten().copied();
    let all = |bytes: fn(i32) -> Vec<u8>| flat().flat_map(bytes).collect::<Vec<u8>>();
    let files = [
        (8, all(|n| vec![n as u8])),
        (9, all(|n| vec![n as u8])),
        (11, all(|n| (n as i16).to_be_bytes().into())),
        (12, all(|n| n.to_be_bytes().into())),
        (13, all(|n| (n as f32).to_be_bytes().into())),
        (14, all(|n| f64::from(n).to_be_bytes().into())),
    ];
    for (code, bytes) in files {
        let x = written(&folder, "images.idx2", idx(code, &[4, 2], &bytes));
        let data = read(&x, &y, Some(0.0)).expect("a good pair").data;
        // Labels are classes, even with gaps between them.
        assert_eq!((data.objective, data.targets), (Objective::CrossEntropy, vec![0., 1., 0., 1.]));
        let preprocessing = data.preprocessing.expect("it is a file's");
        assert_eq!(preprocessing.classes, ["7", "200"]);
        let expected = if code == 8 { [7.5, 7.5] } else { [4.0, 11.0] };
        assert_eq!(preprocessing.input_means, expected, "type {code}");
        let deviation: f64 = if code == 8 { 56.25 } else { 5.0 };
        let scale = preprocessing.input_scales[0];
        if code == 8 {
            let squares: f64 = flat().map(|n| (f64::from(n) - 7.5).powi(2)).sum();
            approx::assert_relative_eq!(scale, (squares / 8.0).sqrt().recip());
        } else {
            approx::assert_relative_eq!(scale, deviation.sqrt().recip());
        }
    }
}

#[test]
fn held_out_counterparts_are_read_compressed_or_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let x = written(&folder, "train-images-idx3-ubyte.gz", gzipped(&images(12)));
    let y = written(&folder, "train-labels-idx1-ubyte", labels(12));
    let alone = read(&x, &y, None).expect("a good pair");
    assert_eq!(
        (alone.data.training, alone.data.targets.len(), alone.held_out),
        (10, 12, Some(0.2))
    );
    written(&folder, "t10k-images-idx3-ubyte", images(5));
    let half = read(&x, &y, None).expect("a good pair");
    assert!(half.notes.iter().any(|note| note.contains("is not read")), "{:?}", half.notes);
    assert_eq!(half.data.targets.len(), 12);
    written(&folder, "t10k-labels-idx1-ubyte.gz", gzipped(&labels(5)));
    let both = read(&x, &y, None).expect("two good pairs");
    assert_eq!((both.data.indices(Split::HeldOut), both.held_out), (12..17, None));
    assert_eq!(both.data.targets[12..], [0.0, 1.0, 2.0, 0.0, 1.0]);
    let note = both.notes.iter().find(|note| note.contains("held-out part")).expect("a note");
    assert!(note.contains("t10k-images-idx3-ubyte") && note.contains("t10k-labels-idx1-ubyte.gz"));
    // Held-out samples are scaled by the training samples.
    assert_eq!(both.data.sample(12), both.data.sample(0));
    let asked = read(&x, &y, Some(0.5)).expect("a good pair");
    assert_eq!((asked.data.training, asked.data.targets.len()), (6, 12));
    written(&folder, "t10k-images-idx3-ubyte", idx(8, &[5, 3], &[1; 15]));
    assert!(problem(read(&x, &y, None)).contains("expected 4 numbers in a held-out sample"));
}

#[test]
fn invalid_files_and_files_that_do_not_fit_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let longer = [images(3), vec![1]].concat();
    let not_finite = idx(13, &[3], &[1.0f32, f32::NAN, 2.0].map(f32::to_be_bytes).concat());
    let cases: [(Vec<u8>, Vec<u8>, &str); 11] = [
        (images(3), labels(2), "expected 3 labels, one for each sample"),
        (images(3), images(3), "one label a sample"),
        (images(3)[..20].to_vec(), labels(3), "the end of the file"),
        (images(3)[..3].to_vec(), labels(3), "the end of the file"),
        (gzipped(&images(3))[..20].to_vec(), labels(3), "images.idx"),
        (longer, labels(3), "got more bytes"),
        (idx(10, &[3], &[0; 3]), labels(3), "a type from 8 to 14"),
        (idx(8, &[], &[]), labels(3), "begins with 0 0"),
        (idx(8, &[0, 4], &[]), labels(3), "got none"),
        (idx(8, &[3], &[1, 2, 3]), idx(8, &[3], &[4; 3]), "two classes, got one: '4'"),
        (not_finite, labels(3), "finite"),
    ];
    for (samples, targets, words) in cases {
        let (x, y) = (written(&folder, "images.idx", samples), written(&folder, "l.idx", targets));
        let problem = problem(read(&x, &y, None));
        assert!(problem.contains(words), "{words}: {problem}");
    }
    let huge = written(&folder, "huge.idx", idx(14, &[1 << 31, 1 << 31], &[]));
    let source = DataFile { target: Some("l.idx"), memory: 1 << 30, ..DataFile::new(&huge) };
    assert!(problem(source.read()).contains("of memory are free"));
}

#[test]
fn zeros_after_a_file_are_padding() {
    let folder = TempDir::new().expect("a temporary folder");
    let zeros = vec![0; 300];
    let x = written(&folder, "x.idx3.gz", [gzipped(&images(6)), zeros.clone()].concat());
    let y = written(&folder, "y.idx1", [labels(6), zeros].concat());
    let loaded = read(&x, &y, Some(0.0)).expect("a good pair");
    assert_eq!(loaded.data.targets, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    let note = loaded.notes.iter().find(|note| note.contains("300 zero bytes")).expect("a note");
    assert!(note.contains("y.idx1"), "{note}");
}

#[test]
fn a_header_that_claims_more_than_the_file_holds_is_refused_at_once() {
    let folder = TempDir::new().expect("a temporary folder");
    let y = written(&folder, "y.idx1", labels(3));
    let claims = idx(8, &[1 << 31, 1 << 20], &[0; 4]);
    // Found by tests/fuzz.sh: lengths whose product no number holds.
    let overflow = idx(8, &[1 << 31, 1 << 31, 1 << 31], &[0; 4]);
    for (name, bytes) in
        [("x.idx", claims.clone()), ("x.idx.gz", gzipped(&claims)), ("y.idx", overflow)]
    {
        let x = written(&folder, name, bytes);
        let problem = problem(read(&x, &y, None));
        assert!(problem.contains("got a file that can hold"), "{problem}");
    }
}

#[test]
fn a_missing_file_of_labels_is_searched_for_and_suggested() {
    let folder = TempDir::new().expect("a temporary folder");
    let x = written(&folder, "train-images-idx3-ubyte", images(3));
    assert!(problem(DataFile::new(&x).read()).contains("--target"));
    written(&folder, "train-labels-idx1-ubyte", labels(3));
    let problem = problem(DataFile::new(&x).read());
    assert!(problem.contains("train-labels-idx1-ubyte seems to be the file"), "{problem}");
}
