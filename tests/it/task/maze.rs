//! The maze: observations, moves and collisions, calculated by hand.

use deme::backend::{Backend, Cpu, Episodes, Purpose, Reference};
use deme::network::Activation;
use deme::population::{ExplicitGenomes, Proposal};
use deme::task;

use super::{assert_state, dynamics, sizes, terminated};

fn observed(state: [f64; 5]) -> Vec<f64> {
    dynamics("maze", |_, dynamics| dynamics.observe(&state))
}

fn step(state: [f64; 5], action: [f64; 2]) -> (Vec<f64>, f64) {
    dynamics("maze", |_, dynamics| dynamics.step(&state, &action))
}

#[test]
fn an_episode_starts_at_rest_at_the_bottom_of_the_map() {
    let (low, high, limit) = sizes("maze");
    assert_eq!((low.as_slice(), &high, limit), (&[30.0, 20.0, 0.0, 0.0, 0.0][..], &low, 400));
}

#[test]
fn rangefinders_match_distances_measured_on_the_map() {
    // Looking right from the start: the floor is 20 below. At -45 degrees it is met after 20 to the
    // right and 20 down. Ahead, the slanting wall from (78, 0) to (108, 40) is at height 20 at
    // x = 93. At 45 degrees, y = x - 10 and y = 100 - 55 / 105 (x - 55) meet at x = 91.09375, which
    // is 61.09375 to the right. On the left the shelf is 132 away, too far to be seen; behind, the
    // left wall is at 30.
    let root = 2f64.sqrt();
    let ranges = observed([30.0, 20.0, 0.0, 0.0, 0.0]);
    assert_state(&ranges[..6], &[0.2, 0.2 * root, 0.63, 0.610_937_5 * root, 1.0, 0.3]);
    // Looking up, close under the shelf at y = 152: right, the wall at x = 55; halfway to either
    // side the shelf, as ahead; on the left the outer wall. Behind, the floor is 140 away.
    let ranges = observed([40.0, 140.0, 90.0, 0.0, 0.0]);
    assert_state(&ranges[..6], &[0.15, 0.12 * root, 0.12, 0.12 * root, 0.4, 1.0]);
    // There the slanting wall ends at x = 28. Farther to the left it is below: at x = 20 at a
    // height of 125 - 20 x 40 / 28.
    let below = observed([20.0, 140.0, 90.0, 0.0, 0.0])[5];
    approx::assert_abs_diff_eq!(below, (15.0 + 800.0 / 28.0) / 100.0, epsilon = 1e-12);
}

#[test]
fn exactly_one_quarter_of_the_radar_contains_the_goal() {
    // The goal is straight above the start.
    for (heading, quarter) in
        [(0.0, 1), (90.0, 0), (180.0, 3), (-90.0, 2), (46.0, 0), (44.0, 1), (-44.0, 1), (-46.0, 2)]
    {
        let mut expected = [0.0; 4];
        expected[quarter] = 1.0;
        assert_eq!(observed([30.0, 20.0, heading, 0.0, 0.0])[6..], expected, "{heading}");
    }
}

#[test]
fn the_robot_moves_along_its_heading_and_then_turns() {
    // Ahead by half a unit: the goal is sqrt(160^2 + 0.5^2) away after it.
    let (next, reward) = step([30.0, 20.0, 0.0, 1.0, 0.0], [0.25, 0.5]);
    assert_state(&next, &[30.5, 20.0, 1.25, 1.25, 0.5]);
    approx::assert_abs_diff_eq!(reward, 160.0 - 25_600.25f64.sqrt(), epsilon = 1e-12);
    // A move straight to the goal earns its whole length.
    let (next, reward) = step([30.0, 20.0, 90.0, 0.0, 2.0], [0.0, 0.0]);
    assert_state(&next, &[30.0, 22.0, 90.0, 0.0, 2.0]);
    approx::assert_abs_diff_eq!(reward, 2.0, epsilon = 1e-12);
    // A heading of 180 degrees is -180.
    let (next, _) = step([150.0, 20.0, 179.0, 1.0, 0.0], [0.0, 0.0]);
    assert_state(&next, &[150.0, 20.0, -180.0, 1.0, 0.0]);
    // Speed and turn are limited to 3, changes to 0.5.
    let (next, _) = step([150.0, 20.0, 0.0, -2.9, 2.8], [-9.0, 9.0]);
    assert_state(&next, &[153.0, 20.0, -3.0, -3.0, 3.0]);
}

#[test]
fn walls_stop_the_move_but_not_the_turn() {
    // The shelf is at y = 152, so a robot of radius 8 can reach y = 144.
    let (free, _) = step([30.0, 142.0, 90.0, 1.0, 2.0], [0.0, 0.0]);
    assert_state(&free, &[30.0, 144.0, 91.0, 1.0, 2.0]);
    let (stopped, reward) = step([30.0, 142.0, 90.0, 1.0, 2.001], [0.0, 0.0]);
    assert_state(&stopped, &[30.0, 142.0, 91.0, 1.0, 2.001]);
    assert_eq!(reward, 0.0);
    // The end of the wall at (55, 50) is round: below it, 6 to the left and 6 down is too far for a
    // circle of 8, and would not be for a square.
    let corner = |x: f64, y: f64| step([x - 1.0, y, 0.0, 0.0, 1.0], [0.0, 0.0]).0[0];
    approx::assert_abs_diff_eq!(corner(49.0, 44.0), 49.0, epsilon = 1e-12);
    approx::assert_abs_diff_eq!(corner(49.5, 44.5), 48.5, epsilon = 1e-12);
}

#[test]
fn an_episode_ends_within_five_units_of_the_goal() {
    for (x, y, ends) in [(30.0, 175.0, true), (30.0, 174.999, false), (34.0, 177.0, true)] {
        assert_eq!(terminated("maze", &[x, y, 0.0, 0.0, 0.0]), ends, "{x}, {y}");
    }
}

/// Runs a network that always accelerates and turns faster: it spirals to the left.
fn driven(backend: &mut dyn Backend) -> (f32, Vec<f32>) {
    let mut genome = vec![0.0; 22];
    (genome[20], genome[21]) = (0.05, 0.05);
    let genomes = ExplicitGenomes { genomes: genome.into(), genes: 22 };
    backend.spawn(&Proposal::Explicit(genomes)).expect("a genome");
    let episodes = Episodes::new(1, Purpose::Training, 0, 2).with_behaviour();
    let scores = backend.score(&episodes).expect("a score");
    (scores.values[0], scores.behaviours.expect("asked for"))
}

#[test]
fn the_return_is_the_distance_gained_and_the_behaviour_the_last_position() {
    let task: std::sync::Arc<dyn deme::task::Task> = task::by_name("maze").expect("a task").into();
    let network = task.network("none", Activation::Tanh).expect("no layers");
    assert_eq!((network.parameters(), task.behaviour()), (22, 2));
    let (value, place) = driven(&mut Reference::new(task.clone(), network.clone()));
    let [x, y] = place[..] else { panic!("{place:?}") };
    let away = (x - 30.0).hypot(y - 180.0);
    approx::assert_abs_diff_eq!(value, 160.0 - away, epsilon = 1e-3);
    assert_ne!([x, y], [30.0, 20.0]);
    let (lanes, lanes_place) = driven(&mut Cpu::new(task, network));
    approx::assert_abs_diff_eq!(lanes, value, epsilon = 1e-2);
    approx::assert_abs_diff_eq!(lanes_place[..], place[..], epsilon = 1e-2);
}
