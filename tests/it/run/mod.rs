//! Runs through the library: logs, novelty, resuming, and validation.

mod divergence;
mod initial_weights;
mod log;
mod novelty;
mod resume;
mod validation;
