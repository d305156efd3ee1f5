//! The kernels of a task and a network, composed from the files of `shaders/`.
//!
//! A kernel is composed on demand: first the constants of the task and the network, then the parts
//! that it needs. Nothing here touches a device.

use std::borrow::Cow;

use crate::backend::plan::Limits;
use crate::gpu::source::{Composer, Constants};
use crate::gpu::{Edit, ShaderSource};
use crate::network::{CLIP, Network, Ports, Precision, Substrate};
use crate::population::Layout;
use crate::task::{self, Kind, Objective, Task};

/// The number of steps of each chain in `kernel/roofline/arithmetic.wgsl`.
pub const ROOFLINE_ROUNDS: usize = 4096;
/// The number of chains in `kernel/roofline/arithmetic.wgsl`: three vectors of four.
pub const ROOFLINE_CHAINS: usize = 12;

macro_rules! part {
    ($path:literal) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $path)))
    };
}

mod arrays;
mod capacity;
mod constants;
mod network;
mod own_names;
mod subgroup;
mod team;
mod tensor;

use network::{ACTIVATION, NetworkText};

pub use capacity::{GraphCapacity, LARGEST_GPU_WIDTH, OVERHEAD_ROUNDS, check_width};
pub use constants::{crossover_id, metric_id};
pub use network::loop_rounds;
pub use subgroup::Subgroup;
pub use team::{GenomeStorage, Team};
pub use tensor::Tensor;

const RANDOM: (&str, &str) = part!("random.wgsl");
const MATH: (&str, &str) = part!("math.wgsl");
const POPULATION: (&str, &str) = part!("population.wgsl");
const CONTROL: (&str, &str) = part!("task/control.wgsl");
const DATA: (&str, &str) = part!("task/data.wgsl");
const FORMULA: (&str, &str) = part!("task/formula.wgsl");
const NORMALISATION: (&str, &str) = part!("network/normalisation.wgsl");
const DISPATCH: (&str, &str) = part!("kernel/dispatch.wgsl");
const NORMAL: (&str, &str) = part!("kernel/normal.wgsl");
const GAUSSIAN: (&str, &str) = part!("kernel/gaussian.wgsl");
const EPISODE: (&str, &str) = part!("kernel/episode.wgsl");
const FEATURES: (&str, &str) = part!("kernel/features.wgsl");
const LOSS_REDUCTION: (&str, &str) = part!("kernel/loss_reduction.wgsl");
const FORWARD_OUTPUTS: (&str, &str) = part!("kernel/forward_outputs.wgsl");

/// The part that replaces `network/normalisation.wgsl` if observations are not normalised.
const RAW_OBSERVATIONS: (&str, &str) = (
    "raw observations",
    "var<private> observation_sums: array<f32, 1>;\nfn observation_normalise() {}",
);

/// The name of the part that draws and sets the parameters of an episode.
const PARAMETERS: &str = "the parameters of an episode";

/// The folder of the parts that users write.
const WORLDS: &str = "world/";

/// The text of a control task.
#[derive(Clone)]
struct ControlText {
    /// The path of the part.
    part: String,
    wgsl: &'static str,
    /// The function that decides actions.
    actions: Cow<'static, str>,
    /// The functions that draw and set the parameters of an episode, and those that the picture
    /// uses.
    parameters: String,
}

/// The composer of the kernels of one task and one network.
#[derive(Clone)]
pub struct Kernels {
    constants: Constants,
    network: NetworkText,
    task: Option<ControlText>,
    edits: Vec<Edit>,
    inputs: usize,
    /// True if observations are normalised.
    is_normalised: bool,
}

