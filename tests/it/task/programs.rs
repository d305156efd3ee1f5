//! The programs of a world: starts of every WGSL text are those of its Rust twin.

use deme::task::Dynamics;

use super::world::{simulation, twins};

#[test]
fn a_text_starts_where_its_twin_does() {
    for (task, world) in twins() {
        let twin = simulation(&*task);
        let shape = twin.shape();
        for first in [0.0, 0.25, 0.625, 0.99] {
            let mut uniform = first;
            let draws = shape.draw(|| {
                uniform = (uniform + 0.375) % 1.0;
                uniform
            });
            let (start, found) =
                (twin.reference().expect("dynamics").start(&draws), world.start(&draws));
            assert_eq!(start.len(), found.len(), "{}", task.about().name);
            for (found, expected) in found.iter().zip(&start) {
                let limit = 1e-5 * expected.abs().max(1.0);
                let name = &task.about().name;
                assert!((found - expected).abs() <= limit, "{name}: {found}, not {expected}");
            }
            let (seen, expected) =
                (world.observe(&start), twin.reference().expect("dynamics").observe(&start));
            for (found, expected) in seen.iter().zip(&expected) {
                assert!((found - expected).abs() <= 1e-5 * expected.abs().max(1.0));
            }
        }
    }
}
