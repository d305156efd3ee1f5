//! Drawings: a state of a control task as a picture.

use super::scene::{Anchor, Colour, Scene};
use crate::task::{Actions, Body, Picture};

/// Pixels of a frame, across and down.
pub const FRAME: [u32; 2] = [480, 300];
/// Points of the valley's outline.
const VALLEY_POINTS: u32 = 120;
/// What the longest arrow of a force takes of the frame's width.
const ARROW: f64 = 0.14;

/// A state, and what is known of the step that led to it.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The task's name.
    pub task: &'a str,
    /// The state.
    pub state: &'a [f64],
    /// The action of the last step; none at the start.
    pub action: Option<&'a [f64]>,
    /// What actions are.
    pub actions: Actions,
    /// The states before this one, for a drawing that shows the way.
    pub path: &'a [Vec<f64>],
    /// Steps so far, and the sum of their rewards.
    pub step: u32,
    /// The sum of the rewards so far.
    pub reward: f64,
}

/// Draws a state, with its words.
pub fn frame(picture: Picture, shown: &Shown) -> Scene {
    let mut scene = body(picture.body, shown);
    let [width, height] = FRAME.map(f64::from);
    let (top, bottom) = (24.0, height - 14.0);
    let seconds = f64::from(shown.step) * picture.step_seconds;
    scene.text([16.0, top], Anchor::Start, 15.0, Colour::INK, shown.task);
    let clock = format!("{seconds:.2} s");
    scene.text([width - 16.0, top], Anchor::End, 15.0, Colour::INK, clock);
    let words = [
        (16.0, Anchor::Start, format!("step {}", shown.step)),
        (width / 2.0, Anchor::Middle, action_words(shown)),
        (width - 16.0, Anchor::End, format!("return {}", short(shown.reward))),
    ];
    for (x, anchor, text) in words {
        scene.text([x, bottom], anchor, 12.0, Colour::GREY, text);
    }
    scene
}

/// A number with as many decimals as tell something.
pub(super) fn short(value: f64) -> String {
    match value.fract() == 0.0 {
        true => format!("{value:.0}"),
        false => format!("{value:.2}"),
    }
}

fn action_words(shown: &Shown) -> String {
    match (shown.action, shown.actions) {
        (None, _) => String::new(),
        (Some(action), Actions::Choice(_)) => format!("action {:.0}", action[0]),
        (Some(action), Actions::Force { .. }) => {
            let forces: Vec<String> = action.iter().map(|force| format!("{force:+.2}")).collect();
            format!("action {}", forces.join(" "))
        }
    }
}

/// The share of the largest action that one is, with its direction: of choices, from the first
/// one, -1, to the last one, 1.
fn push(shown: &Shown) -> f64 {
    match (shown.action, shown.actions) {
        (Some(action), Actions::Choice(count)) if count > 1 => {
            2.0 * action[0] / (count - 1) as f64 - 1.0
        }
        (Some(action), Actions::Force { limit, .. }) => action[0] / limit,
        _ => 0.0,
    }
}

fn body(body: Body, shown: &Shown) -> Scene {
    match body {
        Body::Cart { half_track, poles, hangs } => cart(half_track, poles, hangs, shown),
        Body::Pendulum { length } => pendulum(length, shown),
        Body::Arm { lengths, line } => arm(lengths, line, shown),
        Body::Valley { left, right, goal } => valley([left, right, goal], shown),
        Body::Maze { walls, goal, arrived, radius } => maze(walls, goal, arrived, radius, shown),
    }
}

/// A horizontal arrow from a place.
fn arrow(scene: &mut Scene, from: [f64; 2], share: f64) {
    if share.abs() < 0.02 {
        return;
    }
    let colour = Colour::GREY.mix(Colour::PAPER, 0.25);
    let length = share * ARROW * f64::from(FRAME[0]);
    // Within the frame, for it may have neighbours.
    let inside = 3.0..f64::from(FRAME[0]) - 3.0;
    let end = (from[0] + length).clamp(inside.start, inside.end);
    if (end - from[0]) * share <= 9.0 * share.abs() {
        return;
    }
    let (to, head) = ([end, from[1]], 6.0 * share.signum());
    scene.line(&[from, [to[0] - head, to[1]]], 3.0, colour);
    scene.area(&[to, [to[0] - head * 1.5, to[1] - 6.0], [to[0] - head * 1.5, to[1] + 6.0]], colour);
}

