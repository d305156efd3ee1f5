//! Rung 5: whole scores.
//!
//! In a free-running episode rounding errors compound, and a policy on an edge may take another
//! branch; what is held to a limit is therefore the share of individuals that do not agree. Data
//! sets do not run freely, and each individual is held to a limit of its own.

use std::sync::Arc;

use super::forward::random_genomes;
use super::{Comparison, Rung, Subject, graphs};
use crate::backend::{Backend, Episodes, Forward, Limits, Measure, Purpose, Reference, Scores};
use crate::error::Result;
use crate::network::{Activation, Network, Normalisation, Seen, Statistics};
use crate::population::{Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale};
use crate::task::{self, DataSet, Kind, Objective, Task};

/// Hidden layers that remember.
const RECURRENT: &str = "5:gru-4:elman";
/// Not a multiple of a block.
const INDIVIDUALS: usize = 150;
/// A return agrees when it differs by so small a share of itself, or of 1: over the first steps by
/// little more than the roundings of a sum, over whole episodes by what compounds.
const SHORT_AGREEING: f64 = 2e-5;
const WHOLE_AGREEING: f64 = 1e-3;
/// The largest share of individuals that may disagree over whole episodes. Measured: 8 % for
/// acrobot, whose double pendulum is chaotic; the others stay below 3 %.
const WHOLE_DISAGREE: f64 = 0.15;
/// The same over the first steps, where little has compounded.
const SHORT_DISAGREE: f64 = 0.02;
/// Accuracies differ by less only through rounding.
const EQUAL: f64 = 1e-6;
/// Steps of a short episode.
const SHORT_STEPS: u32 = 40;
/// Steps after which a whole one is cut off, where the task would let it go on for longer.
const WHOLE_STEPS: u32 = 1000;

/// What returns are held to.
#[derive(Clone, Copy)]
struct Leeway {
    agreeing: f64,
    disagree: f64,
    words: &'static str,
}

const SHORT: Leeway = Leeway {
    agreeing: SHORT_AGREEING,
    disagree: SHORT_DISAGREE,
    words: "at most 2 % of individuals whose return differs by over 2e-5 of itself",
};
const SEEN: Leeway = Leeway {
    words: "at most 2 % of individuals whose return, or what they saw, differs by over 2e-5",
    ..SHORT
};
const WHOLE: Leeway = Leeway {
    agreeing: WHOLE_AGREEING,
    disagree: WHOLE_DISAGREE,
    words: "at most 15 % of individuals whose return differs by over 1e-3 of itself",
};

pub(super) fn climb(subject: &dyn Subject, task: &Arc<dyn Task>) -> Result<Vec<Rung>> {
    let hidden = if matches!(task.kind(), Kind::Function(_)) { "none" } else { "8-8" };
    let mut pair = Pair::of(subject, task, hidden)?;
    let name = task.about().name.to_string();
    match task.kind() {
        Kind::Data(data) => {
            let mut graphs = Pair::of_graphs(subject, task)?;
            let growing = format!("{name}, graphs");
            Ok(vec![samples(&mut pair, &name, data)?, samples(&mut graphs, &growing, data)?])
        }
        Kind::Function(_) => Ok(vec![values(&mut pair, &name)?]),
        Kind::Control(simulation) => {
            let limit = simulation.shape().step_limit.min(WHOLE_STEPS);
            let whole = Episodes::new(3, Purpose::Verification, 4, 2);
            let whole = Episodes { step_limit: Some(limit), ..whole };
            let short = Episodes { step_limit: Some(SHORT_STEPS), ..whole };
            let exact = Episodes { exact_steps: Some(3 * SHORT_STEPS), count: 1, ..short };
            let often = Episodes { exact_steps: Some(SHORT_STEPS), ..exact };
            let often = Episodes { step_limit: Some(SHORT_STEPS / 4), ..often };
            let mut recurrent = Pair::of(subject, task, RECURRENT)?;
            let mut graphs = Pair::of_graphs(subject, task)?;
            let growing = format!("{name}, graphs");
            let remembering = format!("{name}, {RECURRENT}");
            let steps = format!("{remembering}, {SHORT_STEPS} steps");
            let restarting = format!("{remembering}, restarting");
            let [normalised, restarted] =
                ["normalised", "normalised, restarting"].map(|how| format!("{name}, {how}"));
            let plain = [
                returns(&mut pair, format!("{name}, {SHORT_STEPS} steps"), &short, SHORT)?,
                returns(&mut pair, format!("{name}, whole"), &whole, WHOLE)?,
                returns(&mut pair, format!("{name}, restarting"), &exact, WHOLE)?,
                returns(&mut recurrent, steps, &short, SHORT)?,
                returns(&mut recurrent, restarting, &often, SHORT)?,
            ];
            pair.normalise(simulation.shape().observations, &short)?;
            let normalised = [
                returns(&mut pair, normalised, &short, SEEN)?,
                returns(&mut pair, restarted, &often, SEEN)?,
            ];
            let grown = [
                returns(&mut graphs, format!("{growing}, {SHORT_STEPS} steps"), &short, SHORT)?,
                returns(&mut graphs, format!("{growing}, restarting"), &often, SHORT)?,
            ];
            Ok([&plain[..], &normalised, &grown].concat())
        }
    }
}

