//! The text of a network that a team of invocations computes together, and what it takes of
//! workgroup memory.

use std::collections::BTreeSet;

use super::network::{ACTIVATION, POPULATION as GENOMES, RECURRENT, own_ports, stride, whole};
use super::{
    BESIDE, FEATURES, GAUSSIAN, Kernels, MATH, NORMAL, POPULATION, RANDOM, judging, passing,
};
use crate::backend::plan::{Effort, Limits, WORK_A_NORMAL, WORKGROUP};
use crate::gpu::Source;
use crate::gpu::source::Constants;
use crate::network::{Layer, Network};
use crate::random::NORMALS_A_BLOCK;

const NETWORK: (&str, &str) = part!("kernel/team/network.wgsl");
const EPISODES: (&str, &str) = part!("kernel/team/episodes.wgsl");
const SAMPLES: (&str, &str) = part!("kernel/team/samples.wgsl");
const READ: (&str, &str) = part!("kernel/team/read.wgsl");
const MADE: (&str, &str) = part!("kernel/team/made.wgsl");
const DENSE: (&str, &str) = part!("kernel/team/dense.wgsl");

/// The most episodes that a team plays at once, and samples that it takes at once.
const MOST_EPISODES: usize = 16;
const MOST_SAMPLES: usize = 32;
/// The first binding of a rollout behind those that all have; the normalisation comes before.
const FIRST_FREE: usize = 3;
/// Numbers of a vector.
const WIDTH: usize = 4;
/// The most outputs that an invocation takes at once.
const MOST_OUTPUTS: usize = 4;

/// Where a team has its genome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genome {
    /// In the packed population.
    InMemory,
    /// In workgroup memory, read from the packed population at the beginning of a dispatch.
    Resident,
    /// In workgroup memory, made from the recipe at the beginning of a dispatch.
    Made,
}

/// How a team is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// Invocations of it.
    pub threads: usize,
    /// Episodes or samples at once.
    pub columns: usize,
    /// Where its genome is.
    pub genome: Genome,
    /// Whether inputs come from a data set; otherwise from its invocations.
    reads: bool,
}

impl Team {
    pub(super) const JUDGE: (&str, &str) = part!("kernel/team/judge.wgsl");
    pub(super) const FORWARD: (&str, &str) = part!("kernel/team/forward.wgsl");

    /// A team of so many invocations, for so many episodes of each individual; none where its
    /// signals do not fit.
    pub fn of_episodes(
        network: &Network,
        threads: usize,
        episodes: u32,
        limits: &Limits,
    ) -> Option<Self> {
        // A genome that stays is worth fewer columns.
        let resident = Self::playing(network, threads, episodes, Genome::Resident, limits);
        resident.or_else(|| Self::playing(network, threads, episodes, Genome::InMemory, limits))
    }

    /// The same, which makes its genome; none where that does not fit beside its signals.
    pub fn making(
        network: &Network,
        threads: usize,
        episodes: u32,
        limits: &Limits,
    ) -> Option<Self> {
        Self::playing(network, threads, episodes, Genome::Made, limits)
    }

    /// The one of most columns that fits.
    fn playing(
        network: &Network,
        threads: usize,
        episodes: u32,
        genome: Genome,
        limits: &Limits,
    ) -> Option<Self> {
        let most = MOST_EPISODES.min(threads).min(episodes as usize);
        let mut all = columns(most).map(|columns| Self { threads, columns, genome, reads: false });
        all.find(|team| team.bytes(network) <= limits.workgroup_bytes as usize)
    }

    /// A workgroup for each individual, on samples of a data set.
    pub fn of_samples(network: &Network, limits: &Limits) -> Option<Self> {
        let (threads, genome) = (WORKGROUP, Genome::InMemory);
        let mut all =
            columns(MOST_SAMPLES).map(|columns| Self { threads, columns, genome, reads: true });
        all.find(|team| team.bytes(network) <= limits.workgroup_bytes as usize)
    }

