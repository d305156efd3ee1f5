//! Speed curves: the rows of a report as points of population and speed, and the names of the
//! curves.
//!
//! Speed is by the host's clock on every backend, so the curves cross at the reported crossovers.

use std::collections::BTreeMap;

use crate::measure::Measurement;

/// A curve of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SpeedCurve {
    /// The backend, then what else sets the curve apart from the others.
    pub name: String,
    /// Population and speed, in order of population.
    pub points: Vec<[f64; 2]>,
}

/// Returns the curves of rows: one for each combination of what the rows differ in.
pub(super) fn speed_curves(rows: &[Measurement], has_steps: bool) -> Vec<SpeedCurve> {
    let varying = FIELDS.into_iter().filter(|field| has_several_values(rows, *field));
    let varying: Vec<Field> = varying.collect();
    let has_variants = has_several_variants(rows);
    let mut curves = BTreeMap::<String, Vec<[f64; 2]>>::new();
    for row in rows {
        let variant = if has_variants { row.variant.clone() } else { None };
        let words = std::iter::once(row.backend.clone())
            .chain(variant)
            .chain(varying.iter().map(|field| field(row)))
            .filter(|word| !word.is_empty());
        let name = words.collect::<Vec<_>>().join(", ");
        if let Some(point) = point(row, has_steps) {
            curves.entry(name).or_default().push(point);
        }
    }
    let curves = curves.into_iter().map(|(name, mut points)| {
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        SpeedCurve { name, points }
    });
    curves.collect()
}

/// Returns what all rows have in common, as a title.
pub(super) fn common_title(rows: &[Measurement]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let steps = row.steps.map_or(String::new(), |steps| format!("{steps} steps"));
    let shared =
        FIELDS.iter().filter(|field| !has_several_values(rows, **field)).map(|field| field(row));
    let words = shared.chain([steps]).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(", ")
}

type Field = fn(&Measurement) -> String;

const FIELDS: [Field; 4] = [
    |row| row.subject.clone(),
    |row| row.network.clone().unwrap_or_default(),
    |row| match (&row.network, row.parameters) {
        (None, Some(parameters)) => format!("{parameters} parameters"),
        _ => String::new(),
    },
    |row| row.batch.map_or(String::new(), |batch| format!("batch {batch}")),
];

fn has_several_values(rows: &[Measurement], field: Field) -> bool {
    rows.iter().any(|row| field(row) != field(&rows[0]))
}

/// Returns true if the same work was measured with several kernel variants.
fn has_several_variants(rows: &[Measurement]) -> bool {
    let work = |row: &Measurement| {
        let numbers = [row.population, row.parameters, row.batch, row.steps];
        (row.subject.clone(), row.backend.clone(), row.network.clone(), numbers)
    };
    let differ = |a: &Measurement, b: &Measurement| a.variant != b.variant && work(a) == work(b);
    rows.iter().enumerate().any(|(index, a)| rows[index + 1..].iter().any(|b| differ(a, b)))
}

/// The population and speed of a row, or `None` if it has no speed.
fn point(row: &Measurement, has_steps: bool) -> Option<[f64; 2]> {
    let population = row.population? as f64;
    let per_individual = if has_steps { row.steps? as f64 } else { 1.0 };
    let speed = population * per_individual / row.host_seconds_median;
    (population > 0.0 && speed > 0.0 && speed.is_finite()).then_some([population, speed])
}
