// Measures the peak of memory bandwidth. Every invocation copies one vector of four numbers, next
// to those of its neighbours.

struct CopyParameters {
    // The number of vectors to copy.
    vectors: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> parameters: CopyParameters;
@group(0) @binding(1) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> target_words: array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place < parameters.vectors) {
        target_words[place] = source[place];
    }
}
