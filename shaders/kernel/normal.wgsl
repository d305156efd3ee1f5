// Normals from words: bit 15 of each half is the sign, the other 15 choose a slice of the table.
//
// `normal_table` is f32[32768], made once on the CPU by src/random.rs. The kernel that uses this
// part declares the binding.

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
