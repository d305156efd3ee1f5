//! Crossovers: the population size from which one backend is faster than another and stays faster.
//!
//! Backends are compared by the host's clock, which includes waiting for a device and reading back
//! its results. Between two measured populations the crossing is interpolated on logarithmic axes,
//! on which both curves are nearly straight.

use std::fmt;

use serde::Serialize;

use super::Measurement;

/// The population size at which one backend overtakes another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BackendCrossover {
    /// The subject: a task, `forward`, `generation`, `spawn` or `recombine`.
    pub subject: String,
    /// The layers of the network.
    pub network: Option<String>,
    /// The number of parameters of an individual.
    pub parameters: Option<u64>,
    /// The number of samples that all individuals share.
    pub batch: Option<u64>,
    /// The number of environment steps of every individual.
    pub steps: Option<u64>,
    /// The backend that is overtaken.
    pub from: String,
    /// The backend that is faster at the largest population.
    pub to: String,
    /// The interpolated population of the crossing; null if `to` was faster at every population.
    pub population: Option<f64>,
    /// The smallest measured population from which `to` stays faster.
    pub faster_from: u64,
    /// The smallest and the largest population at which both were measured.
    pub measured: [u64; 2],
}

/// A population and the seconds of both backends.
type Point = (u64, [f64; 2]);

/// Returns the crossovers of every two backends that were measured at two populations or more.
pub fn crossovers(rows: &[Measurement]) -> Vec<BackendCrossover> {
    let mut found = Vec::new();
    let mut compared: Vec<&Measurement> = Vec::new();
    for row in rows {
        if compared.iter().any(|other| is_comparable(row, other)) {
            continue;
        }
        compared.push(row);
        let own: Vec<&Measurement> =
            rows.iter().filter(|other| is_comparable(row, other)).collect();
        let mut backends: Vec<&str> = Vec::new();
        for row in &own {
            if !backends.contains(&row.backend.as_str()) {
                backends.push(&row.backend);
            }
        }
        for (place, first) in backends.iter().enumerate() {
            for second in &backends[place + 1..] {
                found.extend(between(&own, [first, second]));
            }
        }
    }
    found
}

/// True if two measurements differ in nothing but backend and population.
fn is_comparable(a: &Measurement, b: &Measurement) -> bool {
    let key = |row: &Measurement| (row.subject.clone(), row.network.clone(), row.parameters);
    key(a) == key(b) && (a.batch, a.steps) == (b.batch, b.steps)
}

fn between(rows: &[&Measurement], backends: [&str; 2]) -> Option<BackendCrossover> {
    // The fastest of several kernel variants counts.
    let seconds = |backend: &str, population: u64| {
        let own = rows.iter().filter(|row| row.backend == backend);
        let there = own.filter(|row| row.population == Some(population));
        there.map(|row| row.host_seconds_median).min_by(f64::total_cmp)
    };
    let mut populations: Vec<u64> = rows.iter().filter_map(|row| row.population).collect();
    populations.sort_unstable();
    populations.dedup();
    let point = |population: u64| {
        let [first, second] = backends.map(|backend| seconds(backend, population));
        first.zip(second).map(|(first, second)| (population, [first, second]))
    };
    let mut points: Vec<Point> = populations.into_iter().filter_map(point).collect();
    let (&(smallest, _), &(largest, [first, second])) = (points.first()?, points.last()?);
    if smallest == largest {
        return None;
    }
    let mut names = backends;
    if first < second {
        // The backend that is faster at the largest population comes second.
        names.reverse();
        points.iter_mut().for_each(|(_, seconds)| seconds.reverse());
    }
    let first_stable =
        points.iter().rposition(|(_, [from, to])| to >= from).map_or(0, |last| last + 1);
    // Backends that are equally fast at the largest population have no crossover.
    let (faster_from, _) = *points.get(first_stable)?;
    let population =
        (first_stable > 0).then(|| crossing(points[first_stable - 1], points[first_stable]));
    Some(BackendCrossover {
        subject: rows[0].subject.clone(),
        network: rows[0].network.clone(),
        parameters: rows[0].parameters,
        batch: rows[0].batch,
        steps: rows[0].steps,
        from: names[0].to_owned(),
        to: names[1].to_owned(),
        population,
        faster_from,
        measured: [smallest, largest],
    })
}

impl BackendCrossover {
    /// Returns the population with two significant digits, which is the precision of the
    /// interpolation.
    pub fn rounded(&self) -> Option<u64> {
        self.population.map(|value| {
            let unit = 10f64.powi((value.log10().floor() as i32 - 1).max(0));
            ((value / unit).round() * unit) as u64
        })
    }
}

/// Returns the population at which two curves meet, as straight lines on logarithmic axes.
fn crossing((left, left_seconds): Point, (right, right_seconds): Point) -> f64 {
    let lead = |[from, to]: [f64; 2]| (from / to).ln();
    let (before, after) = (lead(left_seconds), lead(right_seconds));
    let share = -before / (after - before);
    let (left, right) = ((left as f64).ln(), (right as f64).ln());
    (left + share * (right - left)).exp()
}

/// Formats the crossover as a sentence.
impl fmt::Display for BackendCrossover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.subject)?;
        match (&self.network, self.parameters) {
            (Some(network), _) => write!(f, ", {network}")?,
            (None, Some(parameters)) => write!(f, ", {parameters} parameters")?,
            (None, None) => {}
        }
        if let Some(batch) = self.batch {
            write!(f, ", batch {batch}")?;
        }
        let Self { from, to, faster_from, measured: [smallest, largest], .. } = self;
        match self.rounded() {
            Some(population) => write!(
                f,
                ": {to} overtakes {from} at a population of about {population}, and is faster at \
                 every one measured from {faster_from} on"
            ),
            None => write!(
                f,
                ": {to} is faster than {from} at every population measured, {smallest} to {largest}"
            ),
        }
    }
}
