//! An environment of one's own in plain Rust: a basket that catches ripe apples and dodges rotten
//! ones.
//!
//! ```sh
//! cargo run --release --example custom_environment            # trains and prints the result
//! cargo run --release --example custom_environment runs/apples  # and writes a run folder
//! ```

use std::path::PathBuf;
use std::sync::Arc;

use deme::error::Result;
use deme::run::{self, Request, Summary};
use deme::task::{
    Actions, Defaults, Environment, EnvironmentStep, EnvironmentTask, Labels, Quantity,
};

/// The columns of the orchard.
const WIDTH: i32 = 9;
/// The height from which apples fall, one row a step.
const HEIGHT: i32 = 8;
/// A new apple falls every so many steps.
const INTERVAL: u32 = 5;
/// The apples of an episode.
const APPLES: u32 = 20;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Ripe,
    Rotten,
}

struct Apple {
    kind: Kind,
    column: i32,
    height: i32,
}

/// An orchard: a basket below apples that fall.
#[derive(Default)]
struct Orchard {
    basket: i32,
    /// The apples in the air, the lowest one first.
    apples: Vec<Apple>,
    fallen: u32,
    age: u32,
    random: u64,
}

impl Orchard {
    /// A random number below `count`, by SplitMix64. Everything random follows from the seed.
    fn below(&mut self, count: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.random;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % count
    }

    /// Drops an apple at most four columns from the last one, so that each can be reached in time.
    fn drop_apple(&mut self) {
        let kind = if self.below(3) == 0 { Kind::Rotten } else { Kind::Ripe };
        let last = self.apples.last().map_or(self.basket, |apple| apple.column);
        let column = (last - 4 + self.below(9) as i32).clamp(0, WIDTH - 1);
        self.apples.push(Apple { kind, column, height: HEIGHT });
    }

    /// The basket's position, and the lowest apple: its column seen from the basket, its height,
    /// and whether it is rotten.
    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        observation[0] = self.basket as f32 / (WIDTH - 1) as f32;
        if let Some(lowest) = self.apples.first() {
            observation[1] = (lowest.column - self.basket) as f32 / 4.0;
            observation[2] = lowest.height as f32 / HEIGHT as f32;
            observation[3] = if lowest.kind == Kind::Rotten { 1.0 } else { -1.0 };
        }
    }
}

impl Environment for Orchard {
    fn reset(&mut self, seed: u64, observation: &mut [f32]) {
        *self = Self { basket: WIDTH / 2, random: seed, ..Self::default() };
        self.drop_apple();
        self.observe(observation);
    }

    fn step(&mut self, action: &[f32], observation: &mut [f32]) -> EnvironmentStep {
        self.basket = (self.basket + action[0] as i32 - 1).clamp(0, WIDTH - 1);
        self.age += 1;
        self.apples.iter_mut().for_each(|apple| apple.height -= 1);
        let mut reward = 0.0;
        if self.apples.first().is_some_and(|lowest| lowest.height == 0) {
            let apple = self.apples.remove(0);
            self.fallen += 1;
            // A ripe apple wants to be caught, a rotten one to be missed.
            let is_caught = apple.column == self.basket;
            reward = if is_caught == (apple.kind == Kind::Ripe) { 1.0 } else { -1.0 };
        }
        if self.age.is_multiple_of(INTERVAL) && self.age / INTERVAL < APPLES {
            self.drop_apple();
        }
        self.observe(observation);
        EnvironmentStep { reward, ended: self.fallen == APPLES }
    }
}

/// Labels for tables and pictures. They are optional.
static LABELS: Labels = Labels {
    observations: &OBSERVATIONS,
    actions: &ACTIONS,
    reward: "1 for a ripe apple that is caught and for a rotten one that is not; else -1.",
    ends: "20 apples have fallen.",
    returns: [-20.0, 20.0],
};
static OBSERVATIONS: [Quantity; 4] = [
    Quantity::between("basket", "position of the basket, from left to right", "", 0.0, 1.0),
    Quantity::bounded("distance", "lowest apple, to the right of the basket", "4 columns", 2.0),
    Quantity::between("height", "height of the lowest apple", "8 rows", 0.0, 1.0),
    Quantity::bounded("rotten", "1 if the lowest apple is rotten, -1 if it is ripe", "", 1.0),
];
static ACTIONS: [Quantity; 3] = [
    Quantity::choice(0, "left", "one column to the left"),
    Quantity::choice(1, "stay", "no move"),
    Quantity::choice(2, "right", "one column to the right"),
];

/// Returns the task.
pub fn task() -> Result<EnvironmentTask> {
    // The function makes an environment for each lane of each thread.
    let task = EnvironmentTask::new("apples", 4, Actions::Choice(3), 200, Orchard::default)?
        .with_summary("a basket that catches ripe apples and dodges rotten ones")
        .with_threshold(18.0)
        .with_defaults(Defaults {
            strategy: "simple-ga",
            network: "8",
            population: 64,
            generations: 300,
            episodes: 8,
            normalise_observations: false,
            settings: &[],
        });
    task.with_labels(LABELS)
}

/// Trains a network, and writes a run folder if there is a path for one.
pub fn run(folder: Option<PathBuf>) -> Result<Summary> {
    let request = Request { out: folder, seed: Some(1), ..Request::default() };
    run::train(&request.check_with_task(Arc::new(task()?))?, &mut ())
}

fn main() -> Result<()> {
    let summary = run(std::env::args_os().nth(1).map(PathBuf::from))?;
    println!(
        "{} after {} generations in {:.1} s: a mean return of {:.2} of 20 in {} held-out episodes",
        if summary.solved { "solved" } else { "not solved" },
        summary.generations,
        summary.wall_seconds,
        summary.score.unwrap_or(f32::NAN),
        summary.score_episodes,
    );
    Ok(())
}
