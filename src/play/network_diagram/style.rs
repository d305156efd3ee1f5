//! The style of all drawings of networks: margins, and the colours and the text of weights.

use crate::draw::Colour;

/// Pixels around the picture.
pub const MARGIN: f64 = 24.0;
/// The colours of weights above and below zero.
pub const POSITIVE: Colour = Colour::BLUE;
pub const NEGATIVE: Colour = Colour::VERMILION;

/// Writes a weight with its sign and two decimals, or with an exponent if it is tiny.
pub fn signed(weight: f32) -> String {
    if weight.abs() < 0.01 { format!("{weight:+.1e}") } else { format!("{weight:+.2}") }
}
