//! The tuner: times the variants that take a network on a device, once, and remembers the fastest.
//!
//! Those that it times compute the same, so a choice is about time alone; one whose scores are not
//! those of the plainest is left out. What counts is a generation: genomes are made, and whole
//! episodes are played, as far as some steps tell. Of those that make genomes where they play them
//! only the one is tried whose team is the fastest. What was chosen is kept in `tuning.json` in the
//! user's cache folder (`DEME_CACHE` names another), under a key of adapter, driver, version of
//! deme, task, samples, network, population and episodes; a file that is missing, torn or read-only
//! costs the time of timing again, and nothing else. `DEME_NO_TUNE=1` times nothing, and takes what
//! the network's size suggests.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::{Gpu, Variant};
use crate::backend::{Backend, Episodes, Limits, Purpose};
use crate::error::Result;
use crate::gpu::Device;
use crate::network::Network;
use crate::packed::replace;
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::task::{Kind, Simulation, Task};

const FILE: &str = "tuning.json";
/// Timed repetitions of each variant; the median counts.
const SAMPLES: usize = 3;
/// A repetition should take so long, by as many steps as that needs.
const LONG_ENOUGH_SECONDS: f64 = 0.004;
const MOST_STEPS: u32 = 256;
/// So many times as many steps tell what of that time is paid for each of them.
const MORE: u32 = 3;
/// Bytes of the populations that are timed at most; larger ones take as long for each.
const MOST_BYTES: u64 = 1 << 28;
/// Steps of the episodes that are compared: some have ended by then, and returns differ.
const TRIED_STEPS: u32 = 50;
/// Of so many that play one may disagree: an episode that ends a step later, by a rounding.
const DISAGREEING: usize = 16;
/// A less plain variant is taken where it needs less than this share of the time.
const WORTH_IT: f64 = 0.97;

/// What a backend will have to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Individuals of a generation.
    pub population: usize,
    /// Episodes that each plays.
    pub episodes: u32,
    /// Whether generations are noise around a centre, which whoever plays them can make.
    pub noise: bool,
}

/// What is known of how kernels shall be laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// The variant that was asked for; none leaves it to the tuner.
    pub variant: Option<Variant>,
    /// Where none was, the one that an earlier part of the run had, if the network takes it.
    pub kept: Option<Variant>,
    /// What will have to be done; none where networks have no layers.
    pub workload: Option<Workload>,
}

/// Why a variant runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// It was asked for.
    Asked,
    /// The run began with it.
    Kept,
    /// There is no other.
    Alone,
    /// `DEME_NO_TUNE=1`: it suits the size of the network.
    Suggested,
    /// It was the fastest on an earlier day.
    Remembered,
    /// It is the fastest of these, in seconds a generation.
    Timed(Vec<(Variant, f64)>),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("as asked"),
            Self::Kept => f.write_str("as the run began"),
            Self::Alone => f.write_str("the only way"),
            Self::Suggested => f.write_str("by size, as DEME_NO_TUNE=1 asks"),
            Self::Remembered => f.write_str("the fastest when they were timed"),
            Self::Timed(times) => {
                let each = |(variant, seconds): &(Variant, f64)| {
                    format!("{} {:.3} ms", variant.name(), 1e3 * seconds)
                };
                let all: Vec<String> = times.iter().map(each).collect();
                write!(f, "the fastest of {} a generation", all.join(", "))
            }
        }
    }
}

impl Variant {
    /// What suits a network's size: nothing was timed.
    pub fn suggested(network: &Network, kind: Kind<'_>, limits: &Limits) -> Self {
        let wished = match kind {
            Kind::Control(_) => [Self::Unrolled, Self::Team(64)],
            Kind::Data(_) | Kind::Function(_) => [Self::Team(64), Self::Loop],
        };
        wished.into_iter().find(|one| one.takes(network, kind, limits)).unwrap_or(Self::Loop)
    }
}

impl Gpu {
    /// A backend whose kernels are laid out as asked, or as is fastest; and why so.
    ///
    /// # Errors
    /// As [`Gpu::new`], a variant that does not take the network, or a device that fails.
    pub fn tuned(
        device: Arc<Device>,
        task: Arc<dyn Task>,
        network: Network,
        tuning: Tuning,
    ) -> Result<(Self, Why)> {
        let (variant, why) = wish(&device, &task, &network, tuning)?;
        Ok((Self::new(device, task, network)?.with_variant(variant)?, why))
    }
}

