//! Crossovers: the population from which one backend is faster than another and stays so.
//!
//! Both are compared by the host's clock, so that waiting for a device and reading its results back
//! count. Between two measured populations the crossing is interpolated on logarithmic axes, where
//! both curves are nearly straight.

use std::fmt;

use serde::Serialize;

use super::Row;

/// Where one backend overtakes another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crossover {
    /// A task, `forward`, `generation`, `spawn` or `recombine`.
    pub subject: String,
    /// Layers.
    pub network: Option<String>,
    /// Parameters of an individual.
    pub parameters: Option<u64>,
    /// Samples that all individuals share.
    pub batch: Option<u64>,
    /// Environment steps of every individual.
    pub steps: Option<u64>,
    /// The backend that is overtaken.
    pub from: String,
    /// The backend that is faster at the largest population.
    pub to: String,
    /// The population at which it overtakes, interpolated; null where it was faster at every one.
    pub population: Option<f64>,
    /// The least measured population from which it stays faster.
    pub faster_from: u64,
    /// The least and the largest population at which both were measured.
    pub measured: [u64; 2],
}

/// A population, and the seconds of both backends.
type Point = (u64, [f64; 2]);

/// The crossovers of every two backends that were measured at two populations or more.
pub fn crossovers(rows: &[Row]) -> Vec<Crossover> {
    let mut found = Vec::new();
    let mut met: Vec<&Row> = Vec::new();
    for row in rows {
        if met.iter().any(|other| alike(row, other)) {
            continue;
        }
        met.push(row);
        let own: Vec<&Row> = rows.iter().filter(|other| alike(row, other)).collect();
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

/// Whether two rows differ in nothing but backend and population.
fn alike(a: &Row, b: &Row) -> bool {
    let key = |row: &Row| (row.subject.clone(), row.network.clone(), row.parameters);
    key(a) == key(b) && (a.batch, a.steps) == (b.batch, b.steps)
}

fn between(rows: &[&Row], backends: [&str; 2]) -> Option<Crossover> {
    // Of several ways to lay kernels out the fastest counts.
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
    let (&(least, _), &(largest, [first, second])) = (points.first()?, points.last()?);
    if least == largest {
        return None;
    }
    let mut names = backends;
    if first < second {
        // The faster one at last comes second.
        names.reverse();
        points.iter_mut().for_each(|(_, seconds)| seconds.reverse());
    }
    let stays = points.iter().rposition(|(_, [from, to])| to >= from).map_or(0, |last| last + 1);
    // Backends that are equally fast to the end have no crossover.
    let (faster_from, _) = *points.get(stays)?;
    let population = (stays > 0).then(|| crossing(points[stays - 1], points[stays]));
    Some(Crossover {
        subject: rows[0].subject.clone(),
        network: rows[0].network.clone(),
        parameters: rows[0].parameters,
        batch: rows[0].batch,
        steps: rows[0].steps,
        from: names[0].to_owned(),
        to: names[1].to_owned(),
        population,
        faster_from,
        measured: [least, largest],
    })
}

impl Crossover {
    /// The population in two significant digits: an interpolation has no more.
    pub fn rounded(&self) -> Option<u64> {
        self.population.map(|value| {
            let unit = 10f64.powi((value.log10().floor() as i32 - 1).max(0));
            ((value / unit).round() * unit) as u64
        })
    }
}

/// Where two curves meet, as straight lines on logarithmic axes.
fn crossing((left, left_seconds): Point, (right, right_seconds): Point) -> f64 {
    let lead = |[from, to]: [f64; 2]| (from / to).ln();
    let (before, after) = (lead(left_seconds), lead(right_seconds));
    let share = -before / (after - before);
    let (left, right) = ((left as f64).ln(), (right as f64).ln());
    (left + share * (right - left)).exp()
}

/// The crossover as a sentence.
impl fmt::Display for Crossover {
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
        let Self { from, to, faster_from, measured: [least, largest], .. } = self;
        match self.rounded() {
            Some(population) => write!(
                f,
                ": {to} overtakes {from} at a population of about {population}, and is faster at \
                 every one measured from {faster_from} on"
            ),
            None => write!(
                f,
                ": {to} is faster than {from} at every population measured, {least} to {largest}"
            ),
        }
    }
}
