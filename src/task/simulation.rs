//! Control tasks without type parameters: their sizes, single steps and rollouts.

use super::dynamics::{ControlShape, Dynamics};
use super::lane_rollout::LaneRollouts;
use super::rollout::{DynamicsEpisode, NetworkPolicy, Policy, rollout};
use super::{Assignment, Control, Episode, Labels, Outcome, Picture, Span};
use crate::math::{Instructions, LaneMask, Lanes, Real, SimdWork, run_simd};
use crate::network::{Network, Normaliser};
use crate::random::Counter;

/// The inputs of single steps in sixteen lanes.
#[derive(Clone, Debug)]
pub struct ProbeInput {
    /// The uniforms of a start.
    pub draws: Vec<Lanes>,
    /// A state to observe, to step from, and to test for termination.
    pub state: Vec<Lanes>,
    /// Network outputs to turn into an action.
    pub outputs: Vec<Lanes>,
    /// The inputs of a step: an action, its uniforms, and its number.
    pub action: Vec<Lanes>,
}

/// The results of single steps in sixteen lanes.
#[derive(Clone, Debug)]
pub struct ProbeOutput {
    /// The start that the draws result in.
    pub start: Vec<Lanes>,
    /// The observation of the given state.
    pub observation: Vec<Lanes>,
    /// The action that the outputs select.
    pub decision: Vec<Lanes>,
    /// The state after the action.
    pub next: Vec<Lanes>,
    /// The reward of that step.
    pub reward: Lanes,
    /// The lanes in which the next state ends the episode.
    pub next_ends: LaneMask,
    /// The lanes in which the given state ends the episode.
    pub state_ends: LaneMask,
}

/// A control task without type parameters, for backends and verification.
pub trait Simulation: Send + Sync {
    /// Returns the sizes.
    fn shape(&self) -> ControlShape;
    /// Returns the scene to draw, if the task can be drawn.
    fn picture(&self) -> Option<Picture>;
    /// Returns the observations, actions and rules of the task, for people.
    fn labels(&self) -> Labels;
    /// Returns the value of every gene at the start of a run, if the task decides.
    fn initial_gene(&self) -> Option<f32>;
    /// True if the task is a world: its only text is in WGSL.
    fn is_world(&self) -> bool {
        false
    }
    /// Returns the dynamics in double precision, or `None` if a step cannot begin in any state.
    fn reference(&self) -> Option<&dyn Dynamics<f64>>;
    /// Takes single steps in the lanes of the fast CPU path. A task without a reference takes none.
    fn probe(&self, probe: &ProbeInput) -> Option<ProbeOutput>;
    /// Begins the episode of a random counter, in double precision.
    fn begin_episode(&self, counter: Counter) -> Box<dyn Episode + '_>;
    /// Runs a policy in double precision, naively. Its hidden state must be clear. Observations are
    /// added to the only row of the normaliser.
    fn rollout_policy(
        &self,
        policy: &mut dyn Policy,
        first: Counter,
        span: Span,
        normaliser: Option<Normaliser<'_>>,
    ) -> Outcome {
        let begin = |counter| self.begin_episode(counter);
        rollout(self.shape().actions, &begin, policy, first, span, normaliser)
    }
    /// Runs a network of layers in double precision, naively.
    fn rollout(
        &self,
        network: &Network,
        genome: &[f64],
        first: Counter,
        span: Span,
        normaliser: Option<Normaliser<'_>>,
    ) -> Outcome {
        self.rollout_policy(&mut NetworkPolicy::new(network, genome), first, span, normaliser)
    }
    /// Runs work items in sixteen lanes. Writes an outcome and a row of the normaliser for each.
    fn rollout_lanes(
        &self,
        network: &Network,
        assignment: Assignment<'_>,
        first: Counter,
        span: Span,
        outcomes: &mut [Outcome],
        normaliser: Option<Normaliser<'_>>,
    );
}

