//! Tests of precision: the rounding of genes.

use deme::network::Precision;
use half::f16;

use crate::backend::bits;

#[test]
fn names_are_read_back() {
    for precision in [Precision::Single, Precision::Half] {
        assert_eq!(precision.name().parse::<Precision>().ok(), Some(precision));
    }
    let refused = "f64".parse::<Precision>().expect_err("an unknown precision").to_string();
    assert!(refused.contains("f64") && refused.contains("f32, f16"), "{refused}");
}

#[test]
fn single_precision_changes_nothing() {
    let all = [0.1, -0.0, f32::MIN_POSITIVE / 8.0, 1e30, f32::NEG_INFINITY];
    assert_eq!(bits(&all.map(|gene| Precision::Single.round(gene))), bits(&all));
}

/// The crate `half` is the witness for normal numbers.
#[test]
fn half_precision_rounds_as_ieee_does() {
    let mut tried = 0;
    for word in (0..=u32::MAX).step_by(4099) {
        let gene = f32::from_bits(word);
        let kept = Precision::Half.round(gene);
        let witness = f16::from_f32(gene);
        if witness.is_normal() && witness.to_f32().abs() > 1.0 / 16_384.0 {
            assert_eq!(kept.to_bits(), witness.to_f32().to_bits(), "{gene:e}");
            tried += 1;
        }
        assert_eq!(gene.is_nan(), kept.is_nan(), "{gene:e}");
        assert_eq!(bits(&[Precision::Half.round(kept)]), bits(&[kept]), "{gene:e}");
    }
    assert!(tried > 100_000, "{tried}");
}

#[test]
fn numbers_at_the_ends_of_half_precision() {
    let kept = |gene: f32| Precision::Half.round(gene);
    let smallest = 1.0 / 16_384.0;
    assert_eq!(kept(smallest), smallest);
    assert_eq!(kept(-smallest), -smallest);
    // Smaller magnitudes become zero, with their signs.
    assert_eq!(bits(&[kept(0.999 * smallest), kept(-0.999 * smallest)]), bits(&[0.0, -0.0]));
    assert_eq!([kept(65_504.0), kept(65_519.9)], [65_504.0; 2]);
    assert_eq!([kept(65_520.0), kept(-1e9)], [f32::INFINITY, f32::NEG_INFINITY]);
    // Ties go to even.
    let unit = 2.0_f32.powi(-10);
    assert_eq!([kept(1.0 + unit / 2.0), kept(1.0 + 1.5 * unit)], [1.0, 1.0 + 2.0 * unit]);
    assert_eq!(kept(1.0 + 0.51 * unit), 1.0 + unit);
}
