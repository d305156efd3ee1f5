//! Charts: measurements, studies and runs as pictures, one kind per file.

pub mod learning;
pub mod phases;
pub mod species;
pub mod speed;
pub mod study;

/// The width of every chart, in pixels.
const WIDTH: u32 = 900;
