//! Environments in Rust: scores that depend on the episode alone, on every path that plays them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use approx::assert_relative_eq;
use deme::backend::{Backend, Cpu, Episodes, Purpose, Reference};
use deme::champion::Champion;
use deme::network::{Activation, Network, Normalisation};
use deme::play::{self, HeldOutSet};
use deme::population::{ExplicitGenomes, Proposal};
use deme::random::{Counter, Stream};
use deme::run::{self, Request, ResumeRequest};
use deme::task::{
    Actions, Assignment, CartPole, Environment, EnvironmentStep, EnvironmentTask, Outcome,
    Simulation, Span, Task,
};
use deme::verify::{CpuImplementation, Ladder};

use super::problem;
use crate::strategy::evolution_strategies;

/// A walk to a place that the seed decides, with a trail of the places on the way.
#[derive(Default)]
pub struct Walk {
    target: f32,
    trail: Vec<f32>,
}

impl Walk {
    fn at(&self) -> f32 {
        self.trail.last().copied().unwrap_or(0.0)
    }
    fn observe(&self, observation: &mut [f32]) {
        observation.copy_from_slice(&[self.at(), self.target, 0.1 * self.trail.len() as f32]);
    }
}

impl Environment for Walk {
    fn reset(&mut self, seed: u64, observation: &mut [f32]) {
        assert!(observation.iter().all(|&number| number == 0.0), "zeros, as in a new lane");
        self.target = (seed % 4001) as f32 / 1000.0 - 2.0;
        self.trail.clear();
        self.observe(observation);
    }
    fn step(&mut self, action: &[f32], observation: &mut [f32]) -> EnvironmentStep {
        self.trail.push(self.at() + 0.5 * action[0]);
        self.observe(observation);
        let distance = (self.at() - self.target).abs();
        if distance < 0.2 {
            return EnvironmentStep { reward: 5.0, ended: true };
        }
        EnvironmentStep { reward: -0.1 * distance, ended: distance > 6.0 }
    }
    fn behaviour(&self, behaviour: &mut [f32]) {
        behaviour.copy_from_slice(&[self.at(), self.trail.len() as f32]);
    }
}

pub fn walk() -> EnvironmentTask {
    let actions = Actions::Force { count: 1, limit: 1.0 };
    let task = EnvironmentTask::new("walk", 3, actions, 40, Walk::default).expect("a task");
    task.with_behaviour(2).expect("two numbers")
}

pub fn network() -> Network {
    Network::parse("5:tanh-3:elman", 3, 1, Activation::Tanh).expect("a good spec")
}

fn genome(individual: usize) -> Vec<f32> {
    let gene = |gene: usize| 1.5 * ((gene * 7 + individual * 31) as f32).sin();
    (0..network().parameters()).map(gene).collect()
}

fn population(individuals: usize) -> Proposal {
    let genomes: Vec<f32> = (0..individuals).flat_map(genome).collect();
    Proposal::Explicit(ExplicitGenomes { genomes: genomes.into(), genes: network().parameters() })
}

/// Episodes that are whole, that are cut off, and that restart.
fn spans() -> [Episodes; 4] {
    let whole = Episodes::new(3, Purpose::Training, 2, 3);
    [
        whole.with_behaviour(),
        Episodes { step_limit: Some(7), ..whole },
        Episodes { exact_steps: Some(90), ..whole },
        Episodes { exact_steps: Some(31), step_limit: Some(4), ..whole },
    ]
}

fn normalisation() -> Normalisation {
    Normalisation { means: vec![0.1, -0.2, 1.0], scales: vec![0.5, 0.7, 2.0] }
}

#[test]
fn the_cpu_scores_as_the_reference_does() {
    let task: Arc<dyn Task> = Arc::new(walk());
    let mut cpu = Cpu::new(Arc::clone(&task), network());
    let mut reference = Reference::new(task, network());
    for is_normalised in [false, true] {
        for (individuals, episodes) in spans()
            .into_iter()
            .map(|one| (40, one))
            .chain([(1, Episodes::new(3, Purpose::HeldOut, 0, 100).with_behaviour())])
        {
            for backend in [&mut cpu as &mut dyn Backend, &mut reference] {
                if is_normalised {
                    backend.normalise(&normalisation()).expect("three inputs");
                }
                backend.spawn(&population(individuals)).expect("a population");
            }
            let found = cpu.score(&episodes).expect("a score");
            let expected = reference.score(&episodes).expect("a score");
            assert_eq!(found.steps, expected.steps, "{episodes:?}");
            let pairs = found.values.iter().zip(&expected.values);
            pairs.for_each(|(a, b)| assert_relative_eq!(a, b, max_relative = 1e-3, epsilon = 1e-3));
            let behaviours =
                [&found, &expected].map(|it| it.behaviours.clone().unwrap_or_default());
            let asked = if episodes.behaviour { 2 * individuals } else { 0 };
            assert_eq!(behaviours[0].len(), asked);
            for (a, b) in behaviours[0].iter().zip(&behaviours[1]) {
                assert_relative_eq!(a, b, max_relative = 1e-3, epsilon = 1e-3);
            }
            let sums = [&found, &expected].map(|it| it.observation_sums.clone());
            assert_eq!(sums[0].is_some(), is_normalised);
            for (a, b) in sums[0].iter().zip(&sums[1]) {
                for (a, b) in a.rows().flatten().zip(b.rows().flatten()) {
                    assert_relative_eq!(a, b, max_relative = 1e-3, epsilon = 1e-2);
                }
            }
        }
    }
}

