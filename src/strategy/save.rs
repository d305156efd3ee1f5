//! Saved searches: the state of a strategy as bytes, to go on from later with the same bits.
//!
//! A strategy that derives `Serialize` and `Deserialize` can be saved; there is nothing else to
//! write. The bytes are [postcard](https://docs.rs/postcard)'s: numbers in full, no names.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Strategy;
use crate::error::{Error, Result};

/// A search whose state can be written out.
pub trait Save {
    /// The whole state.
    fn save(&self) -> Vec<u8>;
}

impl<T: Serialize> Save for T {
    fn save(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a state in memory fits in memory")
    }
}

/// Reads the state of a strategy of a name.
pub(super) type Resume = fn(&'static str, &[u8]) -> Result<Box<dyn Strategy>>;

/// The [`Resume`] of a strategy's type.
pub(super) fn resume<T: Strategy + DeserializeOwned + 'static>(
    name: &'static str,
    state: &[u8],
) -> Result<Box<dyn Strategy>> {
    let wrong =
        |problem: String| Error::invalid("a saved search", format!("the state of {name}"), problem);
    let (strategy, rest) =
        postcard::take_from_bytes::<T>(state).map_err(|error| wrong(error.to_string()))?;
    if rest.is_empty() {
        return Ok(Box::new(strategy));
    }
    Err(wrong(format!("{} bytes more than that", rest.len())))
}
