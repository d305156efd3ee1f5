//! Saved searches: the state of a strategy as bytes, from which it resumes bit for bit.
//!
//! A strategy that derives `Serialize` and `Deserialize` can be saved without further code. The
//! bytes are [postcard](https://docs.rs/postcard)'s: numbers in full, without names.
//!
//! # Errors
//!
//! Bytes that are not exactly one state of the strategy are refused. [`super::Entry::resume`] also
//! refuses a state with a number that no search has.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// A search whose state can be written out.
pub trait Save {
    /// Returns the whole state as bytes.
    fn save(&self) -> Vec<u8>;
}

impl<T: Serialize> Save for T {
    fn save(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a state in memory fits in memory")
    }
}

/// Restores a state from its bytes. `name` is the name of its strategy.
pub(super) fn restore<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T> {
    let wrong =
        |problem: String| Error::invalid("a saved search", format!("the state of {name}"), problem);
    let (state, rest) =
        postcard::take_from_bytes(bytes).map_err(|error| wrong(error.to_string()))?;
    if rest.is_empty() {
        return Ok(state);
    }
    Err(wrong(format!("{} bytes after the end of the state", rest.len())))
}
