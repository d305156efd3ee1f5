//! The kernels of a task and a network, composed from the files of `shaders/`.
//!
//! A kernel is composed on demand: constants that fit the task and the network, then the parts it
//! needs. Nothing here touches a device.

use crate::backend::plan::Limits;
use crate::error::{Error, Result};
use crate::gpu::source::{Composer, Constants};
use crate::gpu::{Edit, Source};
use crate::network::{CLIP, Network, Ports, Precision, Substrate};
use crate::population::{Crossover, Layout};
use crate::task::{Kind, Objective, Task};

/// The widest layer the kernels hold, in an invocation's own memory where no other has room.
pub const LARGEST_GPU_WIDTH: usize = 2048;

/// Bytes of workgroup memory beside networks: what a workgroup agrees on, and its sums.
const BESIDE: usize = 1024;

/// Rounds of loops that a step, or a sample, takes beside the network, at most.
pub const ROUNDS_BESIDE: u64 = 512;

/// Steps of each chain of `kernel/roofline/arithmetic.wgsl`.
pub const ROOFLINE_ROUNDS: usize = 4096;
/// Its chains: three vectors of four.
pub const ROOFLINE_CHAINS: usize = 12;

macro_rules! part {
    ($path:literal) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $path)))
    };
}

mod arrays;
mod constants;
mod network;
mod subgroup;
mod team;
mod tensor;

pub use network::rounds;
use network::{ACTIVATION, NetworkText};
pub use subgroup::Subgroup;
pub use team::{Genome, Team};
pub use tensor::Tensor;

const RANDOM: (&str, &str) = part!("random.wgsl");
const MATH: (&str, &str) = part!("math.wgsl");
const POPULATION: (&str, &str) = part!("population.wgsl");
const CONTROL: (&str, &str) = part!("task/control.wgsl");
const ACTION: (&str, &str) = part!("task/action.wgsl");
const DATA: (&str, &str) = part!("task/data.wgsl");
const FORMULA: (&str, &str) = part!("task/formula.wgsl");
const NORMALISATION: (&str, &str) = part!("network/normalisation.wgsl");
const DISPATCH: (&str, &str) = part!("kernel/dispatch.wgsl");
const NORMAL: (&str, &str) = part!("kernel/normal.wgsl");
const GAUSSIAN: (&str, &str) = part!("kernel/gaussian.wgsl");
const EPISODE: (&str, &str) = part!("kernel/episode.wgsl");
const FEATURES: (&str, &str) = part!("kernel/features.wgsl");
const JUDGEMENT: (&str, &str) = part!("kernel/judgement.wgsl");
const PASSES: (&str, &str) = part!("kernel/passes.wgsl");

/// What stands for the normalisation where observations go in as they are.
const AS_THEY_ARE: (&str, &str) = (
    "observations as they are",
    "var<private> seen_sums: array<f32, 1>;\nfn observation_normalise() {}",
);

/// How crossovers are numbered in WGSL.
pub fn crossover_id(crossover: Crossover) -> (u32, f32) {
    match crossover {
        Crossover::None => (0, 0.0),
        Crossover::Uniform(rate) => (1, rate),
        Crossover::Blend(alpha) => (2, alpha),
    }
}

/// How measures are numbered in WGSL.
pub fn measure_id(measure: crate::backend::Measure) -> u32 {
    match measure {
        crate::backend::Measure::Fitness => 0,
        crate::backend::Measure::Score => 1,
    }
}

/// Refuses a network whose layers the kernels do not hold.
///
/// # Errors
/// A layer that is wider than [`LARGEST_GPU_WIDTH`].
pub fn check_width(network: &Network) -> Result<()> {
    let widest = network.layers().iter().map(|layer| layer.room()).max().unwrap_or(0);
    if widest > LARGEST_GPU_WIDTH {
        return Err(Error::TooLarge {
            what: format!("a layer of {widest} numbers on the GPU"),
            needed: "a whole layer in the memory of one invocation".into(),
            available: "the GPU kernels are written for narrower layers; \
                the CPU backend takes this one"
                .into(),
            largest: LARGEST_GPU_WIDTH.to_string(),
        });
    }
    Ok(())
}

