// Walker: a torso on two legs with knees walks along level ground.
//
// State: [x m and height m of the hip, their speeds m/s, angle of the torso rad, its rate rad/s],
// then for the left and for the right leg [angle of the thigh, its rate, angle of the shank, its
// rate]. All angles are measured from the vertical, counterclockwise, so that a leg with a positive
// angle points ahead and a torso with a positive angle leans back.
// The walker consists of five rigid rods in a plane and two feet, which are points of mass within a
// cushion. The equations of motion are Lagrange's in closed form: legs and torso are eliminated,
// which leaves two equations for the hip. The ground is a spring and a damper under each cushion,
// with friction that grows smoothly with the speed of the foot. Joints have soft stops. A step is
// ten steps of semi-implicit Euler.
// Source: this world is our own. It shares the shape of its body with Walker2d of MuJoCo and with
// BipedalWalker of Gymnasium, but neither numbers nor rules; returns cannot be compared.
//
//! summary = "walk on two legs by torques at hips and knees"
//! source = "a world of deme"
//! state = 14
//! draws = 7
//! step-limit = 1000
//! threshold = 2000.0
//! reward = "1, and the hip's forward speed in m/s, less a cost of the squared torques."
//! ends = "When the hip sinks to 0.6 m, the torso tilts by 0.6 rad, or after 1000 steps, 10 s."
//!
//! [[observations]]
//! name = "height"
//! meaning = "height of the hip above that of straight legs"
//! unit = "m"
//! [[observations]]
//! name = "speed"
//! meaning = "forward speed of the hip"
//! unit = "m/s"
//! [[observations]]
//! name = "rise"
//! meaning = "upward speed of the hip"
//! unit = "m/s"
//! [[observations]]
//! name = "tilt"
//! meaning = "angle of the torso, positive if it leans back"
//! unit = "rad"
//! [[observations]]
//! name = "tilt-rate"
//! meaning = "a tenth of the rate of the torso's angle"
//! unit = "rad/s"
//! [[observations]]
//! name = "left-hip"
//! meaning = "angle of the left thigh ahead of the torso"
//! unit = "rad"
//! [[observations]]
//! name = "left-hip-rate"
//! meaning = "a twentieth of the rate of the left hip's angle"
//! unit = "rad/s"
//! [[observations]]
//! name = "left-knee"
//! meaning = "bend of the left knee"
//! unit = "rad"
//! [[observations]]
//! name = "left-knee-rate"
//! meaning = "a twentieth of the rate of the left knee's bend"
//! unit = "rad/s"
//! [[observations]]
//! name = "left-foot"
//! meaning = "how firmly the left foot stands"
//! low = 0.0
//! high = 1.0
//! [[observations]]
//! name = "right-hip"
//! meaning = "angle of the right thigh ahead of the torso"
//! unit = "rad"
//! [[observations]]
//! name = "right-hip-rate"
//! meaning = "a twentieth of the rate of the right hip's angle"
//! unit = "rad/s"
//! [[observations]]
//! name = "right-knee"
//! meaning = "bend of the right knee"
//! unit = "rad"
//! [[observations]]
//! name = "right-knee-rate"
//! meaning = "a twentieth of the rate of the right knee's bend"
//! unit = "rad/s"
//! [[observations]]
//! name = "right-foot"
//! meaning = "how firmly the right foot stands"
//! low = 0.0
//! high = 1.0
//!
//! [[actions]]
//! name = "left-hip"
//! meaning = "torque that swings the left leg ahead"
//! unit = "N m"
//! low = -30.0
//! high = 30.0
//! [[actions]]
//! name = "left-knee"
//! meaning = "torque that straightens the left knee"
//! unit = "N m"
//! low = -20.0
//! high = 20.0
//! [[actions]]
//! name = "right-hip"
//! meaning = "torque that swings the right leg ahead"
//! unit = "N m"
//! low = -30.0
//! high = 30.0
//! [[actions]]
//! name = "right-knee"
//! meaning = "torque that straightens the right knee"
//! unit = "N m"
//! low = -20.0
//! high = 20.0
//!
//! [picture]
//! left = -1.6
//! right = 1.6
//! bottom = -0.25
//! top = 1.55
//! step-seconds = 0.01
//!
//! [defaults]
//! strategy = "openai-es"
//! network = "16"
//! population = 128
//! generations = 300
//! episodes = 2

