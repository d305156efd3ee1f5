//! The reference: naive loops in double precision, one individual at a time, one thread.
//!
//! It exists to be believed, and is never optimised. Genomes are the `f32` numbers every backend
//! has; everything computed from them is `f64`.

use super::{Backend, Episodes, Forward, Measure, Scores, recombine, spawn};
use crate::error::{Error, Result};
use crate::network::{Graph, Naive, Network, Normalisation, Normaliser, Seen, Substrate};
use crate::population::{Explicit, Moments, Proposal, Weights};
use crate::random::{NORMALS_A_BLOCK, Place, Stream};
use crate::task::{Kind, Layered, Outcome, Part, Policy, Task};
use std::sync::Arc;

/// The backend that the others are checked against.
pub struct Reference {
    task: Arc<dyn Task>,
    network: Network,
    proposal: Option<Proposal>,
    genomes: Vec<Vec<f32>>,
    normalisation: Option<Normalisation>,
}

impl Reference {
    /// A backend for networks of this shape on this task.
    pub fn new(task: Arc<dyn Task>, network: Network) -> Self {
        Self { task, network, proposal: None, genomes: Vec::new(), normalisation: None }
    }

    /// The value of one individual as the reward, its steps, and what it did; what it saw is added
    /// to `seen`.
    fn score_one(&self, individual: usize, episodes: &Episodes, seen: &mut [f64]) -> Outcome {
        if let Kind::Function(function) = self.task.kind() {
            return without_steps(function.fitness(&self.genomes[individual]));
        }
        self.play(individual, |policy| self.score_policy(policy, episodes, seen))
    }

    /// Lets an individual act.
    fn play<T>(&self, individual: usize, act: impl FnOnce(&mut dyn Policy) -> T) -> T {
        if let Some(graph) = self.graph(individual) {
            return act(&mut Naive::of(graph));
        }
        let genome: Vec<f64> = self.genomes[individual].iter().copied().map(f64::from).collect();
        act(&mut Layered::new(&self.network, &genome))
    }

    fn score_policy(
        &self,
        policy: &mut dyn Policy,
        episodes: &Episodes,
        seen: &mut [f64],
    ) -> Outcome {
        match self.task.kind() {
            Kind::Control(simulation) => {
                let span = episodes.span(simulation.shape().step_limit);
                let mut mean = Outcome::default();
                for episode in 0..episodes.count {
                    let first = Place { individual: episode, ..episodes.first() };
                    let by = self.normalisation.as_ref();
                    let normaliser = by.map(|by| Normaliser { by, seen: &mut *seen });
                    policy.forget();
                    let outcome = simulation.rollout_of(policy, first, span, normaliser);
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
                let verdict = data.judge_policy(policy, episodes.part());
                match episodes.measure {
                    Measure::Fitness => without_steps(verdict.fitness),
                    Measure::Score => without_steps(verdict.score),
                }
            }
            Kind::Function(_) => unreachable!("a function has no policies"),
        }
    }

    /// The genes of an individual that is a graph.
    fn graph(&self, individual: usize) -> Option<&Graph> {
        match &self.proposal {
            Some(Proposal::Graphs(graphs)) => graphs.individuals.get(individual).map(Arc::as_ref),
            _ => None,
        }
    }

    /// The noise an individual was made with; of an Explicit one, its genome.
    fn noise(&self, proposal: &Proposal, individual: usize) -> Vec<f64> {
        let wide = |genome: &[f32]| genome.iter().copied().map(f64::from).collect();
        let gaussian = match proposal {
            Proposal::Gaussian(gaussian) => gaussian,
            Proposal::Explicit(Explicit { genomes, genes }) => {
                return wide(&genomes[individual * genes..][..*genes]);
            }
            _ => return wide(&self.genomes[individual]),
        };
        let (source, sign) = spawn::noise_of(gaussian, individual);
        let place: Place = gaussian.noise.place(Stream::Noise, source);
        let gene = |g: usize| place.normals((g / NORMALS_A_BLOCK) as u32)[g % NORMALS_A_BLOCK];
        (0..self.network.parameters()).map(|g| f64::from(sign * gene(g))).collect()
    }
}

/// A value that no steps led to.
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
        if let Proposal::Painted(painted) = proposal {
            super::graphs::check(&painted.graphs, Substrate::ports())?;
        }
        let genomes = (0..proposal.individuals()).map(|individual| {
            let mut genome = vec![0.0; genes];
            spawn::genome(proposal, individual, |i, g| self.genomes[i][g], &mut genome);
            self.network.precision().keep(&mut genome);
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
        let words = Seen::words(self.task.inputs());
        let mut seen = vec![0.0; words * self.genomes.len()];
        let scored = seen.chunks_mut(words).enumerate();
        let scored = scored.map(|(one, seen)| self.score_one(one, episodes, seen));
        let outcomes: Vec<Outcome> = scored.collect();
        let numbers = self.task.behaviour();
        let behaviours = outcomes.iter().flat_map(|outcome| &outcome.behaviour[..numbers]);
        Ok(Scores {
            values: outcomes.iter().map(|outcome| outcome.reward as f32).collect(),
            steps: outcomes.iter().map(|outcome| outcome.steps).sum(),
            behaviours: episodes.behaviour.then(|| behaviours.map(|&x| x as f32).collect()),
            seen: self.normalisation.as_ref().map(|_| Seen::new(self.network.inputs(), seen)),
        })
    }

    fn recombine(&mut self, weights: &Weights) -> Result<Moments> {
        let proposal = self.proposal.as_ref().ok_or_else(super::no_population)?;
        recombine::check(proposal, weights)?;
        let genes = self.network.parameters();
        let mut moments = Moments {
            first: vec![0.0; genes],
            second: weights.second.as_ref().map(|_| vec![0.0; genes]),
        };
        for individual in 0..self.genomes.len() {
            for (gene, noise) in self.noise(proposal, individual).into_iter().enumerate() {
                moments.first[gene] += f64::from(weights.first[individual]) * noise;
                if let (Some(sum), Some(weights)) = (&mut moments.second, &weights.second) {
                    sum[gene] += f64::from(weights[individual]) * noise * noise;
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

impl Forward for Reference {
    fn forward(&mut self) -> Result<Vec<f32>> {
        let Kind::Data(data) = self.task.kind() else { return Err(super::no_samples()) };
        self.task.check_network(&self.network)?;
        self.proposal.as_ref().ok_or_else(super::no_population)?;
        let mut outputs = Vec::new();
        for individual in 0..self.genomes.len() {
            let mut given = Vec::new();
            for sample in data.part(Part::Training) {
                let features: Vec<f64> =
                    data.sample(sample).iter().copied().map(f64::from).collect();
                self.play(individual, |policy| policy.act(&features, &mut given));
                outputs.extend(given.iter().map(|&output| output as f32));
            }
        }
        Ok(outputs)
    }
}
