//! The WGSL of a network that a team of invocations computes together, and its need of workgroup
//! memory.

use std::collections::BTreeSet;

use super::capacity::OVERHEAD_BYTES;
use super::network::{
    ACTIVATION, POPULATION as GENOMES, RECURRENT, private_ports, stride, strided,
};
use super::{
    FEATURES, GAUSSIAN, Kernels, MATH, NORMAL, POPULATION, RANDOM, forward_parts, loss_parts,
};
use crate::backend::plan::{InvocationCost, Limits, WORK_PER_NORMAL, WORKGROUP};
use crate::gpu::ShaderSource;
use crate::gpu::source::Constants;
use crate::network::{Layer, Network};
use crate::random::NORMALS_PER_BLOCK;

const NETWORK: (&str, &str) = part!("kernel/team/network.wgsl");
const EPISODES: (&str, &str) = part!("kernel/team/episodes.wgsl");
const SAMPLES: (&str, &str) = part!("kernel/team/samples.wgsl");
const LOADED: (&str, &str) = part!("kernel/team/loaded_genome.wgsl");
const GENERATED: (&str, &str) = part!("kernel/team/generated_genome.wgsl");
const DENSE: (&str, &str) = part!("kernel/team/dense.wgsl");

/// The most episodes that a team runs at once.
const MOST_EPISODES: usize = 16;
/// The most samples that a team takes at once.
const MOST_SAMPLES: usize = 32;
/// The first free binding of a rollout without normalisation.
const FIRST_FREE: usize = 3;
/// The number of columns in a vector.
const WIDTH: usize = 4;
/// The most outputs that an invocation computes at once.
const MOST_OUTPUTS: usize = 4;

/// The storage of a team's genome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenomeStorage {
    /// The packed population, in global memory.
    Global,
    /// Workgroup memory, loaded from the packed population at the beginning of a dispatch.
    Loaded,
    /// Workgroup memory, generated from the recipe at the beginning of a dispatch.
    Generated,
}

/// A team of invocations that runs one individual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// The number of its invocations.
    pub threads: usize,
    /// The number of episodes or samples at once.
    pub columns: usize,
    /// The storage of its genome.
    pub genome: GenomeStorage,
    /// True if inputs come from a data set; false if they come from its episodes.
    reads_samples: bool,
}

impl Team {
    pub(super) const LOSS: (&str, &str) = part!("kernel/team/loss.wgsl");
    pub(super) const FORWARD: (&str, &str) = part!("kernel/team/forward.wgsl");

    /// Returns a team of `threads` invocations for `episodes` episodes of each individual, or
    /// `None` if its signals do not fit workgroup memory.
    pub fn for_episodes(
        network: &Network,
        threads: usize,
        episodes: u32,
        limits: &Limits,
    ) -> Option<Self> {
        // A genome in workgroup memory is worth having fewer columns.
        let resident = Self::widest(network, threads, episodes, GenomeStorage::Loaded, limits);
        resident.or_else(|| Self::widest(network, threads, episodes, GenomeStorage::Global, limits))
    }

    /// Returns a team that generates its genome, or `None` if genome and signals do not
    /// fit workgroup memory.
    pub fn for_fused_episodes(
        network: &Network,
        threads: usize,
        episodes: u32,
        limits: &Limits,
    ) -> Option<Self> {
        Self::widest(network, threads, episodes, GenomeStorage::Generated, limits)
    }

    /// Returns the team with the most columns that fit workgroup memory.
    fn widest(
        network: &Network,
        threads: usize,
        episodes: u32,
        genome: GenomeStorage,
        limits: &Limits,
    ) -> Option<Self> {
        let most = MOST_EPISODES.min(threads).min(episodes as usize);
        let mut all =
            columns(most).map(|columns| Self { threads, columns, genome, reads_samples: false });
        all.find(|team| team.bytes(network) <= limits.workgroup_bytes as usize)
    }

    /// Returns a team of a whole workgroup for the samples of a data set, or `None` if its signals
    /// do not fit workgroup memory.
    pub fn for_samples(network: &Network, limits: &Limits) -> Option<Self> {
        let (threads, genome) = (WORKGROUP, GenomeStorage::Global);
        let mut all = columns(MOST_SAMPLES).map(|columns| Self {
            threads,
            columns,
            genome,
            reads_samples: true,
        });
        all.find(|team| team.bytes(network) <= limits.workgroup_bytes as usize)
    }

    /// Returns the cost of loading or generating the genome, before the first step of an episode.
    pub fn setup_cost(&self, network: &Network) -> InvocationCost {
        // A Philox block has ten rounds and gives eight normals, and a few iterations follow.
        const ROUNDS_PER_BLOCK: u64 = 24;
        let genes = network.parameters() as u64;
        let per_gene = |work: u64, rounds: u64| InvocationCost {
            work: (work * genes).div_ceil(self.columns as u64),
            rounds: rounds * genes.div_ceil(self.threads as u64),
        };
        match self.genome {
            GenomeStorage::Global => InvocationCost::default(),
            GenomeStorage::Loaded => per_gene(1, 1),
            GenomeStorage::Generated => {
                let InvocationCost { work, rounds } = per_gene(WORK_PER_NORMAL, ROUNDS_PER_BLOCK);
                InvocationCost { work, rounds: rounds.div_ceil(NORMALS_PER_BLOCK as u64) }
            }
        }
    }

