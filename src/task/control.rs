//! Control tasks: the trait a new environment implements, and its form without type parameters.

use super::rollout::{Outcome, Rollout, Span, rollout};
use super::{About, Actions};
use crate::math::{Lanes, Real, Vectorised, vectorised};
use crate::network::{Network, Scratch};
use crate::random::Place;

/// An environment, written once for every number type, without branches.
///
/// # Shapes
///
/// A state is an array of numbers. `start` makes one from `DRAWS` uniforms in [0, 1); `observe`
/// writes what the network sees; `step` gives the next state and the reward for one action.
pub trait Control: Send + Sync + Sized + 'static {
    /// The state: `[R; N]`.
    type State<R: Real>: AsRef<[R]> + AsMut<[R]> + Copy + Send;
    /// Uniform draws that a start needs.
    const DRAWS: usize;
    /// Numbers that the network sees.
    const OBSERVATIONS: usize;
    /// What the network can do.
    const ACTIONS: Actions;
    /// Steps after which an episode is cut off.
    const STEP_LIMIT: u32;
    /// The twin in WGSL.
    const WGSL: &'static str;

    /// What the task is.
    fn about(&self) -> &About;
    /// The state that an episode begins with.
    fn start<R: Real>(&self, draws: &[R]) -> Self::State<R>;
    /// What the network sees of a state.
    fn observe<R: Real>(&self, state: &Self::State<R>, observation: &mut [R]);
    /// The next state, and the reward of the step.
    fn step<R: Real>(&self, state: &Self::State<R>, action: &[R]) -> (Self::State<R>, R);
    /// Where a state ends its episode.
    fn terminated<R: Real>(&self, state: &Self::State<R>) -> R::Mask;
}

/// The sizes of a control task, and its twin.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Numbers in a state.
    pub state: usize,
    /// Uniform draws that a start needs.
    pub draws: usize,
    /// Numbers that the network sees.
    pub observations: usize,
    /// What the network can do.
    pub actions: Actions,
    /// Steps after which an episode is cut off.
    pub step_limit: u32,
    /// The twin in WGSL.
    pub wgsl: &'static str,
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

/// A control task without type parameters: what backends and verification call.
pub trait Simulation: Send + Sync {
    /// Its sizes.
    fn shape(&self) -> Shape;
    /// Its steps in double precision.
    fn reference(&self) -> &dyn Dynamics<f64>;
    /// Its steps in the lanes of the fast CPU path.
    fn lanes(&self) -> &dyn Dynamics<Lanes>;
    /// One individual's rollout in double precision, naively.
    fn rollout_reference(
        &self,
        network: &Network,
        genome: &[f64],
        first: Place,
        span: Span,
    ) -> Outcome<f64>;
    /// Sixteen individuals' rollouts; `genomes[gene]` holds a gene of each.
    fn rollout_lanes(
        &self,
        network: &Network,
        genomes: &[Lanes],
        first: Place,
        span: Span,
        scratch: &mut Scratch<Lanes>,
    ) -> Outcome<Lanes>;
    /// Sixteen episodes, `first` and those after it, of whatever individuals the lanes hold.
    fn episodes_lanes(
        &self,
        network: &Network,
        genomes: &[Lanes],
        first: Place,
        span: Span,
        scratch: &mut Scratch<Lanes>,
    ) -> Outcome<Lanes>;
}

impl<T: Control, R: Real> Dynamics<R> for T {
    fn start(&self, draws: &[R]) -> Vec<R> {
        Control::start(self, draws).as_ref().to_vec()
    }
    fn observe(&self, state: &[R]) -> Vec<R> {
        let mut observation = vec![R::default(); T::OBSERVATIONS];
        Control::observe(self, &held(self, state), &mut observation);
        observation
    }
    fn step(&self, state: &[R], action: &[R]) -> (Vec<R>, R) {
        let (next, reward) = Control::step(self, &held(self, state), action);
        (next.as_ref().to_vec(), reward)
    }
    fn terminated(&self, state: &[R]) -> R::Mask {
        Control::terminated(self, &held(self, state))
    }
}

/// The numbers as the task's own state type.
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
            observations: T::OBSERVATIONS,
            actions: T::ACTIONS,
            step_limit: T::STEP_LIMIT,
            wgsl: T::WGSL,
        }
    }
    fn reference(&self) -> &dyn Dynamics<f64> {
        self
    }
    fn lanes(&self) -> &dyn Dynamics<Lanes> {
        self
    }
    fn rollout_reference(
        &self,
        network: &Network,
        genome: &[f64],
        first: Place,
        span: Span,
    ) -> Outcome<f64> {
        let mut scratch = Scratch::of(network);
        let scratch = &mut scratch;
        rollout(Rollout { task: self, network, genomes: genome, first, stride: 0, span, scratch })
    }
    fn rollout_lanes(
        &self,
        network: &Network,
        genomes: &[Lanes],
        first: Place,
        span: Span,
        scratch: &mut Scratch<Lanes>,
    ) -> Outcome<Lanes> {
        vectorised(Rollout { task: self, network, genomes, first, stride: 0, span, scratch })
    }
    fn episodes_lanes(
        &self,
        network: &Network,
        genomes: &[Lanes],
        first: Place,
        span: Span,
        scratch: &mut Scratch<Lanes>,
    ) -> Outcome<Lanes> {
        vectorised(Rollout { task: self, network, genomes, first, stride: 1, span, scratch })
    }
}

impl<T: Control, R: Real> Vectorised for Rollout<'_, T, R> {
    type Output = Outcome<R>;
    #[inline(always)]
    fn run(self) -> Outcome<R> {
        rollout(self)
    }
}
