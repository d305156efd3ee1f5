//! Drawing: scenes as SVG, pixels and GIF, and plots with their axes and legends.

use deme::draw::{
    Anchor, Axis, Colour, Heading, LegendEntry, Plot, Raster, Scene, Shape, TimedScene,
    escape_markup, text_width, write_gif,
};

#[test]
fn dashes_have_the_length_that_was_asked_for() {
    let mut scene = Scene::new([100, 20]);
    let points = [[0.0, 0.0], [4.0, 0.0], [4.0, 30.0]];
    scene.dashed_line(&points, 1.0, Colour::INK, [6.0, 5.0]);
    let length = |points: &[[f64; 2]]| -> f64 {
        points.windows(2).map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1])).sum()
    };
    let lengths: Vec<f64> = scene
        .shapes
        .iter()
        .map(|shape| match shape {
            Shape::Line { points, .. } => length(points),
            other => panic!("a dash is a line, not {other:?}"),
        })
        .collect();
    // Dashes of 6 and gaps of 5 over 34 pixels: three whole dashes, and the rest of a fourth.
    assert_eq!(lengths, [6.0, 6.0, 6.0, 1.0]);
}

#[test]
fn a_scene_is_the_same_picture_as_svg_and_as_pixels() {
    let mut scene = Scene::new([40, 20]);
    scene.rectangle([10.0, 5.0], [20.0, 10.0], Colour::BLUE);
    scene.translucent_area(&[[0.0, 0.0], [5.0, 0.0], [5.0, 5.0], [0.0, 5.0]], Colour::BLACK, 0.5);
    scene.text([1.0, 18.0], Anchor::Start, 4.0, Colour::INK, "a < b");
    let svg = scene.svg();
    assert!(svg.contains("fill=\"#0072b2\"/>") && svg.contains("fill-opacity=\"0.5\""), "{svg}");
    assert!(svg.contains(">a &lt; b</text>"), "{svg}");
    let raster = Raster::from_scene(&scene);
    let at = |x: usize, y: usize| raster.colours[y * 40 + x];
    assert_eq!((at(20, 10), at(38, 2)), (Colour::BLUE, Colour::PAPER));
    let half = Colour::PAPER.mix(Colour::BLACK, 0.5);
    let Colour(red, ..) = at(2, 2);
    assert!(red.abs_diff(half.0) <= 1, "{red}");
}

#[test]
fn pictures_are_stacked_and_moved_whole() {
    let mut scene = Scene::new([30, 10]);
    scene.disc([5.0, 5.0], 2.0, Colour::GREEN);
    let stacked = Scene::stack(&[&scene, &scene]).expect("two pictures");
    assert_eq!((stacked.size, stacked.bounds()), ([30, 20], [3.0, 3.0, 7.0, 17.0]));
    assert_eq!(Scene::stack(&[]), None);
}

#[test]
fn an_animation_keeps_its_delays_and_writes_only_what_changes() {
    let scene = |x: f64| {
        let mut scene = Scene::new([40, 20]);
        scene.rectangle([x, 5.0], [4.0, 4.0], Colour::VERMILION);
        scene
    };
    let frames = [(10.0, 7), (12.0, 9)]
        .map(|(x, centiseconds)| TimedScene { scene: scene(x), centiseconds });
    let mut bytes = Vec::new();
    write_gif(&frames, &mut bytes).expect("an animation");
    let mut decoder = gif::DecodeOptions::new().read_info(&bytes[..]).expect("a GIF");
    let first = decoder.read_next_frame().expect("a frame").expect("a first frame");
    assert_eq!((first.delay, first.width, first.height), (7, 40, 20));
    let second = decoder.read_next_frame().expect("a frame").expect("a second frame");
    assert_eq!((second.delay, second.left, second.width, second.height), (9, 10, 6, 4));
}

fn plot(names: &[&str]) -> Scene {
    let heading = Heading { title: "speed".into(), notes: vec!["one machine".into()] };
    let x = Axis::logarithmic("population", [64.0, 65_536.0], 1.25);
    let y = Axis::linear("score", -200.0..500.0);
    let entry = |(index, name): (usize, &&str)| LegendEntry {
        name: (*name).into(),
        colour: Colour::of_curve(index),
        end: Some([65_536.0 / (index + 1) as f64, 480.0]),
    };
    let legend = names.iter().enumerate().map(entry).collect();
    let mut plot = Plot::new([600, 400], &heading, x, y, legend);
    for index in 0..names.len() {
        let end = [65_536.0 / (index + 1) as f64, 480.0];
        plot.line(&[[64.0, -150.0], end], 2.0, Colour::of_curve(index));
    }
    plot.into_scene()
}

#[test]
fn a_plot_has_titles_ticks_and_names_that_do_not_overlap_or_leave_the_picture() {
    let names = ["cpu", "gpu", "a backend with a name that is far too long for any chart at all"];
    let scene = plot(&names);
    let [left, top, right, bottom] = scene.bounds();
    assert!(left >= 0.0 && top >= 0.0 && right <= 600.0 && bottom <= 400.0);
    let texts: Vec<(&str, [f64; 4])> = scene
        .shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::Text { text, .. } => {
                let alone = Scene { size: scene.size, shapes: vec![shape.clone()] };
                Some((text.as_str(), alone.bounds()))
            }
            _ => None,
        })
        .collect();
    for wanted in ["speed", "one machine", "population", "score", "-200", "1 k", "cpu", "gpu"] {
        assert!(texts.iter().any(|(text, _)| *text == wanted), "'{wanted}' is not written");
    }
    for (index, (text, a)) in texts.iter().enumerate() {
        for (other, b) in &texts[..index] {
            let is_apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
            assert!(is_apart, "'{text}' overlaps '{other}'");
        }
    }
}

#[test]
fn names_stand_to_the_right_of_the_data() {
    let scene = plot(&["cpu", "gpu"]);
    let curves = scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Line { points, colour, width } if *width == 2.0 && points.len() == 2 => {
            Some((points[0][0], points[1][0], *colour))
        }
        _ => None,
    });
    let data_end = curves.filter(|(start, ..)| *start < 300.0).map(|(_, end, _)| end);
    let data_end = data_end.fold(0.0, f64::max);
    for shape in &scene.shapes {
        if let Shape::Text { at, text, .. } = shape
            && ["cpu", "gpu"].contains(&text.as_str())
        {
            assert!(at[0] > data_end, "{text} at {} and data to {data_end}", at[0]);
        }
    }
}

#[test]
fn the_width_of_text_grows_with_its_size_and_letters() {
    assert!((text_width("deme", 20.0) - 2.0 * text_width("deme", 10.0)).abs() < 1e-9);
    assert!(text_width("i", 10.0) < text_width("m", 10.0));
    assert_eq!(text_width("", 10.0), 0.0);
    assert_eq!(escape_markup("\"<&>\""), "&quot;&lt;&amp;&gt;&quot;");
}
