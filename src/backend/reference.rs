//! The reference: naive loops in double precision, one individual at a time, on one thread.
//!
//! Its code is simple enough to check by reading, and is never optimised. Genomes are the same
//! `f32` numbers as in every backend; everything computed from them is `f64`.

use std::sync::Arc;

use super::{Backend, Episodes, ForwardBackend, Metric, Scores, recombine, spawn};
use crate::error::{Error, Result};
use crate::network::{
    Graph, Network, Normalisation, Normaliser, ObservationSums, ReferenceGraph, Substrate,
};
use crate::population::{ExplicitGenomes, Moments, Proposal, Utilities};
use crate::random::{Counter, NORMALS_PER_BLOCK, Stream};
use crate::task::{Kind, NetworkPolicy, Outcome, Policy, Split, Task, rollout_rounded};

/// The backend that the others are checked against.
pub struct Reference {
    task: Arc<dyn Task>,
    network: Network,
    proposal: Option<Proposal>,
    genomes: Vec<Vec<f32>>,
    normalisation: Option<Normalisation>,
    rounds_states: bool,
}

impl Reference {
    /// Creates a backend for networks of one architecture on one task.
    pub fn new(task: Arc<dyn Task>, network: Network) -> Self {
        Self {
            task,
            network,
            proposal: None,
            genomes: Vec::new(),
            normalisation: None,
            rounds_states: false,
        }
    }

    /// Rounds the states and observations of control tasks to single precision from now on: by
    /// comparison, they show how much a task amplifies a rounding.
    pub fn round_states(&mut self, rounds: bool) {
        self.rounds_states = rounds;
    }

    /// Evaluates one individual. The reward of the outcome is its score; the sums of its
    /// observations are added to `sums`.
    fn evaluate(&self, individual: usize, episodes: &Episodes, sums: &mut [f64]) -> Outcome {
        if let Kind::Function(function) = self.task.kind() {
            return without_steps(function.fitness(&self.genomes[individual]));
        }
        self.with_policy(individual, |policy| self.evaluate_policy(policy, episodes, sums))
    }

    /// Calls a function with the policy of an individual.
    fn with_policy<T>(&self, individual: usize, call: impl FnOnce(&mut dyn Policy) -> T) -> T {
        if let Some(graph) = self.graph(individual) {
            return call(&mut ReferenceGraph::new(graph));
        }
        let genome: Vec<f64> = self.genomes[individual].iter().copied().map(f64::from).collect();
        call(&mut NetworkPolicy::new(&self.network, &genome))
    }

    fn evaluate_policy(
        &self,
        policy: &mut dyn Policy,
        episodes: &Episodes,
        sums: &mut [f64],
    ) -> Outcome {
        match self.task.kind() {
            Kind::Control(simulation) => {
                let span = episodes.rollout_span(simulation.shape().step_limit);
                let mut mean = Outcome::default();
                for episode in 0..episodes.count {
                    let first = Counter { individual: episode, ..episodes.first_counter() };
                    let by = self.normalisation.as_ref();
                    let normaliser =
                        by.map(|by| Normaliser { normalisation: by, sums: &mut *sums });
                    policy.reset();
                    let outcome = match simulation.reference() {
                        Some(dynamics) if self.rounds_states => {
                            let of = (simulation.shape(), dynamics);
                            rollout_rounded(of, policy, first, span, normaliser)
                        }
                        _ => simulation.rollout_policy(policy, first, span, normaliser),
                    };
                    mean.reward += outcome.reward;
                    mean.steps += outcome.steps;
                    for (sum, number) in mean.behaviour.iter_mut().zip(outcome.behaviour) {
                        *sum += number;
                    }
                }
                mean.reward /= f64::from(episodes.count);
                mean.behaviour = mean.behaviour.map(|sum| sum / f64::from(episodes.count));
                mean
            }
            Kind::Data(data) => {
                let score = data.evaluate_policy(policy, episodes.split());
                match episodes.metric {
                    Metric::Fitness => without_steps(score.fitness),
                    Metric::Score => without_steps(score.score),
                }
            }
            Kind::Function(_) => unreachable!("a function has no policies"),
        }
    }

    /// The graph of an individual, if the population consists of graphs.
    fn graph(&self, individual: usize) -> Option<&Graph> {
        match &self.proposal {
            Some(Proposal::Graphs(graphs)) => graphs.individuals.get(individual).map(Arc::as_ref),
            _ => None,
        }
    }

