//! Runs through the library: logs, novelty, and resuming.

mod log;
mod novelty;
mod resume;
