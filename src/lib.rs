//! deme

pub mod backend;
pub mod error;
pub mod gpu;
pub mod math;
pub mod network;
pub mod population;
pub mod random;
pub mod report;
pub mod run;
pub mod strategy;
pub mod task;
pub mod verify;
