//! `ppo`: proximal policy optimisation, the opponent of evolution on control tasks.
//!
//! A generation plays some whole episodes, with actions that are drawn around the network's, and
//! then follows the gradient of the clipped surrogate for some epochs. A second network with the
//! same hidden layers, the critic, learns the value of observations.
//!
//! # What differs from the paper
//!
//! Episodes are played to their end instead of for a fixed number of steps, so that a generation
//! depends on nothing that ran before it. The value of the observation at which a step limit cuts
//! an episode off counts as its future (Pardo et al. 2018). Rewards are divided by the standard
//! deviation of the discounted returns so far, and advantages are standardised over a generation.
//! Actor and critic share no weights.
//!
//! # Evaluations
//!
//! Each episode counts as one. The network itself is scored once more in every generation, without
//! noise, as for every strategy.
//!
//! # Source
//!
//! Schulman, Wolski, Dhariwal, Radford and Klimov, "Proximal policy optimization algorithms",
//! arXiv:1707.06347, 2017, equation 7 and Algorithm 1.

use serde::{Deserialize, Serialize};

use super::descent::adam::Adam;
use super::descent::clip;
use super::entry::{ACTORS, Begin, LessonKind};
use super::state_limits::{StateLimits, are_finite, are_positive, are_shares};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::{Error, Result};
use crate::gradient::{
    ActionDistribution, ActionKind, ActionSlopes, Backpropagation, Experience, Lesson,
};
use crate::network::{Initialisation, Network};
use crate::population::{ExplicitGenomes, NoiseKey, Proposal};
use crate::random::{Generator, Stream};

pub(super) const ENTRY: Entry = Entry {
    name: "ppo",
    summary: "follows the policy gradient of noisy actions in small, clipped steps",
    idea: "A generation plays whole episodes with actions drawn around those of the network. A \
           second network, the critic, learns how much reward follows an observation. Actions that \
           led to more than that become more likely, others less, by backpropagation over several \
           epochs; a step ends where the probability of an action has changed by the clip. It is \
           the opponent of evolution on control tasks.",
    when: "Use it to see what a policy gradient needs where evolution is at work: on control tasks \
           with frequent rewards. Avoid it for recurrent networks, which it refuses, and where \
           random actions meet no reward.",
    source: "Schulman et al. 2017, arXiv:1707.06347",
    settings: SETTINGS,
    lesson: LessonKind::Episodes,
    least_population: 1,
    written_bytes: 32,
    ..Entry::of::<Ppo>()
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: ACTORS,
        meaning: "episodes that a generation learns from",
        default: "8",
        domain: Domain::Count(1, 1 << 16),
    },
    Setting {
        key: "learning-rate",
        meaning: "step size of Adam for actor and critic",
        default: "0.001",
        domain: Domain::Positive,
    },
    Setting {
        key: "epochs",
        meaning: "passes over the steps of a generation",
        default: "10",
        domain: Domain::Count(1, 1000),
    },
    Setting {
        key: "batch",
        meaning: "steps of the environment that a step of Adam learns from",
        default: "64",
        domain: Domain::Count(1, 1 << 24),
    },
    Setting {
        key: "clip",
        meaning: "change of an action's probability beyond which it is not followed (epsilon)",
        default: "0.2",
        domain: Domain::Positive,
    },
    Setting {
        key: "discount",
        meaning: "weight of the reward one step later (gamma)",
        default: "0.99",
        domain: Domain::Share,
    },
    Setting {
        key: "lambda",
        meaning: "decay of later surprises in an advantage: 0 trusts the critic, 1 the rewards",
        default: "0.95",
        domain: Domain::Share,
    },
    Setting {
        key: "entropy",
        meaning: "weight of the entropy of choices in what is maximised",
        default: "0",
        domain: Domain::NonNegative,
    },
    Setting {
        key: "sigma",
        meaning: "first standard deviation of a number of an action, as a share of half its range",
        default: "0.5",
        domain: Domain::Positive,
    },
    Setting {
        key: "largest-gradient",
        meaning: "length to which longer gradients are shortened",
        default: "0.5",
        domain: Domain::Positive,
    },
];

/// A number of parameters with the optimiser that moves them.
#[derive(Serialize, Deserialize)]
struct Parameters {
    numbers: Vec<f32>,
    adam: Adam,
}

impl Parameters {
    fn new(numbers: Vec<f32>) -> Self {
        Self { adam: Adam::new(numbers.len(), 0.9, 0.999), numbers }
    }

    fn descend(&mut self, gradient: &mut [f32], largest: f64, rate: f64) {
        clip(gradient, largest);
        self.adam.descend(&mut self.numbers, gradient, rate);
    }

    fn is_valid(&self) -> bool {
        self.numbers.iter().all(|number| number.is_finite())
            && self.adam.has_valid_state(self.numbers.len())
    }
}

