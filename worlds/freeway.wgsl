// Freeway on a grid of 10 x 10 cells: a chicken crosses eight lanes of cars, again and again.
//
// State: [row of the chicken, steps until it may move, last action], then for each lane from the
// top [column of the car, its velocity, steps until it moves]. Columns count from the left and rows
// from the top, both from 0. The sign of a velocity is the direction of the car, and its magnitude,
// 1 to 5, the number of steps for which it rests between two moves: 1 is the fastest. All numbers
// are whole, so every backend computes the same bits.
// Source: the game Freeway of MinAtar, as Young and Tian describe it (arXiv 1903.03176). Details
// that the paper leaves open follow recorded play of the package; no line of it was read. Not more
// than 37 crossings fit into 1000 steps, so the limit is the 2500 steps of the original; the score
// to reach is what gymnax reports of PPO.
//
//! summary = "lead a chicken across eight lanes of cars on a grid of 10 x 10 cells"
//! source = "Freeway of MinAtar (Young and Tian 2019)"
//! state = 27
//! # One for each car.
//! draws = 8
//! # One for the repetition of an action, and one for each car after a crossing.
//! step-draws = 9
//! step-limit = 2500
//! threshold = 58.0
//! returns = [0.0, 92.0]
//! reward = "1 whenever the chicken reaches the top row, from where it starts again at the bottom."
//! ends = "After 2500 steps."
//!
//! [[observations]]
//! name = "chicken"
//! meaning = "1 in the cell of the chicken, row by row"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "car"
//! meaning = "1 in each cell with a car"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "speed1"
//! meaning = "1 in the cell behind each of the fastest cars"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "speed2"
//! meaning = "1 in the cell behind each car of the second speed"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "speed3"
//! meaning = "1 in the cell behind each car of the third speed"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "speed4"
//! meaning = "1 in the cell behind each car of the fourth speed"
//! count = 100
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "speed5"
//! meaning = "1 in the cell behind each of the slowest cars"
//! count = 100
//! low = 0.0
//! high = 1.0
//!
//! [[actions]]
//! name = "move"
//! choices = [
//!     { name = "stay", meaning = "wait in the row" },
//!     { name = "up", meaning = "move by one row toward the far side" },
//!     { name = "down", meaning = "move by one row back" },
//! ]
//!
//! [picture]
//! left = -0.3
//! right = 10.3
//! bottom = -0.3
//! top = 10.3
//! step-seconds = 0.06
//!
//! [defaults]
//! strategy = "openai-es"
//! network = "16"
//! population = 128
//! generations = 200
//! episodes = 2

const STICKY: f32 = 0.1; // probability that the previous action is repeated
const CHICKEN_WAIT: f32 = 3.0; // steps from one move of the chicken to the next
const LANES: u32 = 8u;
// The index of the first car's numbers in a state.
const CARS: u32 = 3u;
// The only column in which the chicken walks.
const CHICKEN_COLUMN: u32 = 4u;

// The velocity of a car, one of ten, from a uniform.
fn car_velocity(draw: f32) -> f32 {
    let number = min(floor(10.0 * draw), 9.0);
    return select(number + 1.0, 4.0 - number, number >= 5.0);
}

// The column next to another one, around the edge of the grid.
fn column_beside(column: f32, by: f32) -> f32 {
    let beside = column + by;
    return select(select(beside, 0.0, beside > 9.0), 9.0, beside < 0.0);
}

// The first state: the chicken at the bottom, and all cars on the left.
fn task_start(draws: Draws) -> State {
    var state: State;
    state[0] = 9.0;
    state[1] = CHICKEN_WAIT;
    for (var lane = 0u; lane < LANES; lane++) {
        let velocity = car_velocity(draws[lane]);
        state[CARS + 3u * lane + 1u] = velocity;
        state[CARS + 3u * lane + 2u] = abs(velocity);
    }
    return state;
}

// The seven channels one after the other, each from the top left cell, row by row.
fn task_observe(state: State) -> Observation {
    var observation: Observation;
    for (var row = 0u; row < 10u; row++) {
        let here = f32(row) == state[0];
        observation[10u * row + CHICKEN_COLUMN] = select(0.0, 1.0, here);
    }
    for (var lane = 0u; lane < LANES; lane++) {
        let car = state[CARS + 3u * lane];
        let velocity = state[CARS + 3u * lane + 1u];
        let behind = column_beside(car, -sign(velocity));
        let first = 10u * (lane + 1u);
        for (var column = 0u; column < 10u; column++) {
            observation[100u + first + column] = select(0.0, 1.0, f32(column) == car);
        }
        for (var speed = 1u; speed <= 5u; speed++) {
            // Cars of other speeds leave the channel empty.
            let seen = select(-1.0, behind, abs(velocity) == f32(speed));
            for (var column = 0u; column < 10u; column++) {
                let cell = 100u + 100u * speed + first + column;
                observation[cell] = select(0.0, 1.0, f32(column) == seen);
            }
        }
    }
    return observation;
}

