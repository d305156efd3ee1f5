//! Swing-up: swing a hanging pole up on its cart and hold it there, begun close to rest.
//!
//! Every number of a start is normal with deviation 0.2, about a pole that hangs still in the
//! middle of the track. Shapes, units, reward and source stand in [`swing`](super::swing), whose
//! physics this is. EvoJAX's guide names 900 as what a strategy must reach.

use std::borrow::Cow;
use std::f64::consts::{PI, TAU};

use super::swing::{self, LARGEST_FORCE, STEP_LIMIT};
use super::{About, Actions, Control, Defaults, Labels, Picture};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct SwingUp;

/// Of every number of a start.
const DEVIATION: f64 = 0.2;

const ABOUT: About = About {
    name: Cow::Borrowed("swingup"),
    summary: Cow::Borrowed("swing a pole up on a cart and hold it (EvoJAX, easy)"),
    source: Cow::Borrowed("EvoJAX 0.2, CartPoleSwingUp; threshold: the floor of its guide"),
    threshold: Some(900.0),
    defaults: Defaults {
        strategy: "pgpe",
        network: "64-64",
        population: 64,
        generations: 1000,
        episodes: 16,
        settings: &[],
    },
};

impl Control for SwingUp {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 4;
    const OBSERVATIONS: usize = 5;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = STEP_LIMIT;
    const WGSL: &'static str = concat!(
        include_str!("../../shaders/task/swing.wgsl"),
        include_str!("../../shaders/task/swingup.wgsl")
    );

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = swing::BODY;
        Some(Picture { body, step_seconds: swing::STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        swing::LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 4] {
        let [x, v] = normals(draws[0], draws[1]);
        let [angle, w] = normals(draws[2], draws[3]);
        let spread = R::of(DEVIATION);
        [spread * x, spread * v, R::of(PI) + spread * angle, spread * w]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 4], observation: &mut [R]) {
        swing::observe(state, observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 4], action: &[R]) -> ([R; 4], R) {
        swing::step(state, action[0])
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 4]) -> R::Mask {
        swing::terminated(state)
    }
}

/// Two independent normals from two uniforms in [0, 1) (Box and Muller 1958).
#[inline(always)]
fn normals<R: Real>(distance: R, direction: R) -> [R; 2] {
    // One minus the draw is never zero, whose logarithm there is not.
    let radius = (R::of(-2.0) * (R::of(1.0) - distance).ln()).sqrt();
    // Within half a turn to both sides, where angles are rounded least.
    let angle = R::of(TAU) * (direction - R::of(0.5));
    [radius * angle.cos(), radius * angle.sin()]
}
