// Subgroups: SUBGROUP invocations that run in lockstep share one individual, whose genome stays in
// their registers.
//
// Invocation j holds the weights of outputs j, j + SUBGROUP, j + 2 SUBGROUP, ... of every layer,
// and computes these outputs. Each signal is broadcast to the subgroup for the next layer, without
// workgroup memory and without barriers. Sums have the order of network/mlp.wgsl, and so the same
// bits.
//
// The generator copies kernel/subgroup/dense.wgsl for each layer, and writes `subgroup_load_genome`
// and `subgroup_forward`, which call the copies.

// The index of this invocation in its subgroup.
var<private> subgroup_lane: u32;

// This invocation's gene among the `count` genes from `first` on, or 0 if it has none.
fn subgroup_gene(individual: u32, first: u32, count: u32) -> f32 {
    if (subgroup_lane < count) {
        return population_gene(individual, first + subgroup_lane);
    }
    return 0.0;
}
