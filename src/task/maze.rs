//! Maze: a wheeled robot finds its way to a goal that the straight way does not lead to.
//!
//! # Shapes and units
//!
//! Lengths are in units of the map, 200 x 200, y upward; angles in degrees, counterclockwise, zero
//! to the right. State: `[x, y, heading, turn per step, speed per step]`. Action: what is added to
//! turn and speed, -0.5 to 0.5 each; both stay within 3 to either side. The robot moves along its
//! heading, and then turns; where it would come closer than its radius to a wall it stays where it
//! is, and turns all the same. It sees ten numbers: how far the next wall is to its right, halfway
//! to the front, in front, halfway to the left, to its left and behind, in hundreds of units, 1 at
//! most; and four times 1 or 0, whether the goal is in the quarter in front of it, on its left,
//! behind it, on its right.
//!
//! Every episode begins at rest in the same place; it ends within 5 units of the goal, or after 400
//! steps. The reward of a step is by how much nearer to the goal it led, so that a return is what
//! the paper's fitness is but for a constant: the distance of the start less that of the end.
//!
//! # Behaviour
//!
//! The place where an episode ends, as in the paper.
//!
//! # Source
//!
//! Lehman and Stanley, "Abandoning objectives: evolution through the search for novelty alone",
//! Evolutionary Computation 19(2), 2011: sensors, effectors, the limit of 400 steps and the hard
//! map; where the paper leaves numbers open they are those of the program that its authors
//! published. The map is drawn anew, with the same passages and dead ends, and straight outer
//! walls. Their outputs of a sigmoid, less a half, are ours of a hyperbolic tangent, halved.

use std::borrow::Cow;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::{About, Actions, Body, Control, Defaults, Picture, show};
use crate::math::{Mask, Real};

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct Maze;

/// Walls, from place to place: `[x, y, x, y]`.
const WALLS: [[f64; 4]; 11] = [
    [0.0, 0.0, 200.0, 0.0],
    [200.0, 0.0, 200.0, 200.0],
    [200.0, 200.0, 0.0, 200.0],
    [0.0, 200.0, 0.0, 0.0],
    // The dead end: a shelf below the goal, and the wall that leads up to it.
    [0.0, 152.0, 55.0, 152.0],
    [55.0, 152.0, 55.0, 50.0],
    [0.0, 125.0, 28.0, 85.0],
    // The way round.
    [78.0, 0.0, 108.0, 40.0],
    [55.0, 100.0, 160.0, 45.0],
    [200.0, 60.0, 88.0, 115.0],
    [55.0, 152.0, 135.0, 175.0],
];
const START: [f64; 2] = [30.0, 20.0];
const GOAL: [f64; 2] = [30.0, 180.0];
/// From the start to the goal.
const FIRST_DISTANCE: f64 = 160.0;
/// How near the goal an episode ends.
const ARRIVED: f64 = 5.0;
/// Of the robot.
const RADIUS: f64 = 8.0;
/// How far a rangefinder reaches.
const RANGE: f64 = 100.0;
/// Units and degrees a step.
const LARGEST_SPEED: f64 = 3.0;
/// Units and degrees a step, by which a step may change them.
const LARGEST_CHANGE: f64 = 0.5;
/// What the rounding of 400 rewards may take from a return; our choice.
const ROUNDING: f64 = 0.01;
/// A step has no published duration; thirty a second are shown.
const SHOWN_SECONDS: f64 = 1.0 / 30.0;
/// The directions of the rangefinders from the heading, as cosine and sine: -90, -45, 0, 45, 90 and
/// 180 degrees.
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
    summary: Cow::Borrowed("find the way round a dead end that lies nearer to the goal"),
    source: Cow::Borrowed("Lehman and Stanley 2011, hard map"),
    threshold: Some(FIRST_DISTANCE - ARRIVED - ROUNDING),
    defaults: Defaults {
        strategy: "neat",
        network: "8",
        population: 250,
        generations: 1000,
        episodes: 1,
        settings: &[],
    },
};

impl Control for Maze {
    type State<R: Real> = [R; 5];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = 10;
    const ACTIONS: Actions = Actions::Force { count: 2, limit: LARGEST_CHANGE };
    const STEP_LIMIT: u32 = 400;
    const BEHAVIOUR: usize = 2;
    const WGSL: &'static str = include_str!("../../shaders/task/maze.wgsl");

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Maze { walls: &WALLS, goal: GOAL, arrived: ARRIVED, radius: RADIUS };
        Some(Picture { body, step_seconds: SHOWN_SECONDS })
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; 5] {
        let still = R::of(0.0);
        [R::of(START[0]), R::of(START[1]), still, still, still]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, &[x, y, heading, _, _]: &[R; 5], observation: &mut [R]) {
        let ahead = direction(heading);
        let [r0, r1, r2, r3, r4, r5] = ranges([x, y], ahead);
        let [front, left, rear, right] = radar([R::of(GOAL[0]) - x, R::of(GOAL[1]) - y], ahead);
        show(&[r0, r1, r2, r3, r4, r5, front, left, rear, right], observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, &[x, y, heading, turn, speed]: &[R; 5], action: &[R]) -> ([R; 5], R) {
        let turn = changed(turn, action[0]);
        let speed = changed(speed, action[1]);
        let [cos, sin] = direction(heading);
        let way = [cos * speed, sin * speed];
        let blocked = touches([x + way[0], y + way[1]]);
        let way = way.map(|part| R::select(blocked, R::of(0.0), part));
        let next = [x + way[0], y + way[1], wrapped(heading + turn), turn, speed];
        (next, approach([R::of(GOAL[0]) - x, R::of(GOAL[1]) - y], way))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[x, y, _, _, _]: &[R; 5]) -> R::Mask {
        let away = [R::of(GOAL[0]) - x, R::of(GOAL[1]) - y];
        R::of(ARRIVED * ARRIVED).at_least(dot(away, away))
    }
}

