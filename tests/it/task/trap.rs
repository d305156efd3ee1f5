//! Traps: what plain descent makes of them from where a run starts.

use deme::task::Formula;

#[test]
fn a_gradient_stops_or_is_misled_where_a_trap_starts() {
    for formula in Formula::ALL.into_iter().filter(|formula| formula.trap().is_some()) {
        let start = |index| formula.start(index).expect("a trap has a start");
        let mut point: Vec<f64> = (0..5).map(start).collect();
        // A thousand steps of plain descent.
        for _ in 0..1000 {
            let gradient = formula.gradient(&point);
            point.iter_mut().zip(gradient).for_each(|(z, slope)| *z -= 0.01 * slope);
        }
        let value = formula.value(&point);
        // A strict saddle is left in time that grows with the logarithm of the distance to it.
        match formula {
            Formula::Saddle => assert!(value < 1e-6, "{value}"),
            _ => assert!(value > 0.1, "{}: {value}", formula.name()),
        }
    }
}
