//! Pictures: every control task can be drawn, and its limits are those of the picture.

use deme::task::{self, Body, Kind, Simulation, StatePicture};

/// True if a state ends an episode; its numbers are zero except for the given ones.
fn ends(simulation: &dyn Simulation, numbers: &[(usize, f64)]) -> bool {
    let shape = simulation.shape();
    let mut state = simulation.reference().expect("dynamics").start(&vec![0.0; shape.draws]);
    state[..2].fill(0.0);
    if state.len() >= 4 {
        state[2..4].fill(0.0);
    }
    for &(index, value) in numbers {
        state[index] = value;
    }
    simulation.reference().expect("dynamics").terminated(&state)
}

#[test]
fn every_control_task_can_be_drawn_and_its_limits_are_those_of_the_picture() {
    for task in task::all() {
        let Kind::Control(simulation) = task.kind() else { continue };
        let name = &task.about().name;
        let picture = simulation.picture().unwrap_or_else(|| panic!("{name} has no picture"));
        assert!(picture.step_seconds > 0.0 && picture.step_seconds <= 0.25, "{name}");
        match picture.body {
            Body::Cart { half_track, poles, .. } => {
                assert!(simulation.shape().state >= 2 + 2 * poles.len(), "{name}");
                assert!(!ends(simulation, &[(0, half_track - 1e-9)]), "{name}");
                assert!(ends(simulation, &[(0, half_track + 1e-9)]), "{name}");
            }
            Body::Valley { goal, left, right } => {
                assert!(left < goal && goal <= right, "{name}");
                assert!(!ends(simulation, &[(0, goal - 1e-9)]), "{name}");
                assert!(ends(simulation, &[(0, goal + 1e-9)]), "{name}");
            }
            Body::Arm { lengths, line } => {
                let angle = (line / lengths.iter().sum::<f64>()).asin();
                let stretched = std::f64::consts::FRAC_PI_2 + angle;
                assert!(!ends(simulation, &[(0, stretched - 1e-9)]), "{name}");
                assert!(ends(simulation, &[(0, stretched + 1e-9)]), "{name}");
            }
            Body::Maze { walls, goal: [x, y], arrived, radius } => {
                assert!(arrived < radius && walls.len() > 4, "{name}");
                assert!(ends(simulation, &[(0, x), (1, y + arrived - 1e-9)]), "{name}");
                assert!(!ends(simulation, &[(0, x), (1, y + arrived + 1e-9)]), "{name}");
            }
            Body::Pendulum { length } => assert!(length > 0.0, "{name}"),
            Body::World(StatePicture(world)) => {
                let start = simulation.reference().expect("dynamics");
                let start = start.start(&simulation.shape().draw(|| 0.5));
                assert!(world.shapes(&start).len() > 2, "{name}");
                let broken = vec![f64::NAN; start.len()];
                // A state of no numbers draws what does not depend on it.
                let _ = world.shapes(&broken);
            }
        }
    }
}
