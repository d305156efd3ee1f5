//! Runs by the library: the law of resuming, and what a folder is refused for.

mod log;
mod novelty;
mod resume;
