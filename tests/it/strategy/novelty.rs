//! Novelty against a naive computation, the archive, and the settings.

use deme::random::{Counter, Stream};
use deme::strategy::{Fitness, NOVELTY_SETTINGS, Novelty, NoveltyRules};

use crate::task::problem;

/// Draws behaviours uniformly from 0 to 10.
fn random_behaviours(generation: u32, count: usize) -> Vec<f32> {
    let counter = Counter { seed: 2, stream: Stream::Verification, generation, individual: 0 };
    let uniforms = (0..).flat_map(|block| counter.uniforms(block));
    uniforms.take(count).map(|uniform| 10.0 * uniform).collect()
}

fn rules(text: &str) -> NoveltyRules {
    text.parse().expect("good settings")
}

fn finite_fitness(individuals: usize) -> Fitness {
    Fitness::new(vec![1.0; individuals])
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// Returns the archive as a list of rows.
fn archive(novelty: &Novelty) -> Vec<Vec<f32>> {
    novelty.archive().map(<[f32]>::to_vec).collect()
}

#[test]
fn novelty_is_the_mean_distance_to_the_nearest_in_population_and_archive() {
    const INDIVIDUALS: usize = 60;
    const NEIGHBOURS: usize = 7;
    for numbers in [1, 2, 5] {
        let mut novelty = Novelty::new(rules("neighbours=7:threshold=2"), numbers);
        for generation in 0..4 {
            let behaviours = random_behaviours(generation, numbers * INDIVIDUALS);
            let rows: Vec<&[f32]> = behaviours.chunks(numbers).collect();
            let before = archive(&novelty);
            let scores = novelty.score(&behaviours, &finite_fitness(INDIVIDUALS));
            for (i, row) in rows.iter().enumerate() {
                let mut distances: Vec<f64> =
                    before.iter().map(|known| distance(row, known)).collect();
                distances
                    .extend((0..INDIVIDUALS).filter(|j| *j != i).map(|j| distance(row, rows[j])));
                distances.sort_by(f64::total_cmp);
                let mean = distances[..NEIGHBOURS].iter().sum::<f64>() / NEIGHBOURS as f64;
                approx::assert_relative_eq!(scores.values()[i], mean as f32, max_relative = 1e-5);
            }
            assert!(generation == 0 || !before.is_empty());
        }
    }
}

#[test]
fn all_neighbours_count_if_there_are_fewer_than_k() {
    let mut novelty = Novelty::new(NoveltyRules::default(), 1);
    assert_eq!(novelty.score(&[3.0], &finite_fitness(1)).values(), [0.0]);
    // The archive now holds the 3.
    assert_eq!(novelty.score(&[3.0, 7.0], &finite_fitness(2)).values(), [2.0, 4.0]);
}

#[test]
fn the_archive_takes_behaviours_far_from_all_that_it_holds() {
    let mut novelty = Novelty::new(rules("threshold=2"), 1);
    novelty.score(&[0.0, 1.0, 3.0, 4.9, 5.5, 2.0], &finite_fitness(6));
    // 1 is near 0, 4.9 is near 3, and 2 is only 2 from 0; 5.5 is 2.5 from 3.
    assert_eq!(archive(&novelty), [[0.0], [3.0], [5.5]]);
    assert_eq!(novelty.threshold(), 2.0);
}

#[test]
fn the_threshold_rises_after_many_additions_and_falls_without_any() {
    let mut novelty = Novelty::new(rules("threshold=1"), 1);
    novelty.score(&[0.0, 2.0, 4.0, 6.0], &finite_fitness(4));
    assert_eq!(novelty.threshold(), 1.0, "four are not more than four");
    novelty.score(&[10.0, 12.0, 14.0, 16.0, 18.0], &finite_fitness(5));
    approx::assert_relative_eq!(novelty.threshold(), 1.2);
    for idle in 1..=20 {
        novelty.score(&[0.0, 2.0], &finite_fitness(2));
        let falls = idle / 10;
        approx::assert_relative_eq!(novelty.threshold(), 1.2 * 0.95f64.powi(falls));
    }
    assert_eq!(archive(&novelty).len(), 9);
}

#[test]
fn a_full_archive_drops_the_oldest() {
    let mut novelty = Novelty::new(rules("threshold=1:archive=3"), 2);
    novelty.score(&[0.0, 0.0, 5.0, 0.0, 9.0, 0.0, 0.0, 5.0, 0.0, 9.0], &finite_fitness(5));
    assert_eq!(archive(&novelty), [[9.0, 0.0], [0.0, 5.0], [0.0, 9.0]]);
}

#[test]
fn failed_individuals_are_neither_novel_nor_neighbours() {
    let mut novelty = Novelty::new(rules("neighbours=2:threshold=1"), 1);
    let fitness = Fitness::new(vec![1.0, f32::NAN, 1.0, 1.0, f32::INFINITY]);
    let scores = novelty.score(&[0.0, 0.5, f32::NAN, 4.0, 2.0], &fitness);
    assert_eq!(scores.failed(), 3);
    assert_eq!((scores.values()[0], scores.values()[3]), (4.0, 4.0));
    assert_eq!(archive(&novelty), [[0.0], [4.0]]);
}

#[test]
fn threads_do_not_change_a_bit() {
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut novelty = Novelty::new(rules("threshold=0.5"), 2);
            let generations = (0..5).flat_map(|generation| {
                let scores =
                    novelty.score(&random_behaviours(generation, 600), &finite_fitness(300));
                scores.values().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
            });
            (generations.collect::<Vec<_>>(), archive(&novelty))
        })
    };
    let alone = of(1);
    assert_eq!((of(2), of(3)), (alone.clone(), alone));
}

#[test]
fn rules_are_written_as_they_are_read() {
    let default = NoveltyRules::default();
    assert_eq!((default.neighbours, default.threshold, default.archive), (15, 6.0, 10_000));
    for text in ["neighbours=15:threshold=6:archive=10000", "neighbours=3:threshold=0.5:archive=7"]
    {
        assert_eq!(rules(text).to_string(), text);
    }
    assert_eq!(rules(" archive = 7 "), NoveltyRules { archive: 7, ..default });
    assert_eq!(NOVELTY_SETTINGS.map(|setting| setting.key), ["neighbours", "threshold", "archive"]);
}

#[test]
fn invalid_rules_are_refused_by_their_flag() {
    for (text, words) in [
        ("", "--novelty: expected KEY=VALUE"),
        ("yes", "--novelty: expected KEY=VALUE"),
        ("k=3", "unknown setting of --novelty 'k'; known: neighbours, threshold, archive"),
        (
            "neighbours=0",
            "--novelty neighbours: expected a whole number from 1 to 4294967295, got '0'",
        ),
        (
            "threshold=0",
            "--novelty threshold: expected a number above 0, from 1.4e-45 to 3.4e38, got '0'",
        ),
        ("archive=-1", "--novelty archive: expected a whole number"),
        ("archive=5:archive=6", "each key once"),
    ] {
        let message = problem(text.parse::<NoveltyRules>());
        assert!(message.contains(words), "{text}: {message}");
    }
}
