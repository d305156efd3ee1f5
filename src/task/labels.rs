//! Labels: the names, units and ranges of the numbers that a network reads and gives.
//!
//! Each control task defines its [`Labels`] once, next to its constants.

use std::borrow::Cow;

/// The name, unit and range of a number that a network reads or gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// A short name, such as "angle".
    pub name: Cow<'static, str>,
    /// The meaning, in a few words.
    pub meaning: Cow<'static, str>,
    /// The unit; empty for a number without one. "4.8 m" means that 1 stands for 4.8 m.
    pub unit: &'static str,
    /// The smallest value within an episode, or minus infinity.
    pub low: f64,
    /// The largest value within an episode, or infinity.
    pub high: f64,
    /// The number of inputs or outputs that this entry stands for, such as 64 pixels.
    pub count: usize,
}

impl Quantity {
    /// A number between two limits.
    pub const fn between(
        name: &'static str,
        meaning: &'static str,
        unit: &'static str,
        low: f64,
        high: f64,
    ) -> Self {
        let (name, meaning) = (Cow::Borrowed(name), Cow::Borrowed(meaning));
        Self { name, meaning, unit, low, high, count: 1 }
    }

    /// A number between `-limit` and `limit`.
    pub const fn bounded(
        name: &'static str,
        meaning: &'static str,
        unit: &'static str,
        limit: f64,
    ) -> Self {
        Self::between(name, meaning, unit, -limit, limit)
    }

    /// A number without limits.
    pub const fn unbounded(name: &'static str, meaning: &'static str, unit: &'static str) -> Self {
        Self::bounded(name, meaning, unit, f64::INFINITY)
    }

    /// One of several choices: the action with this index.
    pub const fn choice(index: u32, name: &'static str, meaning: &'static str) -> Self {
        Self::between(name, meaning, "", index as f64, index as f64)
    }

    /// Makes the entry stand for several inputs or outputs.
    #[must_use]
    pub const fn times(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// Returns the range for a person: "-2.4 to 2.4", "0 or more", "any".
    pub fn range(&self) -> String {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) if self.low == self.high => short(self.low),
            (true, true) => format!("{} to {}", short(self.low), short(self.high)),
            (true, false) => format!("{} or more", short(self.low)),
            (false, true) => format!("{} or less", short(self.high)),
            (false, false) => "any".into(),
        }
    }
}

/// A number to three decimal places, without trailing zeros.
fn short(number: f64) -> String {
    ((number * 1000.0).round() / 1000.0).to_string()
}

/// The observations, actions and rules of a control task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labels {
    /// The observations, in the order in which a network reads them.
    pub observations: &'static [Quantity],
    /// The choices, or the forces, in the order in which a network gives them.
    pub actions: &'static [Quantity],
    /// The reward of a step, as a sentence.
    pub reward: &'static str,
    /// The conditions that end an episode, as a sentence.
    pub ends: &'static str,
    /// The smallest and the largest return of an episode; infinite where there is no limit.
    pub returns: [f64; 2],
}
