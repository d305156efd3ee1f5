//! Reports as a chart: speed against population on logarithmic axes, a curve a backend.
//!
//! Speed is environment steps a second where rows have them, else evaluations a second. Rows of
//! several subjects or networks have curves of their own.

use std::collections::BTreeMap;

use plotters::prelude::*;

use super::{Report, Row};
use crate::error::{Error, Result};

const SIZE_PIXELS: (u32, u32) = (860, 520);
/// Okabe and Ito's colours, which the colour-blind can tell apart.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// Points of population and speed.
type Curve = Vec<(f64, f64)>;

/// The picture.
///
/// # Errors
/// No row that has both a population and a speed.
pub fn text(report: &Report) -> Result<String> {
    let steps = report.rows.iter().any(|row| row.steps_per_second.is_some());
    let speed = |row: &Row| if steps { row.steps_per_second } else { row.evaluations_per_second };
    let unit = if steps { "environment steps per second" } else { "evaluations per second" };
    let curves = curves(&report.rows, speed);
    if curves.is_empty() {
        let expected = "rows that have a population and a speed";
        return Err(Error::invalid("--svg", expected, "none"));
    }
    let mut picture = String::new();
    draw(&mut picture, &curves, unit, &report.machine.to_string()).map_err(|problem| {
        Error::Io {
            doing: "drawing",
            path: "a chart".into(),
            source: std::io::Error::other(problem.to_string()),
        }
    })?;
    Ok(picture)
}

/// One curve for each combination that the rows differ in.
fn curves(rows: &[Row], speed: impl Fn(&Row) -> Option<f64>) -> BTreeMap<String, Curve> {
    let differ = |field: fn(&Row) -> String| rows.iter().any(|row| field(row) != field(&rows[0]));
    let fields: [fn(&Row) -> String; 4] = [
        |row| row.subject.clone(),
        |row| row.network.clone().unwrap_or_default(),
        |row| row.batch.map_or(String::new(), |batch| format!("batch {batch}")),
        |row| row.adapter.clone().unwrap_or_default(),
    ];
    let named: Vec<_> = fields.into_iter().filter(|field| differ(*field)).collect();
    let mut curves = BTreeMap::<String, Curve>::new();
    for row in rows {
        let mut words = vec![row.backend.clone()];
        words.extend(named.iter().map(|field| field(row)).filter(|word| !word.is_empty()));
        if let (Some(population), Some(speed)) = (row.population, speed(row)) {
            let drawable = population > 0 && speed.is_finite() && speed > 0.0;
            if drawable {
                curves.entry(words.join(", ")).or_default().push((population as f64, speed));
            }
        }
    }
    for curve in curves.values_mut() {
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    curves
}

fn draw(
    picture: &mut String,
    curves: &BTreeMap<String, Curve>,
    unit: &str,
    machine: &str,
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(picture, SIZE_PIXELS).into_drawing_area();
    root.fill(&WHITE)?;
    let (populations, speeds) = (range(curves, |point| point.0), range(curves, |point| point.1));
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .caption(machine, ("sans-serif", 13))
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(populations.log_scale(), speeds.log_scale())?;
    chart
        .configure_mesh()
        .x_desc("population (individuals)")
        .y_desc(unit)
        .x_label_formatter(&|x| label(*x))
        .y_label_formatter(&|y| label(*y))
        .light_line_style(BLACK.mix(0.06))
        .draw()?;
    for (index, (name, curve)) in curves.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let line = LineSeries::new(curve.iter().copied(), colour.stroke_width(2)).point_size(4);
        chart
            .draw_series(line)?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present()?;
    Ok(())
}

/// From a little below the least to a little above the largest.
fn range(
    curves: &BTreeMap<String, Curve>,
    of: impl Fn(&(f64, f64)) -> f64,
) -> std::ops::Range<f64> {
    const ROOM: f64 = 1.5;
    let values = || curves.values().flatten().map(&of);
    let (least, largest) =
        values().fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), x| (a.min(x), b.max(x)));
    least / ROOM..largest * ROOM
}

/// 1, 10 k, 2 M.
fn label(value: f64) -> String {
    const UNITS: [&str; 5] = ["", " k", " M", " G", " T"];
    let (mut value, mut unit) = (value, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{}{}", (value * 100.0).round() / 100.0, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Machine;

    fn row(backend: &str, population: u64, speed: Option<f64>) -> Row {
        let backend = backend.to_owned();
        let population = Some(population);
        Row { backend, population, steps_per_second: speed, ..Row::default() }
    }

    #[test]
    fn each_backend_has_a_curve_and_a_row_without_speed_has_no_point() {
        let rows = vec![
            row("cpu", 1024, Some(2e7)),
            row("cpu", 64, Some(1e6)),
            row("gpu", 64, Some(1e6)),
            row("gpu", 4096, Some(3e9)),
            row("reference", 64, None),
        ];
        let found = curves(&rows, |row| row.steps_per_second);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["cpu", "gpu"]);
        assert_eq!(found["cpu"], [(64.0, 1e6), (1024.0, 2e7)]);
        let picture = text(&Report::new(Machine::this(), vec![], rows, vec![])).unwrap();
        assert!(!picture.contains("NaN") && picture.contains("environment steps per second"));
    }

    #[test]
    fn a_chart_of_nothing_is_refused() {
        let report = Report::new(Machine::this(), vec![], vec![row("cpu", 64, None)], vec![]);
        assert!(text(&report).unwrap_err().is_input());
    }
}