impl<T: Control, R: Real> Dynamics<R> for T {
    #[inline(always)]
    fn start(&self, draws: &[R]) -> Vec<R> {
        Control::start(self, draws).as_ref().to_vec()
    }
    #[inline(always)]
    fn observe(&self, state: &[R]) -> Vec<R> {
        let mut observation = vec![R::default(); T::OBSERVATIONS];
        Control::observe(self, &typed_state(self, state), &mut observation);
        observation
    }
    #[inline(always)]
    fn step(&self, state: &[R], action: &[R]) -> (Vec<R>, R) {
        let (next, reward) = Control::step(self, &typed_state(self, state), action);
        (next.as_ref().to_vec(), reward)
    }
    #[inline(always)]
    fn terminated(&self, state: &[R]) -> R::Mask {
        Control::terminated(self, &typed_state(self, state))
    }
}

/// Converts numbers to the state type of the task.
#[inline(always)]
fn typed_state<T: Control, R: Real>(task: &T, numbers: &[R]) -> T::State<R> {
    let mut state = Control::start(task, &vec![R::default(); T::DRAWS]);
    state.as_mut().copy_from_slice(numbers);
    state
}

impl<T: Control> Simulation for T {
    fn shape(&self) -> ControlShape {
        ControlShape {
            state: Control::start(self, &vec![0.0f64; T::DRAWS]).as_ref().len(),
            draws: T::DRAWS,
            parameters: &[],
            step_draws: 0,
            has_step_number: false,
            starts: T::STARTS,
            observations: T::OBSERVATIONS,
            actions: T::ACTIONS,
            step_limit: T::STEP_LIMIT,
            behaviour: T::BEHAVIOUR,
            wgsl: T::WGSL,
        }
    }
    fn picture(&self) -> Option<Picture> {
        Control::picture(self)
    }
    fn labels(&self) -> Labels {
        Control::labels(self)
    }
    fn initial_gene(&self) -> Option<f32> {
        Control::initial_gene(self)
    }
    fn reference(&self) -> Option<&dyn Dynamics<f64>> {
        Some(self)
    }
    fn probe(&self, probe: &ProbeInput) -> Option<ProbeOutput> {
        Some(run_simd(StepProbe { task: self, probe }))
    }
    fn begin_episode(&self, counter: Counter) -> Box<dyn Episode + '_> {
        Box::new(DynamicsEpisode::new(Simulation::shape(self), self, counter))
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
        run_simd(LaneRollouts {
            task: self,
            network,
            assignment,
            first,
            span,
            outcomes,
            normaliser,
        });
    }
}

/// The single steps of [`Simulation::probe`].
struct StepProbe<'a, T> {
    task: &'a T,
    probe: &'a ProbeInput,
}

impl<T: Control> SimdWork for StepProbe<'_, T> {
    type Output = ProbeOutput;

    #[inline(always)]
    fn run<I: Instructions>(self) -> ProbeOutput {
        let widened = |lanes: &[Lanes]| -> Vec<Lanes<I>> { bytemuck::cast_slice(lanes).to_vec() };
        let plain = |lanes: &[Lanes<I>]| -> Vec<Lanes> { bytemuck::cast_slice(lanes).to_vec() };
        let state = widened(&self.probe.state);
        let mut decision = vec![Lanes::default(); T::ACTIONS.size()];
        T::ACTIONS.decide(&widened(&self.probe.outputs), &mut decision);
        let (next, reward) = Dynamics::step(self.task, &state, &widened(&self.probe.action));
        ProbeOutput {
            start: plain(&Dynamics::start(self.task, &widened(&self.probe.draws))),
            observation: plain(&Dynamics::observe(self.task, &state)),
            decision: plain(&decision),
            reward: reward.cast(),
            next_ends: Dynamics::terminated(self.task, &next),
            state_ends: Dynamics::terminated(self.task, &state),
            next: plain(&next),
        }
    }
}
