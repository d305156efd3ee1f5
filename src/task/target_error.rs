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

impl DataSet {
    /// Returns the errors of a policy on a split, one for each target of a regression; none for a
    /// classification. The predictions are computed in double precision.
    pub fn target_errors(&self, policy: &mut dyn Policy, split: Split) -> Vec<TargetError> {
        if self.objective != Objective::SquaredError {
            return Vec::new();
        }
        let scaling = self.preprocessing.as_ref().and_then(|preprocessing| preprocessing.output);
        let scale = scaling.map_or(1.0, |(_, deviation)| deviation);
        let (mut squares, mut sizes, mut outputs) = (0.0, 0.0, Vec::new());
        for sample in self.indices(split) {
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            policy.reset();
            policy.act(&features, &mut outputs);
            let error = scale * (outputs[0] - f64::from(self.targets[sample]));
            squares += error * error;
            sizes += error.abs();
        }
        let count = self.indices(split).len() as f64;
        let target = match (&self.preprocessing, self.output_labels.first()) {
            (Some(preprocessing), _) => preprocessing.target.clone(),
            (None, Some(label)) => label.name.to_string(),
            (None, None) => "target".into(),
        };
        vec![TargetError { target, rmse: (squares / count).sqrt(), mae: sizes / count }]
    }
}
