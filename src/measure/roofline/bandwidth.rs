//! The bandwidth of memory.

use serde::Serialize;

/// The bandwidth of memory of one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bandwidth {
    /// The bytes that are read plus the bytes that are written.
    pub bytes: u64,
    /// Billions of bytes per second.
    pub gbytes_per_second: f64,
}