const GRAVITY: f32 = 9.81; // m/s^2, downward
const TORSO_MASS: f32 = 6.0; // kg, a rod
const THIGH_MASS: f32 = 1.5; // kg, a rod
const SHANK_MASS: f32 = 0.8; // kg, a rod
const FOOT_MASS: f32 = 1.0; // kg, a point at the end of a shank
const TORSO_LENGTH: f32 = 0.5; // m, from the hip upward
const THIGH_LENGTH: f32 = 0.4; // m, from the hip to a knee
const SHANK_LENGTH: f32 = 0.4; // m, from a knee to the middle of a foot
const FOOT_RADIUS: f32 = 0.06; // m, of the cushion around a foot
const STIFFNESS: f32 = 4000.0; // N/m, of a pressed cushion
const BOUNCE_DAMPING: f32 = 0.5; // s/m, how much more force a cushion has per speed of pressing
const FRICTION: f32 = 0.9; // friction of the ground, as a share of the weight on it
const SLIP_SPEED: f32 = 0.2; // m/s, the speed of an unloaded foot at which friction is 3/4
const SLIP_LOAD: f32 = 200.0; // N, the load that doubles this speed
const JOINT_DAMPING: f32 = 2.0; // N m s/rad, in hips and knees
const STOP_STIFFNESS: f32 = 100.0; // N m/rad, of the soft stops of hips and knees
const ALIVE: f32 = 1.0; // reward of a step, besides that of speed
const EFFORT: f32 = 0.3; // cost of a step with all four torques at their largest
const SUBSTEP_SECONDS: f32 = 0.001; // s, of an Euler step; a step of the world is ten of them
const LOWEST_HIP: f32 = 0.6; // m, the height of the hip at which an episode ends
const LARGEST_TILT: f32 = 0.6; // rad, the angle of the torso at which an episode ends
const LARGEST_START: f32 = 0.1; // rad, the largest random part of each angle of a start

// Soft stops of the joints, in rad: how far a thigh swings back and ahead, and a knee bends.
const HIP_BACK: f32 = -0.9;
const HIP_AHEAD: f32 = 1.4;
const KNEE_STRAIGHT: f32 = 0.05;
const KNEE_BENT: f32 = 2.0;

// The rates of the two angles of a leg, written as free - to_x * a.x - to_y * a.y with the hip's
// acceleration a, and what the leg adds to the hip's equations.
struct Response {
    free: vec2<f32>,
    to_x: vec2<f32>,
    to_y: vec2<f32>,
    force: vec2<f32>,
    // What the leg takes from the hip's inertia: entries xx, xy and yy.
    inertia: vec3<f32>,
}

// The direction of a rod that hangs down at angle zero.
fn rod(angle: f32) -> vec2<f32> {
    return vec2<f32>(math_sin(angle), -math_cos(angle));
}

// The derivative of a rod's direction with respect to its angle.
fn across(rod: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(-rod.y, rod.x);
}

// The torque of a joint's soft stops.
fn stop_torque(angle: f32, low: f32, high: f32) -> f32 {
    return STOP_STIFFNESS * (max(low - angle, 0.0) - max(angle - high, 0.0));
}

// The force of the ground on a foot at some height, with some velocity.
fn ground_force(height: f32, velocity: vec2<f32>) -> vec2<f32> {
    let pressed = max(FOOT_RADIUS - height, 0.0);
    let normal = STIFFNESS * pressed * max(1.0 - BOUNCE_DAMPING * velocity.y, 0.0);
    let slip = SLIP_SPEED * (1.0 + normal / SLIP_LOAD);
    return vec2<f32>(-FRICTION * normal * math_tanh(velocity.x / slip), normal);
}

