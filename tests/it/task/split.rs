//! The split: its size, its stratification, and its seed.

use deme::task::{DataFile, DataSet, Split};
use tempfile::TempDir;

use super::written;

/// A table with classes of these sizes, interleaved. The only feature is the row.
fn read(sizes: &[usize], held_out: Option<f64>, seed: u64) -> DataSet {
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
    DataFile { held_out, seed, ..DataFile::new(&path) }.read().expect("a good table").data
}

/// Held-out samples of each class.
fn held_out(data: &DataSet) -> Vec<usize> {
    let mut counts = vec![0; data.outputs];
    if !data.held_out_is_training {
        data.indices(Split::HeldOut).for_each(|sample| counts[data.targets[sample] as usize] += 1);
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
        assert_eq!(held_out(&data), expected, "{sizes:?} {share:?}");
        assert_eq!(data.held_out_is_training, expected.iter().all(|&count| count == 0));
        assert_eq!(data.training, sizes.iter().sum::<usize>() - expected.iter().sum::<usize>());
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
        let [training, held_out]: [Vec<usize>; 2] = [Split::Training, Split::HeldOut].map(part);
        assert!(training.is_sorted() && held_out.is_sorted());
        let mut all = [&training[..], &held_out[..]].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
        held_out
    };
    assert_eq!(rows(1), rows(1));
    assert_ne!(rows(1), rows(2));
    // No row is held out by every seed.
    let often = (0..40).map(rows).fold(vec![0; 100], |mut counts, held_out| {
        held_out.into_iter().for_each(|row| counts[row] += 1);
        counts
    });
    assert!(often.iter().all(|&count| (1..=20).contains(&count)), "{often:?}");
}
