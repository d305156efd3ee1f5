//! Measurements: the result of one benchmark case, with its method. Each is a row of the report.

use serde::Serialize;

/// One measurement. A field that does not apply is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measurement {
    /// The subject: a task, `forward`, `generation`, `spawn` or `recombine`.
    pub subject: String,
    /// The layers of the network.
    pub network: Option<String>,
    /// The number of parameters of an individual.
    pub parameters: Option<u64>,
    /// The number of individuals.
    pub population: Option<u64>,
    /// The number of samples that all individuals share.
    pub batch: Option<u64>,
    /// The number of environment steps of every individual.
    pub steps: Option<u64>,
    /// The backend's name.
    pub backend: String,
    /// The device.
    pub adapter: Option<String>,
    /// The number format of genes: `f32` or `f16`.
    pub precision: String,
    /// The kernel variant of a GPU.
    pub variant: Option<String>,
    /// The number of generations of a repetition of `generation`. Its seconds are the mean of one.
    pub generations: Option<u64>,
    /// The number of timed repetitions.
    pub samples: u64,
    /// The seconds of the median repetition.
    pub seconds_median: f64,
    /// The seconds of the fastest repetition.
    pub seconds_min: f64,
    /// The seconds of the slowest repetition.
    pub seconds_max: f64,
    /// Individuals scored per second.
    pub evaluations_per_second: Option<f64>,
    /// Environment steps per second, over all individuals.
    pub steps_per_second: Option<f64>,
    /// Billions of floating-point operations per second.
    pub gflops: Option<f64>,
    /// Billions of bytes moved per second. It counts every weight, input and output of a repetition
    /// once, even if caches supply it again.
    pub gbytes_per_second: Option<f64>,
    /// The fraction of the roofline that was reached.
    pub roofline_fraction: Option<f64>,
    /// The limit of the roofline: `compute` or `memory`.
    pub roofline_bound: Option<String>,
    /// The clock: `device`, from the beginning of a repetition's first dispatch to the end of its
    /// last, or `host`, from the call until its result is there.
    pub timing: String,
    /// The seconds of the median repetition by the host's clock, which is the time a user waits.
    pub host_seconds_median: f64,
}
