//! The split: its size, its stratification, and its seed.

use std::path::Path;

use deme::task::{DataFile, DataSet, Goal, LoadedDataSet, Split};
use tempfile::TempDir;

use super::{problem, written};

/// A table with classes of these sizes, interleaved. The only feature is the row.
fn read(sizes: &[usize], held_out: Option<f64>, seed: u64) -> DataSet {
    load(sizes, DataFile { held_out, seed, ..DataFile::new(Path::new("")) }).expect("a table").data
}

/// Reads such a table with options.
fn load(sizes: &[usize], options: DataFile) -> deme::error::Result<LoadedDataSet> {
    let mut rows = String::from("row,class\n");
    let mut row = 0;
    for round in 0..sizes.iter().copied().max().unwrap_or(0) {
        for (class, _) in sizes.iter().enumerate().filter(|&(_, &size)| round < size) {
            rows.push_str(&format!("{row},c{class}\n"));
            row += 1;
        }
    }
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", rows);
    DataFile { path: &path, ..options }.read()
}

/// The samples of each class in a split; none if other samples serve as it.
fn counts(data: &DataSet, split: Split) -> Vec<usize> {
    let mut counts = vec![0; data.outputs];
    if data.served_by(split) == split {
        data.indices(split).for_each(|sample| counts[data.targets[sample] as usize] += 1);
    }
    counts
}

#[test]
fn every_class_holds_out_its_share_to_within_one_sample() {
    for (sizes, share, expected) in [
        (&[50, 50, 50][..], None, &[10, 10, 10][..]),
        (&[90, 10], None, &[18, 2]),
        (&[7, 7, 7], None, &[2, 1, 1]),
        (&[100, 3, 1], None, &[20, 1, 0]),
        (&[40, 20], Some(0.5), &[20, 10]),
        (&[40, 20], Some(0.0), &[0, 0]),
        // A share of less than one sample is rounded up to one; every class keeps one.
        (&[40, 20], Some(0.001), &[1, 0]),
        (&[2, 1], None, &[1, 0]),
        (&[3, 3], Some(0.99), &[2, 2]),
        (&[1, 1], None, &[0, 0]),
    ] {
        let data = read(sizes, share, 1);
        assert_eq!(counts(&data, Split::HeldOut), expected, "{sizes:?} {share:?}");
        assert_eq!(data.held_out_is_training, expected.iter().all(|&count| count == 0));
        let known = data.training + data.validation;
        assert_eq!(known, sizes.iter().sum::<usize>() - expected.iter().sum::<usize>());
    }
}

#[test]
fn the_split_depends_on_the_seed_and_keeps_the_order_of_the_file() {
    let rows = |seed| {
        let data = read(&[50, 50], None, seed);
        let preprocessing = data.preprocessing.as_ref().expect("it is a file's");
        let (mean, scale) = (preprocessing.input_means[0], preprocessing.input_scales[0]);
        let row = |sample: usize| f64::from(data.sample(sample)[0]) / scale + mean;
        let part = |part| data.indices(part).map(|sample| row(sample).round() as usize).collect();
        let parts: [Vec<usize>; 3] = Split::ALL.map(part);
        assert!(parts.iter().all(|part| part.is_sorted()));
        let mut all = parts.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
        parts
    };
    assert_eq!(rows(1), rows(1));
    for split in [1, 2] {
        assert_ne!(rows(1)[split], rows(2)[split]);
        // Every seed takes other rows.
        let often = (0..100).map(rows).fold(vec![0; 100], |mut counts, parts| {
            parts[split].iter().for_each(|&row| counts[row] += 1);
            counts
        });
        assert!(often.iter().all(|&count| (3..=40).contains(&count)), "{often:?}");
    }
}

#[test]
fn validation_samples_are_a_share_of_every_class_that_is_not_held_out() {
    for (sizes, held_out, validation, expected) in [
        (&[50, 50, 50][..], None, None, &[8, 8, 8][..]),
        (&[90, 10], None, None, &[14, 2]),
        (&[40, 20], Some(0.0), Some(0.5), &[20, 10]),
        (&[40, 20], None, Some(0.0), &[0, 0]),
        // Every class keeps a sample to learn from.
        (&[2, 2], Some(0.0), Some(0.9), &[1, 1]),
        // A request is met, however few samples that is; by default few are none.
        (&[20, 20], None, Some(0.1), &[2, 1]),
        (&[30, 30], None, None, &[5, 5]),
        (&[28, 28], None, None, &[0, 0]),
        // All samples train if nothing is held out.
        (&[90, 90], Some(0.0), None, &[0, 0]),
    ] {
        let file = DataFile { held_out, validation, ..DataFile::new(Path::new("")) };
        let loaded = load(sizes, file).expect("a good table");
        assert_eq!(counts(&loaded.data, Split::Validation), expected, "{sizes:?} {validation:?}");
        let drawn = expected.iter().sum::<usize>();
        assert_eq!(loaded.data.validation, drawn);
        assert_eq!(loaded.validation > 0.0, drawn > 0);
        // The note on the data says how many, or another one says why there are none.
        let notes = loaded.notes.join("\n");
        assert_eq!(notes.contains(&format!(", {drawn} for validation, ")), drawn > 0, "{notes}");
        let is_small = held_out.is_none() && validation.is_none() && drawn == 0;
        assert_eq!(notes.contains("no validation part, because"), is_small, "{notes}");
        // The share that was drawn, asked for again, draws the same samples.
        let again = DataFile { validation: Some(loaded.validation), ..file };
        let again = load(sizes, again).expect("a good table");
        assert_eq!(again.data.checksum(), loaded.data.checksum());
    }
}

#[test]
fn samples_that_cannot_be_drawn_are_named() {
    let single = DataFile { validation: Some(0.5), ..DataFile::new(Path::new("")) };
    let problem = problem(load(&[1, 1], single));
    assert!(problem.contains("--validation"), "{problem}");
    let notes = load(&[1, 1], DataFile::new(Path::new(""))).expect("two samples").notes.join("; ");
    assert!(notes.contains("no sample can be held out"), "{notes}");
    assert!(notes.contains("the score is that of the training samples"), "{notes}");
}

#[test]
fn equal_numbers_are_no_validation_part_of_a_regression() {
    // One number differs, and it is a training sample for most seeds.
    let rows: String =
        (0..100).map(|row| format!("{row},{}\n", f64::from(row % 50 == 7))).collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", format!("row,y\n{rows}"));
    let goal = Some(Goal::Regression);
    let read = |seed, validation| {
        let held_out = Some(0.5);
        DataFile { goal, held_out, validation, seed, ..DataFile::new(&path) }.read()
    };
    let seed = (1..100).find(|&seed| {
        read(seed, None).is_ok_and(|loaded| loaded.notes.join("; ").contains("would be equal"))
    });
    let seed = seed.expect("a seed that keeps the number for training");
    assert_eq!(read(seed, None).expect("a good table").data.validation, 0);
    assert!(problem(read(seed, Some(0.2))).contains("--validation"));
}
