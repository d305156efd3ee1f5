//! The workload, on which the fastest variant depends.

/// The work that a backend will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// The number of individuals in a generation.
    pub population: usize,
    /// The number of episodes that each individual plays.
    pub episodes: u32,
    /// True if generations are Gaussian noise around a centre, which fused kernels can generate.
    pub noise: bool,
}
