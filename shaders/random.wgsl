// Counter-based random numbers: Philox4x32-10, uniforms and normals. The bits equal those of
// src/random.rs.
//
// A draw is a function of a key (the seed) and a counter [block, individual, generation, stream].
// A block is four words, four uniforms or eight normals: the low half of word k is normal 2k, and
// the high half is normal 2k + 1. A normal is read from `normal_table`.
// Source: Salmon, Moraes, Dror and Shaw, SC 2011.

const PHILOX_ROUNDS: u32 = 10u;
const PHILOX_FIRST_MULTIPLIER: u32 = 0xD2511F53u;
const PHILOX_SECOND_MULTIPLIER: u32 = 0xCD9E8D57u;
const PHILOX_FIRST_WEYL: u32 = 0x9E3779B9u;
const PHILOX_SECOND_WEYL: u32 = 0xBB67AE85u;

// The high word of a product. WGSL has no wide multiplication.
fn multiply_high(a: u32, b: u32) -> u32 {
    let a_low = a & 0xFFFFu;
    let a_high = a >> 16u;
    let b_low = b & 0xFFFFu;
    let b_high = b >> 16u;
    let middle = a_high * b_low + ((a_low * b_low) >> 16u);
    let other = a_low * b_high + (middle & 0xFFFFu);
    return a_high * b_high + (middle >> 16u) + (other >> 16u);
}

fn random_words(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
    var c = counter;
    var k = seed;
    for (var round = 0u; round < PHILOX_ROUNDS; round++) {
        c = vec4<u32>(
            multiply_high(PHILOX_SECOND_MULTIPLIER, c.z) ^ c.y ^ k.x,
            PHILOX_SECOND_MULTIPLIER * c.z,
            multiply_high(PHILOX_FIRST_MULTIPLIER, c.x) ^ c.w ^ k.y,
            PHILOX_FIRST_MULTIPLIER * c.x,
        );
        k += vec2<u32>(PHILOX_FIRST_WEYL, PHILOX_SECOND_WEYL);
    }
    return c;
}

// Uniforms in [0, 1), each a multiple of 2^-24.
fn random_uniforms(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(words >> vec4<u32>(8u)) * (1.0 / 16777216.0);
}
