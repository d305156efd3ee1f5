//! Logarithmic axes: their range, their ticks, and how numbers are written on them.

use std::ops::Range;

/// The mantissas of ticks, from dense to sparse.
const MANTISSAS: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
/// Ticks that an axis of speeds has at most.
const MOST_TICKS: usize = 9;

/// From a little below the least value to a little above the largest.
pub fn range(values: impl Iterator<Item = f64>, room: f64) -> Range<f64> {
    let ends = |(least, largest): (f64, f64), value: f64| (least.min(value), largest.max(value));
    let (least, largest) = values.fold((f64::INFINITY, 0.0), ends);
    least / room..largest * room
}

/// Round numbers within a range: the densest that are not too many.
pub fn round_ticks(range: &Range<f64>) -> Vec<f64> {
    let decades = range.start.log10().floor() as i32..=range.end.log10().ceil() as i32;
    let ticks = |mantissas: &[f64]| -> Vec<f64> {
        let all = decades.clone().flat_map(|decade| {
            let unit = 10f64.powi(decade);
            mantissas.iter().map(move |mantissa| mantissa * unit)
        });
        all.filter(|tick| range.contains(tick)).collect()
    };
    let fitting = MANTISSAS.iter().map(|mantissas| ticks(mantissas));
    let mut fitting = fitting.filter(|ticks| ticks.len() <= MOST_TICKS);
    let mut found = fitting.next().unwrap_or_else(|| {
        let all = ticks(&[1.0]);
        let step = all.len().div_ceil(MOST_TICKS);
        all.into_iter().step_by(step).collect()
    });
    if found.is_empty() {
        found.push((range.start * range.end).sqrt());
    }
    found
}

/// The measured values themselves, but for those whose labels would touch the one before: so many
/// pixels a unit of the natural logarithm.
pub fn measured_ticks(mut values: Vec<f64>, pixels: f64) -> Vec<f64> {
    const BETWEEN: f64 = 14.0;
    values.sort_by(f64::total_cmp);
    values.dedup();
    let half = |value: f64| 0.5 * text_width(&whole(value), 13.0);
    let mut ticks: Vec<f64> = Vec::new();
    for value in values {
        let clear = ticks
            .last()
            .is_none_or(|&last| (value / last).ln() * pixels > half(value) + half(last) + BETWEEN);
        if clear {
            ticks.push(value);
        }
    }
    ticks
}

/// The width of a text in pixels, about: no font is at hand.
pub fn text_width(text: &str, size: f64) -> f64 {
    0.56 * size * text.chars().count() as f64
}

/// 64, 4,096, 1,048,576.
pub fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// 1, 10 k, 2.5 M.
pub fn short(value: f64) -> String {
    const UNITS: [&str; 5] = ["", " k", " M", " G", " T"];
    let (mut value, mut unit) = (value, 0);
    while value >= 999.995 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{}{}", (value * 100.0).round() / 100.0, UNITS[unit])
}

/// Places of labels along a side, in pixels: near those that are wanted, in their order, none
/// closer to the next than `apart`, all within the range where they fit.
pub fn spread(wanted: &[i32], apart: i32, within: Range<i32>) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&index| wanted[index]);
    let mut placed = vec![0; wanted.len()];
    let mut free = within.start;
    for &index in &order {
        placed[index] = wanted[index].max(free);
        free = placed[index] + apart;
    }
    let mut free = within.end;
    for &index in order.iter().rev() {
        placed[index] = placed[index].min(free);
        free = placed[index] - apart;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_not_too_many() {
        assert_eq!(round_ticks(&(9.0..120.0)), [10.0, 20.0, 50.0, 100.0]);
        assert_eq!(round_ticks(&(0.9..1.1e6)).len(), 7);
        assert!(round_ticks(&(1.0..1e30)).len() <= MOST_TICKS);
        // Between two round numbers there is still one tick.
        assert_eq!(round_ticks(&(2.1..4.0)).len(), 1);
    }

    #[test]
    fn crowded_populations_lose_ticks_and_sparse_ones_do_not() {
        let sweep = || vec![64.0, 256.0, 1024.0, 4096.0, 16_384.0, 65_536.0];
        assert_eq!(measured_ticks(sweep(), 90.0), sweep());
        assert_eq!(measured_ticks(vec![100.0, 101.0, 200.0], 90.0), [100.0, 200.0]);
    }

    #[test]
    fn labels_keep_apart_and_stay_inside() {
        assert_eq!(spread(&[50, 10], 10, 0..100), [50, 10]);
        assert_eq!(spread(&[50, 50, 52], 10, 0..100), [50, 60, 70]);
        assert_eq!(spread(&[98, 99], 10, 0..100), [90, 100]);
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([64.0, 4096.0, 1_048_576.0].map(whole), ["64", "4,096", "1,048,576"]);
        assert_eq!([1.0, 999.999, 2.5e6].map(short), ["1", "1 k", "2.5 M"]);
    }
}
