//! The species of a run as a chart: stacked areas against generations, each as high as the number
//! of its individuals.
//!
//! The oldest species is at the bottom. Colours repeat if there are more species than colours; the
//! number of a species, in order of birth, is written in its area if there is room.

use std::collections::BTreeMap;

use super::WIDTH;
use crate::draw::{Anchor, Axis, Colour, Heading, Plot, Scene, text_width};
use crate::run::Record;

const HEIGHT: u32 = 400;
const FONT_SIZE: f64 = 13.0;
/// The most generations that are drawn.
const MAX_GENERATIONS: usize = 400;
/// The shares of the background in the colours: each colour comes first soft, then pale, then full.
const SHADES: [f64; 3] = [0.28, 0.52, 0.08];
const COLOURS: [Colour; 6] =
    [Colour::BLUE, Colour::ORANGE, Colour::GREEN, Colour::PURPLE, Colour::SKY, Colour::VERMILION];
/// Pixels around a number within its area, at the sides and above and below.
const PADDING: [f64; 2] = [8.0, 5.0];

/// Draws the species of a run; returns `None` for a strategy without species.
pub fn draw(title: &str, records: &[Record]) -> Option<Scene> {
    if records.iter().all(|record| record.species.is_empty()) {
        return None;
    }
    let stride = records.len().div_ceil(MAX_GENERATIONS);
    let shown: Vec<&Record> = records.iter().step_by(stride).collect();
    let [first, last, individuals] = ranges(records);
    let most = records.iter().map(|record| record.species.len()).max().unwrap_or(0);
    let note = format!(
        "species from the oldest, at the bottom, to the youngest, numbered in order of birth; at \
         most {most} at once"
    );
    let heading = Heading { title: title.into(), notes: vec![note] };
    let x = Axis::whole_numbers("generation", first..last);
    let y = Axis::whole_numbers("individuals of each species", 0.0..individuals);
    let mut plot = Plot::new([WIDTH, HEIGHT], &heading, x, y, vec![]);
    let areas = areas(&shown, [first, last]);
    // Narrow generations have thin lines between species, or the lines would hide the areas.
    let line = (40.0 / shown.len() as f64).clamp(0.2, 0.8);
    for (&number, area) in &areas {
        let edge = |which: usize| area.iter().map(move |edges| [edges[0], edges[which]]);
        let upper: Vec<[f64; 2]> = edge(1).map(|point| plot.position(point)).collect();
        let lower = edge(2).rev().map(|point| plot.position(point));
        let outline: Vec<[f64; 2]> = upper.iter().copied().chain(lower).collect();
        plot.scene_mut().area(&outline, colour(number));
        plot.scene_mut().line(&upper, line, Colour::PAPER);
    }
    areas.iter().for_each(|(&number, area)| write_number(&mut plot, number, area));
    Some(plot.into_scene())
}

/// Returns the first and the last generation, and the largest number of individuals.
fn ranges(records: &[Record]) -> [f64; 3] {
    let generation =
        |record: Option<&Record>| f64::from(record.map_or(1, |record| record.generation));
    let first = generation(records.first());
    let sizes = records.iter().map(|record| count(&record.species, |_| true));
    let individuals = sizes.fold(1.0, f64::max);
    [first, generation(records.last()).max(first + 1.0), individuals]
}

/// Returns the area of each species by its number, as `[generation, upper edge, lower edge]` from
/// left to right. An area opens from zero height at the generation before its first one, and closes
/// at the generation after its last one.
fn areas(shown: &[&Record], [start, end]: [f64; 2]) -> BTreeMap<u32, Vec<[f64; 3]>> {
    let mut lifetimes: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (index, record) in shown.iter().enumerate() {
        for &(number, _) in &record.species {
            lifetimes.entry(number).or_insert((index, index)).1 = index;
        }
    }
    let last_index = shown.len().saturating_sub(1);
    let edges = |number: u32, index: usize| {
        let species = &shown[index].species;
        let older = count(species, |other| other < number);
        let own = species.iter().find(|one| one.0 == number).map_or(0, |one| one.1);
        [f64::from(shown[index].generation), older + f64::from(own), older]
    };
    let area = |(number, (first, last)): (u32, (usize, usize))| {
        let indices = first.saturating_sub(1)..=(last + 1).min(last_index);
        let mut area: Vec<[f64; 3]> = indices.map(|index| edges(number, index)).collect();
        if let &[[_, upper, lower]] = &area[..] {
            // The areas of a run of one generation are bars.
            area = vec![[start, upper, lower], [end, upper, lower]];
        }
        (number, area)
    };
    lifetimes.into_iter().map(area).collect()
}

