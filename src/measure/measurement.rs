//! Rows: one measurement each, with its method.

use serde::Serialize;

/// One measurement; a field that has no meaning for it is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measurement {
    /// A task, `forward`, `generation`, `spawn` or `recombine`.
    pub subject: String,
    /// Layers.
    pub network: Option<String>,
    /// Parameters of an individual.
    pub parameters: Option<u64>,
    /// Individuals.
    pub population: Option<u64>,
    /// Samples that all individuals share.
    pub batch: Option<u64>,
    /// Environment steps of every individual.
    pub steps: Option<u64>,
    /// The backend's name.
    pub backend: String,
    /// The device.
    pub adapter: Option<String>,
    /// What genes are kept in: `f32` or `f16`.
    pub precision: String,
    /// How the kernels of a GPU were laid out.
    pub variant: Option<String>,
    /// Timed repetitions.
    pub samples: u64,
    /// The median repetition.
    pub seconds_median: f64,
    /// The fastest repetition.
    pub seconds_min: f64,
    /// The slowest repetition.
    pub seconds_max: f64,
    /// Individuals scored a second.
    pub evaluations_per_second: Option<f64>,
    /// Environment steps a second, over all individuals.
    pub steps_per_second: Option<f64>,
    /// Billions of floating-point operations a second.
    pub gflops: Option<f64>,
    /// Billions of bytes a second that must be moved at least: every weight, input and output of
    /// a repetition once, whatever is read again from caches.
    pub gbytes_per_second: Option<f64>,
    /// The share reached of what the machine can do at most.
    pub roofline_fraction: Option<f64>,
    /// What limits it: `compute` or `memory`.
    pub roofline_bound: Option<String>,
    /// Whose clock: `device`, from the beginning of a repetition's first dispatch to the end of
    /// its last, or `host`, from asking for it until it is done.
    pub timing: String,
    /// The median repetition by the host's clock, which all backends have: what a user waits for.
    pub host_seconds_median: f64,
}
