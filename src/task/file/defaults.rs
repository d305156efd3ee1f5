//! Default settings of a run on a data file. They are the same for every file, except that large
//! files get fewer generations, so that a first run takes minutes.
//!
//! Four choices were compared on six public data sets of 150 to 2,000 samples (iris, wine, breast
//! cancer, diabetes, Friedman's first, digits), with seeds from 101 up: 64 and 256 individuals with
//! the strategy's own settings, and 64 individuals with a sigma of 0.05 and learning rates of 0.05
//! and 0.02. The last choice was the best on the two largest data sets, and as good as any on the
//! others except diabetes, where its R^2 was 0.33, against 0.39 for 64 individuals with the
//! strategy's own settings.
//!
//! The budget is one that most searches do not use up: the patience of a run ends them (see
//! `run/config.rs`). A search on a small file may find nothing better for a hundred generations at
//! its beginning. On a sine of 300 samples, and on two spirals of 400, seeds 1 to 3, a patience of
//! 100 ended the runs with a held-out R^2 of -0.03, 0.97 and -0.14 and an accuracy of 0.61, 0.90
//! and 0.53; a patience of 300 ended them with 0.992, 0.997 and 0.997, and 0.99, 0.99 and 0.96. On
//! a linear target with noise, both ended them with the same champions.

use crate::task::Defaults;

const POPULATION: u32 = 64;
const HIDDEN: usize = 32;
const GENERATIONS: u32 = 4000;
/// The lower limit for the largest files; fewer generations learn too little.
const MIN_GENERATIONS: u32 = 50;
/// The multiply-adds of a whole run, which take a minute on a few cores.
const MAX_WORK: f64 = 5e11;

/// Returns the defaults for a number of training samples and the sizes of the network.
pub(super) fn for_sizes(training: usize, inputs: usize, outputs: usize) -> Defaults {
    let parameters = (inputs + 1 + outputs) * HIDDEN + outputs;
    let generation = f64::from(POPULATION) * training as f64 * parameters as f64;
    let affordable = (MAX_WORK / generation) as u32;
    Defaults {
        strategy: "openai-es",
        network: "32",
        population: POPULATION,
        generations: affordable.clamp(MIN_GENERATIONS, GENERATIONS),
        episodes: 1,
        normalise_observations: false,
        settings: &[("sigma", "0.05"), ("learning-rate", "0.02")],
    }
}
