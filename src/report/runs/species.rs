//! Species of a run as a chart: generation by generation one on the other, each as high as it has
//! members.
//!
//! The oldest is at the bottom. A colour comes again where there are more species than colours;
//! its number, in order of birth, stands in one wherever there is room.

use std::collections::BTreeMap;

use crate::play::{Anchor, Colour, Scene};
use crate::report::svg::axis;
use crate::run::Record;

const SIZE: [u32; 2] = [900, 380];
const LEFT: f64 = 84.0;
const RIGHT: f64 = 26.0;
const TOP: f64 = 62.0;
const BELOW: f64 = 58.0;
const TEXT: f64 = 13.0;
/// Generations that are drawn at most.
const MOST_GENERATIONS: usize = 400;
/// Okabe and Ito's colours, each once softer and once paler.
const COLOURS: [Colour; 6] = [
    Colour::BLUE,
    Colour(230, 159, 0),
    Colour::GREEN,
    Colour(204, 121, 167),
    Colour(86, 180, 233),
    Colour::VERMILION,
];
const SHADES: [f64; 3] = [0.28, 0.52, 0.08];
/// Pixels around a number within its area.
const AROUND: [f64; 2] = [8.0, 5.0];

/// The chart of a run; none of one without species.
pub fn chart(name: &str, records: &[Record]) -> Option<Scene> {
    if records.iter().all(|record| record.species.is_empty()) {
        return None;
    }
    let stride = records.len().div_ceil(MOST_GENERATIONS);
    let shown: Vec<&Record> = records.iter().step_by(stride).collect();
    let axes = Axes::of(records);
    let mut scene = Scene::new(SIZE);
    let areas = areas(&axes, &shown);
    // Where generations are narrow, the lines between species would be all there is to see.
    let between = (40.0 / shown.len() as f64).clamp(0.2, 0.8);
    for (number, area) in &areas {
        let back = area.iter().rev().map(|&[x, _, lower]| [x, lower]);
        let outline: Vec<[f64; 2]> =
            area.iter().map(|&[x, upper, _]| [x, upper]).chain(back).collect();
        scene.area(&outline, colour(*number));
        let upper: Vec<[f64; 2]> = area.iter().map(|&[x, upper, _]| [x, upper]).collect();
        scene.line(&upper, between, Colour::PAPER);
    }
    areas.iter().for_each(|(number, area)| label(&mut scene, *number, area));
    frame(&mut scene, &axes, name, records);
    Some(scene)
}

/// Charts below each other.
pub fn below_each_other(charts: &[&Scene]) -> Option<Scene> {
    let width = charts.iter().map(|chart| chart.size[0]).max()?;
    let height = charts.iter().map(|chart| chart.size[1]).sum();
    let (mut scene, mut y) = (Scene::new([width, height]), 0.0);
    for &chart in charts {
        scene.put([0.0, y], chart.clone());
        y += f64::from(chart.size[1]);
    }
    Some(scene)
}

/// Where generations and individuals stand in the picture.
struct Axes {
    first: f64,
    last: f64,
    individuals: f64,
}

impl Axes {
    fn of(records: &[Record]) -> Self {
        let generation = |record: Option<&Record>| record.map_or(1, |record| record.generation);
        let first = f64::from(generation(records.first()));
        let all = records.iter().map(|record| record.species.iter().map(|one| one.1).sum::<u32>());
        Self {
            first,
            last: f64::from(generation(records.last())).max(first + 1.0),
            individuals: f64::from(all.max().unwrap_or(0)).max(1.0),
        }
    }

    fn x(&self, generation: f64) -> f64 {
        let width = f64::from(SIZE[0]) - LEFT - RIGHT;
        LEFT + width * (generation - self.first) / (self.last - self.first)
    }

    fn y(&self, individuals: f64) -> f64 {
        let bottom = f64::from(SIZE[1]) - BELOW;
        bottom - (bottom - TOP) * individuals / self.individuals
    }
}

/// The area of each species by its number: `[x, upper y, lower y]` from left to right. It opens
/// from nothing at the generation before its first, and closes at the one behind its last.
fn areas(axes: &Axes, shown: &[&Record]) -> BTreeMap<u32, Vec<[f64; 3]>> {
    let mut lives: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (index, record) in shown.iter().enumerate() {
        for &(number, _) in &record.species {
            lives.entry(number).or_insert((index, index)).1 = index;
        }
    }
    let end = shown.len().saturating_sub(1);
    let place = |number: u32, index: usize| {
        let species = &shown[index].species;
        let older: u32 = species.iter().filter(|one| one.0 < number).map(|one| one.1).sum();
        let own = species.iter().find(|one| one.0 == number).map_or(0, |one| one.1);
        let x = axes.x(f64::from(shown[index].generation));
        [x, axes.y(f64::from(older + own)), axes.y(f64::from(older))]
    };
    let area = |(number, (first, last)): (u32, (usize, usize))| {
        let life = first.saturating_sub(1)..=(last + 1).min(end);
        let mut area: Vec<[f64; 3]> = life.map(|index| place(number, index)).collect();
        if let &[[_, upper, lower]] = &area[..] {
            // A run of one generation is a bar.
            area = vec![[LEFT, upper, lower], [axes.x(axes.last), upper, lower]];
        }
        (number, area)
    };
    lives.into_iter().map(area).collect()
}

fn colour(number: u32) -> Colour {
    let shade = SHADES[number as usize / COLOURS.len() % SHADES.len()];
    COLOURS[number as usize % COLOURS.len()].mix(Colour::PAPER, shade)
}

