// Tensor cores: a workgroup computes one network on COLUMNS samples by tiles of TILE x TILE
// numbers. Factors are in half precision, and sums in single precision.
//
// The signals of a hidden layer are rounded to half precision. Rows in workgroup memory are longer
// than the widest layer, so that neighbouring rows are in different banks.
//
// A subgroup computes a strip of TILE outputs for all samples. If the weights of a layer are
// aligned, tiles are read from the population directly. Otherwise STAGED rows at a time are copied
// to `tensor_weights` and padded with zeros.
//
// The generator copies kernel/tensor/dense.wgsl for each layer. Strips are multiplied by
// kernel/tensor/cooperative.wgsl, or without tensor cores by kernel/tensor/scalar.wgsl. The
// functions `team_...` replace those of kernel/team/network.wgsl, so that the same kernels call
// both.

// f16[samples][FEATURE_STRIDE]: rows and samples are padded with zeros.
@group(0) @binding(2) var<storage, read> features: array<f16>;

// The index of each column's sample.
var<workgroup> team_samples: array<u32, COLUMNS>;
// The signals of the last hidden layer.
var<workgroup> tensor_signals: array<f16, COLUMNS * TENSOR_SIGNALS>;
// The sums of a layer, and the outputs of the last one.
var<workgroup> tensor_sums: array<f32, COLUMNS * TENSOR_SUMS>;
// The staged weights.
var<workgroup> tensor_weights: array<f16, TENSOR_WEIGHTS>;
// The index of this invocation in the workgroup.
var<private> tensor_local: u32;
// The subgroup of this invocation, and the number of subgroups.
var<private> tensor_subgroup: u32;
var<private> tensor_subgroups: u32;
// The index of the genome's first gene in the population.
var<private> tensor_genome: u32;

// Sets the indices of an invocation.
fn team_setup(local: u32) {
    let size = tensor_subgroup_size();
    tensor_local = local;
    tensor_subgroup = local / size;
    tensor_subgroups = WORKGROUP / size;
}

// Selects the genome of an individual, or the first genome if the individual does not exist.
fn team_load_genome(individual: u32, is_one: bool) {
    tensor_genome = population_index(select(0u, individual, is_one), 0u);
}

// A gene of the individual.
fn tensor_gene(gene: u32) -> f32 {
    return f32(population[tensor_genome + gene]);
}

// Copies the outputs for a sample to `network_outputs`.
fn team_write_outputs(column: u32) {
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs_put(o, tensor_sums[column * TENSOR_SUMS + o]);
    }
}
