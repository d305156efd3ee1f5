//! The flags of a run, in the groups of its help: the same for every command that trains.

use clap::ValueHint;
use deme::run::Request;
use deme::task::ParameterSetting;

use super::autotuner;
use super::data_flags::DataFlags;
use super::headings::{BUDGET, MACHINE, SEARCH, TASK};
use super::names;
use super::sizes::{parse_count, parse_share, parse_whole};

/// The task, and the network that learns it.
#[derive(clap::Args)]
#[command(next_help_heading = TASK)]
pub struct TaskFlags {
    /// Task's name, or the file of data or a world
    ///
    /// `deme tasks` lists the names. A data file is .csv or .tsv (also .gz), .npy, .npz, or IDX,
    /// the format of MNIST; a world is a .wgsl file, see `deme new`.
    #[arg(
        value_name = "TASK",
        help_heading = None::<&'static str>,
        value_parser = names::tasks(),
        hide_possible_values = true,
        value_hint = ValueHint::FilePath
    )]
    task: Option<String>,
    /// Parameter of a world; may repeat
    ///
    /// A number, such as --param gravity=3.7, or a range from which each episode draws it, such as
    /// --param half-length=0.25..0.75; held-out episodes draw it too. `deme tasks NAME` lists the
    /// parameters of one. [default: the world's own numbers]
    #[arg(long, value_name = "NAME=VALUE", value_parser = ParameterSetting::parse)]
    param: Vec<ParameterSetting>,
    #[command(flatten)]
    data: DataFlags,
    /// Kind of prediction from a data file
    ///
    /// [default: regression if the target has fractions or more than 100 different whole numbers,
    /// else classification]
    #[arg(
        long,
        value_name = "NAME",
        value_parser = names::listed(&["classification", "regression"])
    )]
    goal: Option<String>,
    /// Fraction of the samples for testing
    ///
    /// A number from 0 to 1, of a data file. The seed draws these samples, the same fraction of
    /// each class, and training never sees them. [default: 0.2, or the file's own test part: x_test
    /// and y_test, t10k-...]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    held_out: Option<f64>,
    /// Fraction of the rest for validation
    ///
    /// A number from 0 to 1, of the samples of a data file that are not held out. Training never
    /// sees these samples: their score chooses the champion and ends the run early (--patience).
    /// With 0 the training samples choose. [default: 0.2, or 0 if that is less than 10 samples or
    /// nothing is held out]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    validation: Option<f64>,
    /// Hidden layers, such as 16-16
    ///
    /// A layer is WIDTH or WIDTH:ACTIVATION, and '-' joins layers. WIDTH:elman and WIDTH:gru are
    /// recurrent. A layer that ends in ':nobias' has no biases; '-out:nobias' at the end removes
    /// those of the outputs. [default: the task's]
    #[arg(long, value_name = "SPEC")]
    network: Option<String>,
    /// Activation of layers that name none
    ///
    /// [default: tanh]
    #[arg(long, value_name = "NAME", value_parser = names::activations())]
    activation: Option<String>,
    /// First weights: a distribution or a file
    ///
    /// normal:DEVIATION sets the standard deviation, 1 otherwise; constant:NUMBER sets every gene,
    /// biases included. The others begin with biases of zero. A run folder, or a .safetensors or
    /// .npz file with tensors of the same names and shapes, continues from its weights. [default:
    /// xavier; a function's own point]
    #[arg(
        long,
        value_name = "NAME|FILE",
        value_parser = names::listed(&[
            "zero", "normal", "normal:DEVIATION", "xavier", "orthogonal", "constant:NUMBER", "FILE",
        ])
    )]
    initial: Option<String>,
    /// Normalise what networks observe
    ///
    /// From each observation of a control task its running mean is subtracted, and the difference
    /// is divided by the running standard deviation and clipped at 5. [default: false; true if the
    /// strategy's settings need it]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    normalise_observations: Option<bool>,
}

/// The flags of the search.
#[derive(clap::Args)]
#[command(next_help_heading = SEARCH)]
pub struct SearchFlags {
    /// Individuals per generation
    ///
    /// At least 2. [default: the task's]
    #[arg(long, value_name = "N", value_parser = parse_count::<2, { u32::MAX }>)]
    population: Option<u64>,
    /// Episodes per individual and generation
    ///
    /// [default: the task's]
    #[arg(long, value_name = "N", value_parser = parse_count::<1, 1_000_000>)]
    episodes: Option<u64>,
    /// Optimise novelty instead of fitness
    ///
    /// Novelty is the distance to the nearest known behaviours, on tasks that define a behaviour
    /// (maze). Settings may follow, as in --novelty=neighbours=15:threshold=6. neighbours: how many
    /// behaviours count as nearest (15). threshold: the distance from which a behaviour enters the
    /// archive at first (6). archive: the largest number of behaviours in it (10000). [default:
    /// false]
    #[arg(
        long,
        value_name = "KEY=VALUE:...",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    novelty: Option<String>,
}

