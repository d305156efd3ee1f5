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
    let target = results.target.map(f64::from);
    let curves: Vec<ScoreCurve> = results
        .rows
        .iter()
        .zip(&results.curves)
        .enumerate()
        .map(|(index, (row, curve))| {
            let held_out = row.score_median.map(score);
            let held_out = held_out.map_or(String::new(), |score| format!(", held-out {score}"));
            let name = format!("{}, {} of {}{held_out}", row.strategy, row.solved, row.trials);
            ScoreCurve::from_champions(name, index, curve)
        })
        .collect();
    let title = format!("validation {} of the champion", results.score_name);
    learning::draw(&heading(results), &curves, &title, target).ok_or_else(|| {
        let expected = "a strategy of which three trials in four have a score";
        Error::invalid("--svg", expected, "none")
    })
}

/// The task, the method and the machine.
fn heading(results: &StudyResults) -> Heading {
    let target = results.target.map(exact);
    let solved = target.map_or(String::new(), |target| format!("; solved at {target} (dashed)"));
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
    fn a_chart_without_scores_is_refused() {
        let none = vec![LearningCurve { strategy: "ga".into(), points: vec![] }];
        assert!(draw(&StudyResults { curves: none, ..results() }).is_err_and(|e| e.is_input()));
    }
}
