//! The device: what it makes, what it writes down, and how it fails.

pub mod dump;
mod fault;
mod buffer;