fn wish(
    device: &Arc<Device>,
    task: &Arc<dyn Task>,
    network: &Network,
    tuning: Tuning,
) -> Result<(Variant, Why)> {
    if let Some(variant) = tuning.variant {
        return Ok((variant, Why::Asked));
    }
    let limits = Gpu::limits_of(device);
    if let Some(kept) = tuning.kept.filter(|kept| kept.takes(network, task.kind(), &limits)) {
        return Ok((kept, Why::Kept));
    }
    let variants = Variant::that_a_clock_may_choose(network, task.kind(), &limits);
    let workload = match tuning.workload {
        Some(workload) if variants.len() > 1 => workload,
        _ => return Ok((Variant::Loop, Why::Alone)),
    };
    if std::env::var("DEME_NO_TUNE").is_ok_and(|value| value == "1") {
        return Ok((Variant::suggested(network, task.kind(), &limits), Why::Suggested));
    }
    let memory = Memory::of_user();
    let key = key(device, task.as_ref(), network, workload);
    if let Some(variant) = memory.recall(&key).filter(|variant| variants.contains(variant)) {
        return Ok((variant, Why::Remembered));
    }
    let trial = Trial::new(device, task, network, workload);
    let times = trial.times(&variants)?;
    let variant = fastest(&times);
    memory.keep(&key, variant);
    Ok((variant, Why::Timed(times)))
}

/// The plainest of those that are about as fast as the fastest.
fn fastest(times: &[(Variant, f64)]) -> Variant {
    let least = times.iter().map(|one| one.1).fold(f64::INFINITY, f64::min);
    let near = times.iter().find(|one| one.1 * WORTH_IT <= least);
    near.map_or(Variant::Loop, |one| one.0)
}

/// Everything that a choice depends on.
fn key(device: &Device, task: &dyn Task, network: &Network, workload: Workload) -> String {
    let Workload { population, episodes, noise } = workload;
    let size = format!("{population}{} x {episodes}", if noise { " of noise" } else { "" });
    let version = format!("{}, {} layouts", env!("CARGO_PKG_VERSION"), Variant::ALL.len());
    let samples = match task.kind() {
        Kind::Data(data) => format!(" of {}", data.training),
        Kind::Control(_) | Kind::Function(_) => String::new(),
    };
    format!(
        "{} | {} | deme {version} | {}{samples} | {}-{network}-{}, {} | {size}",
        device.name(),
        device.driver(),
        task.about().name,
        network.inputs(),
        network.outputs(),
        network.precision().name(),
    )
}

/// What is tried of each variant: generations of random individuals.
struct Trial<'a> {
    device: &'a Arc<Device>,
    task: &'a Arc<dyn Task>,
    network: &'a Network,
    workload: Workload,
    proposal: Proposal,
    episodes: Episodes,
    /// Of a control task.
    simulation: Option<&'a dyn Simulation>,
}

impl<'a> Trial<'a> {
    fn new(
        device: &'a Arc<Device>,
        task: &'a Arc<dyn Task>,
        network: &'a Network,
        workload: Workload,
    ) -> Self {
        let genome_bytes = (network.precision().bytes() * network.parameters()) as u64;
        let most = (MOST_BYTES / genome_bytes.max(1)).max(64) as usize;
        let proposal = Proposal::Gaussian(Gaussian {
            centre: vec![0.0; network.parameters()].into(),
            scale: Scale::Uniform(0.5),
            noise: NoiseKey { seed: 1, generation: 0 },
            individuals: workload.population.min(most),
            mirrored: false,
        });
        let episodes = Episodes::new(1, Purpose::Benchmark, 0, workload.episodes);
        let simulation = match task.kind() {
            Kind::Control(simulation) => Some(simulation),
            Kind::Data(_) | Kind::Function(_) => None,
        };
        Self { device, task, network, workload, proposal, episodes, simulation }
    }

