// Slime volleyball: land the ball on the other side of the net, against a recurrent network.
//
// Lengths are in units of the court, which is 48 wide; x = 0 is the net and y = 0 lies below the
// ground. State: twelve numbers that the right player sees (its own x, y, vx, vy, the ball's, and
// the opponent's with x pointing the other way), then the court: x, y, vy of the right player,
// x, y, vx, vy of the ball, x, y, vy of the left player, the seven outputs of the left player's
// network, the steps until the ball is served, and the lives of the right and of the left player.
// The numbers that a player sees stay those of the step before when a point ends, as in the
// original. Observation: the first twelve numbers, divided by 10. Action: forward, backward, jump,
// each pressed if the number is above 0. Reward: 1 for a point won, -1 for a point lost.
// Source: David Ha, slimevolleygym 0.1.0, 2020 (Apache-2.0): its rules, its order of updates, and
// the weights of its baseline player, which come from "Neural Slime Volleyball", 2015.
//
//! summary = "play volleyball against a recurrent network (SlimeVolley-v0)"
//! source = "Ha 2020, slimevolleygym 0.1.0, SlimeVolley-v0 (Apache-2.0)"
//! state = 32
//! # The velocity of the first serve; a step draws that of the next one.
//! draws = 2
//! step-draws = 2
//! step-limit = 3000
//! # The mean of the CMA-ES agent that the source publishes, over 1,000 episodes.
//! threshold = 1.148
//! returns = [-5.0, 5.0]
//! reward = "1 if the ball lands on the opponent's side, -1 if it lands on the own side."
//! ends = "When a player has lost 5 points, or after 3000 steps."
//!
//! [[observations]]
//! name = "x"
//! meaning = "distance of the player from the net"
//! unit = "10 units"
//! low = 0.2
//! high = 2.25
//! [[observations]]
//! name = "y"
//! meaning = "height of the player"
//! unit = "10 units"
//! low = 0.15
//! high = 0.5
//! [[observations]]
//! name = "vx"
//! meaning = "speed of the player, away from the net"
//! unit = "10 units/s"
//! low = -1.75
//! high = 1.75
//! [[observations]]
//! name = "vy"
//! meaning = "speed of the player, upward"
//! unit = "10 units/s"
//! low = -1.35
//! high = 1.35
//! [[observations]]
//! name = "ball x"
//! meaning = "distance of the ball from the net, negative on the opponent's side"
//! unit = "10 units"
//! low = -2.4
//! high = 2.4
//! [[observations]]
//! name = "ball y"
//! meaning = "height of the ball"
//! unit = "10 units"
//! low = 0.15
//! high = 4.8
//! [[observations]]
//! name = "ball vx"
//! meaning = "speed of the ball, away from the net"
//! unit = "10 units/s"
//! [[observations]]
//! name = "ball vy"
//! meaning = "speed of the ball, upward"
//! unit = "10 units/s"
//! [[observations]]
//! name = "opponent x"
//! meaning = "distance of the opponent from the net"
//! unit = "10 units"
//! low = 0.2
//! high = 2.25
//! [[observations]]
//! name = "opponent y"
//! meaning = "height of the opponent"
//! unit = "10 units"
//! low = 0.15
//! high = 0.5
//! [[observations]]
//! name = "opponent vx"
//! meaning = "speed of the opponent, away from the net"
//! unit = "10 units/s"
//! low = -1.75
//! high = 1.75
//! [[observations]]
//! name = "opponent vy"
//! meaning = "speed of the opponent, upward"
//! unit = "10 units/s"
//! low = -1.35
//! high = 1.35
//!
//! # Numbers as the network gives them; a number above 0 presses the button.
//! [[actions]]
//! name = "forward"
//! meaning = "toward the net if above 0"
//! [[actions]]
//! name = "backward"
//! meaning = "away from the net if above 0"
//! [[actions]]
//! name = "jump"
//! meaning = "jump from the ground if above 0"
//!
//! [picture]
//! left = -24.0
//! right = 24.0
//! bottom = 0.0
//! top = 21.0
//! step-seconds = 0.033333333
//!
//! # The settings with which EvoJAX trains the game, in episodes that always last 3000 steps.
//! # A rally that goes on is worth something in training, because points are rare at first.
//! [training]
//! survival-bonus = 0.01
//!
//! [defaults]
//! strategy = "cma-es"
//! network = "20"
//! population = 128
//! generations = 500
//! episodes = 16
//! [defaults.settings]
//! sigma = 0.5

