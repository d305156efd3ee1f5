//! Reports as a chart: speed against population on logarithmic axes, a curve a backend, and a line
//! where one overtakes another.
//!
//! Speed is environment steps a second where rows have them, else evaluations a second. Rows of
//! several subjects or networks have curves of their own. Studies have a chart of their own kind.

pub(super) mod axis;
mod curves;
pub(super) mod scale;
pub mod study;

use std::collections::BTreeSet;

use plotters::prelude::*;

use self::curves::Curve;
use super::{Crossover, Report};
use crate::error::{Error, Result};

const WIDTH_PIXELS: u32 = 900;
const HEIGHT_PIXELS: u32 = 560;
/// Room for the title and what stands under it, for the axes, and around all.
const TITLE_PIXELS: u32 = 34;
const LINE_PIXELS: i32 = 17;
const MARGIN_PIXELS: u32 = 18;
const LEFT_PIXELS: u32 = 74;
const BELOW_PIXELS: u32 = 50;
/// Between the end of a curve and its name.
const GAP_PIXELS: i32 = 10;
const FONT: &str = "sans-serif";
const TEXT: f64 = 13.0;
const GREY: RGBColor = RGBColor(95, 95, 95);
const GRID: RGBColor = RGBColor(228, 228, 228);
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

type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// The picture.
///
/// # Errors
/// No row that has both a population and a speed.
pub fn text(report: &Report) -> Result<String> {
    let steps = report.rows.iter().any(|row| row.steps.is_some());
    let curves = curves::curves(&report.rows, steps);
    if curves.is_empty() {
        let expected = "rows that have a population and a speed";
        return Err(Error::invalid("--svg", expected, "none"));
    }
    let mut picture = String::new();
    draw(&mut picture, report, &curves, steps).map_err(undrawn)?;
    Ok(picture)
}

fn undrawn(problem: Box<dyn std::error::Error>) -> Error {
    let source = std::io::Error::other(problem.to_string());
    Error::Io { doing: "drawing", path: "a chart".into(), source }
}

/// The lines under the title: the devices, then the machine.
fn subtitle(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for row in report.rows.iter().filter(|row| row.backend == "gpu") {
        let line = row.adapter.as_ref().map(|adapter| format!("{}: {adapter}", row.backend));
        lines.extend(line.filter(|line| !lines.contains(line)));
    }
    lines.push(report.machine.to_string());
    lines
}

