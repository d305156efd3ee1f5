// The weighted sum of a population's noise, second half: the sum of the chunks, in order.
//
// One invocation is one gene of one moment; `moments` is f32[2][GENES].

struct Totalling {
    chunks: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> totalling: Totalling;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
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
    for (var chunk = 0u; chunk < totalling.chunks; chunk++) {
        sum += partial[chunk * 2u * GENES + gene];
    }
    moments[gene] = sum;
}
