//! `DEME_VECTORS`: selects the instruction set of the CPU path.

use deme::error::{Error, Result};
use deme::math::InstructionSet;

/// The environment variable.
pub const VARIABLE: &str = "DEME_VECTORS";

/// Selects the instruction set that the variable names, if it is set. This happens once, before
/// anything computes.
///
/// # Errors
/// Returns an error if no set has this name, or if this processor does not support it.
pub fn select() -> Result<()> {
    let Some(name) = std::env::var_os(VARIABLE) else { return Ok(()) };
    let name = name.to_string_lossy();
    InstructionSet::choose(&name).map_err(|_| {
        let expected = format!("an instruction set of this processor ({})", available());
        Error::invalid(VARIABLE, expected, format!("'{name}'"))
    })
}

/// The instruction sets of this processor, widest first.
pub fn available() -> String {
    InstructionSet::available().into_iter().map(InstructionSet::name).collect::<Vec<_>>().join(", ")
}
