//! `digits`: every sample of the file, split 64 to 16 to 20 within each class.

use deme::task::{self, Objective, Split};

const CLASSES: usize = 10;

#[test]
fn there_are_1797_samples_of_64_pixels_from_0_to_1() {
    let data = task::digits();
    assert_eq!((data.targets.len(), data.inputs, data.outputs), (1797, 64, CLASSES));
    assert_eq!(data.features.len(), 1797 * 64);
    assert_eq!(data.objective, Objective::CrossEntropy);
    assert!(data.features.iter().all(|ink| (0.0..=1.0).contains(ink)));
    assert!(data.features.contains(&1.0) && data.features.contains(&0.0));
}

#[test]
fn the_split_is_64_to_16_to_20_in_each_class_to_within_one_sample() {
    let data = task::digits();
    let count = |part| {
        let mut counts = [0.0; CLASSES];
        data.indices(part).for_each(|sample| counts[data.targets[sample] as usize] += 1.0);
        counts
    };
    let [training, validation, held_out] = Split::ALL.map(count);
    assert!(!data.held_out_is_training);
    for class in 0..CLASSES {
        let (rest, held_out) = (training[class] + validation[class], held_out[class]);
        let close = |part: f64, all: f64| (part - all / 5.0).abs() < 1.0;
        assert!(close(held_out, rest + held_out), "class {class}: {held_out} beside {rest}");
        assert!(close(validation[class], rest), "class {class}: {} of {rest}", validation[class]);
    }
}

#[test]
fn no_sample_of_the_file_is_lost_or_changed() {
    let data = task::digits();
    let mut found: Vec<Vec<u32>> = (0..data.targets.len())
        .map(|sample| {
            let inks = data.sample(sample).iter().map(|ink| (ink * 16.0) as u32);
            inks.chain([data.targets[sample] as u32]).collect()
        })
        .collect();
    let text = include_str!("../../../data/digits.csv");
    let rows = text.lines().skip(1).map(|line| line.split(',').map(|number| number.parse()));
    let mut expected: Vec<Vec<u32>> =
        rows.map(|row| row.collect::<Result<_, _>>().expect("whole numbers")).collect();
    found.sort();
    expected.sort();
    assert!(found == expected);
}
