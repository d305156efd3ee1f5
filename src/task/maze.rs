//! Maze: a wheeled robot finds its way to a goal behind a dead end.
//!
//! # Shapes and units
//!
//! Lengths are in units of the map, 200 x 200, y upward; angles in degrees, counterclockwise, zero
//! to the right. State: `[x, y, heading, turn per step, speed per step]`. Action: changes of turn
//! and speed, -0.5 to 0.5 each; turn and speed stay between -3 and 3. The robot moves along its
//! heading, and then turns. If the move would bring it closer to a wall than its radius, it only
//! turns.
//!
//! The robot observes ten numbers. Six are rangefinders: the distances of the nearest walls at -90,
//! -45, 0, 45, 90 and 180 degrees from its heading, in hundreds of units, at most 1. Four are radar
//! sectors, 1 or 0: the goal is in the quarter ahead, on the left, behind, on the right.
//!
//! Every episode starts at rest at the same position. It ends within 5 units of the goal, or after
//! 400 steps. The reward of a step is the decrease of the distance to the goal. The return is the
//! distance of the start minus that of the end, which differs from the fitness of the paper only by
//! a constant.
//!
//! # Behaviour
//!
//! The position at the end of an episode, as in the paper.
//!
//! # Source
//!
//! Lehman and Stanley, "Abandoning objectives: evolution through the search for novelty alone",
//! Evolutionary Computation 19(2), 2011: sensors, effectors, the limit of 400 steps and the hard
//! map. Numbers that the paper leaves open are those of the program that its authors published. The
//! map is redrawn with the same passages and dead ends, and with straight outer walls. The outputs
//! of the paper are sigmoids minus one half; here they are halved hyperbolic tangents.

use std::borrow::Cow;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::{Mask, Real};

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct Maze;

/// The two ends of each wall: `[x, y, x, y]`.
const WALLS: [[f64; 4]; 11] = [
    [0.0, 0.0, 200.0, 0.0],
    [200.0, 0.0, 200.0, 200.0],
    [200.0, 200.0, 0.0, 200.0],
    [0.0, 200.0, 0.0, 0.0],
    // The dead end: a shelf below the goal, and the wall that leads up to it.
    [0.0, 152.0, 55.0, 152.0],
    [55.0, 152.0, 55.0, 50.0],
    [0.0, 125.0, 28.0, 85.0],
    // The detour.
    [78.0, 0.0, 108.0, 40.0],
    [55.0, 100.0, 160.0, 45.0],
    [200.0, 60.0, 88.0, 115.0],
    [55.0, 152.0, 135.0, 175.0],
];
const START: [f64; 2] = [30.0, 20.0];
const GOAL: [f64; 2] = [30.0, 180.0];
/// The distance from the start to the goal.
const FIRST_DISTANCE: f64 = 160.0;
/// The distance from the goal at which an episode ends.
const ARRIVED: f64 = 5.0;
/// The radius of the robot.
const RADIUS: f64 = 8.0;
/// The range of a rangefinder.
const RANGE: f64 = 100.0;
/// The largest speed and turn, in units and degrees per step.
const LARGEST_SPEED: f64 = 3.0;
/// The largest change of speed and turn in a step, in units and degrees per step.
const LARGEST_CHANGE: f64 = 0.5;
/// A margin for the rounding of 400 rewards; this project's choice.
const ROUNDING: f64 = 0.01;
/// The duration of a displayed step. None is published; thirty steps per second are shown.
const SHOWN_SECONDS: f64 = 1.0 / 30.0;
/// The directions of the rangefinders relative to the heading, as cosine and sine: -90, -45, 0, 45,
/// 90 and 180 degrees.
const RANGEFINDERS: [[f64; 2]; 6] = [
    [0.0, -1.0],
    [FRAC_1_SQRT_2, -FRAC_1_SQRT_2],
    [1.0, 0.0],
    [FRAC_1_SQRT_2, FRAC_1_SQRT_2],
    [0.0, 1.0],
    [-1.0, 0.0],
];