const SURVIVAL_BONUS: f32 = 0.0; // reward of every step
const GRAVITY: f32 = 29.4; // units/s^2, the pull downward
const STEP_SECONDS: f32 = 0.033333335; // s, the duration of a step
const COURT_WIDTH: f32 = 48.0; // units, from wall to wall
const CEILING: f32 = 48.0; // units, the height of the ceiling
const GROUND: f32 = 1.5; // units, the height of the ground
const NET_WIDTH: f32 = 1.0; // units, also the diameter of the round top of the net
const NET_HEIGHT: f32 = 3.5; // units, the height of the centre of the round top
const PLAYER_RADIUS: f32 = 1.5; // units, of either player
const BALL_RADIUS: f32 = 0.5; // units, of the ball
const RUN_SPEED: f32 = 17.5; // units/s, of a player that runs
const JUMP_SPEED: f32 = 13.5; // units/s, of a player that jumps
const LARGEST_BALL_SPEED: f32 = 22.5; // units/s, of a ball in flight
const WALL_RESTITUTION: f32 = 1.0; // share of the speed that the ball keeps at walls and the net
const NUDGE: f32 = 0.1; // units, by which a ball moves out of a body until they are apart
const WALL_GAP: f32 = 0.0033333334; // units, between a ball and the wall that it has left
const SERVE_HEIGHT: f32 = 12.0; // units, of the ball before a serve
const SERVE_SPREAD: f32 = 20.0; // units/s, the largest sideways speed of a serve
const SERVE_SLOWEST: f32 = 10.0; // units/s, the smallest upward speed of a serve
const SERVE_FASTEST: f32 = 25.0; // units/s, the largest upward speed of a serve
const SERVE_STEPS: f32 = 30.0; // steps, for which the ball hangs still before a serve
const LIVES: f32 = 5.0; // points, that a player may lose
const PRESSED: f32 = 0.75; // output above which the opponent presses a button

// The first number of each part of a state, behind the twelve numbers that the player sees.
const RIGHT: u32 = 12u;
const BALL: u32 = 15u;
const LEFT: u32 = 19u;
const OPPONENT: u32 = 22u;
const WAIT: u32 = 29u;
const RIGHT_LIVES: u32 = 30u;
const LEFT_LIVES: u32 = 31u;

// The opponent's network: seven outputs, each with the weights of fifteen inputs (x, y, vx, vy of
// the player and of the ball, then the seven outputs of the step before), and a bias.
const OPPONENT_OUTPUTS: u32 = 7u;
const OPPONENT_INPUTS: u32 = 15u;
var<private> opponent_weights: array<f32, 105> = array<f32, 105>(
    // Output 0: forward.
    7.5719, 4.4285, 2.2716, -0.3598, -7.8189, -2.5422, -3.2034, 0.3935,
    1.2202, -0.49, -0.0316, 0.5221, 0.7026, 0.4179, -2.1689,
    // Output 1: backward.
    1.646, -13.3639, 1.5151, 1.1175, -5.3561, 5.0442, 0.8451, 0.3987,
    -2.9501, -3.7811, -5.8994, 6.4167, 2.5014, 7.338, -2.9887,
    // Output 2: jump.
    2.4586, 13.4191, 2.7395, -3.9708, 1.6548, -2.7554, -1.5345, -6.4708,
    9.2426, -0.7392, 0.4452, 1.8828, -2.6277, -10.851, -3.2353,
    // Output 3: seen by the next step only.
    -4.4653, -3.1153, -1.3707, 7.318, 16.0902, 1.4686, 7.0391, 1.7765,
    -1.155, 2.6697, -8.8877, 1.1958, -3.2839, -5.4425, 1.6809,
    // Output 4: seen by the next step only.
    7.6812, -2.4732, 1.738, 0.3781, 0.8718, 2.5886, 1.6911, 1.2953,
    -9.0052, -4.6038, -6.7447, -2.5528, 0.4391, -4.9278, -3.6695,
    // Output 5: seen by the next step only.
    -4.8673, -1.6035, 1.5011, -5.6124, 4.9747, 1.8998, 3.0359, 6.2983,
    -4.8568, -2.1888, -4.1143, -3.9874, -0.0459, 4.7134, 2.8952,
    // Output 6: seen by the next step only.
    -9.3627, -4.685, 0.3601, -1.3699, 9.7294, 11.5596, 0.1918, 3.0783,
    0.0329, -0.1362, -0.1188, -0.7579, 0.3278, -0.977, -0.9377,
);
var<private> opponent_biases: array<f32, 7> = array<f32, 7>(
    2.2935, -2.0353, -1.7786, 5.4567, -3.6368, 3.4996, -0.0685,
);