    /// What an invocation takes for an episode before its first step, to have the genome there.
    pub fn beginning(&self, network: &Network) -> Effort {
        // A Philox block has ten rounds and eight normals, and there are some beside.
        const ROUNDS_A_BLOCK: u64 = 24;
        let genes = network.parameters() as u64;
        let of = |work: u64, rounds: u64| Effort {
            work: (work * genes).div_ceil(self.columns as u64),
            rounds: rounds * genes.div_ceil(self.threads as u64),
        };
        match self.genome {
            Genome::InMemory => Effort::default(),
            Genome::Resident => of(1, 1),
            Genome::Made => {
                let Effort { work, rounds } = of(WORK_A_NORMAL, ROUNDS_A_BLOCK);
                Effort { work, rounds: rounds.div_ceil(NORMALS_A_BLOCK as u64) }
            }
        }
    }

    /// Teams of a workgroup.
    pub fn a_workgroup(&self) -> usize {
        WORKGROUP / self.threads
    }

    /// Bytes of workgroup memory.
    fn bytes(&self, network: &Network) -> usize {
        let inputs = if self.reads { 0 } else { network.inputs() };
        let genes = self.genes(network);
        let signals = 4 * (inputs + units(network)) * self.columns;
        (signals + genes * network.precision().bytes()) * self.a_workgroup() + BESIDE
    }

    /// Genes in workgroup memory.
    fn genes(&self, network: &Network) -> usize {
        match self.genome {
            Genome::InMemory => 0,
            Genome::Resident | Genome::Made => network.parameters(),
        }
    }

    fn width(&self) -> usize {
        if self.columns.is_multiple_of(WIDTH) { WIDTH } else { 1 }
    }

    /// What stands before the parts.
    fn constants(&self, constants: Constants, network: &Network) -> Constants {
        let (signals, teams) = (units(network), self.a_workgroup());
        let last = network.layers().len() - 1;
        let genes = self.genes(network);
        constants
            .whole("TEAM", self.threads)
            .whole("TEAMS", teams)
            .whole("COLUMNS", self.columns)
            .whole("WIDTH", self.width())
            .whole("RESIDENT", usize::from(self.genome != Genome::InMemory))
            .whole("FIRST_OUTPUT", last % 2 * even_units(network))
            .whole("TEAM_SIGNALS", signals)
            .whole("TEAM_SIGNAL_WORDS", teams * signals * self.columns / self.width())
            .whole("TEAM_INPUT_WORDS", teams * network.inputs() * self.columns)
            // An array has at least one element.
            .whole("TEAM_GENOMES", (teams * genes).max(1))
    }

    /// The layers of a network, as a part of a shader.
    fn layers(&self, network: &Network) -> String {
        (0..network.layers().len()).map(|l| self.dense(network, l)).collect()
    }

    /// What else is made for a network: its ports, what a signal is, and the chain of layers.
    fn text(&self, network: &Network) -> String {
        let layers = network.layers();
        let used: BTreeSet<&str> = layers.iter().map(|layer| layer.activation.name()).collect();
        let activations: String = used.into_iter().map(|name| self.activation(name)).collect();
        let (signal, number) = match self.width() {
            1 => ("f32", "team_signals[place + column]"),
            _ => ("vec4<f32>", "team_signals[place + column / WIDTH][column % WIDTH]"),
        };
        let shown = |n| format!("team_shown(i, quad * WIDTH + {n}u)");
        let shown: Vec<String> = (0..self.width()).map(shown).collect();
        format!(
            "alias Signal = {signal};\n\
             {}\n\
             fn team_input(i: u32, quad: u32) -> Signal {{\n    return Signal({});\n}}\n\n\
             fn team_number_of(place: u32, column: u32) -> f32 {{\n    return {number};\n}}\n\n\
             {activations}{}",
            own_ports(network),
            shown.join(", "),
            forward("team_dense", network)
        )
    }

    fn activation(&self, name: &str) -> String {
        let of = |part: &str| format!("activation_{name}(x{part})");
        let parts = match self.width() {
            1 => of(""),
            _ => [".x", ".y", ".z", ".w"].map(of).join(", "),
        };
        format!("fn team_{name}(x: Signal) -> Signal {{\n    return Signal({parts});\n}}\n\n")
    }

