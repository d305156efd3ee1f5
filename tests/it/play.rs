//! Playing: the same episodes as the run's, their scores, traces and pictures.

use std::sync::Arc;

use deme::backend::{Episodes, Purpose};
use deme::champion::{Champion, Origin};
use deme::draw::{Colour, Raster, Scene, Shape};
use deme::network::{Activation, Initialisation, Network};
use deme::play::{self, ConfidenceInterval, HeldOutSet};
use deme::random::Counter;
use deme::run;
use deme::task::{self, Kind, Span, Split, Task};

fn champion(task: &dyn Task, spec: &str) -> Champion {
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a spec");
    let genome = network.initialise(Initialisation::Normal(0.7), 11);
    let (task_name, strategy) = (task.about().name.to_string(), "ga".into());
    let origin = Origin { task: task_name, strategy, generation: 1, seed: 3 };
    Champion::new(origin, task, network, genome)
}

fn held_out(name: &str) -> (HeldOutSet, Champion) {
    let task: Arc<dyn Task> = task::by_name(name).expect("a task").into();
    let champion = champion(task.as_ref(), if name == "xor" { "4" } else { "5:gru" });
    (HeldOutSet::new(task, 3).with_step_limit(300), champion)
}

fn control_tasks() -> impl Iterator<Item = &'static str> {
    task::names().filter(|name| task::by_name(name).expect("a task").step_limit() > 0)
}

#[test]
fn a_play_is_the_rollout_of_the_reference_to_the_bit() {
    for name in control_tasks() {
        let (held_out, mut champion) = held_out(name);
        let Kind::Control(simulation) = held_out.task().kind() else { panic!("{name}") };
        let (network, genome) = champion.layers().unwrap();
        let network = network.clone();
        let genome: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        for index in [0, 7] {
            let mut steps = 0;
            let played = held_out.play(&mut champion, index, &mut |_| steps += 1).expect("a play");
            let first = Episodes::new(3, Purpose::HeldOut, 0, 1).first_counter();
            let place = Counter { individual: index, ..first };
            let span = Span::Episode(held_out.step_limit());
            let rolled = simulation.rollout(&network, &genome, place, span, None);
            assert_eq!((played, steps), (rolled.reward, rolled.steps), "{name} {index}");
        }
    }
}

#[test]
fn a_score_is_the_mean_of_its_episodes_within_its_interval() {
    let (held_out, mut champion) = held_out("cartpole");
    let score = held_out.score(&mut champion).expect("a score");
    let returns: Vec<f64> = (0..100)
        .map(|index| held_out.play(&mut champion, index, &mut |_| ()).expect("a play"))
        .collect();
    assert!((score.score - returns.iter().sum::<f64>() / 100.0).abs() < 1e-9);
    let interval = score.interval.expect("enough episodes");
    assert!(interval.low < score.score && score.score < interval.high);
    assert!(score.least.expect("a return") <= interval.low);
    assert!(score.largest.expect("a return") >= interval.high);
    let few = held_out.with_episodes(3).score(&mut champion).expect("a score");
    assert_eq!((few.interval, few.episodes), (None, 3));
}

#[test]
fn confidence_intervals_have_published_values() {
    // Wilson's interval of 8 in 10 at 95% is 0.4902 to 0.9433.
    let wilson = ConfidenceInterval::for_proportion(8, 10).expect("trials");
    assert!((wilson.low - 0.490_16).abs() < 5e-5 && (wilson.high - 0.943_32).abs() < 5e-5);
    let all = ConfidenceInterval::for_proportion(10, 10).expect("trials");
    assert!((all.high - 1.0).abs() < 1e-12 && (all.low - 0.722_47).abs() < 5e-5);
    assert_eq!(ConfidenceInterval::for_proportion(0, 0), None);
    let same = ConfidenceInterval::for_mean(&[4.0; 12]).expect("values");
    assert_eq!((same.low, same.high), (4.0, 4.0));
    // For many values the bootstrap is near the mean +- 1.96 deviations / sqrt(count).
    let values: Vec<f64> = (0..400).map(|k| f64::from(k % 20) - 9.5).collect();
    let interval = ConfidenceInterval::for_mean(&values).expect("values");
    let reach = 1.96 * (399.0f64 / 12.0).sqrt() / 20.0;
    assert!((interval.high - reach).abs() < 0.03 && (interval.low + reach).abs() < 0.03);
}