// The velocity of a serve from two uniforms.
fn slime_serve(sideways: f32, upward: f32) -> vec2f {
    return vec2f(
        SERVE_SPREAD * (2.0 * sideways - 1.0),
        SERVE_SLOWEST + (SERVE_FASTEST - SERVE_SLOWEST) * upward,
    );
}

// The first state of an episode: both players in the middle of their halves, and a ball above the
// net with a random velocity.
fn task_start(draws: Draws) -> State {
    let serve = slime_serve(draws[0], draws[1]);
    let place = COURT_WIDTH / 4.0;
    return State(
        place, GROUND, 0.0, 0.0, 0.0, SERVE_HEIGHT, serve.x, serve.y, place, GROUND, 0.0, 0.0,
        place, GROUND, 0.0,
        0.0, SERVE_HEIGHT, serve.x, serve.y,
        -place, GROUND, 0.0,
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        SERVE_STEPS, LIVES, LIVES,
    );
}

// The twelve numbers that the right player sees, scaled.
fn task_observe(state: State) -> Observation {
    return Observation(
        state[0] / 10.0, state[1] / 10.0, state[2] / 10.0, state[3] / 10.0,
        state[4] / 10.0, state[5] / 10.0, state[6] / 10.0, state[7] / 10.0,
        state[8] / 10.0, state[9] / 10.0, state[10] / 10.0, state[11] / 10.0,
    );
}

// The outputs of the opponent's network, which sees the court from its own side.
fn slime_opponent(state: State) -> array<f32, 7> {
    var inputs = array<f32, 15>(
        state[8] / 10.0, state[9] / 10.0, state[10] / 10.0, state[11] / 10.0,
        -state[4] / 10.0, state[5] / 10.0, -state[6] / 10.0, state[7] / 10.0,
        state[22], state[23], state[24], state[25], state[26], state[27], state[28],
    );
    var outputs: array<f32, 7>;
    for (var i = 0u; i < OPPONENT_OUTPUTS; i++) {
        var sum = opponent_biases[i];
        for (var k = 0u; k < OPPONENT_INPUTS; k++) {
            sum += opponent_weights[OPPONENT_INPUTS * i + k] * inputs[k];
        }
        outputs[i] = math_tanh(sum);
    }
    return outputs;
}

// A player after a step: [x, y, vx, vy]. The side is 1 for the right player, -1 for the left one.
fn slime_player(
    x: f32, y: f32, vy: f32, side: f32, forward: bool, backward: bool, jump: bool,
) -> vec4f {
    // Only a player on the ground jumps, and a player on the ground that does not jump rests.
    var speed = vec2f(0.0, vy - GRAVITY * STEP_SECONDS);
    if (y <= GROUND + NUDGE * STEP_SECONDS) {
        speed.y = select(0.0, JUMP_SPEED, jump);
    }
    // Both buttons together do nothing.
    speed.x = side * RUN_SPEED * (select(0.0, 1.0, backward) - select(0.0, 1.0, forward));
    var position = vec2f(x, y) + STEP_SECONDS * speed;
    if (position.y <= GROUND) {
        position.y = GROUND;
        speed.y = 0.0;
    }
    let nearest = NET_WIDTH / 2.0 + PLAYER_RADIUS;
    let farthest = COURT_WIDTH / 2.0 - PLAYER_RADIUS;
    let distance = side * position.x;
    if (distance <= nearest || distance >= farthest) {
        position.x = side * clamp(distance, nearest, farthest);
        speed.x = 0.0;
    }
    return vec4f(position, speed);
}