fn draw(picture: &mut String, report: &Report, curves: &[Curve], steps: bool) -> Drawn {
    let size = (WIDTH_PIXELS, HEIGHT_PIXELS);
    let root = SVGBackend::with_string(picture, size).into_drawing_area();
    root.fill(&WHITE)?;
    let lines = subtitle(report);
    let title = (FONT, 19).into_font().style(FontStyle::Bold);
    let left = MARGIN_PIXELS as i32;
    root.draw(&Text::new(curves::common(&report.rows), (left, 14), title))?;
    for (line, below) in lines.into_iter().zip(0..) {
        let at = (left, TITLE_PIXELS as i32 + 4 + below * LINE_PIXELS);
        root.draw(&Text::new(line, at, (FONT, 12).into_font().color(&GREY)))?;
    }
    let heads = subtitle(report).len() as i32 * LINE_PIXELS;
    let (_, below) = root.split_vertically(TITLE_PIXELS as i32 + heads);

    let names = curves.iter().map(|curve| axis::text_width(&curve.name, TEXT));
    let right = names.fold(0.0, f64::max) as i32 + GAP_PIXELS;
    let points = || curves.iter().flat_map(|curve| curve.points.iter().copied());
    let populations = axis::range(points().map(|point| point.0), 1.25);
    let speeds = axis::range(points().map(|point| point.1), 1.6);
    let plot_width = f64::from(WIDTH_PIXELS - LEFT_PIXELS - 2 * MARGIN_PIXELS) - f64::from(right);
    let pixels = plot_width / (populations.end / populations.start).ln();
    let population_ticks = axis::measured_ticks(points().map(|point| point.0).collect(), pixels);
    let speed_ticks = axis::round_ticks(&speeds);
    let mut chart = ChartBuilder::on(&below)
        .margin(MARGIN_PIXELS)
        .margin_right(MARGIN_PIXELS as i32 + right)
        .x_label_area_size(BELOW_PIXELS)
        .y_label_area_size(LEFT_PIXELS)
        .build_cartesian_2d(
            populations.clone().log_scale().with_key_points(population_ticks),
            speeds.clone().log_scale().with_key_points(speed_ticks),
        )?;
    let unit = if steps { "environment steps" } else { "evaluations" };
    chart
        .configure_mesh()
        .x_desc("population (individuals)")
        .y_desc(format!("{unit} per second, by the host's clock"))
        .axis_desc_style((FONT, 13).into_font().color(&GREY))
        .label_style((FONT, 13))
        .x_label_formatter(&|x| axis::whole(*x))
        .y_label_formatter(&|y| axis::short(*y))
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GREY)
        .draw()?;

    let crossings = report.crossovers.iter().filter_map(|one| one.rounded().map(|at| (one, at)));
    let batches: BTreeSet<_> = report.rows.iter().map(|row| row.batch).collect();
    for ((crossover, population), line) in crossings.zip(0..) {
        let (from_top, at) = (6 + line * LINE_PIXELS, population as f64);
        let batch = crossover.batch.filter(|_| batches.len() > 1);
        let batch = batch.map_or(String::new(), |batch| format!(", batch {batch}"));
        let Crossover { from, to, .. } = crossover;
        let words = format!("{to} overtakes {from} at about {}{batch}", axis::whole(at));
        let population = crossover.population.unwrap_or(at);
        let line = [(population, speeds.start), (population, speeds.end)];
        chart.draw_series(DashedLineSeries::new(line, 5, 4, GREY.stroke_width(1)))?;
        // On the side that has more room.
        let is_left = population < (populations.start * populations.end).sqrt();
        let width = axis::text_width(&words, TEXT) as i32;
        let aside = if is_left { 8 } else { -8 - width };
        let top = EmptyElement::at((population, speeds.end))
            + Text::new(words, (aside, from_top), (FONT, TEXT).into_font().color(&GREY));
        chart.draw_series([top])?;
    }
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let points = || curve.points.iter().copied();
        chart.draw_series(LineSeries::new(points(), colour.stroke_width(2)))?;
        chart.draw_series(points().map(|point| Circle::new(point, 4, colour.filled())))?;
    }
    // Each curve's name stands at its end, as far from the others as it must.
    let ends = curves.iter().filter_map(|curve| curve.points.last());
    let ends: Vec<(i32, i32)> = ends.map(|end| chart.backend_coord(end)).collect();
    let heights: Vec<i32> = ends.iter().map(|end| end.1).collect();
    let (_, bottom) = chart.backend_coord(&(populations.start, speeds.start));
    let (_, top) = chart.backend_coord(&(populations.start, speeds.end));
    let placed = axis::spread(&heights, LINE_PIXELS, top..bottom);
    for (((curve, colour), end), height) in
        curves.iter().zip(COLOURS.iter().cycle()).zip(&ends).zip(placed)
    {
        let at = (end.0 + GAP_PIXELS, height - TEXT as i32 / 2);
        let style = (FONT, TEXT).into_font().style(FontStyle::Bold).color(colour);
        root.draw(&Text::new(curve.name.clone(), at, style))?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Machine, Row};

    fn row(backend: &str, population: u64, seconds: f64) -> Row {
        let (backend, population) = (backend.to_owned(), Some(population));
        let (subject, steps) = ("cartpole".to_owned(), Some(100));
        Row { subject, backend, population, steps, host_seconds_median: seconds, ..Row::default() }
    }

    fn report(rows: Vec<Row>) -> Report {
        Report::new(Machine::this(), vec![], rows, vec![])
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
        let found = curves::curves(&rows, true);
        let names: Vec<_> = found.iter().map(|curve| curve.name.as_str()).collect();
        assert_eq!(names, ["cpu", "gpu"]);
        assert_eq!(found[0].points, [(64.0, 64_000.0), (1024.0, 204_800.0)]);
        let picture = text(&report(rows)).expect("rows to draw");
        assert!(!picture.contains("NaN") && picture.contains("environment steps per second"));
    }

    #[test]
    fn where_one_backend_overtakes_another_a_line_is_drawn() {
        let curve = |backend, seconds: fn(u64) -> f64| {
            [64, 256, 1024, 4096].map(|population| row(backend, population, seconds(population)))
        };
        let proportional = curve("cpu", |population| population as f64 / 1000.0);
        let rows = [proportional, curve("gpu", |_| 0.5)].concat();
        let picture = text(&report(rows)).expect("rows to draw");
        assert!(picture.contains("gpu overtakes cpu at about 500"), "{picture}");
        let alone = curve("cpu", |population| population as f64).to_vec();
        assert!(!text(&report(alone)).expect("rows to draw").contains("overtakes"));
    }

    #[test]
    fn what_all_rows_share_is_the_title_and_the_rest_the_curves_names() {
        let batch = |batch| Row { batch: Some(batch), ..row("cpu", 64, 0.1) };
        let rows = [batch(5), batch(6)];
        assert_eq!(curves::common(&rows), "cartpole, 100 steps");
        let names: Vec<String> =
            curves::curves(&rows, true).into_iter().map(|curve| curve.name).collect();
        assert_eq!(names, ["cpu, batch 5", "cpu, batch 6"]);
    }

    #[test]
    fn a_chart_of_nothing_is_refused() {
        assert!(text(&report(vec![row("cpu", 64, 0.0)])).unwrap_err().is_input());
        assert!(text(&report(vec![])).unwrap_err().is_input());
    }
}