#[test]
fn a_trace_has_every_step_and_its_actions_can_be_reproduced() {
    let (held_out, mut champion) = held_out("pendulum");
    let held_out = held_out.with_episodes(2);
    let mut text = Vec::new();
    play::write_trace(&held_out, &mut champion, &mut text).expect("a trace");
    let mut lines = csv::Reader::from_reader(&text[..]);
    let header: Vec<String> =
        lines.headers().expect("a header").iter().map(str::to_owned).collect();
    let expected = "episode,step,observation_cos,observation_sin,observation_turning,\
                    action_torque,reward,terminated,truncated";
    assert_eq!(header.join(","), expected);
    let rows: Vec<Vec<f64>> = lines
        .records()
        .map(|row| {
            let row = row.expect("a row");
            row.iter().map(|cell| cell.parse().expect("a number")).collect()
        })
        .collect();
    assert_eq!(rows.len(), 400);
    assert!(rows.iter().all(|row| (row[8] == 1.0) == (row[1] == 199.0) && row[7] == 0.0));
    champion.begin_episode();
    for row in &rows[..200] {
        let action = champion.act_on(&row[2..5]).expect("an action");
        assert_eq!(action, row[5..6]);
    }
}

#[test]
fn a_trace_names_the_choices() {
    let (held_out, mut champion) = held_out("acrobot");
    let mut text = Vec::new();
    play::write_trace(&held_out.with_episodes(1), &mut champion, &mut text).expect("a trace");
    let text = String::from_utf8(text).expect("text");
    let header = text.lines().next().expect("a header");
    assert!(header.starts_with("episode,step,observation_cos_upper,observation_sin_upper,"));
    assert!(header.ends_with(",action,action_name,reward,terminated,truncated"), "{header}");
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let torque: i32 = cells[8].parse().expect("a choice");
        assert_eq!(cells[9], format!("torque {}", torque - 1), "{line}");
    }
}

#[test]
fn every_column_of_a_trace_has_a_name_of_its_own() {
    for name in control_tasks() {
        let (held_out, mut champion) = held_out(name);
        let held_out = held_out.with_episodes(1).with_step_limit(1);
        let mut text = Vec::new();
        play::write_trace(&held_out, &mut champion, &mut text).expect("a trace");
        let text = String::from_utf8(text).expect("text");
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows[0].len(), rows[1].len(), "{name}: {text}");
        let names: std::collections::BTreeSet<&str> = rows[0].iter().copied().collect();
        assert_eq!(names.len(), rows[0].len(), "{name}: {text}");
        assert!(names.iter().all(|name| !name.contains(' ')), "{text}");
    }
}

#[test]
fn the_champion_of_a_function_is_its_point() {
    let task: Arc<dyn Task> = task::by_name("sphere-3").expect("a task").into();
    let network = Network::parse("", task.inputs(), task.outputs(), Activation::Tanh);
    let origin = Origin { task: "sphere-3".into(), strategy: "ga".into(), generation: 1, seed: 3 };
    let point = vec![1.0, -2.0, 0.5];
    let network = network.expect("a spec");
    let mut champion = Champion::new(origin, task.as_ref(), network, point.clone());
    let score = HeldOutSet::new(task, 3).score(&mut champion).expect("a score");
    assert_eq!((score.score, score.episodes, score.point), (-5.25, 1, Some(point)));
}

