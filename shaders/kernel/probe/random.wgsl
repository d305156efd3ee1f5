// Probes the random generator: the words and the normals of given counters. One invocation handles
// one counter.

struct ProbeParameters {
    seed: vec2<u32>,
    // The number of cases; `function` is unused.
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> parameters: ProbeParameters;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
@group(0) @binding(2) var<storage, read> counters: array<vec4<u32>>;
// u32[count][12]: four words, then the bits of eight normals.
@group(0) @binding(3) var<storage, read_write> found: array<u32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place >= parameters.count) {
        return;
    }
    let words = random_words(counters[place], parameters.seed);
    var normals = random_normals(words);
    for (var n = 0u; n < 4u; n++) {
        found[place * 12u + n] = words[n];
    }
    for (var n = 0u; n < 8u; n++) {
        found[place * 12u + 4u + n] = bitcast<u32>(normals[n]);
    }
}
