//! Swing-up from anywhere.

use std::f64::consts::PI;

use super::{assert_state, dynamics, sizes};

#[test]
fn starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes("swingup-hard");
    assert_state(&low, &[-2.4, -10.0, PI / 2.0, -10.0]);
    assert_state(&high, &[2.4, 10.0, 1.5 * PI, 10.0]);
    assert_eq!(limit, 1000);
    dynamics("swingup-hard", |_, dynamics| {
        assert_state(&dynamics.start(&[0.5; 4]), &[0.0, 0.0, PI, 0.0]);
    });
}
