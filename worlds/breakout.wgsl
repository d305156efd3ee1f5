// Breakout on a grid of 10 x 10 cells: a paddle keeps a ball in play, which breaks bricks.
//
// State: [paddle column, ball column, ball row, ball's columns per step, its rows per step, its
// last column, its last row, 1 if it met a brick in the last step, last action, three rows of
// bricks]. Columns count from the left and rows from the top, both from 0. A row of bricks is a
// whole number; the binary digit of value 2^column is 1 if there is a brick in the column. All
// numbers are whole, so every backend computes the same bits.
// Source: the game Breakout of MinAtar, as Young and Tian describe it (arXiv 1903.03176). Details
// that the paper leaves open follow recorded play of the package; no line of it was read. The limit
// of 1000 steps and the score to reach are those of gymnax; the paper has no limit.
//
//! summary = "break bricks with a ball on a grid of 10 x 10 cells"
//! source = "Breakout of MinAtar (Young and Tian 2019), at most 1000 steps as in gymnax"
//! state = 12
//! draws = 1
//! step-draws = 1
//! step-limit = 1000
//! threshold = 28.0
//! returns = [0.0, 500.0]
//! reward = "1 for each brick that the ball breaks."
//! ends = "When the paddle misses the ball, or after 1000 steps."
//!
//! [[observations]]
//! name = "paddle"
//! meaning = "1 in the cell of the paddle, row by row"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "ball"
//! meaning = "1 in the cell of the ball"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "trail"
//! meaning = "1 in the cell where the ball was a step ago"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "brick"
//! meaning = "1 in each cell with a brick"
//! count = 100
//! low = 0.0
//! high = 1.0
//!
//! [[actions]]
//! name = "move"
//! choices = [
//!     { name = "stay", meaning = "leave the paddle where it is" },
//!     { name = "left", meaning = "move the paddle by one cell to the left" },
//!     { name = "right", meaning = "move the paddle by one cell to the right" },
//! ]
//!
//! [picture]
//! left = -0.3
//! right = 10.3
//! bottom = -0.3
//! top = 10.3
//! step-seconds = 0.1
//!
//! # A paddle under the ball, and a ball that comes back, are worth something in training, because
//! # bricks are rare at first.
//! [training]
//! paddle-bonus = 1.0
//! follow-bonus = 0.1
//!
//! [defaults]
//! strategy = "openai-es"
//! network = "16"
//! population = 512
//! generations = 1500
//! episodes = 8
//! # Bricks and borders are always there; normalised, they say nothing until they change.
//! normalise-observations = true

const PADDLE_BONUS: f32 = 0.0; // reward for a ball that the paddle sends back
const FOLLOW_BONUS: f32 = 0.0; // reward of a step with the paddle under the ball, less far from it
const STICKY: f32 = 0.1; // probability that the previous action is repeated
const FULL_ROW: u32 = 1023u;
const FIRST_ROW: u32 = 1u;

// The first state: the ball flies downward from either end of the lowest row of bricks.
fn task_start(draws: Draws) -> State {
    let right = draws[0] < 0.5;
    let column = select(0.0, 9.0, right);
    let full = f32(FULL_ROW);
    return State(
        4.0, column, 3.0, select(1.0, -1.0, right), 1.0, column, 3.0, 0.0, 0.0, full, full, full,
    );
}

// True if a row of bricks has one in a column.
fn has_brick(row: f32, column: u32) -> bool {
    return ((u32(row) >> column) & 1u) == 1u;
}

// The four channels one after the other, each from the top left cell, row by row.
fn task_observe(state: State) -> Observation {
    var observation: Observation;
    for (var cell = 0u; cell < 100u; cell++) {
        let column = f32(cell % 10u);
        let row = f32(cell / 10u);
        observation[cell] = select(0.0, 1.0, row == 9.0 && column == state[0]);
        observation[100u + cell] = select(0.0, 1.0, row == state[2] && column == state[1]);
        observation[200u + cell] = select(0.0, 1.0, row == state[6] && column == state[5]);
    }
    for (var row = 0u; row < 3u; row++) {
        for (var column = 0u; column < 10u; column++) {
            let cell = 300u + 10u * (FIRST_ROW + row) + column;
            observation[cell] = select(0.0, 1.0, has_brick(state[9u + row], column));
        }
    }
    return observation;
}