// The answer of a leg to gravity, the ground and torques. `leg` is [thigh, its rate, shank, its
// rate], and `torques` are those at the hip and the knee.
fn leg_response(
    height: f32, velocity: vec2<f32>, leg: vec4<f32>, torques: vec2<f32>,
) -> Response {
    let thigh = rod(leg.x);
    let shank = rod(leg.z);
    let thigh_across = across(thigh);
    let shank_across = across(shank);
    let push = ground_force(
        height + THIGH_LENGTH * thigh.y + SHANK_LENGTH * shank.y,
        velocity + THIGH_LENGTH * leg.y * thigh_across + SHANK_LENGTH * leg.w * shank_across,
    );
    // Masses times their distances, of what hangs on the hip and on the knee.
    let below = SHANK_MASS + FOOT_MASS;
    let hip_moment = (0.5 * THIGH_MASS + below) * THIGH_LENGTH;
    let knee_moment = (0.5 * SHANK_MASS + FOOT_MASS) * SHANK_LENGTH;
    let own = (THIGH_MASS / 3.0 + below) * THIGH_LENGTH * THIGH_LENGTH;
    let other = (SHANK_MASS / 3.0 + FOOT_MASS) * SHANK_LENGTH * SHANK_LENGTH;
    let coupling = knee_moment * THIGH_LENGTH;
    let both = coupling * dot(thigh, shank);
    let turned = coupling * dot(thigh, shank_across);
    let right = vec2<f32>(
        -turned * leg.w * leg.w - GRAVITY * hip_moment * thigh.x
            + THIGH_LENGTH * dot(thigh_across, push) + torques.x - torques.y,
        turned * leg.y * leg.y - GRAVITY * knee_moment * shank.x
            + SHANK_LENGTH * dot(shank_across, push) + torques.y,
    );
    let determinant = own * other - both * both;
    let thigh_pull = hip_moment * thigh_across;
    let shank_pull = knee_moment * shank_across;
    let free = vec2<f32>(
        other * right.x - both * right.y, own * right.y - both * right.x,
    ) / determinant;
    let to_x = vec2<f32>(
        other * thigh_pull.x - both * shank_pull.x, own * shank_pull.x - both * thigh_pull.x,
    ) / determinant;
    let to_y = vec2<f32>(
        other * thigh_pull.y - both * shank_pull.y, own * shank_pull.y - both * thigh_pull.y,
    ) / determinant;
    let outward = hip_moment * leg.y * leg.y * thigh + knee_moment * leg.w * leg.w * shank;
    return Response(
        free, to_x, to_y,
        push + outward - thigh_pull * free.x - shank_pull * free.y,
        vec3<f32>(
            thigh_pull.x * to_x.x + shank_pull.x * to_x.y,
            thigh_pull.x * to_y.x + shank_pull.x * to_y.y,
            thigh_pull.y * to_y.x + shank_pull.y * to_y.y,
        ),
    );
}

// The torques at a leg's hip and knee: those of the motors, of the stops and of damping.
fn leg_torques(torso: vec2<f32>, leg: vec4<f32>, motors: vec2<f32>) -> vec2<f32> {
    let hip = stop_torque(leg.x - torso.x, HIP_BACK, HIP_AHEAD);
    let knee = stop_torque(leg.x - leg.z, KNEE_STRAIGHT, KNEE_BENT);
    return motors + vec2<f32>(
        hip - JOINT_DAMPING * (leg.y - torso.y), -knee - JOINT_DAMPING * (leg.w - leg.y),
    );
}

// A leg after an Euler step with the hip's acceleration.
fn moved_leg(leg: vec4<f32>, response: Response, acceleration: vec2<f32>) -> vec4<f32> {
    let rates = vec2<f32>(leg.y, leg.w) + SUBSTEP_SECONDS * (
        response.free - response.to_x * acceleration.x - response.to_y * acceleration.y
    );
    return vec4<f32>(
        leg.x + SUBSTEP_SECONDS * rates.x, rates.x, leg.z + SUBSTEP_SECONDS * rates.y, rates.y,
    );
}

