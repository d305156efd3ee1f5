//! Recovery from a lost device, with a device that is lost on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deme::backend::{Backend, Cpu, Episodes, RecoveringBackend, Scores};
use deme::error::{Error, Result};
use deme::network::Normalisation;
use deme::population::{Crossover, Moments, Proposal, Utilities};

use super::{few_steps, gaussian, network, offspring, task_by_name, utilities};

/// The number of calls to all backends of a test, and the calls at which a device is lost.
struct CallLog {
    calls: AtomicUsize,
    losses: Vec<usize>,
}

/// A backend whose device is lost at some calls. It fails from then on.
struct FragileBackend {
    inner: Cpu,
    log: Arc<CallLog>,
    is_lost: bool,
}

impl FragileBackend {
    fn open(log: &Arc<CallLog>) -> Box<dyn Backend> {
        let task = task_by_name("cartpole");
        let inner = Cpu::new(Arc::clone(&task), network(task.as_ref()));
        Box::new(Self { inner, log: Arc::clone(log), is_lost: false })
    }

    fn call<T>(&mut self, act: impl FnOnce(&mut Cpu) -> Result<T>) -> Result<T> {
        let index = self.log.calls.fetch_add(1, Ordering::Relaxed);
        self.is_lost |= self.log.losses.contains(&index);
        if !self.is_lost {
            return act(&mut self.inner);
        }
        let (doing, reason) = (format!("doing call {index}"), "a test".into());
        Err(Error::DeviceLost { doing, reason, advice: "nothing".into() })
    }
}

impl Backend for FragileBackend {
    fn name(&self) -> &'static str {
        "fragile"
    }

    fn adapter(&self) -> String {
        self.inner.adapter()
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        self.call(|cpu| cpu.normalise(by))
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        self.call(|cpu| cpu.spawn(proposal))
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        self.call(|cpu| cpu.score(episodes))
    }

    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments> {
        self.call(|cpu| cpu.recombine(utilities))
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        self.call(|cpu| cpu.individual(index))
    }
}

fn recovering(losses: Vec<usize>) -> (RecoveringBackend, Arc<CallLog>) {
    let log = Arc::new(CallLog { calls: AtomicUsize::new(0), losses });
    let again = Arc::clone(&log);
    (
        RecoveringBackend::new(
            FragileBackend::open(&log),
            Box::new(move || Ok(FragileBackend::open(&again))),
        ),
        log,
    )
}

const INDIVIDUALS: usize = 10;

/// Evaluates a population and generations of offspring. Returns all scores, and the last genomes.
fn evaluate_generations(
    backend: &mut dyn Backend,
    generations: u32,
) -> Result<(Vec<Scores>, Vec<f32>)> {
    let genes = network(task_by_name("cartpole").as_ref()).parameters();
    let mut scores = Vec::new();
    backend.normalise(&Normalisation { means: vec![0.1; 4], scales: vec![0.9; 4] })?;
    for generation in 0..generations {
        backend.spawn(&match generation {
            0 => Proposal::Gaussian(gaussian(genes, INDIVIDUALS)),
            _ => Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Uniform(0.5), generation)),
        })?;
        scores.push(backend.score(&few_steps(1))?);
    }
    Ok((scores, backend.genomes(INDIVIDUALS)?))
}

#[test]
fn offspring_of_any_depth_are_bred_again_with_the_same_bits() {
    const GENERATIONS: u32 = 200;
    let task = task_by_name("cartpole");
    let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
    let expected = evaluate_generations(&mut cpu, GENERATIONS).expect("a run");
    let (mut whole, log) = recovering(Vec::new());
    assert_eq!(evaluate_generations(&mut whole, GENERATIONS).expect("a run"), expected);
    let calls = log.calls.load(Ordering::Relaxed);
    for loss in [0, 1, 2, 3, 4, 50, 128, 129, 130, 131, 200, 300, calls - 11, calls - 1] {
        let (mut backend, log) = recovering(vec![loss]);
        let found = evaluate_generations(&mut backend, GENERATIONS).expect("a run that goes on");
        assert!(found == expected, "lost at call {loss}");
        let notes = backend.notes();
        assert!(notes.len() == 1 && notes[0].contains(&format!("call {loss}")), "{notes:?}");
        assert!(backend.notes().is_empty(), "notes are returned once");
        let again = log.calls.load(Ordering::Relaxed) - calls;
        assert!(again < 250, "{again} more calls: the lineage is too long");
    }
}

#[test]
fn a_recombination_and_a_genome_are_repeated() {
    let genes = network(task_by_name("cartpole").as_ref()).parameters();
    let parents = Proposal::Gaussian(gaussian(genes, INDIVIDUALS));
    let ask = |backend: &mut dyn Backend| {
        backend.spawn(&parents)?;
        Ok((backend.recombine(&utilities(INDIVIDUALS))?, backend.individual(3)?))
    };
    let expected: Result<_> = ask(&mut recovering(Vec::new()).0);
    let expected = expected.expect("no loss");
    for loss in 0..3 {
        let found: Result<_> = ask(&mut recovering(vec![loss]).0);
        assert_eq!(found.expect("one loss"), expected, "lost at call {loss}");
    }
}

#[test]
fn two_losses_in_one_generation_are_an_error() {
    // The device is lost in the score, and again when the score is repeated.
    let (mut backend, _) = recovering(vec![2, 5]);
    let error = evaluate_generations(&mut backend, 3).expect_err("two losses");
    assert!(error.to_string().contains("reopened in this generation"), "{error}");
    // It is lost in the score, and again when the population is spawned again.
    let (mut backend, _) = recovering(vec![2, 4]);
    let error = evaluate_generations(&mut backend, 3).expect_err("two losses");
    assert!(error.to_string().contains("reopened in this generation"), "{error}");
    // It is lost when the population is spawned, and again in the score.
    let (mut backend, _) = recovering(vec![1, 4]);
    let error = evaluate_generations(&mut backend, 3).expect_err("two losses");
    assert!(error.to_string().contains("reopened in this generation"), "{error}");
    // One loss in each of two generations is no error.
    let (mut backend, _) = recovering(vec![2, 7]);
    evaluate_generations(&mut backend, 3).expect("a loss in each of two generations");
    assert_eq!(backend.notes().len(), 2);
}

#[test]
fn a_device_that_cannot_be_reopened_is_an_error() {
    let log = Arc::new(CallLog { calls: AtomicUsize::new(0), losses: vec![2] });
    let gone = || Err(Error::NoAdapter("it is gone".into()));
    let mut backend = RecoveringBackend::new(FragileBackend::open(&log), Box::new(gone));
    let error = evaluate_generations(&mut backend, 3).expect_err("a device that is gone");
    assert!(matches!(error, Error::DeviceLost { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("it is gone") && message.contains("deme resume"), "{message}");
}
