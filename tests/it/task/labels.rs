//! Labels: the text of a range.

use deme::task::Quantity;

#[test]
fn ranges_are_written_for_a_person() {
    let range = |low, high| Quantity::between("x", "a number", "m", low, high).range();
    assert_eq!(range(-2.4, 2.4), "-2.4 to 2.4");
    assert_eq!(range(-0.209_439_5, 12.566_37), "-0.209 to 12.566");
    assert_eq!(range(0.0, f64::INFINITY), "0 or more");
    assert_eq!(range(f64::NEG_INFINITY, 1.0), "1 or less");
    assert_eq!(range(f64::NEG_INFINITY, f64::INFINITY), "any");
    assert_eq!(range(2.0, 2.0), "2");
}