#[test]
fn an_animation_runs_at_the_speed_of_the_task() {
    for name in control_tasks() {
        let (held_out, mut champion) = held_out(name);
        let held_out = held_out.with_step_limit(50);
        let mut steps = 0;
        held_out
            .play(&mut champion, 0, &mut |transition| steps = transition.step + 1)
            .expect("a play");
        let mut bytes = Vec::new();
        play::write_animation(&held_out, &mut champion, 0, &mut bytes).expect("an animation");
        let mut decoder = gif::DecodeOptions::new().read_info(&bytes[..]).expect("a GIF");
        assert_eq!((decoder.width(), decoder.height()), (480, 300));
        let mut delays = Vec::new();
        while let Some(frame) = decoder.read_next_frame().expect("a frame") {
            delays.push(frame.delay);
        }
        let step_seconds = held_out.picture().expect("a picture").step_seconds;
        let shown: u32 = delays[..delays.len() - 1].iter().copied().map(u32::from).sum();
        let expected = (100.0 * f64::from(steps) * step_seconds).round() as u32;
        assert_eq!(shown, expected, "{name}: {delays:?}");
        // Every frame is shown long enough, except the one that ends the episode.
        assert!(delays[..delays.len() - 2].iter().all(|&delay| delay >= 3), "{name}: {delays:?}");
    }
}

#[test]
fn film_strips_are_drawn_with_times_and_steps() {
    for name in control_tasks() {
        let (held_out, mut champion) = held_out(name);
        let scene = play::draw_film_strip(&held_out, &mut champion, 0).expect("a strip");
        let svg = scene.svg();
        assert!(svg.contains(">0.00 s<") && svg.contains(">step 0<"), "{name}");
        assert_eq!(svg.matches(&format!(">{name}<")).count(), 6, "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        let raster = Raster::from_scene(&scene);
        let paper = raster.colours[0];
        let drawn = raster.colours.iter().filter(|colour| **colour != paper).count();
        let share = drawn as f64 / raster.colours.len() as f64;
        assert!((0.005..0.6).contains(&share), "{name}: {share}");
    }
}

#[test]
fn predictions_are_counted_and_the_most_confident_errors_come_first() {
    let task: Arc<dyn Task> = task::by_name("digits").expect("a task").into();
    let mut champion = champion(task.as_ref(), "8");
    let held_out = HeldOutSet::new(task, 1);
    let predictions = held_out.predictions(&mut champion).expect("predictions");
    let counts = predictions.confusion();
    assert_eq!(counts.iter().flatten().sum::<usize>(), predictions.len());
    let right: usize = (0..10).map(|class| counts[class][class]).sum();
    let errors = &predictions.misclassifications;
    assert_eq!(right + errors.len(), predictions.len());
    let score = held_out.score(&mut champion).expect("a score");
    assert!((score.score - right as f64 / predictions.len() as f64).abs() < 1e-12);
    assert!(errors.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
    let svg = play::draw_predictions(&predictions).svg();
    assert!(svg.contains("held-out samples right") && svg.contains("most confident errors"));
    assert!(held_out.play(&mut champion, 0, &mut |_| ()).is_err_and(|error| error.is_input()));
}

/// A champion of a few generations of NEAT, on a task with recurrent connections.
/// The data set of a table, and a champion of random weights.
fn table(text: &str, target: Option<&str>) -> (HeldOutSet, Champion) {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).expect("a new file");
    let read = task::DataFile { target, ..task::DataFile::new(&path) }.read();
    let task: Arc<dyn Task> = Arc::new(read.expect("a good table").data);
    let champion = champion(task.as_ref(), "3");
    (HeldOutSet::new(task, 1), champion)
}

#[test]
fn predictions_of_numbers_are_drawn_in_the_unit_of_each_target() {
    let row = |i: usize| format!("{i},{},{}\n", 1000 + 20 * i, 1e-9 * (30.0 - i as f64));
    let text = "x,far,near\n".to_owned() + &(0..60).map(row).collect::<String>();
    let (held_out, mut champion) = table(&text, Some("far,near"));
    let predictions = held_out.predictions(&mut champion).expect("predictions");
    assert_eq!(
        (predictions.len(), &predictions.target_names[..]),
        (12, &["far".to_owned(), "near".to_owned()][..])
    );
    for pair in predictions.targets.chunks(2) {
        let i = (pair[0] - 1000.0) / 20.0;
        approx::assert_abs_diff_eq!(i, i.round(), epsilon = 1e-3);
        approx::assert_relative_eq!(pair[1], 1e-9 * (30.0 - i.round()), epsilon = 1e-14);
    }
    // The score is the one that the backends compute.
    let score = held_out.score(&mut champion).expect("a score").score;
    let Kind::Data(data) = held_out.task().kind() else { panic!("a data set") };
    let expected = data.evaluate_policy(champion.policy().as_mut(), Split::HeldOut).score;
    approx::assert_relative_eq!(score, expected, max_relative = 1e-9);
    let svg = play::draw_predictions(&predictions).svg();
    for words in ["table, far: R^2", "table, near: R^2", "prediction of near", "2,000", "2e-8"] {
        assert!(svg.contains(words), "{words}");
    }
}

#[test]
fn mistakes_are_drawn_from_the_numbers_of_the_file() {
    // The second feature is constant, and the others have units of their own.
    let row = |i: usize| format!("{},7,{},{}\n", 1_000_000 + i, 0.001 * i as f64, i % 2);
    let text = "a,b,c,kind\n".to_owned() + &(0..60).map(row).collect::<String>();
    let (held_out, mut champion) = table(&text, None);
    let predictions = held_out.predictions(&mut champion).expect("predictions");
    assert!(!predictions.misclassifications.is_empty());
    for mistake in &predictions.misclassifications {
        let [a, b, c] = mistake.features[..] else { panic!("three features") };
        approx::assert_abs_diff_eq!(a, 1_000_000.0 + (a - 1_000_000.0).round(), epsilon = 1e-3);
        approx::assert_abs_diff_eq!(c, 0.001 * (a - 1_000_000.0), epsilon = 1e-6);
        assert_eq!(b, 7.0);
        assert_eq!(mistake.class, (a - 1_000_000.0).round() as usize % 2);
    }
}

fn grown() -> Champion {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let set = [("add-node", "0.6"), ("add-connection", "0.6"), ("recurrent", "0.5")];
    let request = run::Request {
        strategy: Some("neat".into()),
        set: set.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        population: Some(40),
        generations: Some(25),
        until: Some("never".into()),
        backend: Some("cpu".into()),
        ..run::Request::for_task("double-pole-hidden")
    };
    let out = folder.path().join("run");
    let config = request.check().expect("a run").with_folder(&out);
    run::train(&config, &mut ()).expect("a summary");
    Champion::read(&out).expect("a champion")
}

/// The bounding boxes of the texts of a drawing: left, top, right and bottom.
fn boxes(scene: &Scene) -> Vec<(String, [f64; 4])> {
    let words = scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Text { text, .. } => {
            let alone = Scene { size: scene.size, shapes: vec![shape.clone()] };
            Some((text.clone(), alone.bounds()))
        }
        _ => None,
    });
    words.collect()
}