struct Pair {
    reference: Reference,
    backend: Box<dyn Forward>,
    /// What observations are normalised by, where they are.
    by: Option<Normalisation>,
}

impl Pair {
    /// Random individuals with so many hidden layers, on both sides.
    fn of(subject: &dyn Subject, task: &Arc<dyn Task>, spec: &str) -> Result<Self> {
        let network = task.network(spec, Activation::Tanh)?;
        let genomes = random_genomes(network.parameters(), INDIVIDUALS);
        Self::with(subject, task, network, &genomes)
    }

    /// Random graphs, on both sides.
    fn of_graphs(subject: &dyn Subject, task: &Arc<dyn Task>) -> Result<Self> {
        let network = task.network("", Activation::Linear)?;
        let genomes = graphs::population(task.ports(), INDIVIDUALS);
        Self::with(subject, task, network, &genomes)
    }

    fn with(
        subject: &dyn Subject,
        task: &Arc<dyn Task>,
        network: Network,
        genomes: &Proposal,
    ) -> Result<Self> {
        let mut reference = Reference::new(Arc::clone(task), network.clone());
        let mut backend = subject.backend(Arc::clone(task), network, None)?;
        reference.spawn(genomes)?;
        backend.spawn(genomes)?;
        Ok(Self { reference, backend, by: None })
    }

    /// Normalises observations on both sides, by what the reference sees in these episodes.
    fn normalise(&mut self, inputs: usize, episodes: &Episodes) -> Result<()> {
        let first = Normalisation::identity(inputs);
        let mut statistics = Statistics::of(inputs);
        self.reference.normalise(&first)?;
        if let Some(seen) = self.reference.score(episodes)?.seen {
            statistics.merge(&first, &seen);
        }
        let by = statistics.normalisation();
        self.reference.normalise(&by)?;
        self.backend.normalise(&by)?;
        self.by = Some(by);
        Ok(())
    }
}

fn returns(pair: &mut Pair, subject: String, episodes: &Episodes, leeway: Leeway) -> Result<Rung> {
    // What is done in whole episodes alone has a meaning.
    let episodes = &Episodes { behaviour: episodes.exact_steps.is_none(), ..*episodes };
    let expected = pair.reference.score(episodes)?;
    let found = pair.backend.score(episodes)?;
    let mut errors = Comparison::new("5 episodes", subject, leeway.words);
    let did = [&found, &expected].map(|scores| scores.behaviours.as_deref().unwrap_or_default());
    errors.holds(did[0].len() == did[1].len(), || "what was done".into());
    let rows = |scores: &Scores| -> Vec<Vec<f64>> {
        scores.seen.iter().flat_map(Seen::rows).map(<[f64]>::to_vec).collect()
    };
    let seen = (rows(&found), rows(&expected));
    errors.holds(seen.0.len() == seen.1.len(), || "what was seen".into());
    let apart = |&i: &usize| {
        let (got, want) = (found.values[i], expected.values[i]);
        let difference = f64::from(got - want).abs();
        let agrees = difference <= leeway.agreeing * f64::from(want.abs()).max(1.0);
        let seen = pair.by.as_ref().zip(seen.0.get(i).zip(seen.1.get(i)));
        let numbers = did[1].len() / INDIVIDUALS;
        let did = did.map(|all| &all[i * numbers..][..numbers]);
        !agrees
            || !did_alike(did, leeway.agreeing)
            || seen.is_some_and(|(by, seen)| !sees_alike(by, seen, leeway.agreeing))
    };
    let all = 0..found.values.len().min(expected.values.len());
    let count = all.clone().filter(apart).count();
    let first = all.clone().find(apart);
    let at = || match first {
        None => "nowhere".into(),
        Some(i) => {
            let (got, want) = (found.values[i], expected.values[i]);
            format!("{count} of {INDIVIDUALS}, first individual {i}: got {got}, expected {want}")
        }
    };
    errors.check(count as f64 / INDIVIDUALS as f64, 0.0, leeway.disagree, at);
    errors.holds(found.values.len() == expected.values.len(), || "the number of returns".into());
    // Steps disagree only where returns do, and by no more than whole episodes.
    let longest = expected.steps.max(found.steps) / u64::from(episodes.count);
    let limit = (count as u64 * longest) as f64;
    errors.check(found.steps as f64, expected.steps as f64, limit, || "steps in all".into());
    Ok(errors.rung())
}

