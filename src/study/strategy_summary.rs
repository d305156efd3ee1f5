//! Strategy summaries: the results of all trials of one strategy. Each is a row of the report.

use serde::Serialize;

use super::{Quartiles, Trial};
use crate::run::Setup;

/// The results of one strategy. A field that does not apply is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategySummary {
    /// The strategy with its settings.
    pub strategy: String,
    /// The hidden layers with their activations.
    pub network: String,
    /// The number of parameters of an individual.
    pub parameters: u64,
    /// The number of individuals in a generation.
    pub population: u32,
    /// The number of trials that have ended.
    pub trials: u64,
    /// The number of solved trials.
    pub solved: u64,
    /// The fraction of solved trials.
    pub success_rate: f64,
    /// The number of trials that the strategy ended. Some of them may be solved.
    pub stopped: u64,
    /// The number of trials that failed with an error.
    pub broken: u64,
    /// The median of evaluations to success, over the solved trials only.
    pub evaluations_median: Option<f64>,
    /// The lower quartile of evaluations to success.
    pub evaluations_lower: Option<f64>,
    /// The upper quartile of evaluations to success.
    pub evaluations_upper: Option<f64>,
    /// The mean of evaluations to success; null unless all trials are solved.
    pub evaluations_mean: Option<f64>,
    /// The mean number of evaluations of all trials, solved or not.
    pub evaluations_spent: f64,
    /// The evaluations of all trials divided by the number of solved ones; null if none is solved.
    pub expected_evaluations: Option<f64>,
    /// The median wall time to success, over the solved trials only.
    pub seconds_median: Option<f64>,
    /// The lower quartile of the wall time.
    pub seconds_lower: Option<f64>,
    /// The upper quartile of the wall time.
    pub seconds_upper: Option<f64>,
    /// The median of the held-out score at the end, over all trials.
    pub score_median: Option<f64>,
    /// The lower quartile of the score.
    pub score_lower: Option<f64>,
    /// The upper quartile of the score.
    pub score_upper: Option<f64>,
    /// The lowest score; null if a trial has none.
    pub score_min: Option<f64>,
    /// The median of the champion's validation score at the end, over all trials: the last value of
    /// the learning curve.
    pub validation_median: Option<f64>,
}

impl StrategySummary {
    /// Returns the summary of a strategy's trials. Evaluations and seconds to success are unknown
    /// if the trials do not end at the target.
    pub(super) fn new(name: &str, setup: &Setup, trials: &[&Trial], stops_at_target: bool) -> Self {
        let timed: Vec<&Trial> =
            trials.iter().copied().filter(|trial| trial.solved && stops_at_target).collect();
        let solved = trials.iter().filter(|trial| trial.solved).count() as u64;
        let evaluations =
            Quartiles::from_values(timed.iter().map(|trial| trial.evaluations as f64));
        let seconds = Quartiles::from_values(timed.iter().map(|trial| trial.wall_seconds));
        let score = |trial: &&Trial| trial.score.map_or(f64::NEG_INFINITY, f64::from);
        let scores = Quartiles::from_values(trials.iter().map(score));
        let validation = |trial: &&Trial| trial.validation.unwrap_or(f64::NEG_INFINITY);
        let validations = Quartiles::from_values(trials.iter().map(validation));
        let worst = trials.iter().map(score).fold(f64::INFINITY, f64::min);
        let spent: u64 = trials.iter().map(|trial| trial.evaluations).sum();
        let expected = (!timed.is_empty()).then(|| spent as f64 / timed.len() as f64);
        let count = |of: fn(&Trial) -> bool| trials.iter().filter(|trial| of(trial)).count() as u64;
        // A study that was stopped may lack all trials of a strategy.
        let count_or_one = trials.len().max(1) as f64;
        Self {
            strategy: name.into(),
            network: setup.network.clone(),
            parameters: setup.parameters,
            population: setup.population,
            trials: trials.len() as u64,
            solved,
            success_rate: solved as f64 / count_or_one,
            stopped: count(|trial| trial.stop_reason.is_some()),
            broken: count(|trial| trial.error.is_some()),
            evaluations_median: evaluations.map(|quartiles| quartiles.median),
            evaluations_lower: evaluations.map(|quartiles| quartiles.lower),
            evaluations_upper: evaluations.map(|quartiles| quartiles.upper),
            evaluations_mean: expected.filter(|_| timed.len() == trials.len()),
            evaluations_spent: spent as f64 / count_or_one,
            expected_evaluations: expected,
            seconds_median: seconds.map(|quartiles| quartiles.median),
            seconds_lower: seconds.map(|quartiles| quartiles.lower),
            seconds_upper: seconds.map(|quartiles| quartiles.upper),
            score_median: scores.map(|quartiles| quartiles.median),
            score_lower: scores.map(|quartiles| quartiles.lower),
            score_upper: scores.map(|quartiles| quartiles.upper),
            score_min: Some(worst).filter(|worst| worst.is_finite()),
            validation_median: validations.map(|quartiles| quartiles.median),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{self, Request};
    use crate::strategy::StopReason;

    fn trial(solved: bool, evaluations: u64, score: Option<f32>) -> Trial {
        Trial {
            strategy: "ga".into(),
            seed: 1,
            solved,
            evaluations,
            generations: 1,
            environment_steps: 0,
            score,
            validation: score.map(f64::from),
            best_fitness: score,
            wall_seconds: evaluations as f64 / 100.0,
            stop_reason: None,
            error: None,
            run_directory: None,
            strategy_index: 0,
            trace: Default::default(),
        }
    }

    /// The evaluations of a trial without a score, and of one that ended early, are counted.
    #[test]
    fn trials_that_fail_or_end_early_are_not_left_out() {
        let stopped =
            Trial { stop_reason: Some(StopReason::Stagnation), ..trial(false, 500, Some(1.0)) };
        let failed = Trial { error: Some("failed".into()), ..trial(false, 40, None) };
        let trials = [trial(true, 100, Some(9.0)), trial(true, 300, Some(8.0)), stopped, failed];
        let config = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
        let setup = run::dry_run(&config.check().expect("a run")).expect("a start");
        let row = StrategySummary::new("ga", &setup, &trials.iter().collect::<Vec<_>>(), true);
        assert_eq!((row.trials, row.solved, row.stopped, row.broken), (4, 2, 1, 1));
        assert_eq!(row.success_rate, 0.5);
        assert_eq!((row.evaluations_median, row.seconds_median), (Some(200.0), Some(2.0)));
        assert_eq!((row.evaluations_mean, row.expected_evaluations), (None, Some(470.0)));
        assert_eq!(row.evaluations_spent, 235.0);
        assert_eq!(row.score_min, None);
        let kept =
            StrategySummary::new("ga", &setup, &trials.iter().take(3).collect::<Vec<_>>(), true);
        assert_eq!((kept.score_median, kept.score_min), (Some(8.0), Some(1.0)));
        let none = StrategySummary::new("ga", &setup, &[&trials[3]], true);
        assert_eq!((none.score_median, none.expected_evaluations), (None, None));
    }
}
