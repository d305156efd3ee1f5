//! Environments: control tasks of one's own, written in plain Rust.
//!
//! A [`Control`](super::Control) task is written without branches for several number types, and a
//! [`World`](super::World) in WGSL, so that lanes and GPUs can run them. An [`Environment`] is an
//! object with a step function: any types, branches and crates may be inside. The networks of a
//! population still act in sixteen lanes at once; then the environment of each lane takes its step.
//! A GPU cannot run an environment. The reference runs its networks in double precision, and the
//! environment as it is.
//!
//! # Reproducibility
//!
//! The seed of an episode depends only on the run's seed, the purpose of the episode, the
//! generation, and the number of the episode. An environment whose episodes depend only on their
//! seed and their actions has the same results in any lane and on any number of threads. Everything
//! random in it must follow from the seed.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use deme::run::{self, Request};
//! use deme::task::{Actions, Environment, EnvironmentStep, EnvironmentTask};
//!
//! /// A number that must be guessed, with the answers "higher" and "lower".
//! #[derive(Default)]
//! struct Guess { secret: f32, low: f32, high: f32 }
//!
//! impl Environment for Guess {
//!     fn reset(&mut self, seed: u64, observation: &mut [f32]) {
//!         *self = Self { secret: (seed % 1000) as f32 / 1000.0, low: 0.0, high: 1.0 };
//!         observation.copy_from_slice(&[self.low, self.high]);
//!     }
//!     fn step(&mut self, action: &[f32], observation: &mut [f32]) -> EnvironmentStep {
//!         let guess = (action[0] + 1.0) / 2.0;
//!         if guess < self.secret { self.low = guess } else { self.high = guess }
//!         observation.copy_from_slice(&[self.low, self.high]);
//!         let ended = (guess - self.secret).abs() < 0.02;
//!         EnvironmentStep { reward: if ended { 10.0 } else { -1.0 }, ended }
//!     }
//! }
//!
//! let actions = Actions::Force { count: 1, limit: 1.0 };
//! let task = EnvironmentTask::new("guess", 2, actions, 20, Guess::default)?;
//! let request = Request { generations: Some(3), ..Request::default() };
//! let summary = run::train(&request.check_with_task(Arc::new(task))?, &mut ())?;
//! assert_eq!((summary.generations, summary.backend.as_str()), (3, "cpu"));
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::sync::{Mutex, PoisonError};

use super::LARGEST_BEHAVIOUR;
use crate::random::Counter;

/// An environment in which a network acts step by step.
///
/// A task makes several of them, one for each lane of each thread, and plays one episode after
/// another in each.
pub trait Environment: Send + 'static {
    /// Begins the episode of a seed, and writes its first observation, `[observations]`, over
    /// zeros. Nothing of the last episode may be left.
    fn reset(&mut self, seed: u64, observation: &mut [f32]);
    /// Takes a step, and writes the observation after it over the one before it.
    ///
    /// The action is the index of a choice in `action[0]`, or numbers as
    /// [`Actions`](super::Actions) says.
    fn step(&mut self, action: &[f32], observation: &mut [f32]) -> EnvironmentStep;
    /// Writes the behaviour descriptor of the episode so far, which novelty search compares, over
    /// zeros.
    fn behaviour(&self, behaviour: &mut [f32]) {
        let _ = behaviour;
    }
}

/// The result of a step of an [`Environment`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EnvironmentStep {
    /// The reward of the step. A reward that is NaN or infinite makes the individual rank last.
    pub reward: f32,
    /// True if the step ends the episode.
    pub ended: bool,
}

/// The constructor of an environment.
pub(super) type EnvironmentFactory = dyn Fn() -> Box<dyn Environment> + Send + Sync;

/// The environments of a task. Those that are not in use are kept.
pub(super) struct EnvironmentPool {
    make: Box<EnvironmentFactory>,
    idle: Mutex<Vec<Box<dyn Environment>>>,
}

impl EnvironmentPool {
    /// Creates an empty pool.
    pub fn new(make: Box<EnvironmentFactory>) -> Self {
        Self { make, idle: Mutex::new(Vec::new()) }
    }

    /// Makes an environment.
    pub fn make(&self) -> Box<dyn Environment> {
        (self.make)()
    }

    /// Takes an idle environment, or makes one.
    pub fn take(&self) -> Box<dyn Environment> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| self.make())
    }

    /// Gives environments back.
    pub fn give_back(&self, environments: impl Iterator<Item = Box<dyn Environment>>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(environments);
    }
}

/// Returns the behaviour descriptor of an episode, which has `length` numbers.
pub(super) fn behaviour_of(
    environment: &dyn Environment,
    length: usize,
) -> [f32; LARGEST_BEHAVIOUR] {
    let mut behaviour = [0.0; LARGEST_BEHAVIOUR];
    if length > 0 {
        environment.behaviour(&mut behaviour[..length]);
    }
    behaviour
}

/// Returns the seed of an episode.
pub(super) fn episode_seed(counter: Counter) -> u64 {
    let [low, high, ..] = counter.words(0);
    u64::from(high) << 32 | u64::from(low)
}
