//! Numbers as people read them: on charts, in tables and in sentences.

use std::fmt::{Display, LowerExp};

/// Writes a score with about five digits: `0.975`, `498.46`, `1.1e-13`. More digits follow if the
/// first ones would make a whole number of it, so that 0.999996 is not 1.
pub fn score(value: f64) -> String {
    const DIGITS: i32 = 5;
    let size = value.abs();
    if value.fract() == 0.0 && size < 1e15 {
        // An addition of 0 drops the sign of -0.
        return format!("{:.0}", value + 0.0);
    }
    if !value.is_finite() {
        return value.to_string();
    }
    if !(1e-3..1e7).contains(&size) {
        let decimals = if size < 1.0 { 1 } else { 3 };
        let text = format!("{value:.decimals$e}");
        return text.split_once('e').map_or(text.clone(), |(number, exponent)| {
            format!("{}e{exponent}", without_zeros(number))
        });
    }
    let first = (DIGITS - 1 - size.log10().floor() as i32).max(0) as usize;
    let texts = (first..).map(|decimals| without_zeros(&format!("{value:.decimals$}")).to_owned());
    texts.take(17).find(|text| text.contains('.')).unwrap_or_else(|| value.to_string())
}

/// Writes the value of a function, which is minus its score, with the score: `value 4.8e-13 (score
/// -4.8e-13)`.
pub fn value_of_score(score: f64) -> String {
    let [value, score] = [0.0 - score, score].map(self::score);
    format!("value {value} (score {score})")
}

/// Writes a number that was given, such as a target, with all of its digits; a tiny one has an
/// exponent.
pub fn exact<T: Copy + Display + LowerExp + Into<f64>>(value: T) -> String {
    let size = value.into().abs();
    if size > 0.0 && size < 1e-3 { format!("{value:e}") } else { value.to_string() }
}

/// Writes seconds with about three digits.
pub fn seconds(value: f64) -> String {
    let decimals = match value {
        s if s >= 99.5 => 0,
        s if s >= 9.95 => 1,
        s if s >= 0.995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// Writes a count with its unit, a plural, in the singular if it is one: `1 held-out sample`.
pub fn counted(count: u64, unit: &str) -> String {
    match count {
        1 => format!("1 {}", unit.strip_suffix('s').unwrap_or(unit)),
        _ => format!("{} {unit}", whole(count as f64)),
    }
}

/// A decimal number without the zeros at its end.
fn without_zeros(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

/// The size from which a number has an exponent.
const LARGEST_PLAIN: f64 = 1e15;

/// Writes a number with at most six decimals and a comma between thousands: `-0.25`, `4,096`. One
/// that is too long has an exponent: `-2.5e300`.
pub fn plain(value: f64) -> String {
    if value.abs() >= LARGEST_PLAIN {
        return format!("{value:e}");
    }
    let text = format!("{}", ((value * 1e6).round() / 1e6).abs());
    let (digits, decimals) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    if value < 0.0 && text != "0" {
        grouped.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + decimals
}

/// True if values at a distance of `step`, the largest of which is `largest`, need exponents.
pub fn is_extreme(step: f64, largest: f64) -> bool {
    step < 1e-5 || largest >= 1e15
}

/// Writes a number with an exponent, and with the digits that tell it from its neighbours at a
/// distance of `step`: `1.5e-9`.
pub fn with_exponent(value: f64, step: f64) -> String {
    if value.abs() < 0.5 * step {
        return "0".into();
    }
    let digits = (value.abs().log10().floor() - step.log10().floor()).max(0.0) as usize;
    let text = format!("{value:.digits$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => {
            format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// Writes a whole number with a comma between thousands: `64`, `1,048,576`.
pub fn whole(value: f64) -> String {
    plain(value.round())
}

/// Writes a number with at most two decimals and a metric prefix: `1`, `10 k`, `2.5 M`.
pub fn with_prefix(value: f64) -> String {
    const PREFIXES: [&str; 5] = ["", " k", " M", " G", " T"];
    let (mut value, mut prefix) = (value, 0);
    while value >= 999.995 && prefix + 1 < PREFIXES.len() {
        value /= 1000.0;
        prefix += 1;
    }
    format!("{}{}", (value * 100.0).round() / 100.0, PREFIXES[prefix])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas_and_signs_stay_in_front() {
        assert_eq!([64.0, 4096.0, 1_048_576.0].map(whole), ["64", "4,096", "1,048,576"]);
        assert_eq!([-200.0, -0.25, 12_345.5].map(plain), ["-200", "-0.25", "12,345.5"]);
        // A sum of steps has only the digits that were meant.
        assert_eq!([0.1 + 0.2, -1e-9].map(plain), ["0.3", "0"]);
        assert_eq!([-2.5e300, f64::INFINITY].map(plain), ["-2.5e300", "inf"]);
    }

    #[test]
    fn scores_have_the_digits_that_tell_them_apart() {
        let f32_score = f64::from(0.975f32);
        let values = [f32_score, 1.123e-13, 0.999_96, 0.999_996, 498.46, -0.0, 500.0, -1500.25];
        let texts = ["0.975", "1.1e-13", "0.99996", "0.999996", "498.46", "0", "500", "-1500.2"];
        assert_eq!(values.map(score), texts);
        assert_eq!(score(f64::from(1.0 - f32::EPSILON)), "0.9999999");
        assert_eq!([1e-3, 2e-4, -3.456e9 - 0.5, f64::NAN].map(score)[..2], ["0.001", "2e-4"]);
        assert_eq!([-3.456e9 - 0.5, f64::INFINITY].map(score), ["-3.456e9", "inf"]);
    }

    #[test]
    fn targets_are_exact_and_counts_have_a_singular() {
        assert_eq!(exact(1e-10f32), "1e-10");
        assert_eq!([0.000_123, 195.0, 0.1].map(exact::<f64>), ["1.23e-4", "195", "0.1"]);
        assert_eq!(counted(1, "held-out episodes"), "1 held-out episode");
        assert_eq!(counted(1000, "held-out samples"), "1,000 held-out samples");
        assert_eq!(counted(0, "held-out samples"), "0 held-out samples");
    }

    #[test]
    fn seconds_have_about_three_digits() {
        assert_eq!([0.0123, 1.234, 12.34, 123.4].map(seconds), ["0.012", "1.23", "12.3", "123"]);
    }

    #[test]
    fn prefixes_begin_at_a_thousand() {
        assert_eq!([1.0, 999.999, 2.5e6].map(with_prefix), ["1", "1 k", "2.5 M"]);
    }
}