const ABOUT: About = About {
    name: Cow::Borrowed("maze"),
    summary: Cow::Borrowed("find the detour around a dead end near the goal"),
    source: Cow::Borrowed("Lehman and Stanley 2011, hard map"),
    threshold: Some(FIRST_DISTANCE - ARRIVED - ROUNDING),
    defaults: Defaults {
        strategy: "neat",
        network: "8",
        population: 250,
        generations: 1000,
        episodes: 1,
        normalise_observations: false,
        settings: &[],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        rangefinder("wall right", "distance of the wall on the right"),
        rangefinder("wall front right", "distance of the wall 45 degrees to the right"),
        rangefinder("wall front", "distance of the wall ahead"),
        rangefinder("wall front left", "distance of the wall 45 degrees to the left"),
        rangefinder("wall left", "distance of the wall on the left"),
        rangefinder("wall rear", "distance of the wall behind"),
        Quantity::between(
            "goal front",
            "1 if the goal is in the quarter ahead, else 0",
            "",
            0.0,
            1.0,
        ),
        Quantity::between(
            "goal left",
            "1 if it is in the quarter on the left, else 0",
            "",
            0.0,
            1.0,
        ),
        Quantity::between("goal rear", "1 if it is in the quarter behind, else 0", "", 0.0, 1.0),
        Quantity::between(
            "goal right",
            "1 if it is in the quarter on the right, else 0",
            "",
            0.0,
            1.0,
        ),
    ],
    actions: &[
        Quantity::bounded("turn", "added to the turn per step", "degrees", LARGEST_CHANGE),
        Quantity::bounded("speed", "added to the speed per step", "map units", LARGEST_CHANGE),
    ],
    reward: "The distance to the goal before each step, minus the distance after it, in map units.",
    ends: "When the robot is within 5 map units of the goal, or after 400 steps.",
    // The farthest corner from the goal is at (200, 0), and a robot that arrives is at the goal.
    returns: [FIRST_DISTANCE - 247.588, FIRST_DISTANCE],
};

const fn rangefinder(name: &'static str, meaning: &'static str) -> Quantity {
    Quantity::between(name, meaning, "100 map units", 0.0, 1.0)
}