    /// The number of teams in a workgroup.
    pub fn per_workgroup(&self) -> usize {
        WORKGROUP / self.threads
    }

    /// The bytes of workgroup memory.
    fn bytes(&self, network: &Network) -> usize {
        let inputs = if self.reads_samples { 0 } else { network.inputs() };
        let genes = self.genes(network);
        let signals = 4 * (inputs + units(network)) * self.columns;
        (signals + genes * network.precision().bytes()) * self.per_workgroup() + OVERHEAD_BYTES
    }

    /// The number of a team's genes in workgroup memory.
    fn genes(&self, network: &Network) -> usize {
        match self.genome {
            GenomeStorage::Global => 0,
            GenomeStorage::Loaded | GenomeStorage::Generated => network.parameters(),
        }
    }

    /// The number of columns in a signal: a vector of four, or a single number.
    fn width(&self) -> usize {
        if self.columns.is_multiple_of(WIDTH) { WIDTH } else { 1 }
    }

    /// Adds the constants of a team.
    fn constants(&self, constants: Constants, network: &Network) -> Constants {
        let (signals, teams) = (units(network), self.per_workgroup());
        let last = network.layers().len() - 1;
        let genes = self.genes(network);
        constants
            .whole("TEAM", self.threads)
            .whole("TEAMS", teams)
            .whole("COLUMNS", self.columns)
            .whole("WIDTH", self.width())
            .whole("RESIDENT", usize::from(self.genome != GenomeStorage::Global))
            .whole("FIRST_OUTPUT", last % 2 * even_units(network))
            .whole("TEAM_SIGNALS", signals)
            .whole("TEAM_SIGNAL_WORDS", teams * signals * self.columns / self.width())
            .whole("TEAM_INPUT_WORDS", teams * network.inputs() * self.columns)
            // An array has at least one element.
            .whole("TEAM_GENOMES", (teams * genes).max(1))
    }

    /// Writes the copies of all layers.
    fn layers(&self, network: &Network) -> String {
        (0..network.layers().len()).map(|l| self.dense(network, l)).collect()
    }

    /// Writes the ports of a network, the type of a signal, and the chain of layers.
    fn text(&self, network: &Network) -> String {
        let layers = network.layers();
        let used: BTreeSet<&str> = layers.iter().map(|layer| layer.activation.name()).collect();
        let activations: String = used.into_iter().map(|name| self.activation(name)).collect();
        let (signal, number) = match self.width() {
            1 => ("f32", "team_signals[place + column]"),
            _ => ("vec4<f32>", "team_signals[place + column / WIDTH][column % WIDTH]"),
        };
        let shown = |n| format!("team_read_input(i, quad * WIDTH + {n}u)");
        let shown: Vec<String> = (0..self.width()).map(shown).collect();
        format!(
            "alias Signal = {signal};\n\
             {}\n\
             fn team_input(i: u32, quad: u32) -> Signal {{\n    return Signal({});\n}}\n\n\
             fn team_signal_number(place: u32, column: u32) -> f32 {{\n    return {number};\n}}\n\n\
             {activations}{}",
            private_ports(network),
            shown.join(", "),
            forward("team_dense", network)
        )
    }

    /// Writes an activation of signals.
    fn activation(&self, name: &str) -> String {
        let of = |part: &str| format!("activation_{name}(x{part})");
        let parts = match self.width() {
            1 => of(""),
            _ => [".x", ".y", ".z", ".w"].map(of).join(", "),
        };
        format!("fn team_{name}(x: Signal) -> Signal {{\n    return Signal({parts});\n}}\n\n")
    }

