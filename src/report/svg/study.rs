//! Studies as a chart: the median score of each contestant against evaluations, a band between its
//! quartiles, and the score that counts as solved.
//!
//! Curves are staircases, because that is what was measured. Where a contestant's last trial has
//! ended, its score is carried on to the margin, thin, to where the name stands.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::combinators::WithKeyPoints;
use plotters::prelude::*;

use super::scale::ScoreAxis;
use super::{
    BELOW_PIXELS, COLOURS, Drawn, FONT, GAP_PIXELS, GREY, GRID, HEIGHT_PIXELS, LEFT_PIXELS,
    LINE_PIXELS, MARGIN_PIXELS, TEXT, TITLE_PIXELS, WIDTH_PIXELS, axis, undrawn,
};
use crate::error::{Error, Result};
use crate::report::threshold;
use crate::study::{Curve, Findings, Row};

/// How much of a band's colour is seen.
const BAND_SHARE: f64 = 0.16;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<WithKeyPoints<LogCoord<f64>>, ScoreAxis>>;

/// The picture.
///
/// # Errors
/// No trial that has a score.
pub fn text(findings: &Findings) -> Result<String> {
    if findings.curves.iter().all(|curve| curve.points.is_empty()) {
        let expected = "a contestant of which three trials in four have a score";
        return Err(Error::invalid("--svg", expected, "none"));
    }
    let mut picture = String::new();
    draw(&mut picture, findings).map_err(undrawn)?;
    Ok(picture)
}

/// The axes of a chart.
struct Axes {
    evaluations: Range<f64>,
    scores: ScoreAxis,
}

impl Axes {
    fn of(findings: &Findings) -> Self {
        let points = || findings.curves.iter().flat_map(|curve| &curve.points);
        let bands = points().flat_map(|point| [point.scores.lower, point.scores.upper]);
        let scores: Vec<f64> = bands.chain(findings.target.map(f64::from)).collect();
        Self {
            evaluations: axis::range(points().map(|point| point.evaluations as f64), 1.15),
            scores: ScoreAxis::of(&scores),
        }
    }
}

fn draw(picture: &mut String, findings: &Findings) -> Drawn {
    let root = SVGBackend::with_string(picture, (WIDTH_PIXELS, HEIGHT_PIXELS)).into_drawing_area();
    root.fill(&WHITE)?;
    let below = draw_heads(&root, findings)?;
    let names: Vec<String> = findings.rows.iter().map(name).collect();
    let widths = names.iter().map(|name| axis::text_width(name, TEXT));
    let right = widths.fold(0.0, f64::max) as i32 + GAP_PIXELS;
    let axes = Axes::of(findings);
    let ticks = axis::round_ticks(&axes.evaluations);
    let mut chart = ChartBuilder::on(&below)
        .margin(MARGIN_PIXELS)
        .margin_right(MARGIN_PIXELS as i32 + right)
        .x_label_area_size(BELOW_PIXELS)
        .y_label_area_size(LEFT_PIXELS)
        .build_cartesian_2d(
            axes.evaluations.clone().log_scale().with_key_points(ticks),
            axes.scores.clone(),
        )?;
    chart
        .configure_mesh()
        .x_desc("evaluations of training")
        .y_desc("validation score of the champion")
        .axis_desc_style((FONT, 13).into_font().color(&GREY))
        .label_style((FONT, 13))
        .x_label_formatter(&|x| axis::short(*x))
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GREY)
        .draw()?;
    if let Some(target) = findings.target {
        let Range { start, end } = axes.evaluations;
        let line = [(start, target.into()), (end, target.into())];
        chart.draw_series(DashedLineSeries::new(line, 5, 4, GREY.stroke_width(1)))?;
    }
    let coloured = || findings.curves.iter().zip(COLOURS.iter().cycle());
    for (curve, colour) in coloured() {
        draw_band(&mut chart, curve, *colour)?;
    }
    for (curve, colour) in coloured() {
        draw_median(&mut chart, curve, &axes, *colour)?;
    }
    draw_names(&root, &chart, findings, &axes, &names)?;
    root.present()?;
    Ok(())
}

/// Title, method and machine; gives back what is left below.
fn draw_heads<'a>(
    root: &Area<'a>,
    findings: &Findings,
) -> std::result::Result<Area<'a>, Box<dyn std::error::Error>> {
    let solved = findings
        .target
        .map_or(String::new(), |target| format!("; solved at {} (dashed)", threshold(target)));
    let seeds =
        if findings.seeds == 1 { "one seed".into() } else { format!("{} seeds", findings.seeds) };
    let lines = [
        format!(
            "median and quartiles over {seeds}{solved}; trials that have ended keep their score"
        ),
        findings.machine.to_string(),
    ];
    let left = MARGIN_PIXELS as i32;
    let title = (FONT, 19).into_font().style(FontStyle::Bold);
    root.draw(&Text::new(findings.task.clone(), (left, 14), title))?;
    let count = lines.len() as i32;
    for (line, below) in lines.into_iter().zip(0..) {
        let at = (left, TITLE_PIXELS as i32 + 4 + below * LINE_PIXELS);
        root.draw(&Text::new(line, at, (FONT, 12).into_font().color(&GREY)))?;
    }
    Ok(root.split_vertically(TITLE_PIXELS as i32 + count * LINE_PIXELS).1)
}

