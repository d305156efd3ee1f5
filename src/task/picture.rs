//! Pictures: the scene of a control task, with sizes in the task's own units.

use crate::draw::Colour;

/// A shape of a world's picture, in the world's own units; y points upward.
#[derive(Clone, Debug, PartialEq)]
pub enum PictureShape {
    /// A stroke with round ends.
    Line {
        /// The two ends.
        ends: [[f64; 2]; 2],
        /// The thickness.
        width: f64,
        /// The colour.
        colour: Colour,
    },
    /// A filled circle.
    Circle {
        /// The centre.
        centre: [f64; 2],
        /// The radius.
        radius: f64,
        /// The colour.
        colour: Colour,
    },
    /// A filled polygon.
    Polygon {
        /// The corners.
        corners: Vec<[f64; 2]>,
        /// The colour.
        colour: Colour,
    },
    /// One line of text.
    Text {
        /// The position of the text's middle.
        middle: [f64; 2],
        /// The text.
        text: String,
        /// The colour.
        colour: Colour,
    },
}

/// The drawing of a world: its shapes for every state.
pub trait DrawState: std::fmt::Debug + Send + Sync {
    /// The region that is drawn: left, bottom, right, top.
    fn region(&self) -> [f64; 4];
    /// Returns the shapes of a state, from the back to the front. Shapes whose numbers are not
    /// finite are left out.
    fn shapes(&self, state: &[f64]) -> Vec<PictureShape>;
}

/// A drawing that lives as long as the process.
#[derive(Clone, Copy, Debug)]
pub struct StatePicture(pub &'static dyn DrawState);

/// True if both are the same drawing of the same world.
impl PartialEq for StatePicture {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self.0, other.0)
    }
}

/// The scene of a task, and the duration of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    /// The scene.
    pub body: Body,
    /// The duration of a step in seconds.
    pub step_seconds: f64,
}

/// The bodies of a scene, and the numbers of a state that position them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// A cart on a track, and poles hinged to it. State: `[x m, v]`, then `[angle rad, w]` of each
    /// pole; zero is upright, clockwise is positive.
    Cart {
        /// The distance from the middle of the track to its end, in m.
        half_track: f64,
        /// The lengths of the poles in m.
        poles: &'static [f64],
        /// True if a pole may hang below the track.
        hangs: bool,
    },
    /// A rod that rotates around one end. State: `[angle rad, ..]`; zero is upright.
    Pendulum {
        /// The length of the rod in m.
        length: f64,
    },
    /// Two links, the upper one on a fixed joint. State: `[angle rad, angle rad, ..]`. The first
    /// angle is zero for a link that hangs down, the second for a stretched arm.
    Arm {
        /// The lengths of the upper and the lower link in m.
        lengths: [f64; 2],
        /// The height that the hand must reach, in m above the upper joint.
        line: f64,
    },
    /// A car between two hills. State: `[x, ..]`. The height of the ground at x is `sin(3 x)`.
    Valley {
        /// The position of the wall on the left.
        left: f64,
        /// The position of the wall on the right.
        right: f64,
        /// The position of the flag.
        goal: f64,
    },
    /// A round robot between walls. State: `[x, y, heading degrees, ..]`. y points upward, and the
    /// heading is counterclockwise from the right.
    Maze {
        /// The two ends of each wall: `[x, y, x, y]`.
        walls: &'static [[f64; 4]],
        /// The goal.
        goal: [f64; 2],
        /// The distance from the goal at which an episode ends.
        arrived: f64,
        /// The radius of the robot.
        radius: f64,
    },
    /// The shapes that the text of a world returns for a state.
    World(StatePicture),
}
