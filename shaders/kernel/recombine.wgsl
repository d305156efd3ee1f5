// The first half of recombination: utility-weighted sums of the noise over chunks of individuals.
//
// The noise is generated again from its key. One invocation sums eight genes over one chunk, in
// order. kernel/recombine_reduction.wgsl adds the chunks up.

struct RecombineParameters {
    seed: vec2<u32>,
    generation: u32,
    // The number of sources of noise: individuals, or mirrored pairs.
    sources: u32,
    // The number of sources in a chunk.
    chunk: u32,
    // The range of chunks of this dispatch.
    first_chunk: u32,
    chunks: u32,
    // 1 if the squares of the noise are summed too.
    squares: u32,
}

@group(0) @binding(0) var<uniform> parameters: RecombineParameters;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
// The utility of each source; if squares are summed, those of the squares follow.
@group(0) @binding(2) var<storage, read> weights: array<f32>;
// f32[chunks][2][GENES]: the sums of the noise, then of its square.
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let block = place % GENE_BLOCKS;
    let chunk = parameters.first_chunk + place / GENE_BLOCKS;
    if (chunk >= parameters.chunks) {
        return;
    }
    var first: array<f32, 8>;
    var second: array<f32, 8>;
    let begin = chunk * parameters.chunk;
    let end = min(begin + parameters.chunk, parameters.sources);
    for (var source = begin; source < end; source++) {
        let counter = vec4<u32>(block, source, parameters.generation, STREAM_NOISE);
        var noise = random_normals(random_words(counter, parameters.seed));
        let weight = weights[source];
        var square_weight = 0.0;
        if (parameters.squares == 1u) {
            square_weight = weights[parameters.sources + source];
        }
        for (var n = 0u; n < 8u; n++) {
            first[n] += weight * noise[n];
            second[n] += square_weight * noise[n] * noise[n];
        }
    }
    for (var n = 0u; n < 8u; n++) {
        let gene = block * 8u + n;
        if (gene < GENES) {
            partial[chunk * 2u * GENES + gene] = first[n];
            partial[(chunk * 2u + 1u) * GENES + gene] = second[n];
        }
    }
}
