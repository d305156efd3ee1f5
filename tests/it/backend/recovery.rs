//! A backend that outlives its device, with one that is lost on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deme::backend::{Backend, Cpu, Episodes, RecoveringBackend, Scores};
use deme::error::{Error, Result};
use deme::network::Normalisation;
use deme::population::{Crossover, Moments, Proposal, Utilities};

use super::{few_steps, gaussian, named, network, offspring, weights};

/// Calls that were made of any such backend, and those at which it is lost.
struct Fate {
    calls: AtomicUsize,
    losses: Vec<usize>,
}

/// A backend that is lost at some calls, and has nothing left then.
struct Mortal {
    inner: Cpu,
    fate: Arc<Fate>,
    is_lost: bool,
}

impl Mortal {
    fn open(fate: &Arc<Fate>) -> Box<dyn Backend> {
        let task = named("cartpole");
        let inner = Cpu::new(Arc::clone(&task), network(task.as_ref()));
        Box::new(Self { inner, fate: Arc::clone(fate), is_lost: false })
    }

    fn live<T>(&mut self, act: impl FnOnce(&mut Cpu) -> Result<T>) -> Result<T> {
        let call = self.fate.calls.fetch_add(1, Ordering::Relaxed);
        self.is_lost |= self.fate.losses.contains(&call);
        if !self.is_lost {
            return act(&mut self.inner);
        }
        let (doing, reason) = (format!("doing call {call}"), "a test".into());
        Err(Error::DeviceLost { doing, reason, advice: "nothing".into() })
    }
}

impl Backend for Mortal {
    fn name(&self) -> &'static str {
        "mortal"
    }

    fn adapter(&self) -> String {
        self.inner.adapter()
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        self.live(|cpu| cpu.normalise(by))
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        self.live(|cpu| cpu.spawn(proposal))
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        self.live(|cpu| cpu.score(episodes))
    }

    fn recombine(&mut self, weights: &Utilities) -> Result<Moments> {
        self.live(|cpu| cpu.recombine(weights))
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        self.live(|cpu| cpu.individual(index))
    }
}

fn recovering(losses: Vec<usize>) -> (RecoveringBackend, Arc<Fate>) {
    let fate = Arc::new(Fate { calls: AtomicUsize::new(0), losses });
    let again = Arc::clone(&fate);
    (RecoveringBackend::new(Mortal::open(&fate), Box::new(move || Ok(Mortal::open(&again)))), fate)
}

const INDIVIDUALS: usize = 10;

/// Generation after generation of children: their scores, and the genomes of the last ones.
fn bred(backend: &mut dyn Backend, generations: u32) -> Result<(Vec<Scores>, Vec<f32>)> {
    let genes = network(named("cartpole").as_ref()).parameters();
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
fn children_of_any_depth_are_bred_again_to_the_bit() {
    const GENERATIONS: u32 = 200;
    let task = named("cartpole");
    let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
    let expected = bred(&mut cpu, GENERATIONS).expect("a run");
    let (mut whole, fate) = recovering(Vec::new());
    assert_eq!(bred(&mut whole, GENERATIONS).expect("a run"), expected);
    let calls = fate.calls.load(Ordering::Relaxed);
    for loss in [0, 1, 2, 3, 4, 50, 128, 129, 130, 131, 200, 300, calls - 11, calls - 1] {
        let (mut backend, fate) = recovering(vec![loss]);
        let found = bred(&mut backend, GENERATIONS).expect("a run that goes on");
        assert!(found == expected, "lost at call {loss}");
        let notes = backend.notes();
        assert!(notes.len() == 1 && notes[0].contains(&format!("call {loss}")), "{notes:?}");
        assert!(backend.notes().is_empty(), "notes are told once");
        let again = fate.calls.load(Ordering::Relaxed) - calls;
        assert!(again < 250, "{again} calls more: a lineage is not cut short");
    }
}

#[test]
fn a_recombination_and_a_genome_are_asked_for_again() {
    let genes = network(named("cartpole").as_ref()).parameters();
    let cloud = Proposal::Gaussian(gaussian(genes, INDIVIDUALS));
    let ask = |backend: &mut dyn Backend| {
        backend.spawn(&cloud)?;
        Ok((backend.recombine(&weights(INDIVIDUALS))?, backend.individual(3)?))
    };
    let expected: Result<_> = ask(&mut recovering(Vec::new()).0);
    let expected = expected.expect("no loss");
    for loss in 0..3 {
        let found: Result<_> = ask(&mut recovering(vec![loss]).0);
        assert_eq!(found.expect("one loss"), expected, "lost at call {loss}");
    }
}

#[test]
fn two_losses_in_a_generation_are_one_too_many() {
    // Spawned, lost in the score, spawned again, lost in the score again.
    let (mut backend, _) = recovering(vec![2, 5]);
    let error = bred(&mut backend, 3).expect_err("two losses");
    assert!(error.to_string().contains("in this same generation"), "{error}");
    // While the population is spawned again.
    let (mut backend, _) = recovering(vec![2, 4]);
    let error = bred(&mut backend, 3).expect_err("two losses");
    assert!(error.to_string().contains("in this same generation"), "{error}");
    // First over the population, then over its score.
    let (mut backend, _) = recovering(vec![1, 4]);
    let error = bred(&mut backend, 3).expect_err("two losses");
    assert!(error.to_string().contains("in this same generation"), "{error}");
    // One each is not.
    let (mut backend, _) = recovering(vec![2, 7]);
    bred(&mut backend, 3).expect("a loss in each of two generations");
    assert_eq!(backend.notes().len(), 2);
}

#[test]
fn a_device_that_does_not_come_back_is_told() {
    let fate = Arc::new(Fate { calls: AtomicUsize::new(0), losses: vec![2] });
    let gone = || Err(Error::NoAdapter("it is gone".into()));
    let mut backend = RecoveringBackend::new(Mortal::open(&fate), Box::new(gone));
    let error = bred(&mut backend, 3).expect_err("a device that is gone");
    assert!(matches!(error, Error::DeviceLost { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("it is gone") && message.contains("deme resume"), "{message}");
}