fn cart(half_track: f64, poles: &[f64], hangs: bool, shown: &Shown) -> Scene {
    let mut scene = Scene::new(FRAME);
    let [width, height] = FRAME.map(f64::from);
    let scale = width / (2.3 * half_track);
    // A pole that may hang needs room below the track.
    let ground = if hangs { 0.56 * height } else { 0.76 * height };
    let x = |metres: f64| width / 2.0 + metres * scale;
    let (half, tall) = (30.0, 22.0);
    scene.line(&[[x(-half_track), ground], [x(half_track), ground]], 3.0, Colour::PALE);
    for end in [-half_track, half_track] {
        scene.line(&[[x(end), ground - 9.0], [x(end), ground + 9.0]], 3.0, Colour::PALE);
    }
    let at = x(shown.state[0]);
    let top = ground - tall / 2.0;
    let share = push(shown);
    arrow(&mut scene, [at + half * share.signum(), ground], share);
    let corners = |grow: f64| {
        let (half, up, down) = (half + grow, top - grow, ground + tall / 2.0 + grow);
        [[at - half, up], [at + half, up], [at + half, down], [at - half, down]]
    };
    scene.area(&corners(0.0), Colour::INK);
    let colours = [Colour::VERMILION, Colour::BLUE];
    let widths = [8.0, 6.0];
    for (index, &length) in poles.iter().enumerate() {
        let angle = shown.state[2 + 2 * index];
        let pixels = length * scale;
        let tip = [at + pixels * angle.sin(), top - pixels * angle.cos()];
        scene.line(&[[at, top], tip], widths[index.min(1)], colours[index % 2]);
    }
    scene.disc([at, top], 4.5, Colour::PAPER);
    scene.disc([at, top], 2.5, Colour::INK);
    scene
}

fn pendulum(length: f64, shown: &Shown) -> Scene {
    let mut scene = Scene::new(FRAME);
    let [width, height] = FRAME.map(f64::from);
    let pivot = [width / 2.0, height / 2.0];
    let pixels = 105.0 * length;
    let angle = shown.state[0];
    let tip = [pivot[0] + pixels * angle.sin(), pivot[1] - pixels * angle.cos()];
    let torque = push(shown);
    if torque.abs() > 0.12 {
        // An arc around the pivot; a torque that raises the angle turns clockwise here.
        let colour = Colour::GREY.mix(Colour::PAPER, 0.25);
        let sweep = 2.2 * torque;
        let on = |turn: f64, radius: f64| {
            [pivot[0] + radius * turn.sin(), pivot[1] - radius * turn.cos()]
        };
        let arc: Vec<[f64; 2]> = (0..=24).map(|k| on(sweep * f64::from(k) / 24.0, 34.0)).collect();
        scene.line(&arc, 3.0, colour);
        let ahead = sweep + 0.26 * torque.signum();
        scene.area(&[on(ahead, 34.0), on(sweep, 28.0), on(sweep, 40.0)], colour);
    }
    scene.line(&[pivot, tip], 17.0, Colour::VERMILION);
    scene.disc(pivot, 4.5, Colour::INK);
    scene
}

fn arm(lengths: [f64; 2], line: f64, shown: &Shown) -> Scene {
    let mut scene = Scene::new(FRAME);
    let [width, height] = FRAME.map(f64::from);
    let scale = 60.0;
    let pivot = [width / 2.0, 0.5 * height];
    let above = pivot[1] - line * scale;
    scene.line(&[[0.2 * width, above], [0.8 * width, above]], 2.0, Colour::GREEN);
    // Angles are from hanging down, the second from the direction of the first.
    let on = |from: [f64; 2], angle: f64, length: f64| {
        [from[0] + scale * length * angle.sin(), from[1] + scale * length * angle.cos()]
    };
    let elbow = on(pivot, shown.state[0], lengths[0]);
    let hand = on(elbow, shown.state[0] + shown.state[1], lengths[1]);
    scene.line(&[pivot, elbow], 11.0, Colour::BLUE);
    scene.line(&[elbow, hand], 11.0, Colour::VERMILION);
    for joint in [pivot, elbow] {
        scene.disc(joint, 7.5, Colour::INK);
        scene.disc(joint, 3.0, Colour::PAPER);
    }
    scene
}

