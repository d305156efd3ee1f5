//! Threads of the CPU: one pool, which everything that computes on the CPU shares.
//!
//! The pool would start by itself when it is first used, and panic if the system refuses. It is
//! therefore started here, before anything uses it.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::error::{Error, Result};

/// The largest number of threads that can be asked for. No machine has more.
pub const MOST_THREADS: usize = 4096;

/// The reason for which the system refused the threads, if it did.
static REFUSAL: OnceLock<Option<String>> = OnceLock::new();

/// Starts the threads of the CPU: `count` of them, or one for each hardware thread. Only the first
/// call has an effect. Results do not depend on the number.
///
/// # Errors
/// Returns [`Error::Threads`] if the system refuses to start them.
pub fn start_threads(count: Option<usize>) -> Result<()> {
    let start = || {
        let pool = ThreadPoolBuilder::new().num_threads(count.unwrap_or(0)).build_global();
        pool.err().and_then(|refused| reason(&refused))
    };
    match REFUSAL.get_or_init(start) {
        None => Ok(()),
        Some(problem) => Err(Error::Threads { problem: problem.clone() }),
    }
}

/// Starts a pool of its own with a number of threads.
///
/// # Errors
/// Returns [`Error::Threads`] if the system refuses to start them.
pub(crate) fn start_pool(count: usize) -> Result<ThreadPool> {
    let refused = |refused| Error::Threads { problem: reason(&refused).unwrap_or_default() };
    ThreadPoolBuilder::new().num_threads(count).build().map_err(refused)
}

/// The reason that the system gave; none if the pool has been started before.
fn reason(refused: &ThreadPoolBuildError) -> Option<String> {
    std::error::Error::source(refused).map(ToString::to_string)
}
