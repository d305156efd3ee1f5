//! Single-precision functions that vectorise: multiplications and additions, without branches and
//! tables.
//!
//! # Errors
//!
//! The table has the largest error over every `f32` of the domain, against double precision, for
//! instruction sets that fuse multiplications with additions and for those that do not.
//!
//! | function | domain | relative | absolute | method |
//! |---|---|---|---|---|
//! | [`sin`], [`cos`] | \|x\| <= 8192 | - | 1.1e-7 | reduction in three parts, polynomials |
//! | [`exp`] | -87 to 88 | 8.7e-8 | - | reduction in two parts, polynomial |
//! | [`ln`] | 1.2e-38 to 3.4e38 | 8.8e-8 | - | exponent split off, odd series of f/(2+f) |
//! | [`tanh`] | all | 4.5e-7 | - | minimax quotient of degrees 7 and 8 |
//!
//! An argument of [`exp`] outside its domain is replaced by the nearest end. NaN gives NaN.
//!
//! # Source
//!
//! Reductions after Cody and Waite 1980; the coefficients are this project's own minimax fits,
//! rounded to single precision and refitted. The twin is `shaders/math.wgsl`.

use super::Instructions;

/// The largest |x| for which the reduction of [`sin`] and [`cos`] loses no accuracy.
pub const LARGEST_ANGLE: f32 = 8192.0;

/// A number that rounds: adding it leaves the nearest whole number in the low bits of the sum.
const WHOLE: f32 = 12_582_912.0; // 1.5 * 2^23

const TWO_OVER_PI: f32 = 0.636_619_75;
// Half of pi in three parts; whole multiples of the first two are exact up to LARGEST_ANGLE.
const HALF_PI_HIGH: f32 = 1.570_800_8;
const HALF_PI_MIDDLE: f32 = -4.455_447e-6;
const HALF_PI_LOW: f32 = 9.920_936e-10;

/// The largest whole number that is not greater than `x`.
#[inline(always)]
pub fn floor(x: f32) -> f32 {
    x.floor()
}

/// The sine of `x` radians.
#[inline(always)]
pub fn sin<I: Instructions>(x: f32) -> f32 {
    let (sine, cosine, quarter) = quarter_turn::<I>(x);
    rotate(sine, cosine, quarter)
}

/// The cosine of `x` radians.
#[inline(always)]
pub fn cos<I: Instructions>(x: f32) -> f32 {
    let (sine, cosine, quarter) = quarter_turn::<I>(x);
    rotate(sine, cosine, quarter.wrapping_add(1))
}

/// The sine and the cosine of `x` radians: the same bits as [`sin`] and [`cos`].
#[inline(always)]
pub fn sin_cos<I: Instructions>(x: f32) -> (f32, f32) {
    let (sine, cosine, quarter) = quarter_turn::<I>(x);
    (rotate(sine, cosine, quarter), rotate(sine, cosine, quarter.wrapping_add(1)))
}

/// Splits an angle into quarter turns and a rest: returns the sine and the cosine of the rest, and
/// the number of quarter turns in the low bits.
#[inline(always)]
fn quarter_turn<I: Instructions>(x: f32) -> (f32, f32, u32) {
    let shifted = I::mul_add(x, TWO_OVER_PI, WHOLE);
    let k = shifted - WHOLE;
    let r = I::mul_add(-k, HALF_PI_HIGH, x);
    let r = I::mul_add(-k, HALF_PI_MIDDLE, r);
    let r = I::mul_add(-k, HALF_PI_LOW, r);
    let s = r * r;
    let sine = polynomial::<I, 3>(s, [-1.951_789_5e-4, 8.332_187e-3, -0.166_666_55]);
    let sine = I::mul_add(r * s, sine, r);
    let cosine = polynomial::<I, 5>(s, [2.443_067e-5, -1.388_730_1e-3, 4.166_664_6e-2, -0.5, 1.0]);
    (sine, cosine, shifted.to_bits())
}

/// Evaluates a polynomial by Horner's rule. The coefficient of the highest power comes first.
#[inline(always)]
fn polynomial<I: Instructions, const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    for &coefficient in &coefficients[1..] {
        sum = I::mul_add(sum, x, coefficient);
    }
    sum
}

/// The sine of an angle plus a number of quarter turns.
#[inline(always)]
fn rotate(sine: f32, cosine: f32, quarters: u32) -> f32 {
    let value = if quarters & 1 == 0 { sine } else { cosine };
    f32::from_bits(value.to_bits() ^ (quarters & 2) << 30)
}

const LARGEST_EXPONENT: f32 = 88.0;
const SMALLEST_EXPONENT: f32 = -87.0;
const LOG2_E: f32 = std::f32::consts::LOG2_E;
// The logarithm of 2 in two parts; whole multiples of the first are exact.
const LN_2_HIGH: f32 = 0.693_145_75;
const LN_2_LOW: f32 = 1.428_606_8e-6;

/// e to the power of `x`.
#[inline(always)]
pub fn exp<I: Instructions>(x: f32) -> f32 {
    // These comparisons keep NaN.
    let x = if x > LARGEST_EXPONENT { LARGEST_EXPONENT } else { x };
    let x = if x < SMALLEST_EXPONENT { SMALLEST_EXPONENT } else { x };
    let shifted = I::mul_add(x, LOG2_E, WHOLE);
    let k = shifted - WHOLE;
    let r = I::mul_add(-k, LN_2_HIGH, x);
    let r = I::mul_add(-k, LN_2_LOW, r);
    let w = polynomial::<I, 5>(r, [1.389_548_4e-3, 8.365_957e-3, 4.166_688_8e-2, 0.166_665_5, 0.5]);
    let power = I::mul_add(r * r, w, r);
    // The low bits of the shifted number are k. The bias of the exponent is 127.
    let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (power + 1.0) * scale
}

/// The natural logarithm of a positive, normal number.
#[inline(always)]
pub fn ln<I: Instructions>(x: f32) -> f32 {
    // The bits of sqrt(1/2). Mantissas range from there to sqrt(2).
    const ROOT_HALF: u32 = 0x3F35_04F3;
    let exponent = (x.to_bits().wrapping_sub(ROOT_HALF) as i32) >> 23;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub((exponent << 23) as u32));
    let e = exponent as f32;
    let f = mantissa - 1.0;
    let s = f / (f + 2.0);
    let z = s * s;
    let w = z * polynomial::<I, 3>(z, [0.298_716_28, 0.399_775_65, 0.666_667_76]);
    let u = f - w;
    let low = I::mul_add(e, LN_2_LOW, -(s * u));
    let value = I::mul_add(e, LN_2_HIGH, f + low);
    // The code above would take the bits of NaN for those of a large number.
    if x.is_nan() { x } else { value }
}

/// The argument from which tanh is 1 in single precision.
const LARGEST_TANH: f32 = 8.0;

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh<I: Instructions>(x: f32) -> f32 {
    let x = if x > LARGEST_TANH { LARGEST_TANH } else { x };
    let x = if x < -LARGEST_TANH { -LARGEST_TANH } else { x };
    let s = x * x;
    let p = polynomial::<I, 4>(s, [1.142_842_9e-5, 2.951_024e-3, 0.129_256_68, 1.0]);
    let q = [2.459_214_8e-7, 2.386_692_6e-4, 2.381_555_5e-2, 0.462_589, 1.0];
    x * p / polynomial::<I, 5>(s, q)
}
