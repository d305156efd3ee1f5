//! The dynamics of a control task in one number type, and the sizes of its arrays.

use super::Actions;
use crate::math::Real;
use crate::random::{Counter, WORDS_PER_BLOCK};

/// The first block of the random numbers of steps. Those of starts are before it.
pub const FIRST_STEP_BLOCK: u32 = 1 << 30;

/// A parameter that each episode draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnParameter {
    /// The name on the command line, such as "half-length".
    pub name: &'static str,
    /// The name in WGSL, such as `HALF_LENGTH`.
    pub variable: &'static str,
    /// The smallest and the largest value.
    pub range: [f32; 2],
}

/// The sizes of a control task, and its WGSL twin.
#[derive(Clone, Copy, Debug)]
pub struct ControlShape {
    /// The length of a state, with the parameters that the episode drew at its end.
    pub state: usize,
    /// The number of uniforms that a start needs; the last ones draw the parameters.
    pub draws: usize,
    /// The parameters that each episode draws.
    pub parameters: &'static [DrawnParameter],
    /// The number of uniforms that a step needs.
    pub step_draws: usize,
    /// True if a step depends on its number.
    pub has_step_number: bool,
    /// The length of the list of starts, if starts are listed rather than drawn.
    pub starts: Option<u32>,
    /// The number of observations.
    pub observations: usize,
    /// The actions that a network can take.
    pub actions: Actions,
    /// The number of steps after which an episode is cut off.
    pub step_limit: u32,
    /// The length of the behaviour descriptor, the head of an episode's last state.
    pub behaviour: usize,
    /// The twin in WGSL. A task without one runs on the CPU only.
    pub wgsl: Option<&'static str>,
}

impl ControlShape {
    /// The sizes that the text of a task and its kernels refer to, by their names in WGSL, without
    /// those of the network.
    pub fn sizes(&self) -> [(&'static str, usize); 13] {
        let choices = match self.actions {
            Actions::Choice(count) => count,
            Actions::Force { .. } | Actions::Mixed(_) => 0,
        };
        let draws = self.draws - self.parameters.len();
        [
            ("STATE", self.own_state()),
            ("BEHAVIOUR", self.behaviour),
            ("DRAWS", draws),
            // An array has at least one element.
            ("DRAW_ROOM", draws.max(1)),
            ("PARAMETERS", self.parameters.len()),
            ("PARAMETER_ROOM", self.parameters.len().max(1)),
            ("STEP_DRAWS", self.step_draws),
            ("STEP_DRAW_ROOM", self.step_draws.max(1)),
            ("STEP_NUMBERS", usize::from(self.has_step_number)),
            ("FIRST_STEP_BLOCK", FIRST_STEP_BLOCK as usize),
            ("STARTS", self.starts.unwrap_or(0) as usize),
            ("ACTION_SIZE", self.actions.size()),
            ("ACTION_CHOICES", choices),
        ]
    }

    /// Returns the WGSL functions that draw and set the parameters of an episode.
    pub fn parameter_functions(&self) -> String {
        let mut draw = String::from("    var values: Parameters;\n");
        let mut set = String::new();
        for (k, DrawnParameter { variable, range: [low, high], .. }) in
            self.parameters.iter().enumerate()
        {
            let length = high - low;
            draw += &format!("    values[{k}u] = {low:?}f + {length:?}f * draws[{k}u];\n");
            set += &format!("    {variable} = values[{k}u];\n");
        }
        format!(
            "fn parameters_from_draws(draws: Parameters) -> Parameters {{\n{draw}    \
             return values;\n}}\nfn parameters_set(values: Parameters) {{\n{set}}}\n"
        )
    }

    /// The length of a state without the parameters.
    pub fn own_state(&self) -> usize {
        self.state - self.parameters.len()
    }

    /// The number of inputs of a step besides the state: the action, the uniforms of the step, and
    /// its number if it depends on that.
    pub fn step_inputs(&self) -> usize {
        self.actions.size() + self.step_draws + usize::from(self.has_step_number)
    }

    /// Draws the input of `start`: uniforms. The first one becomes the index of a listed start.
    pub fn draw(&self, mut uniform: impl FnMut() -> f64) -> Vec<f64> {
        let mut draws: Vec<f64> = (0..self.draws).map(|_| uniform()).collect();
        if let Some(count) = self.starts {
            draws[0] = (draws[0] * f64::from(count)).floor();
        }
        draws
    }

    /// Returns the input of `start` for the episode of a random counter.
    pub fn start_draws(&self, counter: Counter) -> Vec<f64> {
        let mut draws = uniforms(counter, 0, self.draws);
        if let Some(count) = self.starts {
            draws[0] = f64::from(counter.individual % count);
        }
        draws
    }

    /// Appends to an action what else a step needs. `age` is the number of steps of the episode
    /// before this one.
    pub fn extend_action(&self, action: &mut Vec<f64>, counter: Counter, age: u32) {
        let first = self.first_step_block(age);
        action.extend(uniforms(counter, first, self.step_draws));
        if self.has_step_number {
            action.push(f64::from(age));
        }
    }

    /// The first block of the random numbers of a step.
    #[inline(always)]
    pub fn first_step_block(&self, age: u32) -> u32 {
        let blocks = self.step_draws.div_ceil(WORDS_PER_BLOCK) as u32;
        FIRST_STEP_BLOCK.wrapping_add(age.wrapping_mul(blocks))
    }
}

/// Returns uniforms of a random counter, from a block on.
fn uniforms(counter: Counter, first: u32, count: usize) -> Vec<f64> {
    let blocks = 0..count.div_ceil(WORDS_PER_BLOCK) as u32;
    let all = blocks.flat_map(|block| counter.uniforms(first.wrapping_add(block)));
    all.take(count).map(f64::from).collect()
}

/// A control task in one number type: the single steps that verification checks.
pub trait Dynamics<R: Real> {
    /// Returns the first state of an episode.
    fn start(&self, draws: &[R]) -> Vec<R>;
    /// Returns the observation of a state.
    fn observe(&self, state: &[R]) -> Vec<R>;
    /// Returns the next state and the reward of the step. Its inputs are the action, and what
    /// [`ControlShape::extend_action`] appends to it.
    fn step(&self, state: &[R], action: &[R]) -> (Vec<R>, R);
    /// True in the lanes in which the state ends the episode.
    fn terminated(&self, state: &[R]) -> R::Mask;
}
