//! Schedules, observed through the strategies that use one.

use approx::assert_relative_eq;
use deme::population::Moments;
use deme::strategy::Fitness;

use super::{GENES, begin, complaint, start, tell_moments};

const SCHEDULED: [&str; 3] = ["openai-es", "simple-ga", "ga"];

/// Returns the step sizes of the first generations.
fn step_sizes(name: &str, settings: &[(&str, &str)]) -> Vec<f64> {
    let mut strategy = begin(name, settings, start(4, 1)).unwrap();
    let moments = Moments { first: vec![0.0; GENES], second: None };
    let result = (0..5).map(|_| {
        let step_size = strategy.step_size();
        tell_moments(&mut *strategy, &Fitness::new(vec![1.0, 2.0, 3.0, 4.0]), &moments).unwrap();
        step_size
    });
    result.collect()
}

#[test]
fn sigma_decays_to_its_limit_and_stays_there() {
    for name in SCHEDULED {
        let settings = [("sigma", "0.8"), ("sigma-decay", "0.5"), ("sigma-limit", "0.15")];
        for (step_size, expected) in
            step_sizes(name, &settings).iter().zip([0.8, 0.4, 0.2, 0.15, 0.15])
        {
            assert_relative_eq!(*step_size, expected);
        }
    }
}

#[test]
fn without_decay_the_limit_has_no_effect() {
    for name in SCHEDULED {
        assert_eq!(step_sizes(name, &[("sigma", "0.001"), ("sigma-decay", "1")]), [0.001; 5]);
    }
}

#[test]
fn a_limit_above_the_first_value_is_refused() {
    for name in SCHEDULED {
        let settings = [("sigma", "0.1"), ("sigma-decay", "0.9"), ("sigma-limit", "0.2")];
        assert_eq!(complaint(begin(name, &settings, start(4, 1))), "--set sigma-limit");
    }
}