/// Whether what two individuals did agrees, each number to so small a share of itself.
fn did_alike([got, want]: [&[f32]; 2], agreeing: f64) -> bool {
    let alike = |(got, want): (&f32, &f32)| {
        let (got, want) = (f64::from(*got), f64::from(*want));
        (got - want).abs() <= agreeing * want.abs().max(1.0)
    };
    got.iter().zip(want).all(alike)
}

/// Whether two rows of what was seen agree: the steps, and the sums to so small a share of
/// themselves, or of what a deviation at every step comes to.
fn sees_alike(by: &Normalisation, (got, want): (&Vec<f64>, &Vec<f64>), agreeing: f64) -> bool {
    let (inputs, steps) = (by.means.len(), want[0]);
    let alike = |k: usize| {
        let deviation = 1.0 / f64::from(by.scales[k]);
        let (first, second) = (1 + k, 1 + inputs + k);
        let squares = want[second].max(steps * deviation * deviation);
        (got[first] - want[first]).abs() <= agreeing * (steps * squares).sqrt()
            && (got[second] - want[second]).abs() <= agreeing * squares
    };
    got[0] == steps && (0..inputs).all(alike)
}

fn samples(pair: &mut Pair, name: &str, data: &DataSet) -> Result<Rung> {
    let is_counted = data.objective != Objective::SquaredError;
    let limit = if is_counted {
        "fitness to 1e-5 of itself; accuracy equal, or off by one sample for 2 %"
    } else {
        "fitness and R^2 to 1e-5 of themselves, or of 1"
    };
    let mut errors = Comparison::new("5 episodes", name, limit);
    for purpose in [Purpose::Verification, Purpose::HeldOut] {
        for measure in [Measure::Fitness, Measure::Score] {
            let episodes = Episodes { measure, ..Episodes::new(3, purpose, 4, 1) };
            let (expected, found) =
                (pair.reference.score(&episodes)?, pair.backend.score(&episodes)?);
            let one = 1.0 / data.part(episodes.part()).len() as f64;
            let mut ties = 0;
            for (i, (&got, &want)) in found.values.iter().zip(&expected.values).enumerate() {
                let (got, want) = (f64::from(got), f64::from(want));
                let limit = match measure {
                    Measure::Fitness => 1e-5 * want.abs().max(1.0),
                    Measure::Score if !is_counted => 1e-5 * want.abs().max(1.0),
                    Measure::Score if (got - want).abs() > EQUAL => {
                        ties += 1;
                        EQUAL + one
                    }
                    Measure::Score => EQUAL,
                };
                let at = || format!("{purpose:?} {measure:?} of {i}");
                errors.check(got, want, limit, at);
                // A sample more or less is a whole sample.
                let samples = got / one;
                let apart = (samples - samples.round()).abs();
                if measure == Measure::Score && is_counted {
                    errors.check(apart, 0.0, EQUAL / one, at);
                }
            }
            let share = f64::from(ties) / INDIVIDUALS as f64;
            errors.check(share, 0.0, SHORT_DISAGREE, || format!("ties, {purpose:?}"));
        }
    }
    Ok(errors.rung())
}

fn values(pair: &mut Pair, name: &str) -> Result<Rung> {
    let limit = "a value to 2e-5 of itself, or of 1";
    let mut errors = Comparison::new("5 episodes", name, limit);
    let episodes = Episodes::new(3, Purpose::Verification, 4, 1);
    let (expected, found) = (pair.reference.score(&episodes)?, pair.backend.score(&episodes)?);
    errors.holds(found.values.len() == expected.values.len(), || "the number of values".into());
    for (i, (&got, &want)) in found.values.iter().zip(&expected.values).enumerate() {
        let limit = SHORT_AGREEING * f64::from(want.abs()).max(1.0);
        errors.check(f64::from(got), f64::from(want), limit, || format!("individual {i}"));
    }
    Ok(errors.rung())
}

/// A device that allows so little that a small population is cut in pieces everywhere.
const SCANTY: Limits = Limits {
    binding_bytes: 70_000,
    buffer_bytes: 150_000,
    workgroups: 20,
    alignment: 256,
    workgroup_bytes: 16 << 10,
    work_a_dispatch: 3_000_000,
    loop_rounds: 3000,
    tile: None,
    subgroup: None,
};

