// The second half of recombination: the sum of the chunks, in order.
//
// One invocation handles one gene of one moment.

struct ReductionParameters {
    chunks: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> parameters: ReductionParameters;
// f32[chunks][2][GENES]
@group(0) @binding(1) var<storage, read> partial: array<f32>;
// f32[2][GENES]: the sums of the noise, then of its square.
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let gene = dispatch_group(group, groups) * WORKGROUP + local;
    if (gene >= 2u * GENES) {
        return;
    }
    var sum = 0.0;
    for (var chunk = 0u; chunk < parameters.chunks; chunk++) {
        sum += partial[chunk * 2u * GENES + gene];
    }
    moments[gene] = sum;
}
