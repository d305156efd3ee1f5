//! CR-FM-NES: agreement with its authors' program, and its stop rules.

use super::witness::{assert_as_fast, assert_follows, assert_stops};
use super::{begin, complaint, start};
use deme::strategy;

#[test]
fn on_the_same_noise_it_agrees_with_its_authors_program() {
    assert_follows("cr-fm-nes");
}

#[test]
fn with_10_genes_it_needs_no_more_evaluations_than_its_authors_program() {
    assert_as_fast("cr-fm-nes", 10);
}

#[test]
fn with_100_genes_it_needs_no_more_evaluations_than_its_authors_program() {
    assert_as_fast("cr-fm-nes", 100);
}

#[test]
fn it_stops_for_the_right_reason() {
    assert_stops("cr-fm-nes");
}

#[test]
fn an_odd_population_is_refused_and_the_advised_one_is_even() {
    assert_eq!(complaint(begin("cr-fm-nes", &[], start(7, 1))), "--population");
    let advised = strategy::by_name("cr-fm-nes").unwrap().default_population.unwrap();
    // 4 + 3 ln n is 10.9, 17.8, 24.7 and 45.4, rounded down and then up to an even number.
    assert_eq!([10, 100, 1000, 1_000_000].map(advised), [10, 18, 24, 46]);
}

#[test]
fn a_single_gene_can_be_searched() {
    let start = strategy::Start { genes: 1, centre: vec![1.0], population: 8, seed: 1 };
    let mut strategy = begin("cr-fm-nes", &[], start).unwrap();
    for _ in 0..60 {
        super::witness::descend(&mut *strategy, |x| (x[0] - 3.0).powi(2));
    }
    let found = super::witness::centre(&*strategy)[0];
    assert!((found - 3.0).abs() < 1e-2, "{found}");
}