    /// Writes the copy of a dense layer.
    fn dense(&self, network: &Network, l: usize) -> String {
        let layer = &network.layers()[l];
        let even = even_units(network);
        // Layers alternate between two ranges of signals.
        let [source, target] = [(l + 1) % 2 * even, l % 2 * even];
        let tile = self.tile(layer);
        let lines = |line: &dyn Fn(usize) -> String| -> String {
            (0..tile).map(line).collect::<Vec<_>>().join("\n")
        };
        let bias = |t: usize| match layer.biased {
            true => format!("team_gene({}u + output + {t}u)", layer.first_bias()),
            false => "0.0".into(),
        };
        let term = |from: &str, n: usize| {
            let signal = match l {
                0 => format!("team_input({from}{n}u, quad)"),
                _ => format!("team_signals[team_unit({source}u + {from}{n}u) + quad]"),
            };
            let gene = format!("{}u + ({from}{n}u) * {}u", layer.first_gene, layer.outputs);
            let sums = lines(&|t| {
                let weight = format!("Signal(team_gene({gene} + output + {t}u))");
                format!("            sum_{t} = fma({weight}, signal_{n}, sum_{t});")
            });
            format!("            let signal_{n} = {signal};\n{sums}")
        };
        let terms = |inputs: std::ops::Range<usize>, from: &str| {
            inputs.map(|n| term(from, n)).collect::<Vec<_>>().join("\n")
        };
        let activation = layer.activation.name();
        DENSE
            .1
            .replace("$LAYER", &l.to_string())
            .replace("$BLOCKS", &(layer.outputs / tile).to_string())
            .replace("$TILE", &tile.to_string())
            .replace("$WHOLE", &strided(layer.inputs).to_string())
            .replace("$STRIDE", &stride(layer.inputs).to_string())
            .replace("$SUMS", &lines(&|t| format!("        var sum_{t} = Signal({});", bias(t))))
            .replace("$TERMS", &terms(0..stride(layer.inputs).min(strided(layer.inputs)), "i + "))
            .replace("$REST", &terms(strided(layer.inputs)..layer.inputs, ""))
            .replace(
                "$STORES",
                &lines(&|t| {
                    let at = format!("team_unit({target}u + output + {t}u) + quad");
                    format!("        team_signals[{at}] = team_{activation}(sum_{t});")
                }),
            )
    }

    /// The number of outputs that an invocation computes at once: several, if all invocations still
    /// have work.
    fn tile(&self, layer: &Layer) -> usize {
        let quads = self.columns / self.width();
        let busy = |&tile: &usize| {
            layer.outputs.is_multiple_of(tile) && layer.outputs / tile * quads >= self.threads
        };
        [MOST_OUTPUTS, MOST_OUTPUTS / 2].into_iter().find(busy).unwrap_or(1)
    }
}

impl Kernels {
    /// Composes the kernel that rolls individuals out in a control task, each by a team.
    pub fn team_rollout(&self, network: &Network, team: &Team) -> ShaderSource {
        let own = part!("kernel/team/rollout.wgsl");
        self.compose_team("team rollout", network, team, &self.rollout_parts(own))
    }

    /// Composes the kernel that scores individuals on a data set, each by a team.
    pub fn team_loss(&self, network: &Network, team: &Team) -> ShaderSource {
        self.compose_team("team loss", network, team, &loss_parts(Team::LOSS))
    }

    /// Composes the kernel that writes every output for every sample, each individual by a team.
    pub fn team_forward(&self, network: &Network, team: &Team) -> ShaderSource {
        self.compose_team("team forward", network, team, &forward_parts(Team::FORWARD))
    }

    fn compose_team(
        &self,
        label: &str,
        network: &Network,
        team: &Team,
        last: &[(&str, &str)],
    ) -> ShaderSource {
        let inputs = if team.reads_samples { vec![FEATURES, SAMPLES] } else { vec![EPISODES] };
        let (text, layers) = (team.text(network), team.layers(network));
        let first = [RANDOM, MATH, POPULATION, ACTIVATION, RECURRENT, NETWORK];
        let genomes = match team.genome {
            GenomeStorage::Global | GenomeStorage::Loaded => [GENOMES, LOADED].to_vec(),
            GenomeStorage::Generated => [NORMAL, GAUSSIAN, GENERATED].to_vec(),
        };
        let free = FIRST_FREE + usize::from(self.is_normalised);
        let constants = team.constants(self.constants.clone(), network).whole("FIRST_FREE", free);
        let composing = Self { constants, ..self.clone() };
        let generated = [("the ports of a team", text.as_str()), (DENSE.0, layers.as_str())];
        composing.compose(label, &[&first[..], &genomes, &inputs, &generated, last].concat())
    }
}

/// Writes the chain of layers. The function of layer l is `DENSE_l`.
pub(super) fn forward(dense: &str, network: &Network) -> String {
    let calls = (0..network.layers().len()).map(|l| format!("    {dense}_{l}();\n"));
    format!("fn team_forward() {{\n    workgroupBarrier();\n{}}}\n", calls.collect::<String>())
}

/// The numbers of columns to try, the most first.
fn columns(most: usize) -> impl Iterator<Item = usize> {
    let whole = if most >= WIDTH { most / WIDTH * WIDTH } else { most };
    std::iter::successors(Some(whole), |&columns| match columns {
        0 | 1 => None,
        n if n > WIDTH => Some(n / 2 / WIDTH * WIDTH),
        _ => Some(1),
    })
    .filter(|&columns| columns > 0)
}

/// The number of signals in the first range, which layers 0, 2, 4, ... write.
fn even_units(network: &Network) -> usize {
    network.layers().iter().step_by(2).map(|layer| layer.outputs).max().unwrap_or(0)
}

/// The number of signals in both ranges.
fn units(network: &Network) -> usize {
    let odd = network.layers().iter().skip(1).step_by(2).map(|layer| layer.outputs).max();
    even_units(network) + odd.unwrap_or(0)
}
