//! Rows: what the trials of one contestant came to.

use serde::Serialize;

use super::{Quartiles, Trial};
use crate::run::Setup;

/// One contestant; a field that has no meaning for it is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategySummary {
    /// The strategy, and what was set.
    pub strategy: String,
    /// Hidden layers, each with the activation it has.
    pub network: String,
    /// Parameters of an individual.
    pub parameters: u64,
    /// Individuals in a generation.
    pub population: u32,
    /// Trials.
    pub trials: u64,
    /// Trials that were solved.
    pub solved: u64,
    /// Their share.
    pub success_rate: f64,
    /// Trials that the strategy ended, seeing no use in going on; some may be solved.
    pub stopped: u64,
    /// Trials that broke on the way.
    pub broken: u64,
    /// Evaluations to success, over the solved trials alone.
    pub evaluations_median: Option<f64>,
    /// Their lower quartile.
    pub evaluations_lower: Option<f64>,
    /// Their upper quartile.
    pub evaluations_upper: Option<f64>,
    /// Their mean; null unless all trials are solved.
    pub evaluations_mean: Option<f64>,
    /// Mean evaluations of all trials, whether they were solved or not.
    pub evaluations_spent: f64,
    /// Evaluations of all trials over the number of solved ones; null where none is.
    pub expected_evaluations: Option<f64>,
    /// Wall time to success, over the solved trials alone.
    pub seconds_median: Option<f64>,
    /// Its lower quartile.
    pub seconds_lower: Option<f64>,
    /// Its upper quartile.
    pub seconds_upper: Option<f64>,
    /// Held-out score at the end, over all trials.
    pub score_median: Option<f64>,
    /// Its lower quartile.
    pub score_lower: Option<f64>,
    /// Its upper quartile.
    pub score_upper: Option<f64>,
    /// The worst of the scores; null where a trial has none.
    pub score_min: Option<f64>,
}

impl StrategySummary {
    /// The row of a contestant's trials. Where they do not end at the target, nobody knows when
    /// they reached it.
    pub(super) fn of(
        name: &str,
        started: &Setup,
        trials: &[&Trial],
        ends_at_target: bool,
    ) -> Self {
        let timed: Vec<&Trial> =
            trials.iter().copied().filter(|trial| trial.solved && ends_at_target).collect();
        let solved = trials.iter().filter(|trial| trial.solved).count() as u64;
        let evaluations = Quartiles::from_values(timed.iter().map(|trial| trial.evaluations as f64));
        let seconds = Quartiles::from_values(timed.iter().map(|trial| trial.wall_seconds));
        let score = |trial: &&Trial| trial.score.map_or(f64::NEG_INFINITY, f64::from);
        let scores = Quartiles::from_values(trials.iter().map(score));
        let worst = trials.iter().map(score).fold(f64::INFINITY, f64::min);
        let spent: u64 = trials.iter().map(|trial| trial.evaluations).sum();
        let expected = (!timed.is_empty()).then(|| spent as f64 / timed.len() as f64);
        let count = |of: fn(&Trial) -> bool| trials.iter().filter(|trial| of(trial)).count() as u64;
        Self {
            strategy: name.into(),
            network: started.network.clone(),
            parameters: started.parameters,
            population: started.population,
            trials: trials.len() as u64,
            solved,
            success_rate: solved as f64 / trials.len() as f64,
            stopped: count(|trial| trial.stopped.is_some()),
            broken: count(|trial| trial.error.is_some()),
            evaluations_median: evaluations.map(|quartiles| quartiles.median),
            evaluations_lower: evaluations.map(|quartiles| quartiles.lower),
            evaluations_upper: evaluations.map(|quartiles| quartiles.upper),
            evaluations_mean: expected.filter(|_| timed.len() == trials.len()),
            evaluations_spent: spent as f64 / trials.len() as f64,
            expected_evaluations: expected,
            seconds_median: seconds.map(|quartiles| quartiles.median),
            seconds_lower: seconds.map(|quartiles| quartiles.lower),
            seconds_upper: seconds.map(|quartiles| quartiles.upper),
            score_median: scores.map(|quartiles| quartiles.median),
            score_lower: scores.map(|quartiles| quartiles.lower),
            score_upper: scores.map(|quartiles| quartiles.upper),
            score_min: Some(worst).filter(|worst| worst.is_finite()),
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
            best_fitness: score,
            wall_seconds: evaluations as f64 / 100.0,
            stopped: None,
            error: None,
            contestant: 0,
            trace: Default::default(),
        }
    }

    /// A trial that broke has no score, and one that gave up has not solved; what both have spent
    /// is counted.
    #[test]
    fn trials_that_break_or_give_up_are_not_left_out() {
        let stopped = Trial { stopped: Some(StopReason::Stagnation), ..trial(false, 500, Some(1.0)) };
        let broken = Trial { error: Some("broke".into()), ..trial(false, 40, None) };
        let trials = [trial(true, 100, Some(9.0)), trial(true, 300, Some(8.0)), stopped, broken];
        let config = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
        let started = run::dry_run(&config.check().expect("a run")).expect("a start");
        let row = StrategySummary::of("ga", &started, &trials.iter().collect::<Vec<_>>(), true);
        assert_eq!((row.trials, row.solved, row.stopped, row.broken), (4, 2, 1, 1));
        assert_eq!(row.success_rate, 0.5);
        assert_eq!((row.evaluations_median, row.seconds_median), (Some(200.0), Some(2.0)));
        assert_eq!((row.evaluations_mean, row.expected_evaluations), (None, Some(470.0)));
        assert_eq!(row.evaluations_spent, 235.0);
        assert_eq!(row.score_min, None);
        let kept = StrategySummary::of("ga", &started, &trials.iter().take(3).collect::<Vec<_>>(), true);
        assert_eq!((kept.score_median, kept.score_min), (Some(8.0), Some(1.0)));
        let none = StrategySummary::of("ga", &started, &[&trials[3]], true);
        assert_eq!((none.score_median, none.expected_evaluations), (None, None));
    }
}
