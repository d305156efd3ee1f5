//! Lists of sizes, as typed: `64,1000`, `64..65536` and `64..4096x2`.

use std::str::FromStr;

use deme::error::{Error, Result};

/// The factor between the sizes of a range that names none.
const FACTOR: u64 = 4;

/// A whole number of a flag, which has a largest value.
pub trait Whole: FromStr {
    /// The largest value.
    const LARGEST: u64;
}

impl Whole for u32 {
    const LARGEST: u64 = Self::MAX as u64;
}

impl Whole for u64 {
    const LARGEST: u64 = Self::MAX;
}

impl Whole for usize {
    const LARGEST: u64 = Self::MAX as u64;
}

/// Parses the whole number of a flag.
pub fn parse_whole<T: Whole>(text: &str) -> std::result::Result<T, String> {
    let refused = |_| format!("expected a whole number from 0 to {}", T::LARGEST);
    text.trim().parse().map_err(refused)
}

/// Parses the whole number of a flag whose values begin at `LEAST` and end at `MOST`. The library
/// checks the range; the error names it for a text that is no such number at all.
pub fn parse_count<const LEAST: u32, const MOST: u32>(
    text: &str,
) -> std::result::Result<u64, String> {
    let refused = |_| format!("expected a whole number from {LEAST} to {MOST}");
    text.trim().parse().map_err(refused)
}

/// Parses a share of the samples.
pub fn parse_share(text: &str) -> std::result::Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    number(text).ok_or_else(|| {
        let expected = "expected a number of at least 0 and below 1";
        match text.trim().strip_suffix('%').and_then(number) {
            Some(percent) if (0.0..100.0).contains(&percent) => {
                format!("{expected}: {text} is {}", percent / 100.0)
            }
            _ => format!("{expected}, such as 0.2"),
        }
    })
}

/// One part of a list: a size, or a range of sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes(Vec<u64>);

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let expected = || {
            "expected a whole number, or a range such as 64..65536 (each size four times the \
             last) or 64..4096x2 (two times)"
                .to_owned()
        };
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| expected());
        let Some((first, rest)) = text.split_once("..") else {
            return Ok(Self(vec![number(text)?]));
        };
        let (last, factor) = match rest.split_once('x') {
            Some((last, factor)) => (number(last)?, number(factor)?),
            None => (number(rest)?, FACTOR),
        };
        let first = number(first)?;
        if first == 0 || last < first || factor < 2 {
            return Err(
                "expected a range from at least 1 upwards, by a factor of at least 2".into()
            );
        }
        let next = |size: &u64| size.checked_mul(factor).filter(|&size| size < last);
        let mut sizes: Vec<u64> = std::iter::successors(Some(first), next).collect();
        if first < last {
            sizes.push(last);
        }
        Ok(Self(sizes))
    }
}

/// The sizes of a flag, or the defaults. Each is at least 1 and below 2^32.
pub fn sizes(flag: &str, typed: &[Sizes], defaults: &[u64]) -> Result<Vec<usize>> {
    let typed: Vec<u64> = typed.iter().flat_map(|sizes| sizes.0.iter().copied()).collect();
    let all = if typed.is_empty() { defaults.to_vec() } else { typed };
    all.into_iter().map(|size| one_size(flag, size)).collect()
}

/// One size, at least 1 and below 2^32.
pub fn one_size(flag: &str, size: u64) -> Result<usize> {
    match size {
        1..=0xFFFF_FFFF => Ok(size as usize),
        _ => Err(Error::invalid(flag, format!("1 to {}", u32::MAX), size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_by_their_factor_and_reach_their_end() {
        let parsed = |text: &str| text.parse::<Sizes>().map(|sizes| sizes.0);
        assert_eq!(parsed("7"), Ok(vec![7]));
        assert_eq!(parsed("64..4096"), Ok(vec![64, 256, 1024, 4096]));
        assert_eq!(parsed("64..5000"), Ok(vec![64, 256, 1024, 4096, 5000]));
        assert_eq!(parsed("8..32x2"), Ok(vec![8, 16, 32]));
        assert_eq!(parsed("9..9"), Ok(vec![9]));
        for bad in ["", "a", "-4", "0..8", "8..4", "8..", "..8", "8..64x1", "8..64x", "1.5"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
        let most = format!("1..{}", u64::MAX);
        assert_eq!(parsed(&most).expect("a range").len(), 33);
    }
}
