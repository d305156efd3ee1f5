//! `--threads`, the same flag of every command that computes.

use deme::backend::{MOST_THREADS, start_threads};
use deme::error::{Error, Result};

use super::headings::MACHINE;
use super::sizes::parse_whole;

/// The environment variable of rayon that is the default of the flag.
const VARIABLE: &str = "RAYON_NUM_THREADS";

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
        let threads = match self.threads {
            Some(threads) => Some(check("--threads", threads)?),
            None => from_environment()?,
        };
        start_threads(threads)
    }
}

/// The number in the variable of rayon, the library that runs the threads, which would take any
/// number. Returns `None` if the variable is not set, or 0.
fn from_environment() -> Result<Option<usize>> {
    let Some(text) = std::env::var_os(VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    match text.parse() {
        Ok(0) => Ok(None),
        Ok(threads) => check(VARIABLE, threads).map(Some),
        Err(_) => Err(Error::invalid(VARIABLE, expected(), format!("'{text}'"))),
    }
}

fn check(what: &str, threads: usize) -> Result<usize> {
    match (1..=MOST_THREADS).contains(&threads) {
        true => Ok(threads),
        false => Err(Error::invalid(what, expected(), threads)),
    }
}

fn expected() -> String {
    format!("a whole number from 1 to {MOST_THREADS}")
}
