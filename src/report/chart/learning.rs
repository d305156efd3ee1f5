//! Learning curves as a chart: scores against evaluations, each with a band and a name.
//!
//! Curves of champions are staircases, because a champion keeps its score until a better one
//! replaces it.

use super::WIDTH;
use crate::draw::number::exact;
use crate::draw::{Axis, Colour, Heading, LegendEntry, Plot, Scene, staircase};
use crate::report::runs::{RunGroup, RunReport};
use crate::run::Record;
use crate::study::LearningCurve;

const HEIGHT: u32 = 520;
/// The most points of a curve.
const MAX_POINTS: usize = 800;
/// The room at both ends of the evaluations.
const PADDING: f64 = 1.1;
const EVALUATIONS: &str = "evaluations of training, logarithmic";

/// A curve of a chart.
pub(super) struct ScoreCurve {
    pub name: String,
    pub colour: Colour,
    pub width: f64,
    /// Evaluations, and the lower quartile, the median and the upper quartile of the scores.
    pub points: Vec<(f64, [f64; 3])>,
    pub is_staircase: bool,
}

impl ScoreCurve {
    /// Creates the curve of the champions of several runs.
    pub(super) fn from_champions(name: String, index: usize, curve: &LearningCurve) -> Self {
        let points = curve.points.iter().map(|point| {
            let scores = [point.scores.lower, point.scores.median, point.scores.upper];
            (point.evaluations as f64, scores)
        });
        let colour = Colour::of_curve(index);
        Self { name, colour, width: 2.2, points: points.collect(), is_staircase: true }
    }

    /// Returns the corners of the curve through one of the three scores of each point.
    fn corners(&self, which: usize) -> Vec<[f64; 2]> {
        let points = self.points.iter().map(|(evaluations, scores)| [*evaluations, scores[which]]);
        if self.is_staircase { staircase(points) } else { points.collect() }
    }
}

/// Draws the curves of groups of runs, a chart for each task; returns `None` if no run has a score.
pub fn draw_groups(report: &RunReport) -> Option<Scene> {
    let charts: Vec<Scene> =
        report.tasks().into_iter().filter_map(|task| draw_task(report, task)).collect();
    Scene::stack(&charts.iter().collect::<Vec<_>>())
}

/// Draws the curves of the groups of a task; returns `None` if no run has a score.
pub fn draw_task(report: &RunReport, task: &str) -> Option<Scene> {
    let groups: Vec<&RunGroup> = report.groups_of(task).collect();
    let curves = groups.iter().enumerate().map(|(index, group)| {
        let name = match group.members.len() {
            1 => group.name.clone(),
            count => format!("{}, {count} runs", group.name),
        };
        ScoreCurve::from_champions(name, index, &group.curve)
    });
    let curves: Vec<ScoreCurve> = curves.collect();
    let mut notes = Vec::new();
    if groups.iter().any(|group| group.members.len() > 1) {
        notes.push("median over the runs of a group, with a band between the quartiles".into());
    }
    // Groups may have targets of their own; without a common one there is no line.
    let first = groups.first()?;
    let is_common = |group: &&RunGroup| group.target == first.target && group.has_target_scale;
    let target = first.target.filter(|_| groups.iter().all(is_common));
    notes.extend(target.map(|target| format!("dashed: solved at {}", exact(target))));
    let parts = || groups.iter().map(|group| group.selection_part);
    let title = match parts().all(|part| part == first.selection_part) {
        _ if first.score_part == "final" => "score of the champion".into(),
        true => format!("{} {} of the champion", first.selection_part, first.score_name),
        false => format!("{} that chose the champion", first.score_name),
    };
    let limits = [target, largest_score(first.score_name)];
    draw(&Heading { title: task.into(), notes }, &curves, &title, limits)
}