/// What the kernels of graphs have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphRoom {
    /// Inputs, bias and nodes.
    pub slots: usize,
    /// Memories.
    pub memories: usize,
}

impl GraphRoom {
    /// Room for so many at least: a power of two, so that few kernels are ever compiled while
    /// graphs grow.
    pub fn for_at_least(slots: usize, memories: usize) -> Self {
        const LEAST: usize = 16;
        let memories = if memories == 0 { 0 } else { memories.next_power_of_two() };
        Self { slots: slots.next_power_of_two().max(LEAST), memories }
    }
}

/// Composes the kernels of one task and one kind of network.
#[derive(Clone)]
pub struct Kernels {
    constants: Constants,
    network: NetworkText,
    task: Option<(String, &'static str)>,
    edits: Vec<Edit>,
    inputs: usize,
    normalises: bool,
}

impl Kernels {
    /// The kernels for a task, or with none those that need only a network, on a device with such
    /// limits.
    pub fn new(
        task: Option<&dyn Task>,
        network: &Network,
        lanes: usize,
        limits: &Limits,
        edits: &[Edit],
    ) -> Self {
        let (genes, precision) = (network.parameters(), network.precision());
        let ports = (network.inputs(), network.outputs());
        let layout = Layout { individuals: 0, genes, lanes, precision };
        let constants = constants::sizes(layout, ports, network.memory());
        let text = NetworkText::of(network, false, limits.workgroup_bytes as usize);
        Self::with(task, constants, text, network.inputs(), edits)
    }

    /// The kernels for graphs.
    pub fn for_graphs(
        task: Option<&dyn Task>,
        ports: Ports,
        room: GraphRoom,
        limits: &Limits,
        edits: &[Edit],
    ) -> Self {
        let ports = (ports.inputs, ports.outputs);
        let layout = Layout { individuals: 0, genes: 0, lanes: 1, precision: Precision::Single };
        let constants = constants::of_graphs(constants::sizes(layout, ports, room.memories));
        let text = NetworkText::of_graphs(ports, room, limits.workgroup_bytes as usize);
        Self::with(task, constants, text, ports.0, edits)
    }

    /// The kernel that paints genomes of such a population by graphs.
    pub fn for_painting(layout: Layout, room: GraphRoom, limits: &Limits, edits: &[Edit]) -> Self {
        let ports = Substrate::ports();
        let ports = (ports.inputs, ports.outputs);
        let constants = constants::of_graphs(constants::sizes(layout, ports, room.memories));
        let text = NetworkText::of_graphs(ports, room, limits.workgroup_bytes as usize);
        Self::with(None, constants, text, ports.0, edits)
    }

    fn with(
        task: Option<&dyn Task>,
        constants: Constants,
        network: NetworkText,
        inputs: usize,
        edits: &[Edit],
    ) -> Self {
        let (constants, task) = match task.map(|task| (task.about(), task.kind())) {
            None => (constants, None),
            Some((about, Kind::Control(simulation))) => {
                let shape = simulation.shape();
                let part = format!("task/{}.wgsl", about.name.replace('-', "_"));
                (constants::of_control(constants, &shape), Some((part, shape.wgsl)))
            }
            Some((_, Kind::Data(data))) => {
                let constants = constants
                    .whole("CROSS_ENTROPY", Objective::CrossEntropy as usize)
                    .whole("CLOSENESS", Objective::Closeness as usize)
                    .whole("SQUARED_ERROR", Objective::SquaredError as usize)
                    .whole("OBJECTIVE", data.objective as usize)
                    .whole(
                        "MEASURE_FITNESS",
                        measure_id(crate::backend::Measure::Fitness) as usize,
                    );
                (constants, None)
            }
            Some((_, Kind::Function(function))) => {
                (constants::of_function(constants, function), None)
            }
        };
        Self { constants, network, task, edits: edits.to_vec(), inputs, normalises: false }
    }