#[test]
fn results_have_the_same_bits_for_any_number_of_threads() {
    for (individuals, count) in [(300, 2), (1, 100)] {
        let on_threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads").install(|| {
                let mut cpu = Cpu::new(Arc::new(walk()), network());
                cpu.normalise(&normalisation()).expect("three inputs");
                cpu.spawn(&population(individuals)).expect("a population");
                spans().map(|span| cpu.score(&Episodes { count, ..span }).expect("a score"))
            })
        };
        let alone = on_threads(1);
        assert!(on_threads(2) == alone && on_threads(3) == alone, "{individuals} individuals");
    }
}

#[test]
fn an_individual_has_the_same_outcome_alone_and_in_any_batch() {
    const FIRST: Counter =
        Counter { seed: 6, stream: Stream::Training, generation: 2, individual: 10 };
    let (task, network) = (walk(), network());
    for span in [Span::Episode(40), Span::Steps { count: 97, limit: 13 }] {
        let play = |from: usize, count: usize, episodes: u32| {
            let write = |item: usize, room: &mut [f32]| room.copy_from_slice(&genome(from + item));
            // Previous contents must be overwritten.
            let old = Outcome { reward: f64::NAN, steps: 9, behaviour: [f64::NAN; 4] };
            let mut outcomes = vec![old; count];
            let assignment = Assignment::Individuals { genome: &write, episodes };
            task.rollout_lanes(&network, assignment, FIRST, span, &mut outcomes, None);
            outcomes
        };
        let together = play(0, 50, 3);
        for index in [0, 15, 16, 49] {
            assert_eq!(play(index, 1, 3), [together[index]]);
        }
        assert_eq!(play(20, 30, 3), together[20..]);
        let genome = genome(4);
        let mut side_by_side = vec![Outcome::default(); 20];
        let episodes = Assignment::Episodes(&genome);
        task.rollout_lanes(&network, episodes, FIRST, span, &mut side_by_side, None);
        assert_eq!(play(4, 1, 1), side_by_side[..1]);
        let steps: u64 = side_by_side[..3].iter().map(|outcome| outcome.steps).sum();
        assert_eq!(together[4].steps, steps);
    }
}

#[test]
fn environments_are_made_once_for_each_lane() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let make = || {
        MADE.fetch_add(1, Ordering::Relaxed);
        Walk::default()
    };
    let actions = Actions::Force { count: 1, limit: 1.0 };
    let task = EnvironmentTask::new("walk", 3, actions, 40, make).expect("a task");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(|| {
        let mut cpu = Cpu::new(Arc::new(task), network());
        cpu.spawn(&population(100)).expect("a population");
        for generation in 0..5 {
            cpu.score(&Episodes::new(1, Purpose::Training, generation, 2)).expect("a score");
        }
    });
    assert_eq!(MADE.load(Ordering::Relaxed), 16);
}

fn request() -> Request {
    Request {
        population: Some(12),
        generations: Some(4),
        until: Some("never".into()),
        checkpoint_every: Some("1".into()),
        seed: Some(5),
        network: Some("4".into()),
        ..Request::default()
    }
}

#[test]
fn a_run_is_resumed_to_the_byte_and_its_champion_plays() {
    let folder = tempfile::tempdir().expect("a folder");
    let task: Arc<dyn Task> = Arc::new(walk());
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    let train = |generations: u64, out: &std::path::Path| {
        let request = Request { generations: Some(generations), ..request() };
        let config = request.check_with_task(Arc::clone(&task)).expect("a configuration");
        run::train(&config.with_folder(out), &mut ()).expect("a run")
    };
    let summary = train(4, &whole);
    assert_eq!((summary.backend.as_str(), summary.score_episodes), ("cpu", 100));
    train(2, &parts);
    let resume = ResumeRequest { generations: Some(4), ..ResumeRequest::new(&parts) };
    let message = run::resume(&resume, &mut ()).err().map(|error| error.to_string());
    assert!(message.expect("its task is not built in").contains("walk"));
    let other: Arc<dyn Task> = Arc::new(CartPole);
    let refused = run::resume_with_task(&resume, other, &mut ());
    assert!(problem(refused).contains("expected a run of the task 'cartpole', got one of 'walk'"));
    run::resume_with_task(&resume, Arc::clone(&task), &mut ()).expect("a run");
    for file in ["log.jsonl", "champion.safetensors"] {
        let read = |folder: &std::path::Path| std::fs::read(folder.join(file)).expect("a file");
        assert!(read(&whole) == read(&parts), "{file}");
    }
    let mut champion = Champion::read(&whole).expect("a champion");
    let held_out = HeldOutSet::new(task, 5);
    let score = held_out.score(&mut champion).expect("a score");
    assert_relative_eq!(
        score.score,
        f64::from(summary.score.expect("a score")),
        max_relative = 1e-3
    );
    let mut trace = Vec::new();
    let few = held_out.with_episodes(2);
    play::write_trace(&few, &mut champion, &mut trace).expect("a trace");
    assert!(String::from_utf8(trace).expect("text").lines().count() > 2);
    assert!(problem(few.picture()).contains("a task that can be drawn"));
}

