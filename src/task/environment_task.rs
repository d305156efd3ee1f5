//! Tasks of environments: the control task that plays an [`Environment`].

mod rollout;

use std::borrow::Cow;

use rollout::EnvironmentRollouts;

use super::environment::{Environment, EnvironmentPool, behaviour_of, episode_seed};
use super::registry::check_new_name;
use super::{
    About, Actions, Assignment, ControlShape, Defaults, Dynamics, Episode, Kind, LARGEST_BEHAVIOUR,
    Labels, Outcome, Picture, ProbeInput, ProbeOutput, Quantity, Simulation, Span, Task,
};
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::math::run_simd;
use crate::network::{Network, Normaliser};
use crate::random::Counter;

/// A control task whose episodes an [`Environment`] plays.
pub struct EnvironmentTask {
    about: About,
    shape: ControlShape,
    labels: Labels,
    pool: EnvironmentPool,
}

impl EnvironmentTask {
    /// Creates a task from a number of observations, the actions, the number of steps after which
    /// an episode is cut off, and a function that makes environments.
    ///
    /// # Errors
    /// Returns an error if the name is that of a built-in task or cannot be the name of a folder,
    /// or if there are no observations, no actions, or no steps.
    pub fn new<E: Environment>(
        name: &str,
        observations: usize,
        actions: Actions,
        step_limit: u32,
        make: impl Fn() -> E + Send + Sync + 'static,
    ) -> Result<Self> {
        check_new_name(name)?;
        let sizes = [
            ("observations", observations),
            ("network outputs", actions.outputs()),
            ("steps", step_limit as usize),
        ];
        if let Some((unit, _)) = sizes.into_iter().find(|&(_, size)| size == 0) {
            let expected = format!("a number of {unit} above 0");
            return Err(Error::invalid(format!("the environment {name}"), expected, 0));
        }
        let about = About {
            name: Cow::Owned(name.to_owned()),
            summary: Cow::Borrowed("an environment in Rust"),
            source: Cow::Borrowed(""),
            threshold: None,
            defaults: Defaults {
                strategy: "openai-es",
                network: "16-16",
                population: 64,
                generations: 500,
                episodes: 4,
                normalise_observations: false,
                settings: &[],
            },
        };
        let shape = ControlShape {
            state: 0,
            // Evaluations play many episodes of a task whose starts are drawn.
            draws: 1,
            parameters: &[],
            step_draws: 0,
            has_step_number: false,
            starts: None,
            observations,
            actions,
            step_limit,
            behaviour: 0,
            wgsl: None,
        };
        let labels = Labels {
            observations: keep_all(vec![Quantity::unbounded("x", "", "").times(observations)]),
            actions: keep_all(action_labels(actions)),
            reward: "",
            ends: "",
            returns: [f64::NEG_INFINITY, f64::INFINITY],
        };
        let make = move || Box::new(make()) as Box<dyn Environment>;
        Ok(Self { about, shape, labels, pool: EnvironmentPool::new(Box::new(make)) })
    }

    /// Sets the summary, which is shown to people.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<Cow<'static, str>>) -> Self {
        self.about.summary = summary.into();
        self
    }

    /// Sets the mean return from which on the task counts as solved.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.about.threshold = Some(threshold);
        self
    }

    /// Sets the defaults of a run.
    #[must_use]
    pub fn with_defaults(mut self, defaults: Defaults) -> Self {
        self.about.defaults = defaults;
        self
    }

    /// Sets the names, units and ranges of observations and actions, and the rules.
    ///
    /// # Errors
    /// Returns an error if there are not as many as the task has.
    pub fn with_labels(mut self, labels: Labels) -> Result<Self> {
        let total = |list: &[Quantity]| list.iter().map(|one| one.count).sum::<usize>();
        let actions = action_labels(self.shape.actions).len();
        for (unit, expected, got) in [
            ("observations", self.shape.observations, total(labels.observations)),
            ("actions", actions, total(labels.actions)),
        ] {
            if got != expected {
                let what = format!("the labels of {}", self.about.name);
                return Err(Error::invalid(what, counted(expected as u64, unit), got));
            }
        }
        self.labels = labels;
        Ok(self)
    }

    /// Sets the length of the behaviour descriptor.
    ///
    /// # Errors
    /// Returns an error if it is above [`LARGEST_BEHAVIOUR`].
    pub fn with_behaviour(mut self, length: usize) -> Result<Self> {
        if length > LARGEST_BEHAVIOUR {
            let what = format!("the behaviour descriptor of {}", self.about.name);
            let expected = format!("{LARGEST_BEHAVIOUR} numbers at most");
            return Err(Error::invalid(what, expected, length));
        }
        self.shape.behaviour = length;
        Ok(self)
    }

    /// Declares that all episodes are alike, whatever their seeds are. An evaluation then plays one
    /// episode instead of a hundred.
    #[must_use]
    pub fn with_equal_episodes(mut self) -> Self {
        self.shape.draws = 0;
        self
    }
}

