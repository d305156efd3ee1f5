//! Frames: one state of a control task as a picture.

use super::shapes;
use crate::draw::{Anchor, Colour, Scene};
use crate::task::{ActionPart, Actions, Body, Labels, Picture};

/// Width and height of a frame, in pixels.
pub const FRAME_SIZE: [u32; 2] = [480, 300];
/// The number of points on the outline of the valley.
const VALLEY_POINTS: u32 = 120;
/// The length of the longest arrow, as a share of the frame's width.
const ARROW: f64 = 0.14;

/// The most letters of an action's text below a frame.
const ACTION_LETTERS: usize = 48;

/// A state, and the step that led to it.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// The task's name.
    pub task: &'a str,
    /// The state.
    pub state: &'a [f64],
    /// The action of the last step; `None` at the start.
    pub action: Option<&'a [f64]>,
    /// The kind of the actions.
    pub actions: Actions,
    /// The names of the actions.
    pub labels: Labels,
    /// The states before this one, for drawings that show the path.
    pub path: &'a [Vec<f64>],
    /// The number of steps so far.
    pub step: u32,
    /// The sum of the rewards so far.
    pub reward: f64,
}

/// The words around a picture of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// The task's name.
    pub task: String,
    /// The simulated time, in seconds.
    pub clock: String,
    /// The number of steps so far.
    pub step: String,
    /// The last action by name, a text for each of its numbers; empty at the start.
    pub actions: Vec<String>,
    /// The sum of the rewards so far.
    pub reward: String,
}

/// Draws a state with its time, step, action and return.
pub fn draw_frame(picture: Picture, snapshot: &Snapshot) -> Scene {
    let mut scene = draw_state(picture, snapshot);
    let [width, height] = FRAME_SIZE.map(f64::from);
    let (top, bottom) = (24.0, height - 14.0);
    let Caption { task, clock, step, actions, reward } = caption(picture, snapshot);
    scene.text([16.0, top], Anchor::Start, 15.0, Colour::INK, task);
    scene.text([width - 16.0, top], Anchor::End, 15.0, Colour::INK, clock);
    let words = [
        (16.0, Anchor::Start, step),
        (width / 2.0, Anchor::Middle, fit_actions(&actions)),
        (width - 16.0, Anchor::End, reward),
    ];
    for (x, anchor, text) in words {
        scene.text([x, bottom], anchor, 12.0, Colour::GREY, text);
    }
    scene
}

/// Returns the words around a picture of a state.
pub fn caption(picture: Picture, snapshot: &Snapshot) -> Caption {
    let seconds = f64::from(snapshot.step) * picture.step_seconds;
    Caption {
        task: snapshot.task.to_owned(),
        clock: format!("{seconds:.2} s"),
        step: format!("step {}", snapshot.step),
        actions: action_texts(snapshot),
        reward: format!("return {}", short(snapshot.reward)),
    }
}

/// Writes a number with two decimals, or without any if it is whole.
fn short(value: f64) -> String {
    match value.fract() == 0.0 {
        true => format!("{value:.0}"),
        false => format!("{value:.2}"),
    }
}

fn action_texts(snapshot: &Snapshot) -> Vec<String> {
    let (labels, Some(action)) = (snapshot.labels.actions, snapshot.action) else {
        return Vec::new();
    };
    if let Actions::Choice(_) = snapshot.actions {
        let label = labels.get(action[0] as usize);
        return label.into_iter().map(|label| label.name.to_string()).collect();
    }
    let parts = snapshot.actions.parts();
    let texts = labels.iter().zip(action).zip(parts.iter()).map(|((label, number), part)| {
        let text = match part {
            ActionPart::Choice { .. } => format!("{} {number:.0}", label.name),
            _ => format!("{} {number:+.2} {}", label.name, label.unit),
        };
        text.trim_end().to_owned()
    });
    texts.collect()
}

/// Joins the texts of an action into one that fits between the step and the return: as many as
/// there is room for, and the number of the others.
fn fit_actions(texts: &[String]) -> String {
    let mut fitting = (0..=texts.len()).rev().map(|shown| match texts.len() - shown {
        0 => texts.join("  "),
        rest => format!("{}  and {rest} more", texts[..shown].join("  ")).trim_start().to_owned(),
    });
    fitting.find(|text| text.chars().count() <= ACTION_LETTERS).unwrap_or_default()
}

