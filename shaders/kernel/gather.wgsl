// Copies one individual's genome out of the packed population.

struct GatherParameters {
    // The index of the individual in the shard.
    individual: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> parameters: GatherParameters;
@group(0) @binding(1) var<storage, read> population: array<Gene>;
@group(0) @binding(2) var<storage, read_write> genome: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let gene = dispatch_group(group, groups) * WORKGROUP + local;
    if (gene < GENES) {
        genome[gene] = f32(population[population_index(parameters.individual, gene)]);
    }
}
