//! `DEME_VECTORS`: the instruction set of the CPU path, where the widest is not wanted.

use deme::error::{Error, Result};
use deme::math::Vectors;

/// The variable.
pub const VARIABLE: &str = "DEME_VECTORS";

/// Takes the set that the variable names, if there is one: once, before anything computes.
///
/// # Errors
/// A name that is none, or a set that this processor has not.
pub fn choose() -> Result<()> {
    let Some(name) = std::env::var_os(VARIABLE) else { return Ok(()) };
    let name = name.to_string_lossy();
    Vectors::choose(&name).map_err(|_| {
        let expected = format!("an instruction set of this processor ({})", known());
        Error::invalid(VARIABLE, expected, format!("'{name}'"))
    })
}

/// The sets of this processor, the widest first.
pub fn known() -> String {
    Vectors::all_available().into_iter().map(Vectors::name).collect::<Vec<_>>().join(", ")
}