#[test]
fn a_network_is_drawn_with_every_node_and_no_text_overlaps_or_leaves_the_picture() {
    let mut champions = vec![grown()];
    for (task, spec) in [("cartpole", "16-16"), ("xor", "4:sigmoid"), ("digits", "24"), ("xor", "")]
    {
        let task = task::by_name(task).expect("a task");
        champions.push(champion(task.as_ref(), spec));
    }
    let pendulum = task::by_name("pendulum").expect("a task");
    champions.push(champion(pendulum.as_ref(), "5:elman-3"));
    for champion in &champions {
        let shape = champion.shape();
        let diagram = champion.diagram().expect("a diagram");
        let scene = play::draw_network(champion).expect("a drawing");
        let words = boxes(&scene);
        for node in &diagram.nodes {
            for word in [&node.name, &node.function] {
                let said = words.iter().any(|(text, _)| text == word);
                // Matrices with small cells have the number of their rows instead of names.
                let layers = champion.layers();
                let is_matrix = layers.is_some_and(|(network, _)| network.parameters() > 64);
                assert!(is_matrix || word.is_empty() || said, "{shape}: '{word}' is not written");
            }
        }
        let [width, height] = scene.size.map(f64::from);
        let [left, top, right, bottom] = scene.bounds();
        assert!(left >= 0.0 && top >= 0.0 && right <= width && bottom <= height, "{shape}");
        for (index, (word, a)) in words.iter().enumerate() {
            for (other, b) in &words[..index] {
                let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                assert!(apart, "{shape}: '{word}' stands on '{other}'");
            }
        }
        let svg = scene.svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{shape}");
        let recurrent = diagram.edges.iter().any(|edge| edge.recurrent);
        assert_eq!(svg.contains(" of the step before"), recurrent, "{shape}");
    }
}

