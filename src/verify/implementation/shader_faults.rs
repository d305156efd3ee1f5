//! Faults planted in shaders, as edits of their text.

use crate::gpu::Edit;

/// True if a fault shows only on devices that support half precision.
pub(super) fn needs_half_precision(edit: &Edit) -> bool {
    edit.part == HALF_PRECISION || edit.part.starts_with("kernel/tensor/")
}

/// True if a fault shows only on devices with subgroups of one size.
pub(super) fn needs_subgroups(edit: &Edit) -> bool {
    edit.part.starts_with("kernel/subgroup/")
}

const HALF_PRECISION: &str = "population.wgsl";

/// The faults in shaders: a description, the rung that must catch the fault, and the edit.
pub(super) const SHADER_FAULTS: [(&str, &str, Edit); 29] = [
    (
        "a digit of a Philox multiplier",
        "2 random",
        Edit { part: "random.wgsl", find: "0xCD9E8D57u", replace: "0xCD9E8D59u" },
    ),
    (
        "the sign bit of normals",
        "2 random",
        Edit { part: "kernel/normal.wgsl", find: "(half & 0x8000u)", replace: "(half & 0x4000u)" },
    ),
    (
        "tanh x 1.00001",
        "3 functions",
        Edit { part: "math.wgsl", find: "clamp(x * p", replace: "clamp(1.00001 * x * p" },
    ),
    (
        "cartpole's gravity x 1.001",
        "4 steps",
        Edit {
            part: "task/cartpole.wgsl",
            find: "GRAVITY: f32 = 9.8;",
            replace: "GRAVITY: f32 = 9.8098;",
        },
    ),
    (
        "a wall of the maze that is one unit too short",
        "4 steps",
        Edit {
            part: "task/maze.wgsl",
            find: "(55.0, 152.0, 135.0",
            replace: "(55.0, 152.0, 134.0",
        },
    ),
    (
        "the deviation of the first input used for all inputs",
        "4 normalisation",
        Edit {
            part: "network/normalisation.wgsl",
            find: "normalisation[INPUTS + i]",
            replace: "normalisation[INPUTS]",
        },
    ),
    (
        "a weight index off by one",
        "4 forward",
        Edit { part: "network/mlp.wgsl", find: "u + (", replace: "u + 1u + (" },
    ),
    (
        "the reset gate of another unit",
        "4 recurrent",
        Edit {
            part: "network/gru.wgsl",
            find: "let reset = sums_0_at(o)",
            replace: "let reset = sums_0_at(0u)",
        },
    ),
    (
        "one edge of a graph redirected",
        "4 graphs",
        Edit {
            part: "network/graph.wgsl",
            find: "let source = graph_slot_at(slots, slot + e);",
            replace: "let source = select(graph_slot_at(slots, slot + e), 0, n + e == 1u);",
        },
    ),
    (
        "the first hidden value of a graph used for all",
        "4 graphs",
        Edit {
            part: "network/graph.wgsl",
            find: "slot + OUTPUTS + m)",
            replace: "slot + OUTPUTS)",
        },
    ),
    (
        "the target of a CPPN connection used for its source",
        "4 painting",
        Edit {
            part: "kernel/decode.wgsl",
            find: "places[gene * INPUTS + i]",
            replace: "places[gene * INPUTS + 3u + i % 3u]",
        },
    ),
    (
        "mirrored noise without the sign",
        "4 population",
        Edit {
            part: "kernel/gaussian.wgsl",
            find: "select(1.0, -1.0,",
            replace: "select(1.0, 1.0,",
        },
    ),
    (
        "half precision truncated instead of rounded",
        "4 population",
        Edit {
            part: HALF_PRECISION,
            find: "(bits + 0xFFFu + ((bits >> 13u) & 1u))",
            replace: "bits",
        },
    ),
    (
        "the last individual of a chunk missing from a sum",
        "4 population",
        Edit {
            part: "kernel/recombine.wgsl",
            find: "source < end;",
            replace: "source + 1u < end;",
        },
    ),
    (
        "the first reward of an episode missing",
        "5 episodes",
        Edit {
            part: "kernel/episode.wgsl",
            find: "running.reward += result.reward;",
            replace: "running.reward += select(result.reward, 0.0, running.steps == 0u);",
        },
    ),
    (
        "hidden states kept from one episode to the next",
        "5 episodes",
        Edit {
            part: "network/recurrent.wgsl",
            find: "network_state_put(m, 0.0);",
            replace: "network_state_put(m, network_state_at(m));",
        },
    ),
    (
        "observation sums of the first episode only",
        "5 episodes",
        Edit {
            part: "kernel/observation_sums.wgsl",
            find: "episode < parameters.episodes",
            replace: "episode < 1u",
        },
    ),
    (
        "the bias of the next unit in a team kernel",
        "5 variants",
        Edit {
            part: "kernel/team/dense.wgsl",
            find: "u + output + 0u",
            replace: "u + output + 1u",
        },
    ),
    (
        "an offset in the sums of the unrolled kernel",
        "5 variants",
        Edit { part: "kernel/unrolled.wgsl", find: "var sum_0 = ", replace: "var sum_0 = 1e-4 + " },
    ),
    (
        "a sample counted twice by a team",
        "5 variants",
        Edit {
            part: "kernel/team/loss.wgsl",
            find: "+= sample_loss.loss;",
            replace: "+= sample_loss.loss * select(1.0, 2.0, sample == 0u);",
        },
    ),
    (
        "the noise of the next gene in a fused kernel",
        "5 variants",
        Edit {
            part: "kernel/team/generated_genome.wgsl",
            find: "noise[n])",
            replace: "noise[n ^ 1u])",
        },
    ),
    (
        "a value broadcast by the wrong invocation of a subgroup",
        "5 variants",
        Edit {
            part: "kernel/subgroup/dense.wgsl",
            find: "subgroupBroadcast(signal_0_0, 1u)",
            replace: "subgroupBroadcast(signal_0_0, 2u)",
        },
    ),
    (
        "the next row of weights copied to a tile",
        "5 variants",
        Edit {
            part: "kernel/tensor/staged.wgsl",
            find: "let input = first + n /",
            replace: "let input = first + 1u + n /",
        },
    ),
    (
        "a scale read for each gene where all genes share one",
        "5 bounds",
        Edit {
            part: "kernel/gaussian.wgsl",
            find: "if (recipe.per_gene == 1u)",
            replace: "scale = select(scale, scales[gene], recipe.per_gene == 1u); if (false)",
        },
    ),
    (
        "a gene written after the last one",
        "5 bounds",
        Edit { part: "kernel/perturb.wgsl", find: "gene < GENES", replace: "gene <= GENES" },
    ),
    (
        "a row of losses read after the last one",
        "5 bounds",
        Edit {
            part: "kernel/loss_reduction.wgsl",
            find: "losses[local + half];",
            replace: "losses[local + half + 1u];",
        },
    ),
    (
        "an observation sum written after the last one",
        "5 bounds",
        Edit {
            part: "network/normalisation.wgsl",
            find: "observation_sums[INPUTS + i]",
            replace: "observation_sums[INPUTS + i + 1u]",
        },
    ),
    (
        "the first target for every output",
        "5 episodes",
        Edit {
            part: "task/data.wgsl",
            find: "targets[first_target + k]",
            replace: "targets[first_target]",
        },
    ),
    (
        "R^2 without the variances of the targets",
        "5 episodes",
        Edit {
            part: "task/data.wgsl",
            find: "error * error * targets[first_weight + k]",
            replace: "error * error / f32(OUTPUTS)",
        },
    ),
];