    /// The noise of an individual, or its genome if the population is explicit.
    fn noise(&self, proposal: &Proposal, individual: usize) -> Vec<f64> {
        let wide = |genome: &[f32]| genome.iter().copied().map(f64::from).collect();
        let gaussian = match proposal {
            Proposal::Gaussian(gaussian) => gaussian,
            Proposal::Explicit(ExplicitGenomes { genomes, genes }) => {
                return wide(&genomes[individual * genes..][..*genes]);
            }
            Proposal::Offspring(_) | Proposal::Graphs(_) | Proposal::Cppn(_) => {
                unreachable!("refused by recombine::check")
            }
        };
        let (source, sign) = spawn::noise_of(gaussian, individual);
        let counter: Counter = gaussian.noise.counter(Stream::Noise, source);
        let gene =
            |g: usize| counter.normals((g / NORMALS_PER_BLOCK) as u32)[g % NORMALS_PER_BLOCK];
        (0..self.network.parameters()).map(|g| f64::from(sign * gene(g))).collect()
    }
}

/// The outcome of a task without steps.
fn without_steps(value: f64) -> Outcome {
    Outcome { reward: value, ..Outcome::default() }
}

impl Backend for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn adapter(&self) -> String {
        "one thread, f64".into()
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        super::check_normalisation(self.task.as_ref(), by)?;
        self.normalisation = Some(by.clone());
        Ok(())
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        let genes = self.network.parameters();
        let previous = self.proposal.as_ref().and_then(Proposal::parents);
        proposal.check(genes, previous)?;
        if let Proposal::Graphs(graphs) = proposal {
            super::graphs::check(graphs, self.task.ports())?;
            let weights = graphs.individuals.iter().map(|graph| graph.weights());
            self.genomes = weights.collect();
            self.proposal = Some(proposal.clone());
            return Ok(());
        }
        if let Proposal::Cppn(cppns) = proposal {
            super::graphs::check(&cppns.graphs, Substrate::ports())?;
        }
        let genomes = (0..proposal.individuals()).map(|individual| {
            let mut genome = vec![0.0; genes];
            spawn::genome(proposal, individual, |i, g| self.genomes[i][g], &mut genome);
            self.network.precision().round_all(&mut genome);
            genome
        });
        self.genomes = genomes.collect();
        self.proposal = Some(proposal.clone());
        Ok(())
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        episodes.check()?;
        self.task.check_network(&self.network)?;
        self.proposal.as_ref().ok_or_else(super::no_population)?;
        let words = ObservationSums::row_length(self.task.inputs());
        let mut sums = vec![0.0; words * self.genomes.len()];
        let rows = sums.chunks_mut(words).enumerate();
        let outcomes: Vec<Outcome> =
            rows.map(|(individual, sums)| self.evaluate(individual, episodes, sums)).collect();
        let numbers = self.task.behaviour();
        let behaviours = outcomes.iter().flat_map(|outcome| &outcome.behaviour[..numbers]);
        Ok(Scores {
            values: outcomes.iter().map(|outcome| outcome.reward as f32).collect(),
            steps: outcomes.iter().map(|outcome| outcome.steps).sum(),
            behaviours: episodes.behaviour.then(|| behaviours.map(|&x| x as f32).collect()),
            observation_sums: self
                .normalisation
                .as_ref()
                .map(|_| ObservationSums::new(self.network.inputs(), sums)),
        })
    }

    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments> {
        let proposal = self.proposal.as_ref().ok_or_else(super::no_population)?;
        recombine::check(proposal, utilities)?;
        let genes = self.network.parameters();
        let mut moments = Moments {
            first: vec![0.0; genes],
            second: utilities.second.as_ref().map(|_| vec![0.0; genes]),
        };
        for individual in 0..self.genomes.len() {
            for (gene, noise) in self.noise(proposal, individual).into_iter().enumerate() {
                moments.first[gene] += f64::from(utilities.first[individual]) * noise;
                if let (Some(sum), Some(utilities)) = (&mut moments.second, &utilities.second) {
                    sum[gene] += f64::from(utilities[individual]) * noise * noise;
                }
            }
        }
        Ok(moments)
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        let count = self.genomes.len();
        self.genomes.get(index).cloned().ok_or_else(|| {
            Error::invalid("an individual's index", format!("a number below {count}"), index)
        })
    }
}

impl ForwardBackend for Reference {
    fn forward(&mut self) -> Result<Vec<f32>> {
        let Kind::Data(data) = self.task.kind() else { return Err(super::no_samples()) };
        self.task.check_network(&self.network)?;
        self.proposal.as_ref().ok_or_else(super::no_population)?;
        let (mut outputs, mut of_sample) = (Vec::new(), Vec::new());
        for individual in 0..self.genomes.len() {
            for sample in data.indices(Split::Training) {
                let features: Vec<f64> =
                    data.sample(sample).iter().copied().map(f64::from).collect();
                self.with_policy(individual, |policy| policy.act(&features, &mut of_sample));
                outputs.extend(of_sample.iter().map(|&output| output as f32));
            }
        }
        Ok(outputs)
    }
}
