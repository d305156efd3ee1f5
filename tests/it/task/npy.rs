//! NumPy arrays: every type and order as written by NumPy, the choice of arrays, and errors.

use std::io::{Read, Write};
use std::path::PathBuf;

use deme::error::Result;
use deme::task::{self, DataFile, Objective, Split};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::{problem, written};

/// An archive that NumPy wrote: `golden/arrays.py`.
const GOLDEN: &[u8] = include_bytes!("../golden/arrays.npz");

/// The arrays of the golden archive: a name, and the bytes of the `.npy` file inside.
fn golden() -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(GOLDEN)).expect("an archive");
    let count = archive.len();
    let array = |index| {
        let mut inside = archive.by_index(index).expect("an array");
        let mut bytes = Vec::new();
        inside.read_to_end(&mut bytes).expect("whole");
        let name = inside.name().expect("a name").into_owned();
        (name.strip_suffix(".npy").expect("an ending").to_owned(), bytes)
    };
    (0..count).map(array).collect()
}

fn array(name: &str) -> Vec<u8> {
    golden().into_iter().find(|(known, _)| known == name).expect("a golden array").1
}

/// An array of doubles.
pub fn npy(shape: &str, numbers: &[f64]) -> Vec<u8> {
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape}), }}");
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}

/// Reads a pair of files.
fn read(samples: &[u8], targets: &[u8]) -> Result<task::LoadedDataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "x.npy", samples);
    let target = written(&folder, "y.npy", targets);
    let target = target.to_str().expect("a plain name");
    DataFile { target: Some(target), held_out: Some(0.0), ..DataFile::new(&path) }.read()
}

/// An archive in a folder.
pub fn archive(folder: &TempDir, arrays: &[(&str, Vec<u8>)]) -> PathBuf {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = SimpleFileOptions::default();
        writer.start_file(format!("{name}.npy"), options).expect("a new array");
        writer.write_all(bytes).expect("room");
    }
    written(folder, "data.npz", writer.finish().expect("an archive").into_inner())
}

