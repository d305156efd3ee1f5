//! Defaults of a run on a file: the same for every usual file, and fewer generations for a large
//! one, so that a first run ends while somebody waits.
//!
//! Four choices were compared on six public data sets of 150 to 2,000 samples (iris, wine, breast
//! cancer, diabetes, Friedman's first, digits), with seeds from 101 up: 64 and 256 individuals
//! under the strategy's own settings, and 64 at a sigma of 0.05 with learning rates of 0.05 and
//! 0.02. The last was the best on the two largest, and elsewhere as good as any but for diabetes,
//! where 64 under the strategy's own settings came to an R^2 of 0.39, and it to 0.33.

use crate::task::Defaults;

const POPULATION: u32 = 64;
const HIDDEN: usize = 32;
const GENERATIONS: u32 = 300;
/// Even of the largest file; what is learned in fewer is hardly worth having.
const FEWEST_GENERATIONS: u32 = 50;
/// Multiply-adds of a whole run: minutes on a few cores.
const MOST_WORK: f64 = 1e13;

/// What suits so many samples to learn from.
pub(super) fn of(training: usize, inputs: usize, outputs: usize) -> Defaults {
    let parameters = (inputs + 1 + outputs) * HIDDEN + outputs;
    let generation = f64::from(POPULATION) * training as f64 * parameters as f64;
    let affordable = (MOST_WORK / generation) as u32;
    Defaults {
        strategy: "openai-es",
        network: "32",
        population: POPULATION,
        generations: affordable.clamp(FEWEST_GENERATIONS, GENERATIONS),
        episodes: 1,
        settings: &[("sigma", "0.05"), ("learning-rate", "0.02")],
    }
}
