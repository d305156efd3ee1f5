//! Rung 7: faults planted on purpose; a ladder that lets one through proves nothing.

use std::sync::Arc;

use super::{Comparison, CpuFault, Rung, Subject};
use super::{
    episodes, forward, functions, graphs, normalisation, painting, population, random, recurrent,
    steps, variants,
};
use crate::error::Result;
use crate::gpu::Edit;
use crate::task::{self, Task};

/// Whether a fault is in numbers of half precision.
pub(super) fn is_in_halves(edit: &Edit) -> bool {
    edit.part == HALVES || edit.part.starts_with("kernel/tensor/")
}

/// Whether a fault is in kernels whose subgroups are individuals.
pub(super) fn is_in_subgroups(edit: &Edit) -> bool {
    edit.part.starts_with("kernel/subgroup/")
}

const HALVES: &str = "population.wgsl";

/// A fault in a shader: what it is, the rung that must catch it, and the change.
pub(super) const SHADER_FAULTS: [(&str, &str, Edit); 24] = [
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
        "a wall of the maze a unit too short",
        "4 steps",
        Edit {
            part: "task/maze.wgsl",
            find: "(55.0, 152.0, 135.0",
            replace: "(55.0, 152.0, 134.0",
        },
    ),
    (
        "the first input's deviation for all",
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
        "a reset gate of another unit",
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
            find: "let source = graph_slot_of(slots, slot + e);",
            replace: "let source = select(graph_slot_of(slots, slot + e), 0, n + e == 1u);",
        },
    ),
    (
        "every memory of a graph its first",
        "4 graphs",
        Edit {
            part: "network/graph.wgsl",
            find: "slot + OUTPUTS + m)",
            replace: "slot + OUTPUTS)",
        },
    ),
    (
        "both ends of a painted connection its target",
        "4 painting",
        Edit {
            part: "kernel/paint.wgsl",
            find: "places[gene * INPUTS + i]",
            replace: "places[gene * INPUTS + 3u + i % 3u]",
        },
    ),
    (
        "mirrored noise with one sign",
        "4 population",
        Edit {
            part: "kernel/gaussian.wgsl",
            find: "select(1.0, -1.0,",
            replace: "select(1.0, 1.0,",
        },
    ),
    (
        "halves that are cut off, not rounded",
        "4 population",
        Edit { part: HALVES, find: "(bits + 0xFFFu + ((bits >> 13u) & 1u))", replace: "bits" },
    ),
    (
        "the last individual of a chunk left out of a sum",
        "4 population",
        Edit {
            part: "kernel/recombine.wgsl",
            find: "source < end;",
            replace: "source + 1u < end;",
        },
    ),
    (
        "the first reward of an episode left out",
        "5 episodes",
        Edit {
            part: "kernel/episode.wgsl",
            find: "running.reward += result.reward;",
            replace: "running.reward += select(result.reward, 0.0, running.steps == 0u);",
        },
    ),
    (
        "memories kept from one episode to the next",
        "5 episodes",
        Edit {
            part: "network/recurrent.wgsl",
            find: "network_memory_put(m, 0.0);",
            replace: "network_memory_put(m, network_memory_at(m));",
        },
    ),
    (
        "what was seen in the first episode alone",
        "5 episodes",
        Edit {
            part: "kernel/tally.wgsl",
            find: "episode < tallying.episodes",
            replace: "episode < 1u",
        },
    ),
    (
        "a bias of a team its neighbour's",
        "5 variants",
        Edit {
            part: "kernel/team/dense.wgsl",
            find: "u + output + 0u",
            replace: "u + output + 1u",
        },
    ),
    (
        "a written-out sum that begins beside its bias",
        "5 variants",
        Edit { part: "kernel/unrolled.wgsl", find: "var sum_0 = ", replace: "var sum_0 = 1e-4 + " },
    ),
    (
        "a sample that a team adds twice",
        "5 variants",
        Edit {
            part: "kernel/team/judge.wgsl",
            find: "losses[sample % WORKGROUP] += one.loss;",
            replace: "losses[sample % WORKGROUP] += one.loss * select(1.0, 2.0, sample == 0u);",
        },
    ),
    (
        "a gene that a team makes from its neighbour's noise",
        "5 variants",
        Edit { part: "kernel/team/made.wgsl", find: "noise[n])", replace: "noise[n ^ 1u])" },
    ),
    (
        "a number that the wrong invocation of a subgroup tells",
        "5 variants",
        Edit {
            part: "kernel/subgroup/dense.wgsl",
            find: "subgroupBroadcast(signal_0_0, 1u)",
            replace: "subgroupBroadcast(signal_0_0, 2u)",
        },
    ),
    (
        "rows of weights that are copied from the row behind",
        "5 variants",
        Edit {
            part: "kernel/tensor/staged.wgsl",
            find: "let input = first + n /",
            replace: "let input = first + 1u + n /",
        },
    ),
    (
        "R^2 of targets of variance 1",
        "5 episodes",
        Edit {
            part: "task/data.wgsl",
            find: "sum.loss / count / variance",
            replace: "sum.loss / count",
        },
    ),
];

/// A fault in the CPU path, likewise.
pub(super) const CPU_FAULTS: [(&str, &str, CpuFault); 7] = [
    ("a flipped bit in every word", "2 random", CpuFault::RandomBit),
    ("functions x 1.0001", "3 functions", CpuFault::Function),
    ("steps x 1.001", "4 steps", CpuFault::Step),
    ("deviations x 1.0001", "4 normalisation", CpuFault::Deviation),
    ("every weight its neighbour's", "4 forward", CpuFault::WeightIndex),
    ("one edge of a graph redirected", "4 graphs", CpuFault::Edge),
    ("every weight its neighbour's, with memory", "4 recurrent", CpuFault::WeightIndex),
];

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let faults = subject.faults().into_iter();
    faults.map(|(name, rung, faulty)| catch(name, rung, faulty.as_ref())).collect()
}

/// Climbs the rung that must catch a fault, with the fault in place.
fn catch(name: &'static str, rung: &'static str, faulty: &dyn Subject) -> Result<Rung> {
    let cartpole = Arc::from(task::named("cartpole")?);
    let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
    let rungs = match rung {
        "2 random" => random::climb(faulty)?,
        "3 functions" => functions::climb(faulty)?,
        "4 steps" => {
            let maze = Arc::from(task::named("maze")?);
            [steps::climb(faulty, &cartpole)?, steps::climb(faulty, &maze)?].concat()
        }
        "4 normalisation" => normalisation::climb(faulty)?,
        "4 forward" => forward::climb(faulty)?,
        "4 recurrent" => recurrent::climb(faulty)?,
        "4 graphs" => graphs::climb(faulty)?,
        "4 painting" => painting::climb(faulty)?,
        "4 population" => population::climb(faulty)?,
        "5 episodes" => {
            // Each step of the pole has the same reward, so that it is the pendulum that tells what
            // an episode began with.
            let pendulum = Arc::from(task::named("pendulum")?);
            let rungs = [&cartpole, &pendulum, &regression];
            rungs
                .map(|task| episodes::climb(faulty, task))
                .into_iter()
                .collect::<Result<Vec<_>>>()?
                .concat()
        }
        "5 variants" => variants::climb_few(faulty)?,
        other => unreachable!("no fault is assigned to rung '{other}'"),
    };
    let mut caught = Comparison::new("7 faults", name, "caught at its rung");
    let failed = rungs.iter().find(|climbed| climbed.name == rung && climbed.failed > 0);
    caught.holds(failed.is_some(), || format!("not caught at rung {rung}"));
    Ok(caught.rung())
}