    /// The same with the outputs of dense layers written out.
    #[must_use]
    pub fn unrolled(mut self, network: &Network, limits: &Limits) -> Self {
        self.network = NetworkText::of(network, true, limits.workgroup_bytes as usize);
        self
    }

    /// The same where observations are normalised.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.normalises = true;
        self
    }

    fn compose(&self, label: &str, parts: &[(&str, &str)]) -> Source {
        let seen = if self.normalises { 2 * self.inputs } else { 0 };
        let constants = self.constants.clone().whole("SEEN", seen).number("CLIP", CLIP as f32);
        let composer = Composer::new(label, &constants, &self.edits);
        parts.iter().fold(composer, |composer, (name, text)| composer.part(name, text)).finish()
    }

    /// Composes parts, those of the network between the first and the last.
    fn compose_with_network(
        &self,
        label: &str,
        first: &[(&str, &str)],
        last: &[(&str, &str)],
    ) -> Source {
        self.compose(label, &[first, &self.network.parts()[..], last].concat())
    }

    fn task(&self) -> (&str, &str) {
        let (name, text) = self.task.as_ref().expect("only kernels of control tasks ask for it");
        (name.as_str(), text)
    }

    /// Spawns a Gaussian population.
    pub fn stray(&self) -> Source {
        let own = part!("kernel/stray.wgsl");
        self.compose("stray", &[RANDOM, NORMAL, POPULATION, GAUSSIAN, DISPATCH, own])
    }

    /// Spawns children.
    pub fn breed(&self) -> Source {
        let own = part!("kernel/breed.wgsl");
        self.compose("breed", &[RANDOM, NORMAL, POPULATION, DISPATCH, own])
    }

    /// Paints genomes by graphs.
    pub fn paint(&self) -> Source {
        let own = part!("kernel/paint.wgsl");
        self.compose_with_network("paint", &[MATH, POPULATION], &[DISPATCH, own])
    }

    /// Copies one genome out.
    pub fn gather(&self) -> Source {
        self.compose("gather", &[POPULATION, DISPATCH, part!("kernel/gather.wgsl")])
    }

    /// Sums noise over chunks of individuals.
    pub fn recombine(&self) -> Source {
        self.compose("recombine", &[RANDOM, NORMAL, DISPATCH, part!("kernel/recombine.wgsl")])
    }

    /// Sums the chunks.
    pub fn total(&self) -> Source {
        self.compose("total", &[DISPATCH, part!("kernel/total.wgsl")])
    }

    /// Rolls individuals out in a control task.
    pub fn rollout(&self) -> Source {
        let own = part!("kernel/rollout.wgsl");
        self.compose_with_network("rollout", &[RANDOM, MATH, POPULATION], &self.rolling(own))
    }

