// Swing-up, hard: swing a pole up from anywhere on the track, at any speed.
//
// A start lies within 2.4 m and 10 m/s, within a quarter turn of hanging down and 10 rad/s. The
// physics stands before this, in shaders/task/swing.wgsl.

// A start lies within +- these of hanging still: m, m/s, rad, rad/s.
const START = vec4<f32>(LARGEST_X, 10.0, PI / 2.0, 10.0);

fn task_start(draws: Draws) -> State {
    let drawn = vec4<f32>(draws[0], draws[1], draws[2], draws[3]);
    let start = START * (2.0 * drawn - 1.0);
    return State(start.x, start.y, PI + start.z, start.w);
}
