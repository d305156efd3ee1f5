// The weighted sum of a population's noise, first half: the sums of chunks of individuals.
//
// The noise is made again from its key. One invocation sums eight genes over one chunk, in order;
// `partial` is f32[chunks][2][GENES], first the sums of the noise, then of its square.

struct Recombining {
    seed: vec2<u32>,
    generation: u32,
    sources: u32,
    chunk: u32,
    first_chunk: u32,
    chunks: u32,
    squares: u32,
}

@group(0) @binding(0) var<uniform> recombining: Recombining;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let stretch = place % GENE_BLOCKS;
    let chunk = recombining.first_chunk + place / GENE_BLOCKS;
    if (chunk >= recombining.chunks) {
        return;
    }
    var first: array<f32, 8>;
    var second: array<f32, 8>;
    let begin = chunk * recombining.chunk;
    let end = min(begin + recombining.chunk, recombining.sources);
    for (var source = begin; source < end; source++) {
        let counter = vec4<u32>(stretch, source, recombining.generation, STREAM_NOISE);
        var noise = random_normals(random_words(counter, recombining.seed));
        let weight = weights[source];
        var square_weight = 0.0;
        if (recombining.squares == 1u) {
            square_weight = weights[recombining.sources + source];
        }
        for (var n = 0u; n < 8u; n++) {
            first[n] += weight * noise[n];
            second[n] += square_weight * noise[n] * noise[n];
        }
    }
    for (var n = 0u; n < 8u; n++) {
        let gene = stretch * 8u + n;
        if (gene < GENES) {
            partial[chunk * 2u * GENES + gene] = first[n];
            partial[(chunk * 2u + 1u) * GENES + gene] = second[n];
        }
    }
}
