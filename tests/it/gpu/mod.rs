//! The device: what it makes, what it writes down, and how it fails.

mod buffer;
pub mod dump;
mod fault;
mod index_checks;
