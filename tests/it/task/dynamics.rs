//! The sizes of control tasks: the draws of a start, and the names in WGSL.

use deme::task::{self, Kind};

#[test]
fn a_start_has_a_draw_for_each_uniform_or_the_index_of_a_listed_start() {
    for task in task::all() {
        let Kind::Control(simulation) = task.kind() else { continue };
        let shape = simulation.shape();
        let draws = shape.draw(|| 0.75);
        match shape.starts {
            Some(count) => assert_eq!(draws[0], (0.75 * f64::from(count)).floor()),
            None => assert_eq!(draws, vec![0.75; shape.draws]),
        }
    }
}

#[test]
fn an_array_of_a_text_has_at_least_one_element() {
    for task in task::all() {
        let Kind::Control(simulation) = task.kind() else { continue };
        let shape = simulation.shape();
        let size = |name: &str| {
            let size = shape.sizes().into_iter().find(|(other, _)| *other == name);
            size.expect("a size").1
        };
        assert_eq!(size("STATE"), shape.state);
        assert_eq!(size("DRAWS"), shape.draws);
        for name in ["STATE", "DRAW_ROOM", "ACTION_SIZE"] {
            assert!(size(name) >= 1, "{}: {name}", task.about().name);
        }
    }
}