/// Sums over all discounted returns so far, from which the scale of rewards follows.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct ReturnSums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl ReturnSums {
    fn add(&mut self, returns: &[f64]) {
        self.count += returns.len() as f64;
        self.sum += returns.iter().sum::<f64>();
        self.squares += returns.iter().map(|x| x * x).sum::<f64>();
    }

    /// One over the standard deviation; 1 if there is none.
    fn scale(&self) -> f64 {
        let mean = self.sum / self.count;
        let variance = self.squares / self.count - mean * mean;
        if variance > 1e-12 { 1.0 / variance.sqrt() } else { 1.0 }
    }
}

#[derive(Serialize, Deserialize)]
struct Ppo {
    actor: Parameters,
    /// Empty before the first generation, because the network is not known until then.
    critic: Parameters,
    log_deviations: Parameters,
    returns: ReturnSums,
    learning_rate: f64,
    epochs: usize,
    batch: usize,
    clip: f64,
    discount: f64,
    lambda: f64,
    entropy: f64,
    sigma: f64,
    largest_gradient: f64,
    noise: NoiseKey,
}

impl Begin for Ppo {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        Ok(Self {
            critic: Parameters::new(Vec::new()),
            log_deviations: Parameters::new(Vec::new()),
            returns: ReturnSums::default(),
            learning_rate: settings.number("learning-rate"),
            epochs: settings.count("epochs"),
            batch: settings.count("batch"),
            clip: settings.number("clip"),
            discount: settings.number("discount"),
            lambda: settings.number("lambda"),
            entropy: settings.number("entropy"),
            sigma: settings.number("sigma"),
            largest_gradient: settings.number("largest-gradient"),
            noise: start.noise(),
            actor: Parameters::new(start.centre),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let ReturnSums { count, sum, squares } = self.returns;
        limits.allow(1, self.noise)
            && self.actor.numbers.len() == limits.genes
            && [&self.actor, &self.critic, &self.log_deviations].iter().all(|p| p.is_valid())
            && [count, sum, squares].iter().all(|number| number.is_finite())
            && count >= 0.0
            && are_positive(&[self.learning_rate, self.clip, self.sigma, self.largest_gradient])
            && are_shares(&[self.discount, self.lambda])
            && are_finite(&[self.entropy])
            && self.epochs > 0
            && self.batch > 0
    }
}

impl Strategy for Ppo {
    fn ask(&self) -> Proposal {
        let genomes = self.actor.numbers.clone().into();
        Proposal::Explicit(ExplicitGenomes { genomes, genes: self.actor.numbers.len() })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(1)
    }

    fn learn(&mut self, lesson: Lesson<'_>) -> Result<()> {
        let Lesson::Episodes(actors) = lesson else {
            return Err(Error::invalid("a lesson of ppo", "episodes", "a loss"));
        };
        let network = actors.network().clone();
        let value_network = network.with_outputs(1);
        let kinds = actors.actions().to_vec();
        self.prepare(&value_network, kinds.len())?;
        let mut passes = Backpropagation::new(&network)?;
        let (actor, logs) = (&self.actor.numbers, &self.log_deviations.numbers);
        let noise = self.noise;
        let generator = |actor| noise.counter(Stream::Noise, actor).generator();
        let experience = Experience::collect(actors, actor, logs, &mut passes, generator)?;
        self.returns.add(&experience.discounted_returns(self.discount));
        let mut value_passes = Backpropagation::new(&value_network)?;
        let (advantages, targets) = self.advantages(&experience, &mut value_passes);
        let mut generator = self.noise.counter(Stream::Selection, 0).generator();
        for _ in 0..self.epochs {
            for batch in self.batches(experience.steps(), &mut generator) {
                self.improve_actor(&mut passes, &experience, &kinds, &advantages, &batch);
                self.improve_critic(&mut value_passes, &experience, &targets, &batch);
            }
        }
        let all = [&self.actor, &self.critic, &self.log_deviations];
        if all.iter().any(|p| p.numbers.iter().any(|number| !number.is_finite())) {
            let expected = "steps that keep every weight finite";
            return Err(Error::invalid("--set learning-rate", expected, self.learning_rate)
                .advise("choose a smaller one"));
        }
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.actor.numbers.clone())
    }

    fn step_size(&self) -> f64 {
        match &self.log_deviations.numbers[..] {
            [] => self.sigma,
            logs => logs.iter().map(|&log| f64::from(log).exp()).sum::<f64>() / logs.len() as f64,
        }
    }
}

