//! Benchmarks as a chart: speed against population on logarithmic axes, one curve per backend, and
//! a dashed line where one overtakes another.
//!
//! Speed is environment steps per second if rows have them, else evaluations per second. Rows of
//! several subjects or networks have curves of their own.

mod curves;

use std::collections::BTreeSet;

use self::curves::SpeedCurve;
use super::WIDTH;
use crate::draw::{Axis, Colour, Heading, LegendEntry, Plot, Scene, number};
use crate::error::{Error, Result};
use crate::report::{BackendCrossover, BenchmarkReport};

const HEIGHT: u32 = 580;

/// Draws a report of measurements.
///
/// # Errors
///
/// Returns an error if no row has both a population and a speed.
pub fn draw(report: &BenchmarkReport) -> Result<Scene> {
    let has_steps = report.rows.iter().any(|row| row.steps.is_some());
    let curves = curves::speed_curves(&report.rows, has_steps);
    if curves.is_empty() {
        let expected = "rows that have a population and a speed";
        return Err(Error::invalid("--svg", expected, "none"));
    }
    let points = || curves.iter().flat_map(|curve| curve.points.iter().copied());
    let populations: Vec<f64> = points().map(|[population, _]| population).collect();
    let x = Axis::logarithmic("population (individuals)", populations.iter().copied(), 1.25);
    let unit = if has_steps { "environment steps" } else { "evaluations" };
    let title = format!("{unit} per second, by the host's clock");
    let y = Axis::logarithmic(title, points().map(|[_, speed]| speed), 1.6);
    let heading = Heading { title: curves::common_title(&report.rows), notes: notes(report) };
    let x = x.with_ticks_at(populations);
    let mut plot = Plot::new([WIDTH, HEIGHT], &heading, x, y, legend(&curves));
    mark_crossovers(&mut plot, report);
    for (index, curve) in curves.iter().enumerate() {
        let colour = Colour::of_curve(index);
        plot.line(&curve.points, 2.2, colour);
        curve.points.iter().for_each(|&point| plot.dot(point, 4.0, colour));
    }
    Ok(plot.into_scene())
}

/// The lines under the title: the devices, then the machine.
fn notes(report: &BenchmarkReport) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for row in report.rows.iter().filter(|row| row.backend == "gpu") {
        let line = row.adapter.as_ref().map(|adapter| format!("{}: {adapter}", row.backend));
        lines.extend(line.filter(|line| !lines.contains(line)));
    }
    lines.push(report.machine.to_string());
    lines
}

fn legend(curves: &[SpeedCurve]) -> Vec<LegendEntry> {
    let entry = |(index, curve): (usize, &SpeedCurve)| LegendEntry {
        name: curve.name.clone(),
        colour: Colour::of_curve(index),
        end: curve.points.last().copied(),
    };
    curves.iter().enumerate().map(entry).collect()
}

/// Draws a line at each population from which another backend is faster.
fn mark_crossovers(plot: &mut Plot, report: &BenchmarkReport) {
    let batches: BTreeSet<_> = report.rows.iter().map(|row| row.batch).collect();
    let crossovers = report.crossovers.iter().filter_map(|one| one.rounded().map(|at| (one, at)));
    for (row, (crossover, rounded)) in crossovers.enumerate() {
        let batch = crossover.batch.filter(|_| batches.len() > 1);
        let batch = batch.map_or(String::new(), |batch| format!(", batch {batch}"));
        let BackendCrossover { from, to, .. } = crossover;
        let at = number::whole(rounded as f64);
        let words = format!("{to} overtakes {from} at about {at}{batch}");
        plot.vertical_guide(crossover.population.unwrap_or(rounded as f64), row, &words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Machine, Measurement};

    fn row(backend: &str, population: u64, seconds: f64) -> Measurement {
        let (backend, population) = (backend.to_owned(), Some(population));
        let (subject, steps) = ("cartpole".to_owned(), Some(100));
        let host_seconds_median = seconds;
        let rest = Measurement::default();
        Measurement { subject, backend, population, steps, host_seconds_median, ..rest }
    }

    fn draw_svg(rows: Vec<Measurement>) -> Result<String> {
        let report = BenchmarkReport::new(Machine::current(), vec![], rows, vec![]);
        draw(&report).map(|scene| scene.svg())
    }

    #[test]
    fn each_backend_has_a_curve_and_a_row_without_time_has_no_point() {
        let rows = vec![
            row("cpu", 1024, 0.5),
            row("cpu", 64, 0.1),
            row("gpu", 64, 0.1),
            row("gpu", 4096, 0.1),
            row("reference", 64, 0.0),
        ];
        let found = curves::speed_curves(&rows, true);
        let names: Vec<_> = found.iter().map(|curve| curve.name.as_str()).collect();
        assert_eq!(names, ["cpu", "gpu"]);
        assert_eq!(found[0].points, [[64.0, 64_000.0], [1024.0, 204_800.0]]);
        let svg = draw_svg(rows).expect("rows to draw");
        assert!(!svg.contains("NaN") && svg.contains("environment steps per second"));
    }

    #[test]
    fn a_line_marks_where_one_backend_overtakes_another() {
        let curve = |backend, seconds: fn(u64) -> f64| {
            [64, 256, 1024, 4096].map(|population| row(backend, population, seconds(population)))
        };
        let proportional = curve("cpu", |population| population as f64 / 1000.0);
        let rows = [proportional, curve("gpu", |_| 0.5)].concat();
        let svg = draw_svg(rows).expect("rows to draw");
        assert!(svg.contains("gpu overtakes cpu at about 500"), "{svg}");
        let alone = curve("cpu", |population| population as f64).to_vec();
        assert!(!draw_svg(alone).expect("rows to draw").contains("overtakes"));
    }

    #[test]
    fn the_title_is_what_all_rows_share_and_names_are_the_differences() {
        let batch = |batch| Measurement { batch: Some(batch), ..row("cpu", 64, 0.1) };
        let rows = [batch(5), batch(6)];
        assert_eq!(curves::common_title(&rows), "cartpole, 100 steps");
        let curves = curves::speed_curves(&rows, true).into_iter();
        let names: Vec<String> = curves.map(|curve| curve.name).collect();
        assert_eq!(names, ["cpu, batch 5", "cpu, batch 6"]);
    }

    #[test]
    fn a_chart_of_nothing_is_refused() {
        assert!(draw_svg(vec![row("cpu", 64, 0.0)]).unwrap_err().is_input());
        assert!(draw_svg(vec![]).unwrap_err().is_input());
    }
}
