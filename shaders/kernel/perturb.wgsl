// Spawns a Gaussian population, which kernel/gaussian.wgsl samples.
//
// One invocation computes eight genes of one individual. Neighbouring invocations compute the same
// genes of neighbouring individuals, so their writes are adjacent.

@group(0) @binding(0) var<uniform> parameters: GaussianParameters;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
@group(0) @binding(2) var<storage, read> centre: array<f32>;
@group(0) @binding(3) var<storage, read> scales: array<f32>;
@group(0) @binding(4) var<storage, read_write> population: array<Gene>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let block = place / LANES % GENE_BLOCKS;
    let individual = place / LANES / GENE_BLOCKS * LANES + place % LANES;
    if (individual >= parameters.individuals) {
        return;
    }
    var noise = gaussian_noise(parameters, individual, block);
    for (var n = 0u; n < 8u; n++) {
        let gene = block * 8u + n;
        if (gene < GENES) {
            let place = population_index(individual, gene);
            population[place] = gaussian_gene(parameters, gene, noise[n]);
        }
    }
}
