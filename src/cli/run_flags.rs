//! The flags that say what a run is, the same for every command that trains.

use super::sizes::whole;
use deme::run::Request;

/// A task, its budgets, its network and its backend; all but the strategy and the seed.
#[derive(clap::Args)]
pub struct RunFlags {
    /// A task's name (see `deme tasks`), or a file: .csv, .npy, .npz, or IDX as MNIST's
    #[arg(value_name = "TASK")]
    task: Option<String>,
    /// What to predict: a column of a CSV file [default: the last], an array of a .npz file
    /// [default: y or y_train], or beside .npy and IDX another such file
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// What to learn of it: classification, regression [default: regression where it has
    /// fractions, or more than 100 whole numbers]
    #[arg(long, value_name = "NAME")]
    goal: Option<String>,
    /// Share of a file's samples that judges and does not teach, drawn by the seed, in each class
    /// the same, 0 to 1 [default: 0.2, or the file's own: x_test and y_test, t10k-...]
    #[arg(long, value_name = "SHARE")]
    held_out: Option<f64>,
    /// Individuals in a generation, at least 2 [default: the task's]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    population: Option<u64>,
    /// Generations at most [default: the task's; no limit with --evaluations]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    generations: Option<u64>,
    /// Evaluations at most: one an episode of an individual, one a data set [default: no limit]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    evaluations: Option<u64>,
    /// Hidden layers, WIDTH or WIDTH:ACTIVATION joined by '-': 16-16; recurrent ones are
    /// WIDTH:elman and WIDTH:gru; a layer may end in ':nobias',
    /// and the spec in '-out:nobias' for outputs without biases [default: the task's]
    #[arg(long, value_name = "SPEC")]
    network: Option<String>,
    /// Activation of layers that name none: tanh, relu, sigmoid, linear, gelu, silu, sin, softsign
    /// [default: tanh]
    #[arg(long, value_name = "NAME")]
    activation: Option<String>,
    /// First weights: zero, normal, normal:DEVIATION (1), xavier, orthogonal, all with biases of
    /// zero, or constant:NUMBER for every gene [default: xavier; a function's own point]
    #[arg(long, value_name = "NAME")]
    initial: Option<String>,
    /// Show networks of a control task each observation less its running mean, in running standard
    /// deviations, clipped at 5 [default: false; true where a strategy's settings demand it]
    #[arg(
        long,
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    normalise_observations: Option<bool>,
    /// Episodes an individual plays in a generation [default: the task's]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    episodes: Option<u64>,
    /// Tell the strategy how novel what an individual did is, and not how fit it is, on tasks that
    /// say what was done (maze). Settings may follow, --novelty=neighbours=15:threshold=6: k (15);
    /// the distance beyond which the archive lets others in at first (6); archive, what that holds
    /// at most (10000) [default: false]
    #[arg(
        long,
        value_name = "KEY=VALUE[:KEY=VALUE]...",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    novelty: Option<String>,
    /// End at this held-out score, at the task's own (`solved`), or at the budget (`never`)
    /// [default: solved]
    #[arg(long, value_name = "SCORE|solved|never")]
    until: Option<String>,
    /// Where the population lives: auto, cpu, gpu, reference [default: auto: a GPU, else the CPU]
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
    /// A part of the GPU's name (see `deme devices`) [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// How the GPU's kernels are laid out: loop, unrolled, team-N or fused-N with N of 8,
    /// 16, 32 or 64, subgroup, or tensor, which rounds more [default: the fastest of the others;
    /// they are timed once, DEME_NO_TUNE=1 does not]
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// What genes are kept in: f32, or f16, which halves what a GPU reads of them; arithmetic is in
    /// f32 [default: f32]
    #[arg(long, value_name = "NAME")]
    precision: Option<String>,
    /// Where the noise is summed: auto, cpu, gpu [default: auto: where the population lives]
    #[arg(long, value_name = "NAME")]
    recombine: Option<String>,
}

impl RunFlags {
    /// What was typed; strategy, settings, seed and folder are the command's own.
    pub fn request(&self) -> Request {
        Request {
            task: self.task.clone(),
            target: self.target.clone(),
            goal: self.goal.clone(),
            held_out: self.held_out,
            population: self.population,
            generations: self.generations,
            evaluations: self.evaluations,
            network: self.network.clone(),
            activation: self.activation.clone(),
            initial: self.initial.clone(),
            normalise_observations: self.normalise_observations,
            episodes: self.episodes,
            novelty: self.novelty.clone(),
            until: self.until.clone(),
            backend: self.backend.clone(),
            adapter: self.adapter.clone(),
            variant: self.variant.clone(),
            precision: self.precision.clone(),
            recombine: self.recombine.clone(),
            ..Request::default()
        }
    }
}