impl Ppo {
    /// Creates the critic and the deviations, once the network is known.
    ///
    /// # Errors
    /// Returns an error if a saved state has those of another network.
    fn prepare(&mut self, value_network: &Network, numbers: usize) -> Result<()> {
        if self.critic.numbers.is_empty() {
            let genome = value_network.initialise(Initialisation::Xavier, self.noise.seed);
            self.critic = Parameters::new(genome);
            self.log_deviations = Parameters::new(vec![self.sigma.ln() as f32; numbers]);
        }
        let got = [self.critic.numbers.len(), self.log_deviations.numbers.len()];
        if got == [value_network.parameters(), numbers] {
            return Ok(());
        }
        let expected = format!("{} weights of its critic", value_network.parameters());
        Err(Error::invalid("a saved search of ppo", expected, got[0]))
    }

    /// Returns standardised advantages, and the targets of the critic.
    fn advantages(
        &self,
        experience: &Experience,
        passes: &mut Backpropagation,
    ) -> (Vec<f32>, Vec<f32>) {
        let critic = &self.critic.numbers;
        let mut value = |observations: &[f32]| -> Vec<f32> {
            passes.forward(critic, observations);
            (0..passes.samples()).map(|sample| passes.outputs(sample)[0]).collect()
        };
        let values = value(&experience.observations);
        let (mut advantages, targets) = experience.advantages(
            &values,
            self.returns.scale(),
            self.discount,
            self.lambda,
            &mut value,
        );
        let count = advantages.len() as f32;
        let mean = advantages.iter().sum::<f32>() / count;
        let variance = advantages.iter().map(|a| (a - mean).powi(2)).sum::<f32>() / count;
        let scale = 1.0 / (variance.sqrt() + 1e-8);
        advantages.iter_mut().for_each(|advantage| *advantage = (*advantage - mean) * scale);
        (advantages, targets)
    }

    /// Returns all steps in minibatches, in random order.
    fn batches(&self, steps: usize, generator: &mut Generator) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..steps).collect();
        generator.shuffle(&mut order);
        order.chunks(self.batch).map(<[usize]>::to_vec).collect()
    }

    /// Takes a step along the gradient of the clipped surrogate, equation 7.
    fn improve_actor(
        &mut self,
        passes: &mut Backpropagation,
        experience: &Experience,
        kinds: &[ActionKind],
        advantages: &[f32],
        batch: &[usize],
    ) {
        forward_steps(passes, &self.actor.numbers, experience, batch);
        let logs = self.log_deviations.numbers.clone();
        let distribution = ActionDistribution { kinds, log_deviations: &logs };
        let share = 1.0 / batch.len() as f32;
        let (clip, entropy) = (self.clip as f32, self.entropy as f32);
        let mut slopes = ActionSlopes::default();
        let mut by_logs = vec![0.0; logs.len()];
        for (row, &step) in batch.iter().enumerate() {
            let action = &experience.actions[step * kinds.len()..][..kinds.len()];
            distribution.slopes(passes.outputs(row), action, &mut slopes);
            let advantage = advantages[step];
            let ratio = (slopes.log_probability - experience.log_probabilities[step]).exp();
            let is_clipped = if advantage >= 0.0 { ratio > 1.0 + clip } else { ratio < 1.0 - clip };
            // The derivative of the loss, minus the surrogate, by the log probability.
            let weight = if is_clipped { 0.0 } else { -ratio * advantage * share };
            for (slope, bonus) in slopes.outputs.iter_mut().zip(&slopes.entropy) {
                *slope = weight * *slope - share * entropy * bonus;
            }
            passes.set_slopes(row, &slopes.outputs);
            for (sum, slope) in by_logs.iter_mut().zip(&slopes.log_deviations) {
                *sum += weight * slope;
            }
        }
        let mut gradient = vec![0.0; self.actor.numbers.len()];
        passes.backward(&mut gradient);
        let (largest, rate) = (self.largest_gradient, self.learning_rate);
        self.actor.descend(&mut gradient, largest, rate);
        self.log_deviations.descend(&mut by_logs, largest, rate);
    }

    /// Takes a step along the gradient of the critic's mean squared error.
    fn improve_critic(
        &mut self,
        passes: &mut Backpropagation,
        experience: &Experience,
        targets: &[f32],
        batch: &[usize],
    ) {
        forward_steps(passes, &self.critic.numbers, experience, batch);
        let share = 2.0 / batch.len() as f32;
        for (row, &step) in batch.iter().enumerate() {
            let slope = share * (passes.outputs(row)[0] - targets[step]);
            passes.set_slopes(row, &[slope]);
        }
        let mut gradient = vec![0.0; self.critic.numbers.len()];
        passes.backward(&mut gradient);
        self.critic.descend(&mut gradient, self.largest_gradient, self.learning_rate);
    }
}

/// Computes the outputs for the observations of some steps.
fn forward_steps(
    passes: &mut Backpropagation,
    genome: &[f32],
    experience: &Experience,
    batch: &[usize],
) {
    let inputs = experience.observations.len() / experience.steps();
    let rows = batch.iter().map(|&step| &experience.observations[step * inputs..][..inputs]);
    passes.forward_rows(genome, rows);
}
