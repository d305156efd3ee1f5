//! Sums over all genes: the same bits on any number of threads.

use deme::strategy::{Fitness, Start};

use super::{begin, no_recombination};

#[test]
fn a_search_has_the_same_bits_on_any_number_of_threads() {
    for name in ["cr-fm-nes", "lm-ma-es", "cosyne"] {
        let search = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let start =
                    Start { genes: 30_001, centre: vec![1.0; 30_001], population: 12, seed: 2 };
                let mut strategy = begin(name, &[], start).unwrap();
                for generation in 0..3 {
                    let values = (0..12).map(|i| ((7 * i + generation) % 12) as f32).collect();
                    strategy.tell(&Fitness::new(values), &mut no_recombination).unwrap();
                }
                (strategy.ask(), strategy.save())
            })
        };
        let alone = search(1);
        assert!(alone == search(3), "{name}");
    }
}