// The height of a hip whose foot just touches the ground.
fn standing_height(thigh: f32, shank: f32) -> f32 {
    return FOOT_RADIUS + THIGH_LENGTH * math_cos(thigh) + SHANK_LENGTH * math_cos(shank);
}

// The first state: a stride at rest, with the left leg ahead and all angles a little random.
fn task_start(draws: Draws) -> State {
    let spread = 2.0 * LARGEST_START;
    let left = 0.25 + spread * (draws[0] - 0.5);
    let right = -0.1 + spread * (draws[1] - 0.5);
    let left_shank = left - 0.15 - LARGEST_START * draws[2];
    let right_shank = right - 0.15 - LARGEST_START * draws[3];
    let tilt = spread * (draws[4] - 0.5);
    let height = max(standing_height(left, left_shank), standing_height(right, right_shank));
    return State(
        0.0, height, draws[5] - 0.5, 0.0, tilt, draws[6] - 0.5,
        left, 0.0, left_shank, 0.0, right, 0.0, right_shank, 0.0,
    );
}

// How firmly a foot stands, from 0 in the air to 1.
fn foot_pressure(hip: f32, thigh: f32, shank: f32) -> f32 {
    return clamp((standing_height(thigh, shank) - hip) / (0.5 * FOOT_RADIUS), 0.0, 1.0);
}

// Speeds, and angles relative to the body, in sizes that a network can use.
fn task_observe(state: State) -> Observation {
    return Observation(
        state[1] - (THIGH_LENGTH + SHANK_LENGTH + FOOT_RADIUS),
        state[2], state[3], state[4], 0.1 * state[5],
        state[6] - state[4], 0.05 * (state[7] - state[5]),
        state[6] - state[8], 0.05 * (state[7] - state[9]),
        foot_pressure(state[1], state[6], state[8]),
        state[10] - state[4], 0.05 * (state[11] - state[5]),
        state[10] - state[12], 0.05 * (state[11] - state[13]),
        foot_pressure(state[1], state[10], state[12]),
    );
}

// Ten Euler steps with the same torques of the motors.
fn task_step(state: State, action: Action) -> Step {
    let h = SUBSTEP_SECONDS;
    let strength = vec2<f32>(30.0, 20.0);
    let left_motors = clamp(vec2<f32>(action[0], action[1]), -strength, strength);
    let right_motors = clamp(vec2<f32>(action[2], action[3]), -strength, strength);
    let efforts = vec4<f32>(left_motors / strength, right_motors / strength);
    // The hip's movement is summed up by itself, which keeps more of its digits.
    var moved = vec2<f32>(0.0, 0.0);
    var velocity = vec2<f32>(state[2], state[3]);
    var torso = vec2<f32>(state[4], state[5]);
    var left = vec4<f32>(state[6], state[7], state[8], state[9]);
    var right = vec4<f32>(state[10], state[11], state[12], state[13]);
    let mass = TORSO_MASS + 2.0 * (THIGH_MASS + SHANK_MASS + FOOT_MASS);
    // The torso is a rod that points upward, so its moment is negative.
    let moment = -0.5 * TORSO_MASS * TORSO_LENGTH;
    let inertia = TORSO_MASS * TORSO_LENGTH * TORSO_LENGTH / 3.0;
    for (var i = 0u; i < 10u; i++) {
        let height = state[1] + moved.y;
        let left_torques = leg_torques(torso, left, left_motors);
        let right_torques = leg_torques(torso, right, right_motors);
        let l = leg_response(height, velocity, left, left_torques);
        let r = leg_response(height, velocity, right, right_torques);
        let trunk = rod(torso.x);
        let pull = moment * across(trunk);
        let free = (-GRAVITY * moment * trunk.x - left_torques.x - right_torques.x) / inertia;
        let force = l.force + r.force + moment * torso.y * torso.y * trunk - pull * free
            - vec2<f32>(0.0, mass * GRAVITY);
        let xx = mass - l.inertia.x - r.inertia.x - pull.x * pull.x / inertia;
        let xy = -l.inertia.y - r.inertia.y - pull.x * pull.y / inertia;
        let yy = mass - l.inertia.z - r.inertia.z - pull.y * pull.y / inertia;
        let acceleration = vec2<f32>(yy * force.x - xy * force.y, xx * force.y - xy * force.x)
            / (xx * yy - xy * xy);
        let turning = torso.y + h * (free - dot(pull, acceleration) / inertia);
        torso = vec2<f32>(torso.x + h * turning, turning);
        left = moved_leg(left, l, acceleration);
        right = moved_leg(right, r, acceleration);
        velocity = velocity + h * acceleration;
        moved = moved + h * velocity;
    }
    let next = State(
        state[0] + moved.x, state[1] + moved.y, velocity.x, velocity.y, torso.x, torso.y,
        left.x, left.y, left.z, left.w, right.x, right.y, right.z, right.w,
    );
    let reward = ALIVE + moved.x / (10.0 * h) - 0.25 * EFFORT * dot(efforts, efforts);
    return Step(next, reward);
}

