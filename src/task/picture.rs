//! What a control task looks like, for whoever draws it: sizes in the task's own units, and what
//! the numbers are called that its networks see and give.

/// What the numbers of a task are called; none of them where they have no names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The numbers that a network sees, in their order.
    pub observations: &'static [&'static str],
    /// The numbers that it gives: choices, or forces.
    pub actions: &'static [&'static str],
}

/// A body, and how fast it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    /// What there is to see.
    pub body: Body,
    /// Seconds that a step takes.
    pub step_seconds: f64,
}

/// What there is to see, and which numbers of a state say where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// A cart on a track, and poles hinged to it. State: `[x m, v]`, then `[angle rad, w]` of each
    /// pole; zero is upright, clockwise is positive.
    Cart {
        /// m, from the middle to an end of the track.
        half_track: f64,
        /// m, the poles.
        poles: &'static [f64],
        /// Whether a pole may hang below the track.
        hangs: bool,
    },
    /// A rod that turns around one end. State: `[angle rad, ..]`; zero is upright.
    Pendulum {
        /// m.
        length: f64,
    },
    /// Two links, the upper one on a fixed joint. State: `[angle rad, angle rad, ..]`; the first is
    /// zero hanging down, the second in line with the first.
    Arm {
        /// m, upper and lower.
        lengths: [f64; 2],
        /// m above the upper joint: where the hand is to reach.
        line: f64,
    },
    /// A car between two hills. State: `[x, ..]`; at x the ground is `sin(3 x)` high.
    Valley {
        /// The wall on the left.
        left: f64,
        /// The wall on the right.
        right: f64,
        /// Where the flag stands.
        goal: f64,
    },
    /// A round robot between walls. State: `[x, y, heading degrees, ..]`, y upward, the heading
    /// counterclockwise from the right.
    Maze {
        /// From place to place: `[x, y, x, y]`.
        walls: &'static [[f64; 4]],
        /// Where it is to go.
        goal: [f64; 2],
        /// How near that it has arrived.
        arrived: f64,
        /// Of the robot.
        radius: f64,
    },
}