fn valley([left, right, goal]: [f64; 3], shown: &Shown) -> Scene {
    let mut scene = Scene::new(FRAME);
    let [width, height] = FRAME.map(f64::from);
    let scale = 0.92 * width / (right - left);
    let height_of = |x: f64| 0.45 * (3.0 * x).sin() + 0.55;
    let on =
        |x: f64| [0.04 * width + (x - left) * scale, 0.84 * height - 0.62 * scale * height_of(x)];
    let hill: Vec<[f64; 2]> = (0..=VALLEY_POINTS)
        .map(|k| on(left + (right - left) * f64::from(k) / f64::from(VALLEY_POINTS)))
        .collect();
    let below = [[hill[hill.len() - 1][0], height], [hill[0][0], height]];
    scene.area(&[&hill[..], &below].concat(), Colour::PALE.mix(Colour::PAPER, 0.45));
    scene.line(&hill, 3.0, Colour::INK);
    let foot = on(goal);
    let top = [foot[0], foot[1] - 44.0];
    scene.line(&[foot, top], 2.5, Colour::INK);
    let flag = [top, [top[0] + 22.0, top[1] + 8.0], [top[0], top[1] + 16.0]];
    scene.area(&flag, Colour::GREEN);
    let at = shown.state[0];
    let [x, y] = on(at);
    // The slope that the car stands on, as it is drawn.
    let slope = (0.62 * 0.45 * 3.0 * (3.0 * at).cos()).atan();
    let (sin, cos) = slope.sin_cos();
    let car = |along: f64, up: f64| [x + along * cos - up * sin, y - along * sin - up * cos];
    let share = push(shown);
    let from = car(22.0 * share.signum(), 15.0);
    arrow(&mut scene, from, 0.7 * share);
    scene.area(&[car(-21.0, 7.0), car(21.0, 7.0), car(21.0, 17.0), car(-21.0, 17.0)], Colour::BLUE);
    scene.area(&[car(-12.0, 16.0), car(12.0, 16.0), car(8.0, 25.0), car(-8.0, 25.0)], Colour::BLUE);
    for along in [-12.0, 12.0] {
        scene.disc(car(along, 6.5), 6.0, Colour::INK);
        scene.disc(car(along, 6.5), 2.2, Colour::PAPER);
    }
    scene
}

fn maze(walls: &[[f64; 4]], goal: [f64; 2], arrived: f64, radius: f64, shown: &Shown) -> Scene {
    let mut scene = Scene::new(FRAME);
    let [width, height] = FRAME.map(f64::from);
    let (low, high) = extent(walls);
    // Between the words above and below.
    let (top, bottom) = (36.0, height - 30.0);
    let scale = (bottom - top) / (high[1] - low[1]);
    let left = (width - scale * (high[0] - low[0])) / 2.0;
    let on = |x: f64, y: f64| [left + scale * (x - low[0]), bottom - scale * (y - low[1])];
    scene.disc(on(goal[0], goal[1]), (scale * arrived).max(4.0), Colour::GREEN);
    let states = shown.path.iter().map(Vec::as_slice).chain([shown.state]);
    let way: Vec<[f64; 2]> = states.map(|state| on(state[0], state[1])).collect();
    scene.line(&way, 1.5, Colour::VERMILION.mix(Colour::PAPER, 0.35));
    for &[x0, y0, x1, y1] in walls {
        scene.line(&[on(x0, y0), on(x1, y1)], 2.5, Colour::INK);
    }
    let at = on(shown.state[0], shown.state[1]);
    let (sin, cos) = shown.state[2].to_radians().sin_cos();
    scene.disc(at, scale * radius, Colour::BLUE);
    let nose = [at[0] + scale * radius * cos, at[1] - scale * radius * sin];
    scene.line(&[at, nose], 2.0, Colour::PAPER);
    scene
}

/// The least and the largest x and y of walls.
fn extent(walls: &[[f64; 4]]) -> ([f64; 2], [f64; 2]) {
    let ends = walls.iter().flat_map(|&[x0, y0, x1, y1]| [[x0, y0], [x1, y1]]);
    let none = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    ends.fold(none, |(low, high), [x, y]| {
        ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)])
    })
}