// True if the walker fell.
fn task_terminated(state: State) -> bool {
    return state[1] <= LOWEST_HIP || abs(state[4]) >= LARGEST_TILT;
}

// The right edge of the picture. Like all constants without a remark it is no parameter.
const EDGE: f32 = 1.6;

// The thigh, the shank and the foot of a leg.
fn leg_picture(hip: vec2<f32>, thigh: f32, shank: f32, colour: f32) -> array<Shape, 3> {
    let knee = hip + THIGH_LENGTH * rod(thigh);
    let foot = knee + SHANK_LENGTH * rod(shank);
    return array<Shape, 3>(
        picture_circle(foot, FOOT_RADIUS, colour),
        picture_line(knee, foot, 0.07, colour),
        picture_line(hip, knee, 0.1, colour),
    );
}

// The walker in the middle. Houses, and a post with its number at each metre, move past it.
fn task_picture(state: State) -> array<Shape, 25> {
    var shapes: array<Shape, 25>;
    // Houses stand far behind and so move at a third of the speed.
    let passed = state[0] / 3.0 / 0.8;
    for (var place = 0u; place < 5u; place++) {
        let house = floor(passed) + f32(place) - 2.0;
        let left = 0.8 * (house - passed);
        let height = 0.35 + 0.15 * math_sin(2.4 * house);
        shapes[place] = picture_rectangle(
            vec2f(clamp(left, -EDGE, EDGE), 0.0),
            vec2f(clamp(left + 0.7, -EDGE, EDGE), height),
            COLOUR_PALE,
        );
    }
    shapes[5] = picture_rectangle(vec2f(-EDGE, -0.25), vec2f(EDGE, 0.0), COLOUR_GREEN);
    for (var place = 0u; place < 5u; place++) {
        let metre = floor(state[0]) + f32(place) - 2.0;
        let at = metre - state[0];
        shapes[6u + 2u * place] = picture_nothing();
        shapes[7u + 2u * place] = picture_nothing();
        if (abs(at) < EDGE - 0.1) {
            shapes[6u + 2u * place] = picture_line(
                vec2f(at, -0.04), vec2f(at, 0.05), 0.025, COLOUR_PAPER,
            );
            shapes[7u + 2u * place] = picture_number(vec2f(at, -0.14), metre, COLOUR_PAPER);
        }
    }
    let hip = vec2<f32>(0.0, state[1]);
    let neck = hip - TORSO_LENGTH * rod(state[4]);
    let right = leg_picture(hip, state[10], state[12], COLOUR_SKY);
    let left = leg_picture(hip, state[6], state[8], COLOUR_BLUE);
    for (var part = 0u; part < 3u; part++) {
        shapes[16u + part] = right[part];
        shapes[21u + part] = left[part];
    }
    shapes[19] = picture_line(hip, neck, 0.16, COLOUR_INK);
    shapes[20] = picture_circle(neck - 0.12 * rod(state[4]), 0.11, COLOUR_ORANGE);
    shapes[24] = picture_circle(hip, 0.035, COLOUR_PAPER);
    return shapes;
}