/// Draws the curves of one run: its champion's score, and the fitness of its generations. A data
/// set has the scores of its networks on the training and the validation samples instead of the
/// fitness, which has another unit. Returns `None` if no generation has a score.
pub fn draw_run(records: &[Record]) -> Option<Scene> {
    let stride = records.len().div_ceil(MAX_POINTS).max(1);
    let fitness = |name: &str, colour: Colour, value: &dyn Fn(&Record) -> Option<f64>| {
        let points = records.iter().step_by(stride).filter_map(|record| {
            let value = value(record).filter(|value| value.is_finite())?;
            Some((record.evaluations as f64, [value; 3]))
        });
        let (points, colour) = (points.collect(), colour.mix(Colour::PAPER, 0.45));
        ScoreCurve { name: name.into(), colour, width: 1.0, points, is_staircase: false }
    };
    let mut best = f64::NEG_INFINITY;
    let champion = records.iter().filter_map(|record| {
        let score = record.selection_score().map_or(f64::NAN, f64::from);
        let is_last = record.generation as usize == records.len();
        if record.champion && score > best {
            best = score;
        } else if !is_last {
            return None;
        }
        best.is_finite().then_some((record.evaluations as f64, [best; 3]))
    });
    let champion = ScoreCurve {
        name: format!("champion, {}", records.first()?.selection_part()),
        colour: Colour::BLUE,
        width: 2.4,
        points: champion.collect(),
        is_staircase: true,
    };
    if records.iter().any(|record| record.training.is_some()) {
        let validation = |record: &Record| record.validation.map(f64::from);
        let training = |record: &Record| record.training.map(f64::from);
        let curves = [
            fitness("validation, each generation", Colour::GREY, &validation),
            fitness("training, each generation", Colour::VERMILION, &training),
            champion,
        ];
        let shown = curves.into_iter().filter(|curve| !curve.points.is_empty());
        // Only data sets have training scores, and these are accuracies or R^2.
        let limits = [None, Some(1.0)];
        return draw(&Heading::default(), &shown.collect::<Vec<_>>(), "score", limits);
    }
    let curves = [
        fitness("mean fitness, training", Colour::GREY, &|record| record.mean),
        fitness("best fitness, training", Colour::VERMILION, &|record| record.best.map(f64::from)),
        champion,
    ];
    let title = "fitness of a generation, score of the champion";
    draw(&Heading::default(), &curves, title, [None; 2])
}

/// Returns the largest score of a name, if there is one.
pub(super) fn largest_score(score_name: &str) -> Option<f64> {
    matches!(score_name, "accuracy" | "R^2").then_some(1.0)
}

/// Draws curves, and a dashed line at the score that counts as solved, if it is given. The axis
/// ends at the largest possible score, if there is one.
pub(super) fn draw(
    heading: &Heading,
    curves: &[ScoreCurve],
    score_title: &str,
    [target, largest]: [Option<f64>; 2],
) -> Option<Scene> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let scores: Vec<f64> = points().flat_map(|point| point.1).chain(target).collect();
    let scores_axis = Axis::for_scores(score_title, &scores);
    let scores_axis = match largest {
        Some(largest) => scores_axis.ending_at(largest),
        None => scores_axis,
    };
    points().next()?;
    let evaluations = points().map(|point| point.0);
    let legend = curves.iter().map(|curve| LegendEntry {
        name: curve.name.clone(),
        colour: curve.colour,
        end: curve.points.last().map(|(evaluations, scores)| [*evaluations, scores[1]]),
    });
    let mut plot = Plot::new(
        [WIDTH, HEIGHT],
        heading,
        Axis::logarithmic(EVALUATIONS, evaluations, PADDING),
        scores_axis,
        legend.collect(),
    );
    if let Some(target) = target {
        plot.horizontal_guide(target);
    }
    for curve in curves {
        if curve.points.iter().any(|point| point.1[0] < point.1[2]) {
            plot.band(&curve.corners(0), &curve.corners(2), curve.colour);
        }
    }
    for curve in curves {
        let corners = curve.corners(1);
        plot.line(&corners, curve.width, curve.colour);
        if let Some(&end) = corners.last().filter(|_| curve.is_staircase) {
            plot.dot(end, 3.6, curve.colour);
        }
    }
    Some(plot.into_scene())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Request, SavedRun};

    fn chart(task: &str, score: u32) -> String {
        let request = Request { generations: Some(2), ..Request::for_task(task) };
        let line = format!(
            "{{\"generation\":1,\"evaluations\":9,\"environment_steps\":0,\"best\":1,\"mean\":1,\
             \"failed\":0,\"spread\":1,\"validation\":{score},\"champion\":true,\
             \"held_out\":null}}"
        );
        let run = SavedRun {
            folder: "run".into(),
            request: request.check().expect("a run").request().clone(),
            records: vec![serde_json::from_str(&line).expect("a line of a log")],
            summary: None,
            notes: vec![],
        };
        draw_groups(&RunReport::from_runs(&[run])).expect("a score").svg()
    }

    #[test]
    fn a_target_is_drawn_only_on_an_axis_of_its_own_score() {
        assert!(chart("cartpole", 900).contains("dashed: solved at 475"));
        // Validation counts steps, and the target is a share of them.
        let hidden = chart("double-pole-hidden", 900);
        assert!(!hidden.contains("solved at"), "{hidden}");
    }

    #[test]
    fn the_axis_of_an_accuracy_ends_at_one() {
        let svg = chart("digits", 1);
        assert!(svg.contains(">1<") && !svg.contains(">1.2<") && !svg.contains(">2<"), "{svg}");
    }

    #[test]
    fn the_score_of_a_function_is_named_as_a_score() {
        let svg = chart("sphere-5", 900);
        assert!(svg.contains(">score of the champion") && !svg.contains("negated"), "{svg}");
    }
}
