//! Studies as a chart: the median score of each strategy against evaluations, a band between its
//! quartiles, and a dashed line at the score that counts as solved.
//!
//! A dotted line leads from the end of a strategy's last trial to its name.

use super::learning::{self, ScoreCurve};
use crate::draw::number::{exact, score};
use crate::draw::{Heading, Scene};
use crate::error::{Error, Result};
use crate::study::StudyResults;

/// Draws the results of a study.
///
/// # Errors
///
/// Returns an error if no strategy has a curve.
pub fn draw(results: &StudyResults) -> Result<Scene> {
    let target = results.target.filter(|_| results.has_target_scale).map(f64::from);
    let curves: Vec<ScoreCurve> = results
        .rows
        .iter()
        .zip(&results.curves)
        .enumerate()
        .map(|(index, (row, curve))| {
            let part = results.score_part;
            let score = row.score_median.map(score);
            let score = score.map_or(String::new(), |score| format!(", {part} {score}"));
            let name = format!("{}, {} of {}{score}", row.strategy, row.solved, row.trials);
            ScoreCurve::from_champions(name, index, curve)
        })
        .collect();
    let title = format!("{} of the champion", results.selection_score_name);
    let limits = [target, learning::largest_score(results.score_name)];
    learning::draw(&heading(results), &curves, &title, limits).ok_or_else(|| {
        let expected = "a strategy of which three trials in four have a score";
        Error::invalid("--svg", expected, "none")
    })
}

/// The task, the method and the machine.
fn heading(results: &StudyResults) -> Heading {
    let target = results.target.map(exact);
    let part = results.score_part;
    let solved = target.map_or(String::new(), |target| match results.has_target_scale {
        true => format!("; solved at {target} (dashed)"),
        false => format!("; solved at a {part} score of {target}"),
    });
    let seeds = match results.seeds {
        1 => "one seed".into(),
        seeds => format!("{seeds} seeds"),
    };
    let method = format!(
        "median and quartiles over {seeds}{solved}; trials that have ended keep their score"
    );
    Heading { title: results.task.clone(), notes: vec![method, results.machine.to_string()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Request;
    use crate::study::{CurvePoint, LearningCurve, Quartiles, Seeds, Study};

    fn results() -> StudyResults {
        let request = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
        let study = Study::new(&request, &[], Seeds { first: 1, count: 2 }).expect("a study");
        study.run(&mut ()).expect("results")
    }

    /// A curve that gains a number of orders of magnitude in a thousand evaluations.
    fn falling(decades: f64) -> LearningCurve {
        let point = |step: u64| {
            let median = -(10f64.powf(1.0 - decades * step as f64 / 100.0));
            let scores = Quartiles { lower: 3.0 * median, median, upper: 0.3 * median };
            CurvePoint { evaluations: 10 * step, scores }
        };
        LearningCurve { strategy: "ga".into(), points: (1..=100).map(point).collect() }
    }

    #[test]
    fn a_minimised_function_is_drawn_by_orders_of_magnitude() {
        let (curves, target) = (vec![falling(14.0)], Some(-1e-12));
        let svg = draw(&StudyResults { curves, target, ..results() }).expect("a picture").svg();
        for word in [">-1e-12<", ">-1e-3<", "solved at -1e-12 ", "ga, 2 of 2"] {
            assert!(svg.contains(word), "{word}: {svg}");
        }
        let curves = vec![falling(1.0)];
        let svg = draw(&StudyResults { curves, target: None, ..results() }).expect("a picture");
        let svg = svg.svg();
        assert!(!svg.contains("-1e") && !svg.contains("dashed"), "{svg}");
    }

    #[test]
    fn a_target_is_drawn_only_on_an_axis_of_its_own_score() {
        let scene = |has_target_scale| {
            draw(&StudyResults { has_target_scale, target: Some(0.32), ..results() })
        };
        let [own, other] = [true, false].map(|own| scene(own).expect("a picture"));
        assert!(own.svg().contains("solved at 0.32 (dashed)"));
        assert!(other.svg().contains("solved at a training score of 0.32;"), "{}", other.svg());
        // A dash is a shape.
        assert!(own.shapes.len() > other.shapes.len() + 30);
        let request =
            Request { backend: Some("cpu".into()), generations: Some(1), ..Request::default() };
        let hidden = Request { task: Some("double-pole-hidden".into()), ..request };
        let study = Study::new(&hidden, &[], Seeds { first: 1, count: 1 }).expect("a study");
        let stop = &mut Stopped;
        assert!(!study.run(stop).expect("results").has_target_scale);
    }

    /// An observer that stops a study before its first trial.
    struct Stopped;

    impl crate::study::StudyObserver for Stopped {
        fn poll(&mut self) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }

    #[test]
    fn a_chart_without_scores_is_refused() {
        let none = vec![LearningCurve { strategy: "ga".into(), points: vec![] }];
        assert!(draw(&StudyResults { curves: none, ..results() }).is_err_and(|e| e.is_input()));
    }
}
