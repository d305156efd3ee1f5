//! The integration tests, one binary; modules have the stems of what they test.

mod another_set;
mod backend;
mod champion;
mod cli;
mod docs;
mod draw;
mod error;
mod export;
mod gpu;
mod gpu_device;
mod math;
mod measure;
mod network;
mod play;
mod population;
mod random;
mod run;
mod strategy;
mod study;
mod subgroup;
mod task;
mod tensor;
mod tensor_file;
mod tidy;
mod variants;
mod verify;