    fn dense(&self, network: &Network, l: usize) -> String {
        let layer = &network.layers()[l];
        let even = even_units(network);
        // Layers write into two stretches of signals in turn.
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
            .replace("$WHOLE", &whole(layer.inputs).to_string())
            .replace("$STRIDE", &stride(layer.inputs).to_string())
            .replace("$SUMS", &lines(&|t| format!("        var sum_{t} = Signal({});", bias(t))))
            .replace("$TERMS", &terms(0..stride(layer.inputs).min(whole(layer.inputs)), "i + "))
            .replace("$REST", &terms(whole(layer.inputs)..layer.inputs, ""))
            .replace(
                "$STORES",
                &lines(&|t| {
                    let at = format!("team_unit({target}u + output + {t}u) + quad");
                    format!("        team_signals[{at}] = team_{activation}(sum_{t});")
                }),
            )
    }

    /// Outputs that an invocation takes at once: several, where there are enough for all.
    fn tile(&self, layer: &Layer) -> usize {
        let quads = self.columns / self.width();
        let busy = |&tile: &usize| {
            layer.outputs.is_multiple_of(tile) && layer.outputs / tile * quads >= self.threads
        };
        [MOST_OUTPUTS, MOST_OUTPUTS / 2].into_iter().find(busy).unwrap_or(1)
    }
}

impl Kernels {
    /// Rolls individuals out in a control task, each by a team.
    pub fn team_rollout(&self, network: &Network, team: &Team) -> Source {
        let own = part!("kernel/team/rollout.wgsl");
        self.compose_team("team rollout", network, team, &self.rolling(own))
    }

    /// Judges individuals on a data set, each by a team.
    pub fn team_judge(&self, network: &Network, team: &Team) -> Source {
        self.compose_team("team judge", network, team, &judging(Team::JUDGE))
    }

    /// Writes every output for every sample, each individual by a team.
    pub fn team_forward(&self, network: &Network, team: &Team) -> Source {
        self.compose_team("team forward", network, team, &passing(Team::FORWARD))
    }

    fn compose_team(
        &self,
        label: &str,
        network: &Network,
        team: &Team,
        last: &[(&str, &str)],
    ) -> Source {
        let shown = if team.reads { vec![FEATURES, SAMPLES] } else { vec![EPISODES] };
        let (text, layers) = (team.text(network), team.layers(network));
        let first = [RANDOM, MATH, POPULATION, ACTIVATION, RECURRENT, NETWORK];
        let genomes = match team.genome {
            Genome::InMemory | Genome::Resident => [GENOMES, READ].to_vec(),
            Genome::Made => [NORMAL, GAUSSIAN, MADE].to_vec(),
        };
        let free = FIRST_FREE + usize::from(self.normalises);
        let constants = team.constants(self.constants.clone(), network).whole("FIRST_FREE", free);
        let composing = Self { constants, ..self.clone() };
        let made = [("the ports of a team", text.as_str()), (DENSE.0, layers.as_str())];
        composing.compose(label, &[&first[..], &genomes, &shown, &made, last].concat())
    }
}

/// The chain of layers, each in a function of such a name and its number.
pub(super) fn forward(dense: &str, network: &Network) -> String {
    let calls = (0..network.layers().len()).map(|l| format!("    {dense}_{l}();\n"));
    format!("fn team_forward() {{\n    workgroupBarrier();\n{}}}\n", calls.collect::<String>())
}

/// Columns to try, the most first.
fn columns(most: usize) -> impl Iterator<Item = usize> {
    let whole = if most >= WIDTH { most / WIDTH * WIDTH } else { most };
    std::iter::successors(Some(whole), |&columns| match columns {
        0 | 1 => None,
        n if n > WIDTH => Some(n / 2 / WIDTH * WIDTH),
        _ => Some(1),
    })
    .filter(|&columns| columns > 0)
}

/// Units of the layers that write into the first stretch of signals.
fn even_units(network: &Network) -> usize {
    network.layers().iter().step_by(2).map(|layer| layer.outputs).max().unwrap_or(0)
}

/// Units of both stretches.
fn units(network: &Network) -> usize {
    let odd = network.layers().iter().skip(1).step_by(2).map(|layer| layer.outputs).max();
    even_units(network) + odd.unwrap_or(0)
}