impl Kernels {
    /// Creates the kernels of a network on a task, or of a network alone, within a device's limits.
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
        let constants = constants::sizes(layout, ports, network.state_size());
        let text = NetworkText::from_layers(network, false, limits.workgroup_bytes as usize);
        Self::from_parts(task, constants, text, network.inputs(), edits)
    }

    /// Creates the kernels of graphs up to a capacity.
    pub fn for_graphs(
        task: Option<&dyn Task>,
        ports: Ports,
        capacity: GraphCapacity,
        limits: &Limits,
        edits: &[Edit],
    ) -> Self {
        let ports = (ports.inputs, ports.outputs);
        let layout = Layout { individuals: 0, genes: 0, lanes: 1, precision: Precision::Single };
        let constants = constants::add_graph(constants::sizes(layout, ports, capacity.memories));
        let text = NetworkText::from_graphs(ports, capacity, limits.workgroup_bytes as usize);
        Self::from_parts(task, constants, text, ports.0, edits)
    }

    /// Creates the kernels that decode the genomes of a population from CPPNs.
    pub fn for_decoding(
        layout: Layout,
        capacity: GraphCapacity,
        limits: &Limits,
        edits: &[Edit],
    ) -> Self {
        let ports = Substrate::ports();
        let ports = (ports.inputs, ports.outputs);
        let constants = constants::add_graph(constants::sizes(layout, ports, capacity.memories));
        let text = NetworkText::from_graphs(ports, capacity, limits.workgroup_bytes as usize);
        Self::from_parts(None, constants, text, ports.0, edits)
    }

    fn from_parts(
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
                let part = match simulation.is_world() {
                    true => format!("{WORLDS}{}", about.name),
                    false => format!("task/{}.wgsl", about.name.replace('-', "_")),
                };
                // A backend refuses a task without WGSL.
                let own = shape.wgsl.unwrap_or_default();
                let text = ControlText {
                    part,
                    wgsl: own,
                    actions: shape.actions.wgsl(),
                    parameters: shape.parameter_functions() + &task::picture_prelude(own),
                };
                (constants::add_control(constants, &shape), Some(text))
            }
            Some((_, Kind::Data(data))) => {
                let constants = constants
                    .whole("CROSS_ENTROPY", Objective::CrossEntropy as usize)
                    .whole("CLOSENESS", Objective::Closeness as usize)
                    .whole("SQUARED_ERROR", Objective::SquaredError as usize)
                    .whole("OBJECTIVE", data.objective as usize)
                    .whole("TARGETS", data.targets_per_sample())
                    .whole("METRIC_FITNESS", metric_id(crate::backend::Metric::Fitness) as usize)
                    .whole("METRIC_SCORE", metric_id(crate::backend::Metric::Score) as usize);
                (constants, None)
            }
            Some((_, Kind::Function(function))) => {
                (constants::add_function(constants, function), None)
            }
        };
        Self { constants, network, task, edits: edits.to_vec(), inputs, is_normalised: false }
    }

    /// Writes out the outputs of dense layers.
    #[must_use]
    pub fn unrolled(mut self, network: &Network, limits: &Limits) -> Self {
        self.network = NetworkText::from_layers(network, true, limits.workgroup_bytes as usize);
        self
    }

    /// Normalises observations.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.is_normalised = true;
        self
    }

    fn compose(&self, label: &str, parts: &[(&str, &str)]) -> ShaderSource {
        let sums = if self.is_normalised { 2 * self.inputs } else { 0 };
        let constants =
            self.constants.clone().whole("OBSERVATION_SUMS", sums).number("CLIP", CLIP as f32);
        let composer = Composer::new(label, &constants, &self.edits);
        let is_own = |(name, _): &(&str, &str)| name.starts_with(WORLDS);
        let composer = if parts.iter().any(is_own) { composer.untrusted() } else { composer };
        let preamble = constants.text();
        let own: Vec<&str> = parts
            .iter()
            .filter(|part| is_own(part) || part.0 == PARAMETERS)
            .map(|(_, text)| *text)
            .collect();
        let others = parts.iter().filter(|part| !own.contains(&part.1)).map(|(_, text)| *text);
        let renamed = match own.len() {
            2 => own_names::rename_own(&own, std::iter::once(preamble).chain(others)),
            _ => None,
        };
        let renamed: Vec<String> = renamed.unwrap_or_default();
        let text = |text: &str| match own.iter().position(|own| *own == text) {
            Some(index) => renamed.get(index).map_or(text, String::as_str).to_owned(),
            None => text.to_owned(),
        };
        let all = parts.iter();
        all.fold(composer, |composer, (name, part)| composer.part(name, &text(part))).finish()
    }

    /// Composes parts, with those of the network between `first` and `last`.
    fn compose_with_network(
        &self,
        label: &str,
        first: &[(&str, &str)],
        last: &[(&str, &str)],
    ) -> ShaderSource {
        self.compose(label, &[first, &self.network.parts()[..], last].concat())
    }

    /// The parts of a control task: the types, the decision of actions, the task's own text, and
    /// its parameters.
    fn control_parts(&self) -> [(&str, &str); 4] {
        let text = self.task.as_ref().expect("only kernels of control tasks need a task");
        [
            CONTROL,
            ("task/action.wgsl", &text.actions),
            (&text.part, text.wgsl),
            (PARAMETERS, &text.parameters),
        ]
    }

    /// Composes the kernel that spawns a Gaussian population.
    pub fn perturb(&self) -> ShaderSource {
        let own = part!("kernel/perturb.wgsl");
        self.compose("perturb", &[RANDOM, NORMAL, POPULATION, GAUSSIAN, DISPATCH, own])
    }

    /// Composes the kernel that breeds offspring.
    pub fn breed(&self) -> ShaderSource {
        let own = part!("kernel/breed.wgsl");
        self.compose("breed", &[RANDOM, NORMAL, POPULATION, DISPATCH, own])
    }

    /// Composes the kernel that decodes genomes from CPPNs.
    pub fn decode(&self) -> ShaderSource {
        let own = part!("kernel/decode.wgsl");
        self.compose_with_network("decode", &[MATH, POPULATION], &[DISPATCH, own])
    }

    /// Composes the kernel that copies one genome out of the packed population.
    pub fn gather(&self) -> ShaderSource {
        self.compose("gather", &[POPULATION, DISPATCH, part!("kernel/gather.wgsl")])
    }

    /// Composes the kernel that sums noise over chunks of individuals.
    pub fn recombine(&self) -> ShaderSource {
        self.compose("recombine", &[RANDOM, NORMAL, DISPATCH, part!("kernel/recombine.wgsl")])
    }

    /// Composes the kernel that adds the chunks up.
    pub fn recombine_reduction(&self) -> ShaderSource {
        self.compose("recombine reduction", &[DISPATCH, part!("kernel/recombine_reduction.wgsl")])
    }

    /// Composes the kernel that rolls individuals out in a control task.
    pub fn rollout(&self) -> ShaderSource {
        let own = part!("kernel/rollout.wgsl");
        self.compose_with_network("rollout", &[RANDOM, MATH, POPULATION], &self.rollout_parts(own))
    }

    /// The parts of a rollout that follow its network.
    fn rollout_parts<'a>(&'a self, own: (&'a str, &'a str)) -> [(&'a str, &'a str); 8] {
        let normalisation = if self.is_normalised { NORMALISATION } else { RAW_OBSERVATIONS };
        let [types, actions, task, parameters] = self.control_parts();
        [normalisation, types, actions, task, parameters, EPISODE, DISPATCH, own]
    }

    /// Composes the kernel that averages the returns of episodes.
    pub fn average(&self) -> ShaderSource {
        self.compose("average", &[DISPATCH, part!("kernel/average.wgsl")])
    }

    /// Composes the kernel that adds up the sums over observations.
    pub fn observation_sums(&self) -> ShaderSource {
        self.compose("observation sums", &[DISPATCH, part!("kernel/observation_sums.wgsl")])
    }

    /// Composes the kernel that averages behaviours, in a control task that defines a behaviour.
    pub fn behaviour(&self) -> ShaderSource {
        self.compose("behaviour", &[DISPATCH, part!("kernel/behaviour.wgsl")])
    }

    /// Composes the kernel that scores individuals on a data set.
    pub fn loss(&self) -> ShaderSource {
        let own = part!("kernel/loss.wgsl");
        self.compose_with_network("loss", &[MATH, POPULATION, FEATURES], &loss_parts(own))
    }

    /// Composes the kernel that evaluates a function at each genome.
    pub fn function(&self) -> ShaderSource {
        let own = part!("kernel/function.wgsl");
        self.compose("function", &[MATH, POPULATION, FORMULA, DISPATCH, own])
    }

    /// Composes the kernel that writes every output for every sample.
    pub fn forward(&self) -> ShaderSource {
        let own = part!("kernel/forward.wgsl");
        self.compose_with_network("forward", &[MATH, POPULATION, FEATURES], &forward_parts(own))
    }

    /// Composes the probe of random words and normals.
    pub fn probe_random(&self) -> ShaderSource {
        let own = part!("kernel/probe/random.wgsl");
        self.compose("probe random", &[RANDOM, NORMAL, DISPATCH, own])
    }

    /// Composes the probe of the functions of `math.wgsl`.
    pub fn probe_math(&self) -> ShaderSource {
        let own = part!("kernel/probe/math.wgsl");
        let (math, activations) = (network::math_dispatch(), network::activation_dispatch());
        let math = ("the functions by id", math.as_str());
        let activations = ("the activations by id", activations.as_str());
        self.compose("probe math", &[MATH, ACTIVATION, math, activations, DISPATCH, own])
    }

    /// Composes the probe of single steps of a recurrent network.
    pub fn probe_recurrent(&self) -> ShaderSource {
        let own = part!("kernel/probe/recurrent.wgsl");
        self.compose_with_network("probe recurrent", &[MATH, POPULATION], &[DISPATCH, own])
    }

    /// Composes the probe of the normalisation of single observations.
    pub fn probe_normalisation(&self) -> ShaderSource {
        let own = part!("kernel/probe/normalisation.wgsl");
        self.compose("probe normalisation", &[NORMALISATION, DISPATCH, own])
    }

    /// Composes the probe of single steps of a control task.
    pub fn probe_step(&self) -> ShaderSource {
        let own = part!("kernel/probe/step.wgsl");
        let parts = [&[RANDOM, MATH], &self.control_parts()[..], &[DISPATCH, own]].concat();
        self.compose("probe step", &parts)
    }

    /// Composes the kernel that measures the peak of multiply-adds.
    pub fn roofline_arithmetic() -> ShaderSource {
        let own = part!("kernel/roofline/arithmetic.wgsl");
        compose_standalone("roofline arithmetic", own)
    }

    /// Composes the kernel that measures the peak of memory bandwidth.
    pub fn roofline_copy() -> ShaderSource {
        compose_standalone("roofline copy", part!("kernel/roofline/copy.wgsl"))
    }

    /// The kernels that run networks on the task, which are all that graphs need.
    pub fn running(&self, kind: Option<Kind<'_>>) -> Vec<ShaderSource> {
        match kind {
            Some(Kind::Control(_)) => vec![self.rollout(), self.average(), self.probe_recurrent()],
            Some(Kind::Data(_)) => vec![self.loss(), self.forward(), self.probe_recurrent()],
            Some(Kind::Function(_)) | None => Vec::new(),
        }
    }

    /// Every kernel of the task and the network, for validation.
    pub fn all(&self, kind: Option<Kind<'_>>) -> Vec<ShaderSource> {
        let mut all = vec![
            self.perturb(),
            self.breed(),
            self.gather(),
            self.recombine(),
            self.recombine_reduction(),
            self.forward(),
            self.probe_random(),
            self.probe_math(),
            self.probe_recurrent(),
            Self::roofline_arithmetic(),
            Self::roofline_copy(),
        ];
        match kind {
            Some(Kind::Control(_)) => {
                let normalised = self.clone().normalised();
                all.extend([self.rollout(), self.average(), self.behaviour(), self.probe_step()]);
                all.extend([normalised.rollout(), normalised.observation_sums()]);
                all.push(normalised.probe_normalisation());
            }
            Some(Kind::Data(_)) => all.push(self.loss()),
            Some(Kind::Function(_)) => all.push(self.function()),
            None => {}
        }
        all
    }
}

/// The parts of a loss kernel that follow its network.
fn loss_parts<'a>(own: (&'a str, &'a str)) -> [(&'a str, &'a str); 4] {
    [DATA, DISPATCH, LOSS_REDUCTION, own]
}

/// The parts of a batched forward pass that follow its network.
fn forward_parts<'a>(own: (&'a str, &'a str)) -> [(&'a str, &'a str); 3] {
    [DISPATCH, FORWARD_OUTPUTS, own]
}

/// Composes a kernel that needs neither a task nor a network.
fn compose_standalone(label: &str, (name, text): (&str, &str)) -> ShaderSource {
    let constants = Constants::default()
        .whole("ROOFLINE_ROUNDS", ROOFLINE_ROUNDS)
        .whole("ROOFLINE_CHAINS", ROOFLINE_CHAINS);
    let composer = Composer::new(label, &constants, &[]);
    composer.part(DISPATCH.0, DISPATCH.1).part(name, text).finish()
}
