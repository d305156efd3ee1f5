//! Traps: what a coordinate adds to the value of a formula that stops or misleads a gradient.
//!
//! # Shapes
//!
//! Every function takes one coordinate `z`, or two, and returns a value of at least 0 or its slope.
//! Where a value has an edge or a kink, the slope is that of the side which the coordinate is on.
//!
//! # Precision
//!
//! Values are written as products and squares of differences that are exact near the minima, so
//! small values keep their digits. Edges are at numbers that single precision represents, so both
//! precisions put a coordinate on the same side.
//!
//! # Source
//!
//! Saddles: Jin, Ge, Netrapalli, Kakade and Jordan, "How to escape saddle points efficiently",
//! 2017 (strict ones, and why a gradient needs long there); the monkey saddle is the real part of
//! a complex cube. Steps: the step function of Yao, Liu and Lin 1999, f6. The gap and the cliff are
//! made after the landscapes of these names in Lehman, Chen, Clune and Stanley, "ES is more than
//! just a traditional finite-difference approximator", 2018. The deceptive trap is a continuous
//! form of the trap functions of Deb and Goldberg 1993. The WGSL twin is
//! `shaders/task/formula.wgsl`.

/// The distance from the middle of a step of the plateau to its edge.
const HALF_STEP: f64 = 0.5;
/// The outer edge of the gap and of the cliff; the inner edge is at 1.
const OUTER_EDGE: f64 = 2.0;
/// The value on the high ground of the cliff.
const HIGH_GROUND: f64 = 4.0;
/// The bottom of the deceptive bowl, which is the wide one.
const DECEPTIVE_MINIMUM: f64 = 3.0;
const DECEPTIVE_VALUE: f64 = 0.5;

/// Returns `(z^2 - 1)^2`: a ridge of curvature -4 between two minima.
pub fn ridge(z: f64) -> f64 {
    ((z - 1.0) * (z + 1.0)).powi(2)
}

/// The slope of [`ridge`].
pub fn ridge_slope(z: f64) -> f64 {
    4.0 * z * (z - 1.0) * (z + 1.0)
}

/// Returns `(z^2 - 1)^2 (2 z^2 + 1)`, which is `1 - 3 z^4 + 2 z^6`: a ridge without curvature.
pub fn flat_ridge(z: f64) -> f64 {
    ridge(z) * (2.0 * z * z + 1.0)
}

/// The slope of [`flat_ridge`].
pub fn flat_ridge_slope(z: f64) -> f64 {
    12.0 * z.powi(3) * (z - 1.0) * (z + 1.0)
}

/// Returns `1 - 4 (x^3 - 3 x y^2) + 3 (x^2 + y^2)^2`: three valleys that leave the saddle at 0, and
/// end in minima at a distance of 1.
///
/// It equals `(1 - r)^2 (1 + 2 r + 3 r^2) + 4 (r^3 - c)`, where `r` is the distance from 0 and `c`
/// is the cube's real part; in a valley, `r^3 - c` comes from the imaginary part.
pub fn monkey(x: f64, y: f64) -> f64 {
    let square = x * x + y * y;
    let r = square.sqrt();
    let cube = r * square;
    let real = x * (x * x - 3.0 * y * y);
    let imaginary = y * (3.0 * x * x - y * y);
    let around = match real > 0.0 {
        true => imaginary * (imaginary / (cube + real)),
        false => cube - real,
    };
    let along = ((1.0 - x) * (1.0 + x) - y * y) / (1.0 + r);
    along * along * (1.0 + 2.0 * r + 3.0 * square) + 4.0 * around
}

/// The slopes of [`monkey`] in x and y.
pub fn monkey_slopes(x: f64, y: f64) -> [f64; 2] {
    let square = x * x + y * y;
    [12.0 * (x * square - (x * x - y * y)), 12.0 * y * (square + 2.0 * x)]
}

/// Returns the square of `|z|` rounded to a whole number, halves away from 0. It is flat but for
/// the steps between.
pub fn steps(z: f64) -> f64 {
    let whole = z.abs().floor();
    let rest = z.abs() - whole;
    let step = if rest >= HALF_STEP { whole + 1.0 } else { whole };
    step * step
}

/// Returns `z^2` up to 1, 1 in the gap from 1 to 2, and `1 + (|z| - 2)^2` outside.
pub fn gap(z: f64) -> f64 {
    let distance = z.abs();
    if distance <= 1.0 {
        z * z
    } else if distance <= OUTER_EDGE {
        1.0
    } else {
        1.0 + (distance - OUTER_EDGE).powi(2)
    }
}

/// The slope of [`gap`].
pub fn gap_slope(z: f64) -> f64 {
    let distance = z.abs();
    if distance <= 1.0 {
        2.0 * z
    } else if distance <= OUTER_EDGE {
        0.0
    } else {
        2.0 * (distance - OUTER_EDGE).copysign(z)
    }
}

/// Returns `z^2` up to 1, 4 on the high ground from 1 to 2, and `|z| - 1` from 2 on.
pub fn cliff(z: f64) -> f64 {
    let distance = z.abs();
    if distance <= 1.0 {
        z * z
    } else if distance < OUTER_EDGE {
        HIGH_GROUND
    } else {
        distance - 1.0
    }
}

/// The slope of [`cliff`].
pub fn cliff_slope(z: f64) -> f64 {
    let distance = z.abs();
    if distance <= 1.0 {
        2.0 * z
    } else if distance < OUTER_EDGE {
        0.0
    } else {
        1f64.copysign(z)
    }
}

/// Returns the smaller of `16 z^2`, a narrow bowl around the minimum, and `1/2 + (z - 3)^2 / 8`, a
/// wide bowl around another place.
pub fn deceptive(z: f64) -> f64 {
    let (narrow, wide) = bowls(z);
    if narrow < wide { narrow } else { wide }
}

/// The slope of [`deceptive`].
pub fn deceptive_slope(z: f64) -> f64 {
    let (narrow, wide) = bowls(z);
    if narrow < wide { 32.0 * z } else { 0.25 * (z - DECEPTIVE_MINIMUM) }
}

fn bowls(z: f64) -> (f64, f64) {
    let rest = z - DECEPTIVE_MINIMUM;
    (16.0 * z * z, DECEPTIVE_VALUE + 0.125 * rest * rest)
}