/// Writes a species' number into its area, where that is highest, if it fits there.
fn label(scene: &mut Scene, number: u32, area: &[[f64; 3]]) {
    let words = number.to_string();
    let half = 0.5 * axis::text_width(&words, TEXT) + AROUND[0];
    let room = |middle: f64| {
        let within = |x: f64| (x - middle).abs() <= half;
        // What is free above and below over the width of the word.
        let near = || area.iter().filter(|place| within(place[0]));
        let upper = near().map(|place| place[1]).fold(f64::NEG_INFINITY, f64::max);
        let lower = near().map(|place| place[2]).fold(f64::INFINITY, f64::min);
        [upper, lower]
    };
    let [first, last] = [area.first(), area.last()].map(|end| end.map_or(0.0, |place| place[0]));
    let fits = area.iter().filter(|place| place[0] - half >= first && place[0] + half <= last);
    let best = fits
        .map(|place| (place[0], room(place[0])))
        .max_by(|a, b| (a.1[1] - a.1[0]).total_cmp(&(b.1[1] - b.1[0])));
    if let Some((x, [upper, lower])) = best
        && lower - upper >= TEXT + 2.0 * AROUND[1]
    {
        let at = [x, 0.5 * (upper + lower) + 0.36 * TEXT];
        scene.text(at, Anchor::Middle, TEXT, Colour::INK, words);
    }
}

fn frame(scene: &mut Scene, axes: &Axes, name: &str, records: &[Record]) {
    let (bottom, right) = (axes.y(0.0), axes.x(axes.last));
    for tick in ticks(0.0, axes.individuals, 5.0) {
        let y = axes.y(tick);
        scene.line(&[[LEFT - 5.0, y], [LEFT, y]], 1.2, Colour::GREY);
        let at = [LEFT - 10.0, y + 4.5];
        scene.text(at, Anchor::End, TEXT, Colour::INK, axis::whole(tick));
    }
    for tick in ticks(axes.first, axes.last, 9.0) {
        let x = axes.x(tick);
        scene.line(&[[x, bottom], [x, bottom + 5.0]], 1.2, Colour::GREY);
        let at = [x, bottom + 20.0];
        scene.text(at, Anchor::Middle, TEXT, Colour::INK, axis::whole(tick));
    }
    scene.line(&[[LEFT, bottom], [right, bottom]], 1.2, Colour::GREY);
    scene.line(&[[LEFT, TOP], [LEFT, bottom]], 1.2, Colour::GREY);
    let below = [0.5 * (LEFT + right), bottom + 42.0];
    scene.text(below, Anchor::Middle, TEXT, Colour::GREY, "generation");
    let most = records.iter().map(|record| record.species.len()).max().unwrap_or(0);
    scene.text([14.0, 24.0], Anchor::Start, 15.0, Colour::INK, name);
    let words = format!(
        "individuals of each species, the oldest at the bottom, numbers in order of birth; {most} \
         at once at most"
    );
    scene.text([14.0, 44.0], Anchor::Start, 12.0, Colour::GREY, words);
}

/// Round numbers within a range, about so many.
fn ticks(start: f64, end: f64, about: f64) -> Vec<f64> {
    let least = (end - start) / about;
    let unit = 10f64.powf(least.log10().floor()).max(1.0);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|mantissa| mantissa * unit);
    let step = steps.into_iter().find(|&step| step >= least).unwrap_or(least.ceil());
    let (first, last) = ((start / step).ceil() as i64, (end / step).floor() as i64);
    (first..=last).map(|count| count as f64 * step).collect()
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
    fn every_generation_is_filled_from_below_to_the_population() {
        let sizes: [&[(u32, u32)]; 4] =
            [&[(0, 90)], &[(0, 60), (1, 30)], &[(1, 50), (2, 40)], &[(2, 90)]];
        let records: Vec<Record> =
            sizes.iter().zip(1..).map(|(sizes, generation)| record(generation, sizes)).collect();
        let axes = Axes::of(&records);
        let areas = areas(&axes, &records.iter().collect::<Vec<_>>());
        for record in &records {
            let x = axes.x(f64::from(record.generation));
            let heights = areas.values().flatten().filter(|place| place[0] == x);
            let filled: f64 = heights.map(|place| place[2] - place[1]).sum();
            assert!((filled - (axes.y(0.0) - TOP)).abs() < 1e-9, "{x}");
        }
        // The second one opens at the first generation, is widest at the third, and then closes.
        let widths: Vec<f64> = areas[&1].iter().map(|place| place[2] - place[1]).collect();
        assert_eq!((widths[0], widths[3]), (0.0, 0.0));
        assert!(widths[2] > widths[1] && widths[1] > 0.0);
        let svg = chart("xor", &records).expect("there are species").svg();
        assert_eq!(svg.matches("<polygon").count(), 3);
        assert!(svg.contains(">generation<") && svg.contains("2 at once at most"), "{svg}");
    }

    #[test]
    fn a_run_without_species_has_no_chart_and_one_generation_is_a_bar() {
        assert!(chart("ga", &[record(1, &[])]).is_none());
        let svg = chart("neat", &[record(1, &[(0, 5), (1, 3)])]).expect("a chart").svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn ticks_are_whole_and_round() {
        assert_eq!(ticks(1.0, 40.0, 9.0), [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0]);
        assert_eq!(ticks(0.0, 150.0, 5.0), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(ticks(1.0, 3.0, 9.0), [1.0, 2.0, 3.0]);
    }
}
