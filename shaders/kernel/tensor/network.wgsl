// Tensor cores: a workgroup computes one network on COLUMNS samples by tiles of TILE x TILE
// numbers, which are multiplied as a whole: factors in half precision, sums in single precision.
//
// Samples come from `features`, f16[samples][FEATURE_STRIDE], whose rows and samples are filled up
// with zeros. What a hidden layer gives is rounded to half precision, and stands in
// `tensor_signals`, f16[COLUMNS][TENSOR_SIGNALS]; sums, and what the last layer gives, stand in
// `tensor_sums`, f32[COLUMNS][TENSOR_SUMS]. Rows are longer than the widest layer, so that
// neighbours stand in different banks.
//
// A subgroup takes a strip of TILE outputs for all samples. Where weights of a layer stand so that
// tiles may begin there, they are multiplied where they are; else STAGED rows at a time are copied
// to `tensor_weights`, and filled up with zeros.
//
// The generator makes the layers from kernel/tensor/dense.wgsl; how a strip is multiplied stands in
// kernel/tensor/cooperative.wgsl, or without tensor cores in kernel/tensor/scalar.wgsl. The names
// of a team are those of kernel/team/network.wgsl, so that the same kernels judge.

@group(0) @binding(2) var<storage, read> features: array<f16>;

var<workgroup> team_samples: array<u32, COLUMNS>;
var<workgroup> tensor_signals: array<f16, COLUMNS * TENSOR_SIGNALS>;
var<workgroup> tensor_sums: array<f32, COLUMNS * TENSOR_SUMS>;
var<workgroup> tensor_weights: array<f16, TENSOR_WEIGHTS>;
var<private> tensor_local: u32;
// The subgroup that an invocation is in, and how many there are.
var<private> tensor_subgroup: u32;
var<private> tensor_subgroups: u32;
// Where the genome begins.
var<private> tensor_genome: u32;

fn team_join(local: u32) {
    let size = tensor_subgroup_size();
    tensor_local = local;
    tensor_subgroup = local / size;
    tensor_subgroups = WORKGROUP / size;
}

// Takes the genome of an individual; of the first where there is no such one.
fn team_fetch(individual: u32, is_one: bool) {
    tensor_genome = population_place(select(0u, individual, is_one), 0u);
}

fn tensor_gene(gene: u32) -> f32 {
    return f32(population[tensor_genome + gene]);
}

// Writes what came out for a sample into `network_outputs`.
fn team_tell(column: u32) {
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs_put(o, tensor_sums[column * TENSOR_SUMS + o]);
    }
}
