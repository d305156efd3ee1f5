// Normals from random words. Bit 15 of each half word is the sign, and the other 15 bits are an
// index into `normal_table`.
//
// `normal_table` is f32[32768], which src/random.rs computes once. The kernel that uses this part
// declares the binding.

// The normal of the low half of a word.
fn random_normal(half: u32) -> f32 {
    let magnitude = normal_table[half & 0x7FFFu];
    return bitcast<f32>(bitcast<u32>(magnitude) | ((half & 0x8000u) << 16u));
}

// The eight normals of a block.
fn random_normals(words: vec4<u32>) -> array<f32, 8> {
    return array<f32, 8>(
        random_normal(words.x), random_normal(words.x >> 16u),
        random_normal(words.y), random_normal(words.y >> 16u),
        random_normal(words.z), random_normal(words.z >> 16u),
        random_normal(words.w), random_normal(words.w >> 16u),
    );
}
