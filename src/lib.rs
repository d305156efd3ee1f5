//! deme
pub mod error;
pub mod math;
pub mod network;
pub mod random;
pub mod task;
pub mod backend;
pub mod population;
pub mod strategy;
pub mod run;
pub mod report;
