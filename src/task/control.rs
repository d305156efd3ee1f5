//! Control tasks: the trait a new environment implements, and its form without type parameters.

// Indexed loops over a handful of vectors are what the compiler unrolls.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::rollout::{Layered, Policy, rollout};
use super::turns::Turns;
use super::{About, Actions, Cast, Examination, Labels, Outcome, Picture, Span};
use crate::math::{Instructions, LaneMask, Lanes, Real, Vectorised, vectorised};
use crate::network::{Network, Normaliser};
use crate::random::Place;

/// An environment, written once for every number type, without branches.
///
/// # Shapes
///
/// A state is an array of numbers. `start` makes one from `DRAWS` uniforms in [0, 1), or from its
/// number in a list of starts; `observe` writes what the network sees; `step` gives the next state
/// and the reward for one action. There are at most 32 draws, observations and actions.
pub trait Control: Send + Sync + Sized + 'static {
    /// The state: `[R; N]`.
    type State<R: Real>: AsRef<[R]> + AsMut<[R]> + Copy + Send;
    /// Uniform draws that a start needs; none where every episode begins alike.
    const DRAWS: usize;
    /// Where starts are listed instead of drawn, how many there are. Episodes take them in turn,
    /// and the one draw of a start is then its number, from 0.
    const STARTS: Option<u32> = None;
    /// Numbers that the network sees.
    const OBSERVATIONS: usize;
    /// What the network can do.
    const ACTIONS: Actions;
    /// Steps after which an episode is cut off.
    const STEP_LIMIT: u32;
    /// Numbers at the head of the state that, at an episode's end, say what was done in it: what a
    /// search for novelty tells individuals apart by. None where nothing is said.
    const BEHAVIOUR: usize = 0;
    /// The twin in WGSL.
    const WGSL: &'static str;

    /// What the task is.
    fn about(&self) -> &About;
    /// What networks are examined by, where that is not the task itself.
    fn examination(&self) -> Option<Examination> {
        None
    }
    /// What it looks like, if it can be drawn.
    fn picture(&self) -> Option<Picture> {
        None
    }
    /// What the numbers are called that a network sees and gives.
    fn labels(&self) -> Labels {
        Labels::default()
    }
    /// Every gene of a run's first guess, where that is not left to a network's initialisation.
    fn first_guess(&self) -> Option<f32> {
        None
    }
    /// The state that an episode begins with.
    fn start<R: Real>(&self, draws: &[R]) -> Self::State<R>;
    /// What the network sees of a state.
    fn observe<R: Real>(&self, state: &Self::State<R>, observation: &mut [R]);
    /// The next state, and the reward of the step.
    fn step<R: Real>(&self, state: &Self::State<R>, action: &[R]) -> (Self::State<R>, R);
    /// Where a state ends its episode.
    fn terminated<R: Real>(&self, state: &Self::State<R>) -> R::Mask;
}

/// Writes what the network sees, as [`Control::observe`] does at its end.
///
/// # Panics
/// If there are not as many numbers as `observation` has room for.
#[inline(always)]
pub fn show<R: Copy>(numbers: &[R], observation: &mut [R]) {
    // Not a slice's own copy, which is a call that leaves the vectors' registers.
    assert!(numbers.len() == observation.len(), "a number for every observation");
    for k in 0..numbers.len() {
        observation[k] = numbers[k];
    }
}

/// The sizes of a control task, and its twin.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Numbers in a state.
    pub state: usize,
    /// Uniform draws that a start needs.
    pub draws: usize,
    /// Starts that are listed instead of drawn.
    pub starts: Option<u32>,
    /// Numbers that the network sees.
    pub observations: usize,
    /// What the network can do.
    pub actions: Actions,
    /// Steps after which an episode is cut off.
    pub step_limit: u32,
    /// Numbers at the head of the state that say what was done in an episode.
    pub behaviour: usize,
    /// The twin in WGSL.
    pub wgsl: &'static str,
}

impl Shape {
    /// What a start is made from: uniforms, or the number of a listed start.
    pub fn draw(&self, mut unit: impl FnMut() -> f64) -> Vec<f64> {
        match self.starts {
            Some(count) => vec![(unit() * f64::from(count)).floor()],
            None => (0..self.draws).map(|_| unit()).collect(),
        }
    }
}

/// A control task in one number type: the single steps that verification looks at.
pub trait Dynamics<R: Real> {
    /// The state that an episode begins with.
    fn start(&self, draws: &[R]) -> Vec<R>;
    /// What the network sees of a state.
    fn observe(&self, state: &[R]) -> Vec<R>;
    /// The next state, and the reward of the step.
    fn step(&self, state: &[R], action: &[R]) -> (Vec<R>, R);
    /// Where a state ends its episode.
    fn terminated(&self, state: &[R]) -> R::Mask;
}

/// What single steps in lanes are tried with.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Uniforms of a start.
    pub draws: Vec<Lanes>,
    /// A state, to observe, to step from and to judge.
    pub state: Vec<Lanes>,
    /// Outputs of a network, to decide from.
    pub outputs: Vec<Lanes>,
    /// An action, to step with.
    pub action: Vec<Lanes>,
}