// A ball after a meeting with a round body; both are [x, y, vx, vy]. The original moves the ball
// outward by nudges until the two are apart; their number is computed here.
fn slime_bounce(ball: vec4f, body: vec4f, reach: f32) -> vec4f {
    let away = ball.xy - body.xy;
    let square = dot(away, away);
    if (square >= reach * reach) {
        return ball;
    }
    let distance = sqrt(max(square, 1e-12));
    let outward = away / distance;
    let nudges = max(ceil((reach - distance) / NUDGE), 1.0);
    let relative = ball.zw - body.zw;
    let reflected = relative - 2.0 * dot(relative, outward) * outward;
    return vec4f(ball.xy + nudges * NUDGE * outward, reflected + body.zw);
}

// A ball in free flight for a step.
fn slime_flight(ball: vec4f) -> vec4f {
    var velocity = vec2f(ball.z, ball.w - GRAVITY * STEP_SECONDS);
    let square = dot(velocity, velocity);
    if (square > LARGEST_BALL_SPEED * LARGEST_BALL_SPEED) {
        velocity *= LARGEST_BALL_SPEED / sqrt(square);
    }
    return vec4f(ball.xy + STEP_SECONDS * velocity, velocity);
}

// A ball after the ceiling and the net, which only stops a ball that has come from `before`.
fn slime_net(ball: vec4f, before: f32) -> vec4f {
    var after = ball;
    let highest = CEILING - BALL_RADIUS;
    let nearest = NET_WIDTH / 2.0 + BALL_RADIUS;
    if (after.y >= highest) {
        after.w *= -WALL_RESTITUTION;
        after.y = highest - WALL_GAP;
    }
    if (after.x <= nearest && before > nearest && after.y <= NET_HEIGHT) {
        after.z *= -WALL_RESTITUTION;
        after.x = nearest + WALL_GAP;
    }
    if (after.x >= -nearest && before < -nearest && after.y <= NET_HEIGHT) {
        after.z *= -WALL_RESTITUTION;
        after.x = -nearest - WALL_GAP;
    }
    return after;
}

// The next state, and the points of the step.
fn task_step(state: State, action: Action) -> Step {
    let outputs = slime_opponent(state);
    let left = slime_player(
        state[LEFT], state[LEFT + 1u], state[LEFT + 2u], -1.0,
        outputs[0] > PRESSED, outputs[1] > PRESSED, outputs[2] > PRESSED,
    );
    let right = slime_player(
        state[RIGHT], state[RIGHT + 1u], state[RIGHT + 2u], 1.0,
        action[0] > 0.0, action[1] > 0.0, action[2] > 0.0,
    );

    var ball = vec4f(state[BALL], state[BALL + 1u], state[BALL + 2u], state[BALL + 3u]);
    let before = ball.x;
    var wait = state[WAIT];
    if (wait > 0.0) {
        wait -= 1.0;
    } else {
        ball = slime_flight(ball);
    }
    ball = slime_bounce(ball, left, BALL_RADIUS + PLAYER_RADIUS);
    ball = slime_bounce(ball, right, BALL_RADIUS + PLAYER_RADIUS);
    ball = slime_bounce(ball, vec4f(0.0, NET_HEIGHT, 0.0, 0.0), BALL_RADIUS + NET_WIDTH / 2.0);
    let farthest = COURT_WIDTH / 2.0 - BALL_RADIUS;
    if (ball.x <= -farthest) {
        ball.z *= -WALL_RESTITUTION;
        ball.x = WALL_GAP - farthest;
    }
    if (ball.x >= farthest) {
        ball.z *= -WALL_RESTITUTION;
        ball.x = farthest - WALL_GAP;
    }

    var points = 0.0;
    if (ball.y <= GROUND + BALL_RADIUS) {
        points = select(-1.0, 1.0, ball.x <= 0.0);
        ball = vec4f(0.0, SERVE_HEIGHT, slime_serve(step_draws[0], step_draws[1]));
        wait = SERVE_STEPS;
    } else {
        ball = slime_net(ball, before);
    }

    var next = State(
        right.x, right.y, right.z, right.w, ball.x, ball.y, ball.z, ball.w,
        -left.x, left.y, -left.z, left.w,
        right.x, right.y, right.w,
        ball.x, ball.y, ball.z, ball.w,
        left.x, left.y, left.w,
        outputs[0], outputs[1], outputs[2], outputs[3], outputs[4], outputs[5], outputs[6],
        wait,
        state[RIGHT_LIVES] - select(0.0, 1.0, points < 0.0),
        state[LEFT_LIVES] - select(0.0, 1.0, points > 0.0),
    );
    if (points != 0.0) {
        // A variable: elements of an argument are slow to find by an index on some GPUs.
        var now = state;
        for (var i = 0u; i < 12u; i++) {
            next[i] = now[i];
        }
    }
    return Step(next, points + SURVIVAL_BONUS);
}