/// Returns the direction and size of the action, from -1 to 1: the first choice is -1, the last one
/// is 1, and a force is divided by its limit.
fn action_share(snapshot: &Snapshot) -> f64 {
    match (snapshot.action, snapshot.actions) {
        (Some(action), Actions::Choice(count)) if count > 1 => {
            2.0 * action[0] / (count - 1) as f64 - 1.0
        }
        (Some(action), Actions::Force { limit, .. }) => action[0] / limit,
        _ => 0.0,
    }
}

/// Draws a state without words.
pub fn draw_state(picture: Picture, snapshot: &Snapshot) -> Scene {
    match picture.body {
        Body::Cart { half_track, poles, hangs } => draw_cart(half_track, poles, hangs, snapshot),
        Body::World(drawing) => shapes::draw(drawing.0, snapshot.state, FRAME_SIZE),
        Body::Pendulum { length } => draw_pendulum(length, snapshot),
        Body::Arm { lengths, line } => draw_arm(lengths, line, snapshot),
        Body::Valley { left, right, goal } => draw_valley([left, right, goal], snapshot),
        Body::Maze { walls, goal, arrived, radius } => {
            draw_maze(walls, goal, arrived, radius, snapshot)
        }
    }
}

/// Draws a horizontal arrow; a share near zero draws none.
fn draw_arrow(scene: &mut Scene, from: [f64; 2], share: f64) {
    if share.abs() < 0.02 {
        return;
    }
    let colour = Colour::GREY.mix(Colour::PAPER, 0.25);
    let length = share * ARROW * f64::from(FRAME_SIZE[0]);
    // The arrow stays within the frame, because other frames may be next to it.
    let inside = 3.0..f64::from(FRAME_SIZE[0]) - 3.0;
    let end = (from[0] + length).clamp(inside.start, inside.end);
    if (end - from[0]) * share <= 9.0 * share.abs() {
        return;
    }
    let (to, head) = ([end, from[1]], 6.0 * share.signum());
    scene.line(&[from, [to[0] - head, to[1]]], 3.0, colour);
    scene.area(&[to, [to[0] - head * 1.5, to[1] - 6.0], [to[0] - head * 1.5, to[1] + 6.0]], colour);
}

fn draw_cart(half_track: f64, poles: &[f64], hangs: bool, snapshot: &Snapshot) -> Scene {
    let mut scene = Scene::new(FRAME_SIZE);
    let [width, height] = FRAME_SIZE.map(f64::from);
    let scale = width / (2.3 * half_track);
    // A pole that may hang needs room below the track.
    let ground = if hangs { 0.56 * height } else { 0.76 * height };
    let x = |metres: f64| width / 2.0 + metres * scale;
    let (half, tall) = (30.0, 22.0);
    scene.line(&[[x(-half_track), ground], [x(half_track), ground]], 3.0, Colour::PALE);
    for end in [-half_track, half_track] {
        scene.line(&[[x(end), ground - 9.0], [x(end), ground + 9.0]], 3.0, Colour::PALE);
    }
    let at = x(snapshot.state[0]);
    let top = ground - tall / 2.0;
    let share = action_share(snapshot);
    draw_arrow(&mut scene, [at + half * share.signum(), ground], share);
    let corners = |grow: f64| {
        let (half, up, down) = (half + grow, top - grow, ground + tall / 2.0 + grow);
        [[at - half, up], [at + half, up], [at + half, down], [at - half, down]]
    };
    scene.area(&corners(0.0), Colour::INK);
    let colours = [Colour::VERMILION, Colour::BLUE];
    let widths = [8.0, 6.0];
    for (index, &length) in poles.iter().enumerate() {
        let angle = snapshot.state[2 + 2 * index];
        let pixels = length * scale;
        let tip = [at + pixels * angle.sin(), top - pixels * angle.cos()];
        scene.line(&[[at, top], tip], widths[index.min(1)], colours[index % 2]);
    }
    scene.disc([at, top], 4.5, Colour::PAPER);
    scene.disc([at, top], 2.5, Colour::INK);
    scene
}

