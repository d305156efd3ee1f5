//! Colours, and the one palette of all pictures.
//!
//! # Source
//!
//! The colours of curves are those of Okabe and Ito, "Color universal design", 2008, which people
//! with any kind of colour blindness can tell apart.

/// A colour: red, green and blue, 0 to 255 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// The background of every picture.
    pub const PAPER: Self = Self(252, 252, 250);
    /// Text and outlines.
    pub const INK: Self = Self(45, 45, 48);
    /// Secondary text, and axes.
    pub const GREY: Self = Self(105, 105, 108);
    /// Grounds, frames and grids.
    pub const PALE: Self = Self(216, 216, 212);
    /// The first colour of curves, and of weights above zero.
    pub const BLUE: Self = Self(0, 114, 178);
    /// The second colour of curves, and of weights below zero.
    pub const VERMILION: Self = Self(213, 94, 0);
    /// The third colour of curves, and of goals.
    pub const GREEN: Self = Self(0, 158, 115);
    /// The fourth colour of curves.
    pub const PURPLE: Self = Self(204, 121, 167);
    /// The fifth colour of curves.
    pub const ORANGE: Self = Self(230, 159, 0);
    /// The sixth colour of curves.
    pub const SKY: Self = Self(86, 180, 233);
    /// The seventh colour of curves.
    pub const BLACK: Self = Self(0, 0, 0);

    /// The colours of curves, in the order in which they are given out.
    pub const CURVES: [Self; 7] = [
        Self::BLUE,
        Self::VERMILION,
        Self::GREEN,
        Self::PURPLE,
        Self::ORANGE,
        Self::SKY,
        Self::BLACK,
    ];

    /// The colours by name.
    pub const NAMED: [(&'static str, Self); 11] = [
        ("ink", Self::INK),
        ("grey", Self::GREY),
        ("pale", Self::PALE),
        ("paper", Self::PAPER),
        ("blue", Self::BLUE),
        ("vermilion", Self::VERMILION),
        ("green", Self::GREEN),
        ("purple", Self::PURPLE),
        ("orange", Self::ORANGE),
        ("sky", Self::SKY),
        ("black", Self::BLACK),
    ];

    /// The colour of the curve with an index; colours repeat after the last one.
    pub fn of_curve(index: usize) -> Self {
        Self::CURVES[index % Self::CURVES.len()]
    }

    /// Mixes this colour with another, of which `share` goes in, from 0 to 1.
    pub fn mix(self, other: Self, share: f64) -> Self {
        let mix = |a: u8, b: u8| {
            (f64::from(a) + share.clamp(0.0, 1.0) * (f64::from(b) - f64::from(a))).round() as u8
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Returns the colour as `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}
