//! Target errors: the distances of a regression's predictions from its targets, in the unit of the
//! targets.

use serde::{Deserialize, Serialize};

use super::{DataSet, Objective, Policy, Split};

/// The errors of the predictions of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetError {
    /// The name of the target.
    pub target: String,
    /// The root of the mean squared error, in the unit of the target.
    pub rmse: f64,
    /// The mean absolute error, in the unit of the target.
    pub mae: f64,
}

impl TargetError {
    /// Returns the errors of a target from the distances of its predictions. There is at least one.
    pub fn from_distances(target: String, distances: &[f64]) -> Self {
        let mean_of = |of: fn(f64) -> f64| {
            distances.iter().map(|&distance| of(distance)).sum::<f64>() / distances.len() as f64
        };
        let rmse = mean_of(|distance| distance * distance).sqrt();
        Self { target, rmse, mae: mean_of(f64::abs) }
    }
}

impl DataSet {
    /// Returns the errors of a policy on a split, one for each target of a regression; none for a
    /// classification. The predictions are computed in double precision.
    pub fn target_errors(&self, policy: &mut dyn Policy, split: Split) -> Vec<TargetError> {
        if self.objective != Objective::SquaredError {
            return Vec::new();
        }
        let (mut distances, mut outputs) = (vec![Vec::new(); self.outputs], Vec::new());
        for sample in self.indices(split) {
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            policy.reset();
            policy.act(&features, &mut outputs);
            let targets = self.targets_of(sample..sample + 1);
            for (k, distances) in distances.iter_mut().enumerate() {
                distances.push(self.deviation(k) * (outputs[k] - f64::from(targets[k])));
            }
        }
        let error = |(k, distances): (usize, &Vec<f64>)| {
            TargetError::from_distances(self.target_name(k), distances)
        };
        distances.iter().enumerate().map(error).collect()
    }

    /// The standard deviation that an output of a regression is relative to; 1 without a file.
    fn deviation(&self, output: usize) -> f64 {
        let scalings = self.preprocessing.as_ref().map(|preprocessing| &preprocessing.outputs[..]);
        scalings.and_then(|scalings| scalings.get(output)).map_or(1.0, |by| by.deviation)
    }

    /// The name of the target of an output.
    fn target_name(&self, output: usize) -> String {
        let named =
            self.preprocessing.as_ref().and_then(|known| known.targets.get(output).cloned());
        named.unwrap_or_else(|| match self.output_labels.first() {
            Some(label) => label.name.to_string(),
            None => "target".into(),
        })
    }
}
