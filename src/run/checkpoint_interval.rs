//! The checkpoint interval: how often a run saves a checkpoint.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The interval between two checkpoints. A run also saves one at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CheckpointInterval {
    /// A number of generations, at least one.
    Generations(u32),
    /// A number of seconds. The checkpoint is saved at the end of the generation in which they
    /// have passed.
    Seconds(f64),
}

impl Default for CheckpointInterval {
    fn default() -> Self {
        Self::Seconds(10.0)
    }
}

impl FromStr for CheckpointInterval {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let seconds = text.strip_suffix('s').and_then(|number| number.parse::<f64>().ok());
        match (seconds, text.parse()) {
            (Some(seconds), _) if seconds.is_finite() && seconds >= 0.0 => {
                Ok(Self::Seconds(seconds))
            }
            (None, Ok(generations)) if generations > 0 => Ok(Self::Generations(generations)),
            _ => {
                let expected = "generations, such as 100, or seconds, such as 30s";
                Err(Error::invalid("--checkpoint-every", expected, format!("'{text}'")))
            }
        }
    }
}

impl fmt::Display for CheckpointInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generations(generations) => write!(f, "{generations}"),
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
        }
    }
}