/// Networks so wide, and episodes so long, that an invocation takes more rounds of loops than some
/// devices let it take in a dispatch.
pub(super) fn climb_long(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let task: Arc<dyn Task> = Arc::from(task::named("pendulum")?);
    let mut pair = Pair::of(subject, &task, "48-48")?;
    let whole = Episodes::new(3, Purpose::Verification, 4, 1);
    Ok(vec![returns(&mut pair, "pendulum, 48-48, whole".into(), &whole, WHOLE)?])
}

/// The same population and episodes, whole and in pieces: equal bits.
///
/// The CPU path has no shards; its pieces are threads.
pub(super) fn climb_shards(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let pieces =
        [("cartpole", "8-8"), ("pendulum", "8-8"), ("xor", "8-8"), ("cartpole", RECURRENT)];
    pieces.into_iter().map(|(name, spec)| climb_pieces(subject, name, spec)).collect()
}

fn climb_pieces(subject: &dyn Subject, name: &str, spec: &str) -> Result<Rung> {
    let task: Arc<dyn Task> = Arc::from(task::named(name)?);
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh)?;
    let is_control = matches!(task.kind(), Kind::Control(_));
    let mut whole = subject.backend(Arc::clone(&task), network.clone(), None)?;
    let mut pieces = subject.backend(task, network.clone(), Some(SCANTY))?;
    let mut same = Comparison::new("5 shards", format!("{name}, {spec}"), "equal bits");
    let inputs = network.inputs();
    let by = Normalisation { means: vec![0.05; inputs], scales: vec![3.0; inputs] };
    let by = is_control.then_some(&by);
    let expected = live(whole.as_mut(), network.parameters(), by)?;
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one_thread = one_thread.expect("one thread can always be started");
    let found = one_thread.install(|| live(pieces.as_mut(), network.parameters(), by))?;
    for ((what, found), (_, expected)) in found.iter().zip(&expected) {
        same.holds(found.len() == expected.len(), || format!("{what}: how many"));
        for (i, (got, want)) in found.iter().zip(expected).enumerate() {
            let at = || format!("{what} {i}: got {got}, expected {want}");
            same.holds(got.to_bits() == want.to_bits(), at);
        }
    }
    Ok(same.rung())
}

/// Two generations, and everything that can be seen of them.
fn live(
    backend: &mut dyn Forward,
    genes: usize,
    by: Option<&Normalisation>,
) -> Result<Vec<(&'static str, Vec<f64>)>> {
    const MANY: usize = 330;
    let episodes = Episodes::new(5, Purpose::Verification, 6, 20);
    let gaussian = Gaussian {
        centre: vec![0.05; genes].into(),
        scale: Scale::Uniform(0.6),
        noise: NoiseKey { seed: 5, generation: 0 },
        individuals: MANY,
        mirrored: true,
    };
    backend.spawn(&Proposal::Gaussian(gaussian))?;
    let wide = |scores: &Scores| scores.values.iter().copied().map(f64::from).collect();
    let first = backend.score(&episodes)?;
    // Episodes that restart must go on where a dispatch left off, too.
    let restarting = Episodes { exact_steps: Some(90), step_limit: Some(25), count: 2, ..episodes };
    let again = backend.score(&restarting)?;
    let parents = (0..MANY).map(|i| Parents {
        first: (i * 31 % MANY) as u32,
        second: (i * 57 % MANY) as u32,
        mutates: 1,
    });
    let offspring = Offspring {
        parents: parents.collect(),
        crossover: Crossover::Uniform(0.5),
        mutation: 0.1,
        mutation_rate: 1.0,
        noise: NoiseKey { seed: 5, generation: 1 },
    };
    backend.spawn(&Proposal::Offspring(offspring))?;
    let second = backend.score(&episodes)?;
    let mut genomes = Vec::new();
    for individual in [0, 63, 64, 127, 128, 200, MANY - 1] {
        genomes.extend(backend.individual(individual)?.into_iter().map(f64::from));
    }
    by.iter().try_for_each(|by| backend.normalise(by))?;
    let normalised = backend.score(&episodes)?;
    let seen = normalised.seen.iter().flat_map(Seen::rows).flatten().copied().collect();
    Ok(vec![
        ("normalised score", wide(&normalised)),
        ("what was seen", seen),
        ("score of parent", wide(&first)),
        ("score with restarts", wide(&again)),
        ("score of child", wide(&second)),
        ("gene", genomes),
        ("steps", vec![first.steps as f64, second.steps as f64]),
    ])
}