/// Returns the labels of actions that have no names.
fn action_labels(actions: Actions) -> Vec<Quantity> {
    let unnamed =
        |name: &'static str, [low, high]: [f64; 2]| Quantity::between(name, "", "", low, high);
    match actions {
        Actions::Choice(count) => (0..count)
            .map(|index| Quantity {
                name: format!("choice {index}").into(),
                ..Quantity::choice(index as u32, "", "")
            })
            .collect(),
        Actions::Force { count, limit } => vec![unnamed("force", [-limit, limit]); count],
        Actions::Mixed(parts) => parts.iter().map(|part| unnamed("number", part.range())).collect(),
    }
}

/// Returns a list that lives as long as the process, as labels do.
fn keep_all(list: Vec<Quantity>) -> &'static [Quantity] {
    Box::leak(list.into_boxed_slice())
}

impl Task for EnvironmentTask {
    fn about(&self) -> &About {
        &self.about
    }
    fn kind(&self) -> Kind<'_> {
        Kind::Control(self)
    }
}

impl Simulation for EnvironmentTask {
    fn shape(&self) -> ControlShape {
        self.shape
    }
    fn picture(&self) -> Option<Picture> {
        None
    }
    fn labels(&self) -> Labels {
        self.labels
    }
    fn initial_gene(&self) -> Option<f32> {
        None
    }
    fn reference(&self) -> Option<&dyn Dynamics<f64>> {
        None
    }
    fn probe(&self, _: &ProbeInput) -> Option<ProbeOutput> {
        None
    }
    fn begin_episode(&self, counter: Counter) -> Box<dyn Episode + '_> {
        // A new environment each time: an episode that depends on the last one differs from that of
        // the lanes, and verification finds it.
        let mut environment = self.pool.make();
        let mut observation = vec![0.0; self.shape.observations];
        environment.reset(episode_seed(counter), &mut observation);
        let behaviour = self.shape.behaviour;
        Box::new(EnvironmentEpisode { environment, observation, behaviour, has_ended: false })
    }
    fn rollout_lanes(
        &self,
        network: &Network,
        assignment: Assignment<'_>,
        first: Counter,
        span: Span,
        outcomes: &mut [Outcome],
        normaliser: Option<Normaliser<'_>>,
    ) {
        run_simd(EnvironmentRollouts {
            shape: &self.shape,
            pool: &self.pool,
            network,
            assignment,
            first,
            span,
            outcomes,
            normaliser,
        });
    }
}

/// An episode of an environment, for policies in double precision.
struct EnvironmentEpisode {
    environment: Box<dyn Environment>,
    observation: Vec<f32>,
    behaviour: usize,
    has_ended: bool,
}

impl Episode for EnvironmentEpisode {
    fn state(&self) -> &[f64] {
        &[]
    }
    fn observe(&self) -> Vec<f64> {
        self.observation.iter().copied().map(f64::from).collect()
    }
    fn step(&mut self, action: &[f64]) -> f64 {
        let action: Vec<f32> = action.iter().map(|&number| number as f32).collect();
        let step = self.environment.step(&action, &mut self.observation);
        self.has_ended = step.ended;
        f64::from(step.reward)
    }
    fn has_terminated(&self) -> bool {
        self.has_ended
    }
    fn behaviour(&self) -> Vec<f64> {
        let behaviour = behaviour_of(&*self.environment, self.behaviour);
        behaviour[..self.behaviour].iter().copied().map(f64::from).collect()
    }
}
