//! Numbers as people read them on a chart.

/// Writes a number with at most six decimals and a comma between thousands: `-0.25`, `4,096`.
pub fn plain(value: f64) -> String {
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
    }

    #[test]
    fn prefixes_begin_at_a_thousand() {
        assert_eq!([1.0, 999.999, 2.5e6].map(with_prefix), ["1", "1 k", "2.5 M"]);
    }
}