// Moves the paddle, then the ball by one cell along its diagonal.
fn task_step(state: State, action: Action) -> Step {
    let choice = select(action[0], state[8], step_draws[0] < STICKY);
    let by = select(0.0, 1.0, choice == 2.0) - select(0.0, 1.0, choice == 1.0);
    let paddle = clamp(state[0] + by, 0.0, 9.0);

    // A side wall turns the ball around; it keeps its column for this step.
    let ahead = state[1] + state[3];
    let wall = ahead < 0.0 || ahead > 9.0;
    let column = select(ahead, state[1], wall);
    var across = select(state[3], -state[3], wall);
    var down = state[4];
    var row = state[2] + down;

    var rows = array<f32, 3>(state[9], state[10], state[11]);
    let bit = u32(clamp(column, 0.0, 9.0));
    var met = 0.0;
    for (var i = 0u; i < 3u; i++) {
        if (row == f32(FIRST_ROW + i) && has_brick(rows[i], bit)) {
            met = 1.0;
        }
    }
    var reward = 0.0;
    if (row < 0.0) {
        // The top wall: the ball keeps its row.
        row = state[2];
        down = 1.0;
    } else if (met == 1.0) {
        // A ball that broke a brick in the last step flies through this one.
        if (state[7] == 0.0) {
            for (var i = 0u; i < 3u; i++) {
                let gone = row == f32(FIRST_ROW + i);
                rows[i] = select(rows[i], rows[i] - f32(1u << bit), gone);
            }
            reward = 1.0;
            row = state[2];
            down = -down;
        }
    } else if (row >= 9.0) {
        // At the bottom new bricks come if none is left.
        if (rows[0] + rows[1] + rows[2] == 0.0) {
            for (var i = 0u; i < 3u; i++) {
                rows[i] = f32(FULL_ROW);
            }
        }
        // The paddle under the ball sends it on. One under the cell that the ball would enter sends
        // it back where it came from.
        if (paddle == state[1]) {
            reward = PADDLE_BONUS;
            row = state[2];
            down = -1.0;
        } else if (paddle == column) {
            reward = PADDLE_BONUS;
            row = state[2];
            down = -1.0;
            across = -across;
        }
    }
    reward += FOLLOW_BONUS * (1.0 - abs(paddle - column) / 9.0);
    let next = State(
        paddle, column, row, across, down, state[1], state[2], met, choice,
        rows[0], rows[1], rows[2],
    );
    return Step(next, reward);
}

// True if the ball is in the bottom row, where the paddle missed it.
fn task_terminated(state: State) -> bool {
    return state[2] >= 9.0;
}

// A rectangle that fills the cell of a column and a row, but for a gap on each side.
fn cell_picture(column: f32, row: f32, gap: f32, colour: f32) -> Shape {
    return picture_rectangle(
        vec2f(column + gap, 9.0 - row + gap), vec2f(column + 1.0 - gap, 10.0 - row - gap), colour,
    );
}

// The field, the bricks in a colour for each row, the paddle, the ball and where it was.
fn task_picture(state: State) -> array<Shape, 36> {
    var shapes: array<Shape, 36>;
    let colours = array<f32, 3>(COLOUR_VERMILION, COLOUR_ORANGE, COLOUR_GREEN);
    shapes[0] = picture_rectangle(vec2f(-0.2, -0.2), vec2f(10.2, 10.2), COLOUR_GREY);
    shapes[1] = picture_rectangle(vec2f(0.0, 0.0), vec2f(10.0, 10.0), COLOUR_INK);
    for (var row = 0u; row < 3u; row++) {
        for (var column = 0u; column < 10u; column++) {
            let shape = 2u + 10u * row + column;
            shapes[shape] = picture_nothing();
            if (has_brick(state[9u + row], column)) {
                shapes[shape] = cell_picture(
                    f32(column), f32(FIRST_ROW + row), 0.06, colours[row],
                );
            }
        }
    }
    let ball = vec2f(state[1] + 0.5, 9.5 - state[2]);
    let trail = vec2f(state[5] + 0.5, 9.5 - state[6]);
    shapes[32] = picture_line(trail, ball, 0.1, COLOUR_GREY);
    shapes[33] = picture_circle(trail, 0.16, COLOUR_GREY);
    shapes[34] = picture_circle(ball, 0.34, COLOUR_PAPER);
    shapes[35] = picture_rectangle(
        vec2f(state[0] - 0.05, 0.35), vec2f(state[0] + 1.05, 0.75), COLOUR_SKY,
    );
    return shapes;
}