/// The flags that end a run.
#[derive(clap::Args)]
#[command(next_help_heading = BUDGET)]
pub struct BudgetFlags {
    /// Largest number of generations
    ///
    /// [default: the task's; no limit with --evaluations]
    #[arg(long, value_name = "N", value_parser = parse_count::<1, { u32::MAX }>)]
    generations: Option<u64>,
    /// Largest number of evaluations
    ///
    /// An evaluation is one episode of one individual; for a data set or a function, one individual
    /// in one generation. [default: no limit]
    #[arg(long, value_name = "N", value_parser = parse_whole::<u64>)]
    evaluations: Option<u64>,
    /// Held-out score to stop at
    ///
    /// A number; `solved` for the task's published threshold; or `never` to use the whole budget.
    /// [default: solved]
    #[arg(long, value_name = "SCORE|solved|never", allow_hyphen_values = true)]
    until: Option<String>,
    /// Generations without a better champion
    ///
    /// The run ends if no network has a better score for so many generations: on the validation
    /// part of a data set, or on the training part if there is none; on validation episodes of
    /// other tasks. `never` turns it off. [default: 300 for data files; never for other tasks and
    /// with --until never]
    #[arg(long, value_name = "N|never")]
    patience: Option<String>,
}

/// The flags of the backend and its devices.
#[derive(clap::Args)]
#[command(next_help_heading = MACHINE)]
pub struct MachineFlags {
    /// Backend that holds the population
    ///
    /// [default: auto, which is a hardware GPU if there is one, else the CPU]
    #[arg(long, value_name = "NAME", value_parser = names::backends())]
    backend: Option<String>,
    /// GPU to use, by a part of its name
    ///
    /// `deme devices` lists the names. A software adapter is used only if it is named. [default:
    /// the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Variant of the GPU's kernels
    ///
    /// All variants compute the same result, except that tensor rounds more. The autotuner times
    /// the others once and picks the fastest; with DEME_NO_TUNE=1 the size decides.
    /// [default: the autotuner's]
    #[arg(long, value_name = "NAME", value_parser = names::variants())]
    variant: Option<String>,
    /// Precision of the genes
    ///
    /// f16 halves what a GPU reads of them. Arithmetic is in f32 either way. [default: f32]
    #[arg(long, value_name = "NAME", value_parser = names::precisions())]
    precision: Option<String>,
    /// Backend that sums the noise
    ///
    /// [default: auto, which is the backend that holds the population]
    #[arg(long, value_name = "NAME", value_parser = names::listed(&["auto", "cpu", "gpu"]))]
    recombine: Option<String>,
}

impl TaskFlags {
    /// Returns the parameters of the world that were typed, by name.
    pub fn parameters(&self) -> Vec<(String, String)> {
        self.param.iter().map(ParameterSetting::pair).collect()
    }

    /// Writes what was typed into a request.
    pub fn fill(&self, request: &mut Request) {
        request.task.clone_from(&self.task);
        request.param = self.parameters().into_iter().collect();
        self.data.fill(request);
        request.goal.clone_from(&self.goal);
        request.held_out = self.held_out;
        request.validation = self.validation;
        request.network.clone_from(&self.network);
        request.activation.clone_from(&self.activation);
        request.initial.clone_from(&self.initial);
        request.normalise_observations = self.normalise_observations;
    }
}

impl SearchFlags {
    /// Writes what was typed into a request.
    pub fn fill(&self, request: &mut Request) {
        request.population = self.population;
        request.episodes = self.episodes;
        request.novelty.clone_from(&self.novelty);
    }
}

impl BudgetFlags {
    /// Writes what was typed into a request.
    pub fn fill(&self, request: &mut Request) {
        request.generations = self.generations;
        request.evaluations = self.evaluations;
        request.until.clone_from(&self.until);
        request.patience.clone_from(&self.patience);
    }
}

impl MachineFlags {
    /// Writes what was typed into a request.
    pub fn fill(&self, request: &mut Request) {
        request.backend.clone_from(&self.backend);
        request.adapter.clone_from(&self.adapter);
        request.variant.clone_from(&self.variant);
        request.tuning = autotuner::options();
        request.precision.clone_from(&self.precision);
        request.recombine.clone_from(&self.recombine);
    }
}