/// Returns the number of individuals in the species that are chosen by their numbers.
fn count(species: &[(u32, u32)], is_chosen: impl Fn(u32) -> bool) -> f64 {
    species.iter().filter(|one| is_chosen(one.0)).map(|one| f64::from(one.1)).sum()
}

fn colour(number: u32) -> Colour {
    let shade = SHADES[number as usize / COLOURS.len() % SHADES.len()];
    COLOURS[number as usize % COLOURS.len()].mix(Colour::PAPER, shade)
}

/// Writes the number of a species where its area is highest, if it fits there.
fn write_number(plot: &mut Plot, number: u32, area: &[[f64; 3]]) {
    let words = number.to_string();
    let half = 0.5 * text_width(&words, FONT_SIZE) + PADDING[0];
    let area: Vec<[f64; 3]> = area
        .iter()
        .map(|&[generation, upper, lower]| {
            let [x, top] = plot.position([generation, upper]);
            [x, top, plot.position([generation, lower])[1]]
        })
        .collect();
    // The free range of heights over the width of the number.
    let room = |middle: f64| {
        let near = || area.iter().filter(|edges| (edges[0] - middle).abs() <= half);
        let top = near().map(|edges| edges[1]).fold(f64::NEG_INFINITY, f64::max);
        let bottom = near().map(|edges| edges[2]).fold(f64::INFINITY, f64::min);
        [top, bottom]
    };
    let [left, right] = [area.first(), area.last()].map(|end| end.map_or(0.0, |edges| edges[0]));
    let fits = area.iter().filter(|edges| edges[0] - half >= left && edges[0] + half <= right);
    let best = fits
        .map(|edges| (edges[0], room(edges[0])))
        .max_by(|a, b| (a.1[1] - a.1[0]).total_cmp(&(b.1[1] - b.1[0])));
    if let Some((x, [top, bottom])) = best
        && bottom - top >= FONT_SIZE + 2.0 * PADDING[1]
    {
        let at = [x, 0.5 * (top + bottom) + 0.36 * FONT_SIZE];
        plot.scene_mut().text(at, Anchor::Middle, FONT_SIZE, Colour::INK, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(generation: u32, species: &[(u32, u32)]) -> Record {
        let line = format!(
            "{{\"generation\":{generation},\"evaluations\":0,\"environment_steps\":0,\"best\":null,\
             \"mean\":null,\"failed\":0,\"spread\":1,\"validation\":null,\"champion\":false,\
             \"held_out\":null,\"species\":{species:?}}}"
        );
        let line = line.replace('(', "[").replace(')', "]");
        serde_json::from_str(&line).expect("a line of a log")
    }

    #[test]
    fn the_areas_of_a_generation_add_up_to_the_population() {
        let sizes: [&[(u32, u32)]; 4] =
            [&[(0, 90)], &[(0, 60), (1, 30)], &[(1, 50), (2, 40)], &[(2, 90)]];
        let records: Vec<Record> =
            sizes.iter().zip(1..).map(|(sizes, generation)| record(generation, sizes)).collect();
        let areas = areas(&records.iter().collect::<Vec<_>>(), [1.0, 4.0]);
        for record in &records {
            let generation = f64::from(record.generation);
            let edges = areas.values().flatten().filter(|edges| edges[0] == generation);
            assert_eq!(edges.map(|edges| edges[1] - edges[2]).sum::<f64>(), 90.0);
        }
        // The second species opens at the first generation, is largest at the third, then closes.
        let heights: Vec<f64> = areas[&1].iter().map(|edges| edges[1] - edges[2]).collect();
        assert_eq!(heights, [0.0, 30.0, 50.0, 0.0]);
        let svg = draw("xor", &records).expect("there are species").svg();
        assert_eq!(svg.matches("<polygon").count(), 3);
        assert!(svg.contains(">generation<") && svg.contains("at most 2 at once"), "{svg}");
    }

    #[test]
    fn a_run_without_species_has_no_chart_and_one_generation_is_a_bar() {
        assert!(draw("ga", &[record(1, &[])]).is_none());
        let svg = draw("neat", &[record(1, &[(0, 5), (1, 3)])]).expect("a chart").svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