#[inline(always)]
fn dot<R: Real>(a: [R; 2], b: [R; 2]) -> R {
    a[0] * b[0] + a[1] * b[1]
}

/// The area that two sides span, positive where the second is to the left of the first.
#[inline(always)]
fn span<R: Real>(a: [R; 2], b: [R; 2]) -> R {
    a[0] * b[1] - a[1] * b[0]
}

/// The cosine and sine of an angle in degrees.
#[inline(always)]
fn direction<R: Real>(degrees: R) -> [R; 2] {
    let angle = degrees * R::of(PI / 180.0);
    [angle.cos(), angle.sin()]
}

/// The same angle in [-180, 180).
#[inline(always)]
fn wrapped<R: Real>(degrees: R) -> R {
    degrees - R::of(360.0) * ((degrees + R::of(180.0)) * R::of(1.0 / 360.0)).floor()
}

/// A turn or a speed after a step's change of it.
#[inline(always)]
fn changed<R: Real>(now: R, by: R) -> R {
    let by = by.clamp(R::of(-LARGEST_CHANGE), R::of(LARGEST_CHANGE));
    (now + by).clamp(R::of(-LARGEST_SPEED), R::of(LARGEST_SPEED))
}

/// Where a robot would touch a wall.
#[inline(always)]
fn touches<R: Real>([x, y]: [R; 2]) -> R::Mask {
    let mut touched = R::Mask::of(false);
    for [x0, y0, x1, y1] in WALLS {
        let along = [x1 - x0, y1 - y0];
        let square = along[0] * along[0] + along[1] * along[1];
        let along = along.map(R::of);
        let from = [x - R::of(x0), y - R::of(y0)];
        let share = (dot(from, along) * R::of(1.0 / square)).clamp(R::of(0.0), R::of(1.0));
        let apart = [from[0] - share * along[0], from[1] - share * along[1]];
        touched = touched | dot(apart, apart).below(R::of(RADIUS * RADIUS));
    }
    touched
}

/// How far the next wall is in each direction of the rangefinders, as a share of their range.
#[inline(always)]
fn ranges<R: Real>([x, y]: [R; 2], [cos, sin]: [R; 2]) -> [R; 6] {
    let none = R::of(0.0);
    let rays = RANGEFINDERS.map(|[c, s]| {
        let (c, s) = (R::of(c), R::of(s));
        [cos * c - sin * s, sin * c + cos * s]
    });
    let mut nearest = [R::of(RANGE); 6];
    for [x0, y0, x1, y1] in WALLS {
        let wall = [R::of(x1 - x0), R::of(y1 - y0)];
        let to = [R::of(x0) - x, R::of(y0) - y];
        let distance = span(to, wall);
        for (nearest, &ray) in nearest.iter_mut().zip(&rays) {
            // The ray meets the wall's line at distance / slant, and the wall at place / slant of
            // its length; signs are turned so that slant is positive.
            let slant = span(ray, wall);
            let sign = R::select(slant.below(none), R::of(-1.0), R::of(1.0));
            let (slant, distance) = (slant * sign, distance * sign);
            let place = span(to, ray) * sign;
            let crosses = slant.above(none)
                & distance.at_least(none)
                & place.at_least(none)
                & slant.at_least(place);
            let far = distance / R::select(crosses, slant, R::of(1.0));
            *nearest = R::select(crosses, far, R::of(RANGE)).min(*nearest);
        }
    }
    nearest.map(|units| units * R::of(1.0 / RANGE))
}

/// Which quarter around the robot something that is so far away is in: front, left, rear, right.
/// Borders belong to front and rear.
#[inline(always)]
fn radar<R: Real>(away: [R; 2], ahead: [R; 2]) -> [R; 4] {
    let (along, left) = (dot(away, ahead), span(ahead, away));
    let fires = |mask: R::Mask| R::select(mask, R::of(1.0), R::of(0.0));
    [
        fires(along.at_least(left.abs())),
        fires(left.above(along.abs())),
        fires((-along).at_least(left.abs())),
        fires((-left).above(along.abs())),
    ]
}

/// By how much nearer a goal is after a way: the difference of two distances, written as that of
/// their squares over their sum, so that the large numbers in it do not cancel.
#[inline(always)]
fn approach<R: Real>(away: [R; 2], way: [R; 2]) -> R {
    let after = [away[0] - way[0], away[1] - way[1]];
    let gained = dot(way, [away[0] + after[0], away[1] + after[1]]);
    let distances = dot(away, away).sqrt() + dot(after, after).sqrt();
    // In the goal itself there is nothing to divide by.
    gained / distances.max(R::of(1e-6))
}
