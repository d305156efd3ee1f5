//! The one test binary: modules by the stems of `src/`.

mod cli;