#[test]
fn every_type_and_order_gives_the_same_features() {
    let (samples, inputs) = (6, 6);
    let original = |sample: usize, input: usize| ((sample * inputs + input) * 7 % 37) as f64;
    let mut count = 0;
    for (name, bytes) in golden() {
        let Some((kind, _)) = name.split_once('_') else { continue };
        count += 1;
        let data = read(&bytes, &array("y")).expect("a good pair").data;
        assert_eq!((data.inputs, data.targets.len(), data.outputs), (inputs, samples, 3), "{name}");
        assert_eq!(data.targets, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
        for input in 0..inputs {
            // Bytes share a mean and a deviation; features of other types have their own.
            let all = || {
                let inputs = if kind == "u1" { 0..inputs } else { input..input + 1 };
                inputs.flat_map(|input| (0..samples).map(move |sample| original(sample, input)))
            };
            let count = all().count() as f64;
            let mean = all().sum::<f64>() / count;
            let deviation = (all().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
            for sample in 0..samples {
                let expected = (original(sample, input) - mean) / deviation;
                let found = f64::from(data.sample(sample)[input]);
                approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
            }
        }
    }
    assert_eq!(count, 40);
    let bits = read(&array("bits"), &array("y")).expect("a good pair").data;
    for sample in 0..samples {
        for (input, &found) in bits.sample(sample).iter().enumerate() {
            // True values are above the mean.
            assert_eq!(found > 0.0, original(sample, input) % 2.0 == 0.0);
        }
    }
}

#[test]
fn other_types_are_refused_by_name() {
    for (name, words) in [("complex", "c8"), ("record", "'<f4'"), ("object", "Python objects")] {
        let problem = problem(read(&array(name), &array("y")));
        assert!(problem.contains("expected numbers") && problem.contains(words), "{problem}");
        assert!(problem.contains("x.npy"), "{problem}");
    }
    let two = npy("2,", &[0.0, 1.0]);
    assert!(problem(read(&array("words"), &two)).contains("numbers as features, got words"));
}

/// An array of any type.
fn typed(descr: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    [&file, header.as_bytes(), bytes].concat()
}

#[test]
fn half_precision_gives_the_same_features() {
    let half = read(&array("f2"), &array("y")).expect("a good pair").data;
    let single = read(&array("f4_little_C"), &array("y")).expect("a good pair").data;
    assert_eq!(half.features, single.features);
}

#[test]
fn labels_may_be_words() {
    let x = npy("4, 1", &[1.0, 2.0, 3.0, 4.0]);
    let points = |endian: fn(u32) -> [u8; 4]| -> Vec<u8> {
        ["né", "z", "né", "ab"]
            .iter()
            .flat_map(|word| word.chars().map(u32::from).chain([0; 2]).take(2))
            .flat_map(endian)
            .collect()
    };
    let bytes = "né\0z\0\0\0né\0ab\0\0";
    let arrays = [
        typed("<U2", "4,", &points(u32::to_le_bytes)),
        typed(">U2", "4, 1", &points(u32::to_be_bytes)),
        typed("|S4", "4,", bytes.as_bytes()),
    ];
    for y in arrays {
        let data = read(&x, &y).expect("a good pair").data;
        assert_eq!(data.targets, [1.0, 2.0, 1.0, 0.0]);
        assert_eq!(data.preprocessing.expect("it is a file's").classes, ["ab", "né", "z"]);
    }
    for (descr, bytes, words) in [
        ("|S1", &b"ab\0c"[..], "got nothing at index 2"),
        ("|S1", b"ab\xffc", "no text at index 2"),
        ("<U1", &[0x00, 0xd8, 0, 0].repeat(4), "no text at index 0"),
    ] {
        let problem = problem(read(&x, &typed(descr, "4,", bytes)));
        assert!(problem.contains(words), "{problem}");
    }
}

#[test]
fn whole_labels_beyond_doubles_stay_apart() {
    let x = npy("4, 1", &[1.0, 2.0, 3.0, 4.0]);
    let labels = [1u64 << 53, (1 << 53) + 1, u64::MAX, u64::MAX - 1];
    let bytes = labels.map(u64::to_le_bytes).concat();
    let classes = |y: &[u8]| {
        let data = read(&x, y).expect("a good pair").data;
        data.preprocessing.expect("it is a file's").classes
    };
    let names = |labels: &[i128]| labels.iter().map(i128::to_string).collect::<Vec<_>>();
    let all = |max: i128| names(&[1 << 53, (1 << 53) + 1, max - 1, max]);
    assert_eq!(classes(&typed("<u8", "4,", &bytes)), all(u64::MAX.into()));
    assert_eq!(classes(&typed("<i8", "4,", &bytes)), names(&[-2, -1, 1 << 53, (1 << 53) + 1]));
}

#[test]
fn a_header_that_claims_more_than_the_file_holds_is_refused_at_once() {
    // 8 TB, although memory is unlimited here.
    let y = npy("3,", &[0.0, 1.0, 0.0]);
    let claims = npy("1000000000, 1000", &[1.0]);
    let found = problem(read(&claims, &y));
    assert!(found.contains("got a file that can hold 136 bytes at most"), "{found}");
    let folder = TempDir::new().expect("a temporary folder");
    let path = archive(&folder, &[("x", claims), ("y", y)]);
    let found = problem(DataFile::new(&path).read());
    assert!(found.contains("array 'x'") && found.contains("can hold"), "{found}");
}

#[test]
fn zeros_after_an_array_are_padding() {
    let (x, y) = (npy("2, 1", &[0.0, 1.0]), npy("2,", &[0.0, 1.0]));
    let read = read(&[&x[..], &[0; 5000]].concat(), &y).expect("a good pair");
    assert!(read.notes.iter().any(|note| note.contains("5000 zero bytes")), "{:?}", read.notes);
}

#[test]
fn targets_of_several_columns_are_a_regression_of_vectors() {
    let folder = TempDir::new().expect("a temporary folder");
    let read = |targets: &[u8]| {
        let x = written(&folder, "x.npy", npy("4,", &[0.0, 1.0, 2.0, 3.0]));
        let y = written(&folder, "y.npy", targets);
        let target = y.to_str();
        DataFile { target, held_out: Some(0.0), ..DataFile::new(&x) }.read().expect("good arrays")
    };
    // Whole numbers are no classes here.
    let vectors = read(&npy("4, 2", &[0.0, 5.0, 1.0, 5.0, 0.0, 9.0, 3.0, 9.0]));
    assert_eq!((vectors.data.outputs, vectors.data.objective), (2, Objective::SquaredError));
    let preprocessing = vectors.data.preprocessing.expect("it is a file's");
    assert_eq!(preprocessing.targets, ["y.npy[0]", "y.npy[1]"]);
    assert_eq!(preprocessing.outputs.iter().map(|by| by.mean).collect::<Vec<f64>>(), [1.0, 7.0]);
    assert!(!vectors.notes.iter().any(|note| note.contains("a single 1 in each row")));
    let one_hot = read(&npy("4, 2", &[0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]));
    assert!(one_hot.notes.iter().any(|note| note.contains("a single 1 in each row")));
}

#[test]
fn arrays_that_contradict_each_other_or_their_header_are_refused() {
    let (x, y) = (npy("3, 2", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), npy("3,", &[0.0, 1.0, 0.0]));
    assert!(read(&x, &y).is_ok());
    assert!(read(&x, &npy("3, 1", &[0.0, 1.0, 0.0])).is_ok());
    let longer = [&x[..], b"more"].concat();
    let cases = [
        (x.clone(), npy("2,", &[0.0, 1.0]), "expected 3 targets"),
        (x.clone(), npy("2, 3", &[0.0; 6]), "expected 3 targets"),
        (x.clone(), npy("3,", &[0.0, f64::NAN, 1.0]), "row 1, column 0"),
        (npy("3, 2", &[0.0, 1.0, 2.0, 3.0, 4.0, f64::INFINITY]), y.clone(), "row 2, column 1"),
        (npy("", &[1.0]), y.clone(), "one number"),
        (npy("0, 2", &[]), npy("0,", &[]), "got none"),
        (npy("3, 0", &[]), y.clone(), "got none"),
        (npy("1, 2", &[0.0, 1.0]), npy("1,", &[0.0]), "two classes"),
        (x[..x.len() - 1].to_vec(), y.clone(), "6 elements as its header says"),
        (longer, y.clone(), "got more bytes"),
        (x[..20].to_vec(), y.clone(), "x.npy"),
    ];
    for (samples, targets, words) in cases {
        let problem = problem(read(&samples, &targets));
        assert!(problem.contains(words), "{words}: {problem}");
    }
    let folder = TempDir::new().expect("a temporary folder");
    let alone = written(&folder, "x.npy", &x);
    assert!(problem(DataFile::new(&alone).read()).contains("--target"));
}

#[test]
fn arrays_of_an_archive_are_chosen_by_name() {
    let x = || npy("4, 1", &[1.0, 2.0, 3.0, 4.0]);
    let y = |first: f64| npy("4,", &[first, first + 0.5, first + 1.0, first + 2.0]);
    let labels = || npy("4,", &[0.0, 1.0, 0.0, 1.0]);
    let folder = TempDir::new().expect("a temporary folder");
    let objective = |arrays: &[(&str, Vec<u8>)], target| {
        let path = archive(&folder, arrays);
        let read = DataFile { target, held_out: Some(0.0), ..DataFile::new(&path) }.read();
        read.map(|read| read.data.objective).map_err(|error| error.to_string())
    };
    let (numbers, classes) = (Ok(Objective::SquaredError), Ok(Objective::CrossEntropy));
    assert_eq!(objective(&[("x", x()), ("y", y(0.0))], None), numbers);
    assert_eq!(objective(&[("X", x()), ("Y", y(0.0))], None), numbers);
    assert_eq!(objective(&[("X_train", x()), ("y_train", labels())], None), classes);
    let three = [("x", x()), ("y", y(0.0)), ("labels", labels())];
    assert_eq!(objective(&three, Some("labels")), classes);
    assert_eq!(objective(&[("images", x()), ("labels", labels())], Some("labels")), classes);
    for (arrays, target, words) in [
        (&three[..], Some("z"), "an array 'z'"),
        (&[("a", x()), ("b", x())], None, "its arrays are: a, b"),
        (&[("a", x()), ("b", x()), ("c", x())], Some("c"), "an array 'x' of samples beside 'c'"),
        (&[], None, "its arrays are: none"),
    ] {
        let problem = objective(arrays, target).expect_err("it should be refused");
        assert!(problem.contains(words) && problem.contains("data.npz"), "{problem}");
    }
}

#[test]
fn test_arrays_are_held_out_unless_a_share_is_set() {
    let many =
        |count: usize, first: f64| -> Vec<f64> { (0..count).map(|n| first + n as f64).collect() };
    let folder = TempDir::new().expect("a temporary folder");
    let path = archive(
        &folder,
        &[
            ("x_train", npy("6, 1", &many(6, 0.0))),
            ("y_train", npy("6,", &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0])),
            ("x_test", npy("2, 1", &many(2, 50.0))),
            ("y_test", npy("2,", &[1.0, 2.0])),
        ],
    );
    let read = DataFile::new(&path).read().expect("a good archive");
    assert_eq!(
        (read.data.indices(Split::Training), read.data.indices(Split::HeldOut)),
        (0..6, 6..8)
    );
    assert_eq!(read.held_out, None);
    assert!(read.notes.iter().any(|note| note.contains("'x_test' and 'y_test'")));
    // Classes are those of all samples; the scaling is that of the training samples.
    assert_eq!((read.data.outputs, &read.data.targets[6..]), (3, &[1.0, 2.0][..]));
    let preprocessing = read.data.preprocessing.expect("it is a file's");
    assert_eq!(
        (preprocessing.input_means, preprocessing.targets[0].as_str()),
        (vec![2.5], "y_train")
    );
    // Validation samples come from the training part.
    let chosen = DataFile { validation: Some(0.4), ..DataFile::new(&path) }.read().expect("good");
    assert_eq!(Split::ALL.map(|split| chosen.data.indices(split)), [0..4, 4..6, 6..8]);
    assert_eq!(&chosen.data.targets[6..], &[1.0, 2.0][..]);
    let read = DataFile { held_out: Some(0.34), ..DataFile::new(&path) }.read().expect("good");
    assert_eq!((read.data.indices(Split::HeldOut), read.held_out), (4..6, Some(0.34)));
    assert_eq!(read.data.outputs, 2);
}

#[test]
fn an_array_that_would_be_left_out_is_refused_and_an_unusual_name_is_noted() {
    let x = || npy("4, 1", &[1.0, 2.0, 3.0, 4.0]);
    let y = || npy("4,", &[0.0, 1.0, 0.0, 1.0]);
    let folder = TempDir::new().expect("a temporary folder");
    for ending in ["", "_train"] {
        let [samples, targets] = ["x", "y"].map(|name| format!("{name}{ending}"));
        for (third, missing) in [("x_test", "y_test"), ("y_test", "x_test")] {
            let path = archive(&folder, &[(&samples, x()), (&targets, y()), (third, y())]);
            let found = problem(DataFile::new(&path).read());
            assert!(found.contains(&format!("'{missing}' beside '{third}'")), "{found}");
            let source = DataFile { held_out: Some(0.5), ..DataFile::new(&path) };
            assert_eq!(source.read().expect("a good archive").held_out, Some(0.5));
        }
        let all = [(&*samples, x()), (&targets, y()), ("x_test", x()), ("y_test", y())];
        let read = DataFile::new(&archive(&folder, &all)).read().expect("a good archive");
        assert_eq!(read.data.indices(Split::HeldOut), 4..8);
        assert!(!read.notes.iter().any(|note| note.contains("usual name")));
    }
    let path = archive(&folder, &[("foo", x()), ("y", y())]);
    let notes = DataFile::new(&path).read().expect("a good archive").notes;
    assert!(notes.iter().any(|note| note.contains("'foo', the only one")), "{notes:?}");
}
