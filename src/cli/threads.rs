//! `--threads`, the same flag of every command that computes.

use deme::error::{Error, Result};

use super::headings::MACHINE;
use super::sizes::parse_whole;

/// The largest number of threads; rayon would start even more, which no machine has.
const MOST: usize = 4096;

/// The number of threads of the CPU. Results do not depend on it.
#[derive(clap::Args)]
#[command(next_help_heading = MACHINE)]
pub struct Threads {
    /// CPU threads
    ///
    /// From 1 to 4096. Results do not depend on it. [default: all hardware threads]
    #[arg(long, value_name = "N", value_parser = parse_whole::<usize>)]
    threads: Option<usize>,
}

impl Threads {
    /// Starts the threads. This happens once, before anything uses them.
    ///
    /// # Errors
    /// Returns an error if the number is out of range, or if the system starts no threads.
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