impl Control for Maze {
    type State<R: Real> = [R; 5];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = 10;
    const ACTIONS: Actions = Actions::Force { count: 2, limit: LARGEST_CHANGE };
    const STEP_LIMIT: u32 = 400;
    const BEHAVIOUR: usize = 2;
    const WGSL: Option<&'static str> = Some(include_str!("../../shaders/task/maze.wgsl"));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Maze { walls: &WALLS, goal: GOAL, arrived: ARRIVED, radius: RADIUS };
        Some(Picture { body, step_seconds: SHOWN_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; 5] {
        let zero = R::from_f64(0.0);
        [R::from_f64(START[0]), R::from_f64(START[1]), zero, zero, zero]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, &[x, y, heading, _, _]: &[R; 5], observation: &mut [R]) {
        let ahead = direction(heading);
        let [r0, r1, r2, r3, r4, r5] = ranges([x, y], ahead);
        let [front, left, rear, right] =
            radar([R::from_f64(GOAL[0]) - x, R::from_f64(GOAL[1]) - y], ahead);
        write_observation(&[r0, r1, r2, r3, r4, r5, front, left, rear, right], observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, &[x, y, heading, turn, speed]: &[R; 5], action: &[R]) -> ([R; 5], R) {
        let turn = changed(turn, action[0]);
        let speed = changed(speed, action[1]);
        let [cos, sin] = direction(heading);
        let path = [cos * speed, sin * speed];
        let blocked = touches([x + path[0], y + path[1]]);
        let path = path.map(|part| R::select(blocked, R::from_f64(0.0), part));
        let next = [x + path[0], y + path[1], wrapped(heading + turn), turn, speed];
        (next, approach([R::from_f64(GOAL[0]) - x, R::from_f64(GOAL[1]) - y], path))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[x, y, _, _, _]: &[R; 5]) -> R::Mask {
        let away = [R::from_f64(GOAL[0]) - x, R::from_f64(GOAL[1]) - y];
        R::from_f64(ARRIVED * ARRIVED).at_least(dot(away, away))
    }
}

#[inline(always)]
fn dot<R: Real>(a: [R; 2], b: [R; 2]) -> R {
    a[0] * b[0] + a[1] * b[1]
}

/// Returns the cross product: positive if the second vector is to the left of the first.
#[inline(always)]
fn cross<R: Real>(a: [R; 2], b: [R; 2]) -> R {
    a[0] * b[1] - a[1] * b[0]
}

/// Returns the cosine and sine of an angle in degrees.
#[inline(always)]
fn direction<R: Real>(degrees: R) -> [R; 2] {
    let angle = degrees * R::from_f64(PI / 180.0);
    [angle.cos(), angle.sin()]
}

/// Wraps an angle into [-180, 180).
#[inline(always)]
fn wrapped<R: Real>(degrees: R) -> R {
    degrees
        - R::from_f64(360.0) * ((degrees + R::from_f64(180.0)) * R::from_f64(1.0 / 360.0)).floor()
}

/// Returns a turn or a speed after the change in a step.
#[inline(always)]
fn changed<R: Real>(now: R, by: R) -> R {
    let by = by.clamp(R::from_f64(-LARGEST_CHANGE), R::from_f64(LARGEST_CHANGE));
    (now + by).clamp(R::from_f64(-LARGEST_SPEED), R::from_f64(LARGEST_SPEED))
}

/// True where the robot would touch a wall.
#[inline(always)]
fn touches<R: Real>([x, y]: [R; 2]) -> R::Mask {
    let mut touched = R::Mask::from_bool(false);
    for [x0, y0, x1, y1] in WALLS {
        let along = [x1 - x0, y1 - y0];
        let square = along[0] * along[0] + along[1] * along[1];
        let along = along.map(R::from_f64);
        let from = [x - R::from_f64(x0), y - R::from_f64(y0)];
        let share = (dot(from, along) * R::from_f64(1.0 / square))
            .clamp(R::from_f64(0.0), R::from_f64(1.0));
        let offset = [from[0] - share * along[0], from[1] - share * along[1]];
        touched = touched | dot(offset, offset).below(R::from_f64(RADIUS * RADIUS));
    }
    touched
}

/// Returns the distance of the nearest wall in the direction of each rangefinder, as a fraction of
/// the range.
#[inline(always)]
fn ranges<R: Real>([x, y]: [R; 2], [cos, sin]: [R; 2]) -> [R; 6] {
    let zero = R::from_f64(0.0);
    let rays = RANGEFINDERS.map(|[c, s]| {
        let (c, s) = (R::from_f64(c), R::from_f64(s));
        [cos * c - sin * s, sin * c + cos * s]
    });
    let mut nearest = [R::from_f64(RANGE); 6];
    for [x0, y0, x1, y1] in WALLS {
        let wall = [R::from_f64(x1 - x0), R::from_f64(y1 - y0)];
        let to = [R::from_f64(x0) - x, R::from_f64(y0) - y];
        let distance = cross(to, wall);
        for (nearest, &ray) in nearest.iter_mut().zip(&rays) {
            // The ray meets the line of the wall at distance / slant, and at position / slant of
            // the wall's length. All signs are flipped if slant is negative.
            let slant = cross(ray, wall);
            let sign = R::select(slant.below(zero), R::from_f64(-1.0), R::from_f64(1.0));
            let (slant, distance) = (slant * sign, distance * sign);
            let position = cross(to, ray) * sign;
            let crosses = slant.above(zero)
                & distance.at_least(zero)
                & position.at_least(zero)
                & slant.at_least(position);
            let far = distance / R::select(crosses, slant, R::from_f64(1.0));
            *nearest = R::select(crosses, far, R::from_f64(RANGE)).min(*nearest);
        }
    }
    nearest.map(|units| units * R::from_f64(1.0 / RANGE))
}

/// Returns 1 for the quarter around the robot that contains a target, and 0 for the others: front,
/// left, rear, right. `away` is the vector to the target. Borders belong to front and rear.
#[inline(always)]
fn radar<R: Real>(away: [R; 2], ahead: [R; 2]) -> [R; 4] {
    let (along, left) = (dot(away, ahead), cross(ahead, away));
    let indicator = |mask: R::Mask| R::select(mask, R::from_f64(1.0), R::from_f64(0.0));
    [
        indicator(along.at_least(left.abs())),
        indicator(left.above(along.abs())),
        indicator((-along).at_least(left.abs())),
        indicator((-left).above(along.abs())),
    ]
}

/// Returns the decrease of the distance to a goal along a path. The difference of the two distances
/// is computed as the difference of their squares over their sum, which avoids cancellation.
#[inline(always)]
fn approach<R: Real>(away: [R; 2], path: [R; 2]) -> R {
    let after = [away[0] - path[0], away[1] - path[1]];
    let gained = dot(path, [away[0] + after[0], away[1] + after[1]]);
    let distances = dot(away, away).sqrt() + dot(after, after).sqrt();
    // The lower bound prevents a division by zero in the goal itself.
    gained / distances.max(R::from_f64(1e-6))
}