#[test]
fn every_strategy_trains_in_an_environment() {
    let task: Arc<dyn Task> = Arc::new(walk());
    for entry in evolution_strategies() {
        let has_layers = !matches!(entry.name, "neat" | "hyperneat");
        let request = Request {
            strategy: Some(entry.name.into()),
            network: has_layers.then(|| "4".into()),
            generations: Some(2),
            ..request()
        };
        let config = request.check_with_task(Arc::clone(&task));
        let config = config.unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        let summary = run::train(&config, &mut ());
        let summary = summary.unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        assert!(summary.score.is_some_and(f32::is_finite), "{}", entry.name);
    }
}

#[test]
fn novelty_search_compares_behaviours() {
    let request = Request { novelty: Some("true".into()), ..request() };
    let config = request.check_with_task(Arc::new(walk())).expect("two numbers of behaviour");
    assert_eq!(run::train(&config, &mut ()).expect("a run").generations, 4);
}

/// An environment whose reward is sometimes no number.
struct Broken;

impl Environment for Broken {
    fn reset(&mut self, _: u64, _: &mut [f32]) {}
    fn step(&mut self, action: &[f32], _: &mut [f32]) -> EnvironmentStep {
        let reward = if action[0] > 0.5 { f32::NAN } else { action[0] };
        EnvironmentStep { reward, ended: false }
    }
}

#[test]
fn an_individual_with_a_reward_that_is_not_a_number_ranks_last() {
    let actions = Actions::Choice(2);
    let task = EnvironmentTask::new("broken", 1, actions, 3, || Broken).expect("a task");
    let task = task.with_equal_episodes();
    let config = request().check_with_task(Arc::new(task)).expect("a configuration");
    let summary = run::train(&config, &mut ()).expect("a run");
    assert_eq!((summary.score, summary.score_episodes), (Some(0.0), 1));
    let told = |note: &String| note.contains("NaN or infinite; they ranked last");
    assert!(summary.notes.iter().any(told), "{:?}", summary.notes);
}

#[test]
fn verification_compares_episodes_and_names_what_it_skips() {
    let ladder = Ladder::for_own_tasks([Arc::new(walk()) as Arc<dyn Task>]);
    let rungs = ladder.check_tasks(&CpuImplementation::default()).expect("no device");
    let (steps, episodes) = rungs.split_first().expect("rungs");
    assert_eq!((steps.name, steps.failed, steps.skipped), ("4 steps", 0, 1));
    for rung in &rungs {
        assert!(rung.passed(), "{rung:?}");
    }
    assert!(episodes.len() > 5, "{episodes:?}");
    assert!(problem(ladder.with_witness("none.csv".as_ref())).contains("recorded state"));
}

/// An environment whose start depends on how many there were before.
struct Counting(f32);

static EPISODES: AtomicUsize = AtomicUsize::new(0);

impl Environment for Counting {
    fn reset(&mut self, _: u64, observation: &mut [f32]) {
        self.0 = EPISODES.fetch_add(1, Ordering::Relaxed) as f32;
        observation[0] = self.0;
    }
    fn step(&mut self, _: &[f32], _: &mut [f32]) -> EnvironmentStep {
        EnvironmentStep { reward: self.0, ended: false }
    }
}

#[test]
fn verification_finds_an_episode_that_does_not_follow_from_its_seed() {
    let task = EnvironmentTask::new("counting", 1, Actions::Choice(2), 5, || Counting(0.0));
    let task: Arc<dyn Task> = Arc::new(task.expect("a task"));
    let ladder = Ladder::for_own_tasks([task]);
    let rungs = ladder.check_tasks(&CpuImplementation::default()).expect("no device");
    assert!(!rungs[0].passed() && rungs[0].at.contains("step 0"), "{:?}", rungs[0]);
    assert!(rungs[1..].iter().any(|rung| !rung.passed()));
}