fn draw_pendulum(length: f64, snapshot: &Snapshot) -> Scene {
    let mut scene = Scene::new(FRAME_SIZE);
    let [width, height] = FRAME_SIZE.map(f64::from);
    let pivot = [width / 2.0, height / 2.0];
    let pixels = 105.0 * length;
    let angle = snapshot.state[0];
    let tip = [pivot[0] + pixels * angle.sin(), pivot[1] - pixels * angle.cos()];
    let torque = action_share(snapshot);
    if torque.abs() > 0.12 {
        // The arc turns clockwise for a torque that raises the angle.
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

fn draw_arm(lengths: [f64; 2], line: f64, snapshot: &Snapshot) -> Scene {
    let mut scene = Scene::new(FRAME_SIZE);
    let [width, height] = FRAME_SIZE.map(f64::from);
    let scale = 60.0;
    let pivot = [width / 2.0, 0.5 * height];
    let above = pivot[1] - line * scale;
    scene.line(&[[0.2 * width, above], [0.8 * width, above]], 2.0, Colour::GREEN);
    // The first angle is zero hanging down, the second is relative to the first link.
    let on = |from: [f64; 2], angle: f64, length: f64| {
        [from[0] + scale * length * angle.sin(), from[1] + scale * length * angle.cos()]
    };
    let elbow = on(pivot, snapshot.state[0], lengths[0]);
    let hand = on(elbow, snapshot.state[0] + snapshot.state[1], lengths[1]);
    scene.line(&[pivot, elbow], 11.0, Colour::BLUE);
    scene.line(&[elbow, hand], 11.0, Colour::VERMILION);
    for joint in [pivot, elbow] {
        scene.disc(joint, 7.5, Colour::INK);
        scene.disc(joint, 3.0, Colour::PAPER);
    }
    scene
}

fn draw_valley([left, right, goal]: [f64; 3], snapshot: &Snapshot) -> Scene {
    let mut scene = Scene::new(FRAME_SIZE);
    let [width, height] = FRAME_SIZE.map(f64::from);
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
    let at = snapshot.state[0];
    let [x, y] = on(at);
    // The slope under the car, in the proportions of the drawing.
    let slope = (0.62 * 0.45 * 3.0 * (3.0 * at).cos()).atan();
    let (sin, cos) = slope.sin_cos();
    let car = |along: f64, up: f64| [x + along * cos - up * sin, y - along * sin - up * cos];
    let share = action_share(snapshot);
    let from = car(22.0 * share.signum(), 15.0);
    draw_arrow(&mut scene, from, 0.7 * share);
    scene.area(&[car(-21.0, 7.0), car(21.0, 7.0), car(21.0, 17.0), car(-21.0, 17.0)], Colour::BLUE);
    scene.area(&[car(-12.0, 16.0), car(12.0, 16.0), car(8.0, 25.0), car(-8.0, 25.0)], Colour::BLUE);
    for along in [-12.0, 12.0] {
        scene.disc(car(along, 6.5), 6.0, Colour::INK);
        scene.disc(car(along, 6.5), 2.2, Colour::PAPER);
    }
    scene
}

fn draw_maze(
    walls: &[[f64; 4]],
    goal: [f64; 2],
    arrived: f64,
    radius: f64,
    snapshot: &Snapshot,
) -> Scene {
    let mut scene = Scene::new(FRAME_SIZE);
    let [width, height] = FRAME_SIZE.map(f64::from);
    let (low, high) = extent(walls);
    // The maze stands between the lines of text.
    let (top, bottom) = (36.0, height - 30.0);
    let scale = (bottom - top) / (high[1] - low[1]);
    let left = (width - scale * (high[0] - low[0])) / 2.0;
    let on = |x: f64, y: f64| [left + scale * (x - low[0]), bottom - scale * (y - low[1])];
    scene.disc(on(goal[0], goal[1]), (scale * arrived).max(4.0), Colour::GREEN);
    let states = snapshot.path.iter().map(Vec::as_slice).chain([snapshot.state]);
    let path: Vec<[f64; 2]> = states.map(|state| on(state[0], state[1])).collect();
    scene.line(&path, 1.5, Colour::VERMILION.mix(Colour::PAPER, 0.35));
    for &[x0, y0, x1, y1] in walls {
        scene.line(&[on(x0, y0), on(x1, y1)], 2.5, Colour::INK);
    }
    let at = on(snapshot.state[0], snapshot.state[1]);
    let (sin, cos) = snapshot.state[2].to_radians().sin_cos();
    scene.disc(at, scale * radius, Colour::BLUE);
    let nose = [at[0] + scale * radius * cos, at[1] - scale * radius * sin];
    scene.line(&[at, nose], 2.0, Colour::PAPER);
    scene
}

/// Returns the least and the largest x and y of the walls.
fn extent(walls: &[[f64; 4]]) -> ([f64; 2], [f64; 2]) {
    let ends = walls.iter().flat_map(|&[x0, y0, x1, y1]| [[x0, y0], [x1, y1]]);
    let none = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    ends.fold(none, |(low, high), [x, y]| {
        ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)])
    })
}