    /// Seconds that a device takes for a generation, or a part of the population of one, in each
    /// way: for making genomes, and for whole episodes as far as some steps tell.
    ///
    /// # Errors
    /// A variant that does not take the network, or a device that fails.
    fn times(&self, variants: &[Variant]) -> Result<Vec<(Variant, f64)>> {
        let most_others = self.simulation.map_or(0, |_| self.proposal.individuals() / DISAGREEING);
        let (mut steps, mut expected) = (1, Vec::new());
        let mut all: Vec<(Variant, f64)> = Vec::new();
        for &variant in variants {
            // Where a genome is made is tried of the fastest team alone.
            if matches!(variant, Variant::Fused(_)) {
                let teams = all.iter().filter(|one| matches!(one.0, Variant::Team(_))).copied();
                let team = fastest(&teams.collect::<Vec<_>>());
                if !self.workload.noise || team.fused() != Some(variant) {
                    continue;
                }
            }
            let (device, task) = (Arc::clone(self.device), Arc::clone(self.task));
            let mut gpu = Gpu::new(device, task, self.network.clone())?.with_variant(variant)?;
            gpu.spawn(&self.proposal)?;
            // The first compiles. What a driver gets wrong is not fast, whatever the clock says.
            let tried = Episodes { step_limit: Some(TRIED_STEPS), ..self.episodes };
            let values = gpu.score(&tried)?.values;
            if expected.is_empty() {
                expected = values;
            } else if !agree(&values, &expected, most_others) {
                continue;
            }
            let score = |gpu: &mut Gpu, steps| {
                let exact_steps = self.simulation.map(|_| steps);
                gpu.score(&Episodes { exact_steps, ..self.episodes }).map(drop)
            };
            if all.is_empty() && self.simulation.is_some() {
                while steps < MOST_STEPS
                    && self.seconds(|| score(&mut gpu, steps))? < LONG_ENOUGH_SECONDS
                {
                    steps *= 2;
                }
            }
            // Those that make genomes where they play them make none before.
            let making = match variant {
                Variant::Fused(_) => 0.0,
                _ => self.median(|| gpu.spawn(&self.proposal))?,
            };
            let few = self.median(|| score(&mut gpu, steps))?;
            let scoring = match self.simulation {
                None => few,
                Some(simulation) => {
                    let many = self.median(|| score(&mut gpu, MORE * steps))?;
                    let whole = simulation.shape().step_limit;
                    let (individuals, episodes) =
                        (self.proposal.individuals(), self.episodes.count);
                    let at_once = gpu.steps_a_dispatch(simulation, individuals, episodes, whole)?;
                    extrapolated([few, many], steps, whole, whole.div_ceil(at_once))
                }
            };
            all.push((variant, making + scoring));
        }
        Ok(all)
    }

    /// Seconds of some work, by the device's clock if it has one.
    fn seconds(&self, work: impl FnOnce() -> Result<()>) -> Result<f64> {
        let begun = Instant::now();
        let ((), own) = self.device.timed(work)?;
        Ok(own.unwrap_or_else(|| begun.elapsed().as_secs_f64()))
    }

    fn median(&self, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
        let mut samples =
            (0..SAMPLES).map(|_| self.seconds(&mut work)).collect::<Result<Vec<f64>>>()?;
        samples.sort_by(f64::total_cmp);
        Ok(samples[SAMPLES / 2])
    }
}

/// Seconds of so many steps in so many dispatches, as those of a few steps, and of [`MORE`] times
/// as many, tell: what a dispatch costs is paid once in each.
fn extrapolated([few, many]: [f64; 2], steps: u32, whole: u32, dispatches: u32) -> f64 {
    let each = ((many - few) / f64::from((MORE - 1) * steps)).max(0.0);
    let once = (few - each * f64::from(steps)).max(0.0);
    each * f64::from(whole) + once * f64::from(dispatches)
}

/// Whether scores are those of the plainest variant, all but so many each to a thousandth of
/// itself, or of 1.
fn agree(found: &[f32], expected: &[f32], most_others: usize) -> bool {
    let alike = |(found, expected): (&f32, &f32)| {
        found == expected || (found - expected).abs() <= 1e-3 * expected.abs().max(1.0)
    };
    let others = found.iter().zip(expected).filter(|&pair| !alike(pair)).count();
    found.len() == expected.len() && others <= most_others
}