    /// What a rollout is made of, behind its network.
    fn rolling<'a>(&'a self, own: (&'a str, &'a str)) -> [(&'a str, &'a str); 7] {
        let shown = if self.normalises { NORMALISATION } else { AS_THEY_ARE };
        [shown, CONTROL, ACTION, self.task(), EPISODE, DISPATCH, own]
    }

    /// Averages the returns of a control task.
    pub fn average(&self) -> Source {
        self.compose("average", &[DISPATCH, part!("kernel/average.wgsl")])
    }

    /// Adds up what individuals have seen in a control task.
    pub fn tally(&self) -> Source {
        self.compose("tally", &[DISPATCH, part!("kernel/tally.wgsl")])
    }

    /// Averages what individuals did in a control task that has a word for it.
    pub fn behaviour(&self) -> Source {
        self.compose("behaviour", &[DISPATCH, part!("kernel/behaviour.wgsl")])
    }

    /// Judges individuals on a data set.
    pub fn judge(&self) -> Source {
        let own = part!("kernel/judge.wgsl");
        self.compose_with_network("judge", &[MATH, POPULATION, FEATURES], &judging(own))
    }

    /// Evaluates individuals as points of a function.
    pub fn function(&self) -> Source {
        let own = part!("kernel/function.wgsl");
        self.compose("function", &[MATH, POPULATION, FORMULA, DISPATCH, own])
    }

    /// Writes every output for every sample.
    pub fn forward(&self) -> Source {
        let own = part!("kernel/forward.wgsl");
        self.compose_with_network("forward", &[MATH, POPULATION, FEATURES], &passing(own))
    }

    /// Probes words and normals.
    pub fn probe_random(&self) -> Source {
        let own = part!("kernel/probe/random.wgsl");
        self.compose("probe random", &[RANDOM, NORMAL, DISPATCH, own])
    }

    /// Probes the functions of `math.wgsl`.
    pub fn probe_math(&self) -> Source {
        let own = part!("kernel/probe/math.wgsl");
        self.compose("probe math", &[MATH, ACTIVATION, DISPATCH, own])
    }

    /// Probes single steps of a network that remembers.
    pub fn probe_recall(&self) -> Source {
        let own = part!("kernel/probe/recall.wgsl");
        self.compose_with_network("probe recall", &[MATH, POPULATION], &[DISPATCH, own])
    }

    /// Probes the normalisation of single observations.
    pub fn probe_normalisation(&self) -> Source {
        let own = part!("kernel/probe/normalisation.wgsl");
        self.compose("probe normalisation", &[NORMALISATION, DISPATCH, own])
    }

    /// Probes single steps of a control task.
    pub fn probe_step(&self) -> Source {
        let own = part!("kernel/probe/step.wgsl");
        let parts = [RANDOM, MATH, CONTROL, ACTION, self.task(), DISPATCH, own];
        self.compose("probe step", &parts)
    }

    /// Chains of multiply-adds: how fast a device computes at most.
    pub fn roofline_arithmetic() -> Source {
        let own = part!("kernel/roofline/arithmetic.wgsl");
        alone("roofline arithmetic", own)
    }

    /// A copy: how fast a device moves bytes at most.
    pub fn roofline_copy() -> Source {
        alone("roofline copy", part!("kernel/roofline/copy.wgsl"))
    }

    /// Those that run networks on the task: all that graphs have.
    pub fn running(&self, kind: Option<Kind<'_>>) -> Vec<Source> {
        match kind {
            Some(Kind::Control(_)) => vec![self.rollout(), self.average(), self.probe_recall()],
            Some(Kind::Data(_)) => vec![self.judge(), self.forward(), self.probe_recall()],
            Some(Kind::Function(_)) | None => Vec::new(),
        }
    }

    /// Every kernel that the task and the network have.
    pub fn all(&self, kind: Option<Kind<'_>>) -> Vec<Source> {
        let mut all = vec![
            self.stray(),
            self.breed(),
            self.gather(),
            self.recombine(),
            self.total(),
            self.forward(),
            self.probe_random(),
            self.probe_math(),
            self.probe_recall(),
            Self::roofline_arithmetic(),
            Self::roofline_copy(),
        ];
        match kind {
            Some(Kind::Control(_)) => {
                let normalised = self.clone().normalised();
                all.extend([self.rollout(), self.average(), self.behaviour(), self.probe_step()]);
                all.extend([normalised.rollout(), normalised.tally()]);
                all.push(normalised.probe_normalisation());
            }
            Some(Kind::Data(_)) => all.push(self.judge()),
            Some(Kind::Function(_)) => all.push(self.function()),
            None => {}
        }
        all
    }
}

/// What a judgement is made of, behind its network.
fn judging<'a>(own: (&'a str, &'a str)) -> [(&'a str, &'a str); 4] {
    [DATA, DISPATCH, JUDGEMENT, own]
}

/// What a batched forward pass is made of, behind its network.
fn passing<'a>(own: (&'a str, &'a str)) -> [(&'a str, &'a str); 3] {
    [DISPATCH, PASSES, own]
}

/// A kernel that needs neither task nor network.
fn alone(label: &str, (name, text): (&str, &str)) -> Source {
    let constants = Constants::default()
        .whole("ROOFLINE_ROUNDS", ROOFLINE_ROUNDS)
        .whole("ROOFLINE_CHAINS", ROOFLINE_CHAINS);
    let composer = Composer::new(label, &constants, &[]);
    composer.part(DISPATCH.0, DISPATCH.1).part(name, text).finish()
}
