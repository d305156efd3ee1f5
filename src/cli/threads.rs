//! `--threads`, the same flag of every command that computes.

use super::sizes::whole;
use deme::error::{Error, Result};

/// More than any machine has; rayon would start them all the same.
const MOST: usize = 4096;

/// How many threads the CPU's part may take. Results do not depend on it.
#[derive(clap::Args)]
pub struct Threads {
    /// CPU threads, 1 to 4096 [default: one for each that the processor has]
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    threads: Option<usize>,
}

impl Threads {
    /// Starts the threads, once, before anything uses them.
    ///
    /// # Errors
    /// A number out of range, or a system that refuses.
    pub fn start(&self) -> Result<()> {
        let Some(threads) = self.threads else { return Ok(()) };
        if !(1..=MOST).contains(&threads) {
            let expected = format!("a whole number from 1 to {MOST}");
            return Err(Error::invalid("--threads", expected, threads));
        }
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|problem| {
            Error::Device { doing: "starting threads".into(), problem: problem.to_string() }
        })
    }
}