#[test]
fn connections_have_the_colour_of_their_sign_and_the_width_of_their_size() {
    let xor = task::by_name("xor").expect("a task");
    let network = Network::parse("", 2, 1, Activation::Tanh).expect("a spec");
    let origin = Origin { task: "xor".into(), strategy: "ga".into(), generation: 1, seed: 3 };
    let champion = Champion::new(origin, xor.as_ref(), network, vec![-2.0, 1.0, 0.25]);
    let scene = play::draw_network(&champion).expect("a drawing");
    let lines = scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Line { points, width, colour } if points.len() > 5 => Some((*width, *colour)),
        _ => None,
    });
    let lines: Vec<(f64, Colour)> = lines.collect();
    // The weaker connection is drawn first, thinner and paler.
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], (5.0, Colour::VERMILION));
    assert!((lines[0].0 - 3.0).abs() < 1e-9, "{lines:?}");
    assert_eq!(lines[0].1, Colour::BLUE.mix(Colour::PAPER, 0.3));
}

/// Layers with many weights are matrices: a cell for each weight and bias, coloured by its sign and
/// its share of the largest one.
#[test]
fn layers_are_drawn_as_matrices_on_one_scale() {
    let cartpole = task::by_name("cartpole").expect("a task");
    let network = Network::parse("10", 4, 2, Activation::Tanh).expect("a spec");
    let mut genome = vec![0.0; network.parameters()];
    // A weight of the first layer, and the bias of the second output.
    (genome[3 * 10 + 7], genome[71]) = (-2.0, 1.0);
    let origin = Origin { task: "cartpole".into(), strategy: "ga".into(), generation: 1, seed: 3 };
    let champion = Champion::new(origin, cartpole.as_ref(), network, genome);
    let scene = play::draw_network(&champion).expect("a drawing");
    let cells = |wanted: Colour| {
        let areas = scene.shapes.iter().filter_map(|shape| match shape {
            // The steps of the scale are lower than cells.
            Shape::Area { points, colour, .. } if points[2][1] - points[0][1] > 12.5 => {
                Some(*colour)
            }
            _ => None,
        });
        areas.filter(|colour| *colour == wanted).count()
    };
    assert_eq!(cells(Colour::VERMILION), 1);
    assert_eq!(cells(Colour::PAPER.mix(Colour::BLUE, 0.5)), 1);
    assert_eq!(cells(Colour::PAPER), 72 - 2);
    let words: Vec<String> = boxes(&scene).into_iter().map(|(text, _)| text).collect();
    for word in
        ["inputs to layer 1", "layer 1 to outputs", "angle", "left", "bias", "-2.00", "+2.00"]
    {
        assert!(words.iter().any(|text| text == word), "'{word}' is not in {words:?}");
    }
}

/// Networks of any size and kind can be drawn; a matrix has a limited number of cells.
#[test]
fn large_layers_and_gates_are_drawn() {
    let digits = task::by_name("digits").expect("a task");
    let scene = play::draw_network(&champion(digits.as_ref(), "300-120")).expect("a drawing");
    assert!(scene.shapes.len() < 3 * 48 * 49 + 200, "{}", scene.shapes.len());
    assert!(scene.svg().contains("a cell of several shows the one farthest from zero"));
    let pendulum = task::by_name("pendulum").expect("a task");
    let gated = play::draw_network(&champion(pendulum.as_ref(), "4-3:gru")).expect("a drawing");
    let svg = gated.svg();
    for words in
        ["layer 1 to layer 2, reset gate", "layer 2 of the step before to layer 2, candidate"]
    {
        assert!(svg.contains(words), "{words}");
    }
}