/// What was chosen before.
struct Memory {
    folder: Option<PathBuf>,
}

impl Memory {
    /// That of the user who runs this; none where there is no place for it.
    fn of_user() -> Self {
        let named = std::env::var_os("DEME_CACHE").filter(|name| !name.is_empty());
        let users = || {
            let folders = directories::ProjectDirs::from("", "", "deme")?;
            Some(folders.cache_dir().to_owned())
        };
        Self { folder: named.map(PathBuf::from).or_else(users) }
    }

    fn recall(&self, key: &str) -> Option<Variant> {
        let all = read(self.folder.as_deref()?);
        all.get(key).and_then(|name| Variant::named(name).ok())
    }

    /// Remembers a choice, if it can.
    fn keep(&self, key: &str, variant: Variant) {
        let Some(folder) = &self.folder else { return };
        let mut all = read(folder);
        all.insert(key.to_owned(), variant.name().to_owned());
        if let Ok(mut text) = serde_json::to_string_pretty(&all)
            && std::fs::create_dir_all(folder).is_ok()
        {
            text.push('\n');
            // Whoever cannot remember times again.
            let _ = replace(folder, FILE, text.as_bytes());
        }
    }
}

/// Choices by their keys; none where there is no file, or a torn one.
fn read(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join(FILE));
    text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_those_that_are_about_as_fast_the_plainest_is_taken() {
        let times = |seconds: [f64; 3]| {
            let all = [Variant::Loop, Variant::Unrolled, Variant::Team(16)];
            all.into_iter().zip(seconds).collect::<Vec<_>>()
        };
        assert_eq!(fastest(&times([1.0, 0.99, 0.98])), Variant::Loop);
        assert_eq!(fastest(&times([1.0, 0.9, 0.89])), Variant::Unrolled);
        assert_eq!(fastest(&times([1.0, 0.9, 0.5])), Variant::Team(16));
        assert_eq!(fastest(&[]), Variant::Loop);
    }

    #[test]
    fn what_a_dispatch_costs_is_paid_once_in_each() {
        // 2 s a dispatch and 0.5 s a step.
        let of = |steps: u32| 2.0 + 0.5 * f64::from(steps);
        let seconds = |dispatches| extrapolated([of(4), of(MORE * 4)], 4, 500, dispatches);
        assert_eq!([seconds(1), seconds(10)], [252.0, 270.0]);
        // A clock that errs makes nothing negative.
        assert_eq!(extrapolated([2.0, 1.0], 4, 500, 3), 6.0);
        assert_eq!(extrapolated([1.0, 300.0], 1, 2, 9), 299.0);
    }

    #[test]
    fn scores_that_are_wrong_do_not_agree() {
        assert!(agree(&[1.0, -200.0], &[1.0, -200.1], 0));
        assert!(!agree(&[1.0, -200.0], &[1.0, -201.0], 0));
        assert!(!agree(&[1.0, f32::NAN], &[1.0, 2.0], 0) && !agree(&[1.0], &[1.0, 2.0], 2));
        let some = [1.0, f32::NAN, 2.0, 1.0];
        assert!(agree(&some, &[1.0; 4], 2) && !agree(&some, &[1.0; 4], 1));
    }

    #[test]
    fn what_is_kept_is_recalled_and_a_torn_file_is_none() {
        let folder = std::env::temp_dir().join(format!("deme-tuning-{}", std::process::id()));
        let memory = Memory { folder: Some(folder.clone()) };
        assert_eq!(memory.recall("a"), None);
        memory.keep("a", Variant::Team(8));
        memory.keep("b", Variant::Unrolled);
        assert_eq!(memory.recall("a"), Some(Variant::Team(8)));
        assert_eq!(memory.recall("b"), Some(Variant::Unrolled));
        std::fs::write(folder.join(FILE), "{\"a\": \"te").expect("a folder to write to");
        assert_eq!(memory.recall("a"), None);
        memory.keep("a", Variant::Loop);
        assert_eq!(memory.recall("a"), Some(Variant::Loop));
        std::fs::remove_dir_all(&folder).expect("a folder of ours");
        assert_eq!(Memory { folder: None }.recall("a"), None);
    }
}