// True if a player has no life left.
fn task_terminated(state: State) -> bool {
    return state[RIGHT_LIVES] <= 0.0 || state[LEFT_LIVES] <= 0.0;
}

// The court with both players, their scores above their halves, and the ball.
fn task_picture(state: State) -> array<Shape, 18> {
    let half = COURT_WIDTH / 2.0;
    let middle = COURT_WIDTH / 4.0;
    let net = NET_WIDTH / 2.0;
    let ball = vec2f(state[BALL], state[BALL + 1u]);
    let left = vec2f(state[LEFT], state[LEFT + 1u]);
    let right = vec2f(state[RIGHT], state[RIGHT + 1u]);
    var shapes: array<Shape, 18>;
    shapes[0] = picture_rectangle(vec2f(-half, 0.0), vec2f(half, CEILING), COLOUR_PAPER);
    shapes[1] = picture_circle(left, PLAYER_RADIUS, COLOUR_VERMILION);
    shapes[2] = picture_circle(right, PLAYER_RADIUS, COLOUR_BLUE);
    for (var i = 0u; i < 2u; i++) {
        let side = select(-1.0, 1.0, i == 1u);
        let at = select(left, right, i == 1u);
        // A rectangle in the colour of the air hides the lower half of the disc.
        let low = at - vec2f(1.1 * PLAYER_RADIUS, 1.1 * PLAYER_RADIUS);
        let high = at + vec2f(1.1 * PLAYER_RADIUS, 0.0);
        shapes[3u + 3u * i] = picture_rectangle(low, high, COLOUR_PAPER);
        // An eye that looks at the ball.
        let eye = at + PLAYER_RADIUS * vec2f(-0.3 * side, 0.52);
        let gaze = (ball - eye) / max(length(ball - eye), 1e-3);
        let pupil = eye + 0.15 * PLAYER_RADIUS * gaze;
        shapes[4u + 3u * i] = picture_circle(eye, 0.3 * PLAYER_RADIUS, COLOUR_PAPER);
        shapes[5u + 3u * i] = picture_circle(pupil, 0.13 * PLAYER_RADIUS, COLOUR_BLACK);
    }
    shapes[9] = picture_rectangle(vec2f(-net, 0.0), vec2f(net, NET_HEIGHT), COLOUR_GREY);
    shapes[10] = picture_circle(vec2f(0.0, NET_HEIGHT), net, COLOUR_GREY);
    shapes[11] = picture_rectangle(vec2f(-half, 0.0), vec2f(half, GROUND), COLOUR_GREEN);
    shapes[12] = picture_circle(ball, BALL_RADIUS, COLOUR_ORANGE);
    let left_points = LIVES - state[RIGHT_LIVES];
    let right_points = LIVES - state[LEFT_LIVES];
    shapes[13] = picture_number(vec2f(-middle, 18.5), left_points, COLOUR_VERMILION);
    shapes[14] = picture_number(vec2f(middle, 18.5), right_points, COLOUR_BLUE);
    shapes[15] = picture_line(vec2f(-half, GROUND), vec2f(half, GROUND), 0.12, COLOUR_INK);
    shapes[16] = picture_line(vec2f(-half, 0.0), vec2f(-half, CEILING), 0.2, COLOUR_INK);
    shapes[17] = picture_line(vec2f(half, 0.0), vec2f(half, CEILING), 0.2, COLOUR_INK);
    return shapes;
}