/// What stands at the end of a curve: the contestant, and how many of its trials were solved.
fn name(row: &Row) -> String {
    format!("{}, {} of {}", row.strategy, row.solved, row.trials)
}

/// The corners of a staircase through one of the quartiles.
fn stairs(curve: &Curve, of: fn(&crate::study::Quartiles) -> f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(2 * curve.points.len());
    for point in &curve.points {
        let at = (point.evaluations as f64, of(&point.scores));
        corners.extend(corners.last().map(|last| (at.0, last.1)));
        corners.push(at);
    }
    corners
}

fn draw_band(chart: &mut Chart, curve: &Curve, colour: RGBColor) -> Drawn {
    let mut outline = stairs(curve, |scores| scores.upper);
    outline.extend(stairs(curve, |scores| scores.lower).into_iter().rev());
    if !outline.is_empty() {
        chart.draw_series([Polygon::new(outline, colour.mix(BAND_SHARE).filled())])?;
    }
    Ok(())
}

fn draw_median(chart: &mut Chart, curve: &Curve, axes: &Axes, colour: RGBColor) -> Drawn {
    let corners = stairs(curve, |scores| scores.median);
    let Some(&end) = corners.last() else { return Ok(()) };
    chart.draw_series(LineSeries::new(corners, colour.stroke_width(2)))?;
    chart.draw_series([Circle::new(end, 4, colour.filled())])?;
    let held = [end, (axes.evaluations.end, end.1)];
    chart.draw_series(LineSeries::new(held, colour.mix(0.5).stroke_width(1)))?;
    Ok(())
}

/// Names at the margin, near the ends of their curves and apart from each other.
fn draw_names(
    root: &Area,
    chart: &Chart,
    findings: &Findings,
    axes: &Axes,
    names: &[String],
) -> Drawn {
    let at = |score: f64| chart.backend_coord(&(axes.evaluations.end, score));
    let Range { start: lowest, end: highest } = axes.scores.range();
    let ((right, top), (_, bottom)) = (at(highest), at(lowest));
    // A contestant without a score stands at the bottom.
    let ends = findings.curves.iter().map(|curve| {
        let end = curve.points.last().map(|point| point.scores.median);
        at(end.unwrap_or(lowest)).1
    });
    let placed = axis::spread(&ends.collect::<Vec<_>>(), LINE_PIXELS, top..bottom);
    for ((name, height), colour) in names.iter().zip(placed).zip(COLOURS.iter().cycle()) {
        let style = (FONT, TEXT).into_font().style(FontStyle::Bold).color(colour);
        let at = (right + GAP_PIXELS, height - TEXT as i32 / 2);
        root.draw(&Text::new(name.clone(), at, style))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Request;
    use crate::study::{Point, Quartiles, Seeds, Study};

    fn findings() -> Findings {
        let request = Request { backend: Some("cpu".into()), ..Request::of("xor") };
        let study = Study::of(&request, &[], Seeds { first: 1, count: 2 }).expect("a study");
        study.run(&mut ()).expect("findings")
    }

    /// A curve that gains so many orders of magnitude in a thousand evaluations.
    fn falling(decades: f64) -> Curve {
        let point = |step: u64| {
            let median = -(10f64.powf(1.0 - decades * step as f64 / 100.0));
            let scores = Quartiles { lower: 3.0 * median, median, upper: 0.3 * median };
            Point { evaluations: 10 * step, scores }
        };
        Curve { strategy: "ga".into(), points: (1..=100).map(point).collect() }
    }

    #[test]
    fn a_minimised_function_is_drawn_by_orders_of_magnitude() {
        let (curves, target) = (vec![falling(14.0)], Some(-1e-12));
        let picture = text(&Findings { curves, target, ..findings() }).expect("a picture");
        for word in ["\n-1e-12\n", "\n-1e-3\n", "solved at -1e-12 ", "ga, 2 of 2"] {
            assert!(picture.contains(word), "{word}: {picture}");
        }
        let curves = vec![falling(1.0)];
        let picture = text(&Findings { curves, target: None, ..findings() }).expect("a picture");
        assert!(!picture.contains("-1e") && !picture.contains("dashed"), "{picture}");
    }

    #[test]
    fn a_chart_without_scores_is_refused() {
        let none = || vec![Curve { strategy: "ga".into(), points: vec![] }];
        assert!(text(&Findings { curves: none(), ..findings() }).is_err_and(|e| e.is_input()));
        let both = [none(), vec![falling(3.0)]].concat();
        assert!(text(&Findings { curves: both, ..findings() }).is_ok());
    }
}
