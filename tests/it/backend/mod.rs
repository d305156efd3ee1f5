//! Backends, each against the reference and against itself.
