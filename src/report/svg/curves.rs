//! Curves: the rows of a report as points of population and speed, and what they are called.
//!
//! Speed is by the host's clock on every backend, so that the curves cross where the crossovers
//! are.

use std::collections::BTreeMap;

use crate::measure::Row;

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it differs from the others in; the backend first.
    pub name: String,
    /// Population and speed, in order of population.
    pub points: Vec<(f64, f64)>,
}

/// The curves of rows: one for each combination that they differ in.
pub fn curves(rows: &[Row], steps: bool) -> Vec<Curve> {
    let varying = varying(rows);
    let listed = has_listed_variants(rows);
    let mut curves = BTreeMap::<String, Vec<(f64, f64)>>::new();
    for row in rows {
        let variant = if listed { row.variant.clone() } else { None };
        let words = std::iter::once(row.backend.clone())
            .chain(variant)
            .chain(varying.iter().map(|field| field(row)))
            .filter(|word| !word.is_empty());
        let name = words.collect::<Vec<_>>().join(", ");
        if let Some(point) = point(row, steps) {
            curves.entry(name).or_default().push(point);
        }
    }
    let mut curves: Vec<Curve> =
        curves.into_iter().map(|(name, points)| Curve { name, points }).collect();
    for curve in &mut curves {
        curve.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    curves
}

/// What all rows have in common, for a title.
pub fn common(rows: &[Row]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let steps = row.steps.map_or(String::new(), |steps| format!("{steps} steps"));
    let shared = FIELDS.iter().filter(|field| !differs(rows, **field)).map(|field| field(row));
    let words = shared.chain([steps]).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(", ")
}

type Field = fn(&Row) -> String;

const FIELDS: [Field; 4] = [
    |row| row.subject.clone(),
    |row| row.network.clone().unwrap_or_default(),
    |row| match (&row.network, row.parameters) {
        (None, Some(parameters)) => format!("{parameters} parameters"),
        _ => String::new(),
    },
    |row| row.batch.map_or(String::new(), |batch| format!("batch {batch}")),
];

fn differs(rows: &[Row], field: Field) -> bool {
    rows.iter().any(|row| field(row) != field(&rows[0]))
}

/// Whether the same work was measured with kernels that were laid out in several ways.
fn has_listed_variants(rows: &[Row]) -> bool {
    let key = |row: &Row| {
        let numbers = [row.population, row.parameters, row.batch, row.steps];
        (row.subject.clone(), row.backend.clone(), row.network.clone(), numbers)
    };
    let differ = |a: &Row, b: &Row| a.variant != b.variant && key(a) == key(b);
    rows.iter().enumerate().any(|(place, a)| rows[place + 1..].iter().any(|b| differ(a, b)))
}

fn varying(rows: &[Row]) -> Vec<Field> {
    FIELDS.into_iter().filter(|field| differs(rows, *field)).collect()
}

fn point(row: &Row, steps: bool) -> Option<(f64, f64)> {
    let population = row.population? as f64;
    let of_each = if steps { row.steps? as f64 } else { 1.0 };
    let speed = population * of_each / row.host_seconds_median;
    (population > 0.0 && speed > 0.0 && speed.is_finite()).then_some((population, speed))
}