// Moves the chicken, then the cars from the top lane to the bottom lane.
fn task_step(state: State, action: Action) -> Step {
    let choice = select(action[0], state[2], step_draws[0] < STICKY);
    var chicken = state[0];
    var wait = state[1];
    if (wait == 0.0 && choice > 0.0) {
        chicken = clamp(chicken + select(1.0, -1.0, choice == 1.0), 0.0, 9.0);
        wait = CHICKEN_WAIT;
    }
    // A chicken that arrives starts again, and the cars get other velocities.
    let arrived = chicken == 0.0;
    if (arrived) {
        chicken = 9.0;
    }
    var next: State;
    for (var lane = 0u; lane < LANES; lane++) {
        let row = f32(lane + 1u);
        let place = f32(CHICKEN_COLUMN);
        let first = CARS + 3u * lane;
        var column = state[first];
        var velocity = state[first + 1u];
        var rest = state[first + 2u];
        if (arrived) {
            velocity = car_velocity(step_draws[lane + 1u]);
            rest = abs(velocity);
        }
        // The chicken is hit if it walked into a car, or if the car now drives into it.
        let walked_into = chicken == row && column == place;
        let moves = rest == 0.0;
        column = select(column, column_beside(column, sign(velocity)), moves);
        rest = select(rest - 1.0, abs(velocity), moves);
        let hit = walked_into || chicken == row && column == place;
        chicken = select(chicken, 9.0, hit);
        next[first] = column;
        next[first + 1u] = velocity;
        next[first + 2u] = rest;
    }
    next[0] = chicken;
    next[1] = max(wait - 1.0, 0.0);
    next[2] = choice;
    return Step(next, select(0.0, 1.0, arrived));
}

// No state ends the episode.
fn task_terminated(state: State) -> bool {
    return false;
}

// A rectangle in the coordinates of the grid, from its upper left to its lower right corner.
fn block(left: f32, top: f32, right: f32, bottom: f32, colour: f32) -> Shape {
    return picture_rectangle(vec2f(left, 10.0 - bottom), vec2f(right, 10.0 - top), colour);
}

// The road with its lines, the cars in a colour for each speed, and the chicken.
fn task_picture(state: State) -> array<Shape, 70> {
    var shapes: array<Shape, 70>;
    shapes[0] = block(-0.2, -0.2, 10.2, 10.2, COLOUR_GREEN);
    shapes[1] = block(-0.2, 1.0, 10.2, 9.0, COLOUR_INK);
    shapes[2] = block(-0.2, 0.97, 10.2, 1.03, COLOUR_PAPER);
    shapes[3] = block(-0.2, 8.97, 10.2, 9.03, COLOUR_PAPER);
    // Dashes between the lanes, thin so that they do not distract.
    for (var line = 0u; line < 7u; line++) {
        for (var dash = 0u; dash < 5u; dash++) {
            let left = 2.0 * f32(dash) + 0.5;
            let middle = f32(line) + 2.0;
            shapes[4u + 5u * line + dash] = block(
                left, middle - 0.02, left + 1.0, middle + 0.02, COLOUR_GREY,
            );
        }
    }
    let colours = array<f32, 5>(
        COLOUR_VERMILION, COLOUR_ORANGE, COLOUR_PURPLE, COLOUR_SKY, COLOUR_BLUE,
    );
    for (var lane = 0u; lane < LANES; lane++) {
        let column = state[CARS + 3u * lane];
        let velocity = state[CARS + 3u * lane + 1u];
        let top = f32(lane) + 1.0;
        let colour = colours[u32(clamp(abs(velocity), 1.0, 5.0)) - 1u];
        // The windscreen is in front.
        let glass = column + 0.5 + 0.2 * sign(velocity);
        let shape = 39u + 3u * lane;
        shapes[shape] = block(column + 0.04, top + 0.2, column + 0.96, top + 0.8, colour);
        shapes[shape + 1u] = block(
            column + 0.2, top + 0.28, column + 0.8, top + 0.72, COLOUR_BLACK,
        );
        shapes[shape + 2u] = block(glass - 0.1, top + 0.3, glass + 0.1, top + 0.7, COLOUR_PALE);
    }
    let chicken = vec2f(f32(CHICKEN_COLUMN) + 0.5, 9.5 - state[0]);
    shapes[63] = picture_line(
        chicken + vec2f(-0.12, -0.42), chicken + vec2f(-0.12, -0.2), 0.07, COLOUR_ORANGE,
    );
    shapes[64] = picture_line(
        chicken + vec2f(0.12, -0.42), chicken + vec2f(0.12, -0.2), 0.07, COLOUR_ORANGE,
    );
    shapes[65] = picture_circle(chicken + vec2f(0.0, -0.05), 0.3, COLOUR_PAPER);
    shapes[66] = picture_circle(chicken + vec2f(0.0, 0.36), 0.09, COLOUR_VERMILION);
    shapes[67] = picture_circle(chicken + vec2f(0.0, 0.22), 0.17, COLOUR_PAPER);
    shapes[68] = picture_triangle(
        chicken + vec2f(0.14, 0.27), chicken + vec2f(0.32, 0.2), chicken + vec2f(0.14, 0.13),
        COLOUR_ORANGE,
    );
    shapes[69] = picture_circle(chicken + vec2f(0.06, 0.26), 0.04, COLOUR_BLACK);
    return shapes;
}