/// What single steps in lanes gave.
#[derive(Clone, Debug)]
pub struct Probed {
    /// The start of the draws.
    pub start: Vec<Lanes>,
    /// What is seen of the state.
    pub observation: Vec<Lanes>,
    /// The action that the outputs ask for.
    pub decision: Vec<Lanes>,
    /// The state after the action.
    pub next: Vec<Lanes>,
    /// The reward of that step.
    pub reward: Lanes,
    /// Where the state after ends an episode.
    pub next_ends: LaneMask,
    /// Where the given state does.
    pub state_ends: LaneMask,
}

/// A control task without type parameters: what backends and verification call.
pub trait Simulation: Send + Sync {
    /// Its sizes.
    fn shape(&self) -> Shape;
    /// What it looks like, if it can be drawn.
    fn picture(&self) -> Option<Picture>;
    /// What the numbers are called that a network sees and gives.
    fn labels(&self) -> Labels;
    /// Every gene of a run's first guess, if the task says.
    fn first_guess(&self) -> Option<f32>;
    /// Its steps in double precision.
    fn reference(&self) -> &dyn Dynamics<f64>;
    /// Its steps in the lanes of the fast CPU path, by an instruction set.
    fn probe(&self, probe: &Probe) -> Probed;
    /// The rollout of a policy that remembers nothing, in double precision, naively; what it sees
    /// is added to the normaliser's one row.
    fn rollout_of(
        &self,
        policy: &mut dyn Policy,
        first: Place,
        span: Span,
        normaliser: Option<Normaliser<'_>>,
    ) -> Outcome;
    /// The rollout of a network of layers.
    fn rollout(
        &self,
        network: &Network,
        genome: &[f64],
        first: Place,
        span: Span,
        normaliser: Option<Normaliser<'_>>,
    ) -> Outcome {
        self.rollout_of(&mut Layered::new(network, genome), first, span, normaliser)
    }
    /// Turns in sixteen lanes; writes one outcome a turn, and the normaliser's row of it.
    fn turns(
        &self,
        network: &Network,
        cast: Cast<'_>,
        first: Place,
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
        Control::observe(self, &held(self, state), &mut observation);
        observation
    }
    #[inline(always)]
    fn step(&self, state: &[R], action: &[R]) -> (Vec<R>, R) {
        let (next, reward) = Control::step(self, &held(self, state), action);
        (next.as_ref().to_vec(), reward)
    }
    #[inline(always)]
    fn terminated(&self, state: &[R]) -> R::Mask {
        Control::terminated(self, &held(self, state))
    }
}

/// The numbers as the task's own state type.
#[inline(always)]
fn held<T: Control, R: Real>(task: &T, numbers: &[R]) -> T::State<R> {
    let mut state = Control::start(task, &vec![R::default(); T::DRAWS]);
    state.as_mut().copy_from_slice(numbers);
    state
}

impl<T: Control> Simulation for T {
    fn shape(&self) -> Shape {
        Shape {
            state: Control::start(self, &vec![0.0f64; T::DRAWS]).as_ref().len(),
            draws: T::DRAWS,
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
    fn first_guess(&self) -> Option<f32> {
        Control::first_guess(self)
    }
    fn reference(&self) -> &dyn Dynamics<f64> {
        self
    }
    fn probe(&self, probe: &Probe) -> Probed {
        vectorised(Probing { task: self, probe })
    }
    fn rollout_of(
        &self,
        policy: &mut dyn Policy,
        first: Place,
        span: Span,
        normaliser: Option<Normaliser<'_>>,
    ) -> Outcome {
        rollout(self, policy, first, span, normaliser)
    }
    fn turns(
        &self,
        network: &Network,
        cast: Cast<'_>,
        first: Place,
        span: Span,
        outcomes: &mut [Outcome],
        normaliser: Option<Normaliser<'_>>,
    ) {
        vectorised(Turns { task: self, network, cast, first, span, outcomes, normaliser });
    }
}

struct Probing<'a, T> {
    task: &'a T,
    probe: &'a Probe,
}

impl<T: Control> Vectorised for Probing<'_, T> {
    type Output = Probed;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Probed {
        let given = |lanes: &[Lanes]| -> Vec<Lanes<I>> { bytemuck::cast_slice(lanes).to_vec() };
        let found = |lanes: &[Lanes<I>]| -> Vec<Lanes> { bytemuck::cast_slice(lanes).to_vec() };
        let state = given(&self.probe.state);
        let mut decision = vec![Lanes::default(); T::ACTIONS.size()];
        T::ACTIONS.decide(&given(&self.probe.outputs), &mut decision);
        let (next, reward) = Dynamics::step(self.task, &state, &given(&self.probe.action));
        Probed {
            start: found(&Dynamics::start(self.task, &given(&self.probe.draws))),
            observation: found(&Dynamics::observe(self.task, &state)),
            decision: found(&decision),
            reward: reward.with(),
            next_ends: Dynamics::terminated(self.task, &next),
            state_ends: Dynamics::terminated(self.task, &state),
            next: found(&next),
        }
    }
}
