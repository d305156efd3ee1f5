// Subgroups: SUBGROUP invocations that run in step are one individual, whose genome stays in their
// registers.
//
// Invocation j has the weights of outputs j, j + SUBGROUP, j + 2 SUBGROUP, ... of every layer, and
// computes those. What goes on to the next layer is broadcast number by number, so that nothing
// stands in workgroup memory and nothing waits at a barrier. Sums run in the order of
// network/mlp.wgsl, and have its bits.
//
// The generator makes the layers from kernel/subgroup/dense.wgsl, and `subgroup_fetch` and
// `subgroup_forward`, which call them.

// Which of the subgroup this invocation is.
var<private> subgroup_lane: u32;

// This invocation's of `count` genes that stand side by side from `first` on; 0 where it has none.
fn subgroup_gene(individual: u32, first: u32, count: u32) -> f32 {
    if (subgroup_lane < count) {
        return population_gene(individual, first + subgroup_lane);
    }
    return 0.0;
}
