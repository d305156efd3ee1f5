// Single-precision functions with known error bounds. WGSL allows its own sin, cos and tanh far
// larger errors.
//
// Domains, errors and sources: src/math/single.rs.

// Half of pi in three parts. Whole multiples of the first two are exact up to 8192 radians.
const TWO_OVER_PI: f32 = 0.63661975;
const HALF_PI_HIGH: f32 = 1.5708008;
const HALF_PI_MIDDLE: f32 = -4.455447e-6;
const HALF_PI_LOW: f32 = 9.920936e-10;

// The sine of an angle plus `more` quarter turns.
fn math_rotate(x: f32, more: i32) -> f32 {
    let k = floor(x * TWO_OVER_PI + 0.5);
    let r = ((x - k * HALF_PI_HIGH) - k * HALF_PI_MIDDLE) - k * HALF_PI_LOW;
    let s = r * r;
    let sine = (r * s) * (s * (s * -1.9517895e-4 + 8.332187e-3) + -0.16666655) + r;
    let cosine = s * (s * (s * (s * 2.443067e-5 + -1.3887301e-3) + 4.1666646e-2) + -0.5) + 1.0;
    let quarters = bitcast<u32>(i32(k) + more);
    let value = select(cosine, sine, (quarters & 1u) == 0u);
    return bitcast<f32>(bitcast<u32>(value) ^ ((quarters & 2u) << 30u));
}

fn math_sin(x: f32) -> f32 {
    return math_rotate(x, 0);
}

fn math_cos(x: f32) -> f32 {
    return math_rotate(x, 1);
}

// The logarithm of 2 in two parts. Whole multiples of the first are exact.
const LOG2_E: f32 = 1.442695;
const LN_2_HIGH: f32 = 0.69314575;
const LN_2_LOW: f32 = 1.4286068e-6;

fn math_exp(power: f32) -> f32 {
    let x = clamp(power, -87.0, 88.0);
    let k = floor(x * LOG2_E + 0.5);
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let w = r * (r * (r * (r * 1.3895484e-3 + 8.365957e-3) + 4.1666888e-2) + 0.1666655) + 0.5;
    let scale = bitcast<f32>((i32(k) + 127) << 23u);
    return ((r * r) * w + r + 1.0) * scale;
}

// The natural logarithm of a positive, normal number.
fn math_ln(x: f32) -> f32 {
    // The bits of sqrt(1/2): mantissas are taken from there to sqrt(2).
    let bits = bitcast<i32>(x);
    let exponent = (bits - 0x3F3504F3) >> 23u;
    let e = f32(exponent);
    let f = bitcast<f32>(bits - (exponent << 23u)) - 1.0;
    let s = f / (f + 2.0);
    let z = s * s;
    let w = z * (z * (z * 0.29871628 + 0.39977565) + 0.66666776);
    let low = e * LN_2_LOW - s * (f - w);
    return e * LN_2_HIGH + (f + low);
}

// A minimax quotient of degrees 7 and 8, clamped where the quotient would exceed 1.
fn math_tanh(number: f32) -> f32 {
    let x = clamp(number, -8.0, 8.0);
    let s = x * x;
    let p = s * (s * (s * 1.1428429e-5 + 2.951024e-3) + 0.12925668) + 1.0;
    let q = s * (s * (s * (s * 2.4592148e-7 + 2.3866926e-4) + 2.3815555e-2) + 0.462589) + 1.0;
    // A device's division may be off by 2.5 units in the last place, so the quotient may exceed 1.
    return clamp(x * p / q, -1.0, 1.0);
}

fn math_sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + math_exp(-x));
}
