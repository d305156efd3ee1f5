//! Runs through the library: logs, novelty, and resuming.

mod initial_weights;
mod log;
mod novelty;
mod resume;
