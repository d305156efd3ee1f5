//! Restricted Gaussians: a search over them learns scales that differ by gene.

use super::begin;
use super::landscape::flat_start;
use super::witness::{descend, explicit_genomes};

#[test]
fn individuals_spread_in_proportion_to_the_scales_that_were_learned() {
    let mut strategy = begin("cr-fm-nes", &[], flat_start(6, 1.0, 40, 1)).unwrap();
    // The first gene matters a million times as much as the others.
    for _ in 0..150 {
        descend(&mut *strategy, |x| 1e6 * x[0] * x[0] + x[1..].iter().map(|x| x * x).sum::<f64>());
    }
    let spread = |gene: usize| {
        let genomes = explicit_genomes(&*strategy);
        let values: Vec<f64> = genomes.iter().map(|genome| f64::from(genome[gene])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt()
    };
    let widest = (1..6).map(spread).fold(0.0, f64::max);
    assert!(spread(0) < 0.05 * widest, "{} and {widest}", spread(0));
}
