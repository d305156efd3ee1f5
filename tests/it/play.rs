//! Plays: the same episodes as the run's, and pictures of what happened in them.

use std::sync::Arc;

use deme::backend::{Episodes, Purpose};
use deme::champion::{Champion, Origin};
use deme::network::{Activation, Initial, Network};
use deme::play::{self, Interval, Stage, raster, strip};
use deme::random::Place;
use deme::run;
use deme::task::{self, Kind, Span, Task};

fn champion(task: &dyn Task, spec: &str) -> Champion {
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a spec");
    let genome = network.initial(Initial::Normal(0.7), 11);
    let (task_name, strategy) = (task.about().name.to_string(), "ga".into());
    let origin = Origin { task: task_name, strategy, generation: 1, seed: 3 };
    Champion::new(origin, task, network, genome)
}

fn stage(name: &str) -> (Stage, Champion) {
    let task: Arc<dyn Task> = task::named(name).expect("a task").into();
    let champion = champion(task.as_ref(), if name == "xor" { "4" } else { "5:gru" });
    (Stage::new(task, 3).with_step_limit(300), champion)
}

fn control_tasks() -> impl Iterator<Item = &'static str> {
    task::names().filter(|name| task::named(name).expect("a task").step_limit() > 0)
}

#[test]
fn a_play_is_the_rollout_of_the_reference_to_the_bit() {
    for name in control_tasks() {
        let (stage, mut champion) = stage(name);
        let Kind::Control(simulation) = stage.task().kind() else { panic!("{name}") };
        let (network, genome) = champion.layers().unwrap();
        let network = network.clone();
        let genome: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        for index in [0, 7] {
            let mut steps = 0;
            let played = stage.play(&mut champion, index, &mut |_| steps += 1).expect("a play");
            let first = Episodes::new(3, Purpose::HeldOut, 0, 1).first();
            let place = Place { individual: index, ..first };
            let span = Span::Episode(stage.step_limit());
            let rolled = simulation.rollout(&network, &genome, place, span, None);
            assert_eq!((played, steps), (rolled.reward, rolled.steps), "{name} {index}");
        }
    }
}

#[test]
fn a_score_is_the_mean_of_its_episodes_within_its_interval() {
    let (stage, mut champion) = stage("cartpole");
    let score = stage.score(&mut champion).expect("a score");
    let returns: Vec<f64> = (0..100)
        .map(|index| stage.play(&mut champion, index, &mut |_| ()).expect("a play"))
        .collect();
    assert!((score.score - returns.iter().sum::<f64>() / 100.0).abs() < 1e-9);
    let interval = score.interval.expect("enough episodes");
    assert!(interval.low < score.score && score.score < interval.high);
    assert!(score.least.expect("a return") <= interval.low);
    assert!(score.largest.expect("a return") >= interval.high);
    let few = stage.with_episodes(3).score(&mut champion).expect("a score");
    assert_eq!((few.interval, few.episodes), (None, 3));
}

#[test]
fn intervals_are_those_of_the_books() {
    // Wilson's of 8 in 10 at 95%: 0.4902 to 0.9433.
    let wilson = Interval::of_share(8, 10).expect("trials");
    assert!((wilson.low - 0.490_16).abs() < 5e-5 && (wilson.high - 0.943_32).abs() < 5e-5);
    let all = Interval::of_share(10, 10).expect("trials");
    assert!((all.high - 1.0).abs() < 1e-12 && (all.low - 0.722_47).abs() < 5e-5);
    assert_eq!(Interval::of_share(0, 0), None);
    let same = Interval::of_mean(&[4.0; 12]).expect("values");
    assert_eq!((same.low, same.high), (4.0, 4.0));
    // Of many normal values the bootstrap's is near the mean +- 1.96 deviations / sqrt(count).
    let values: Vec<f64> = (0..400).map(|k| f64::from(k % 20) - 9.5).collect();
    let interval = Interval::of_mean(&values).expect("values");
    let reach = 1.96 * (399.0f64 / 12.0).sqrt() / 20.0;
    assert!((interval.high - reach).abs() < 0.03 && (interval.low + reach).abs() < 0.03);
}

#[test]
fn a_trace_has_every_step_and_can_be_followed() {
    let (stage, mut champion) = stage("pendulum");
    let stage = stage.with_episodes(2);
    let mut text = Vec::new();
    play::trace(&stage, &mut champion, &mut text).expect("a trace");
    let mut lines = csv::Reader::from_reader(&text[..]);
    let header: Vec<String> =
        lines.headers().expect("a header").iter().map(str::to_owned).collect();
    let expected = "episode,step,observation_0,observation_1,observation_2,action_0,reward,\
                    terminated,truncated";
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
fn an_animation_runs_at_the_speed_of_the_task() {
    for name in control_tasks() {
        let (stage, mut champion) = stage(name);
        let stage = stage.with_step_limit(50);
        let mut steps = 0;
        stage.play(&mut champion, 0, &mut |moment| steps = moment.step + 1).expect("a play");
        let mut bytes = Vec::new();
        play::gif(&stage, &mut champion, 0, &mut bytes).expect("an animation");
        let mut decoder = gif::DecodeOptions::new().read_info(&bytes[..]).expect("a GIF");
        assert_eq!((decoder.width(), decoder.height()), (480, 300));
        let mut delays = Vec::new();
        while let Some(frame) = decoder.read_next_frame().expect("a frame") {
            delays.push(frame.delay);
        }
        let step_seconds = stage.picture().expect("a picture").step_seconds;
        let shown: u32 = delays[..delays.len() - 1].iter().copied().map(u32::from).sum();
        let expected = (100.0 * f64::from(steps) * step_seconds).round() as u32;
        assert_eq!(shown, expected, "{name}: {delays:?}");
        // All but the last picture, which ends the episode, are shown long enough.
        assert!(delays[..delays.len() - 2].iter().all(|&delay| delay >= 3), "{name}: {delays:?}");
    }
}

#[test]
fn pictures_are_drawn_and_strips_tell_their_moments() {
    for name in control_tasks() {
        let (stage, mut champion) = stage(name);
        let scene = strip(&stage, &mut champion, 0).expect("a strip");
        let svg = scene.svg();
        assert!(svg.contains(">0.00 s<") && svg.contains(">step 0<"), "{name}");
        assert_eq!(svg.matches(&format!(">{name}<")).count(), 6, "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        let pixels = raster(&scene);
        let paper = pixels.colours[0];
        let drawn = pixels.colours.iter().filter(|colour| **colour != paper).count();
        let share = drawn as f64 / pixels.colours.len() as f64;
        assert!((0.005..0.6).contains(&share), "{name}: {share}");
    }
}

#[test]
fn digits_are_counted_and_the_surest_mistakes_come_first() {
    let task: Arc<dyn Task> = task::named("digits").expect("a task").into();
    let mut champion = champion(task.as_ref(), "8");
    let stage = Stage::new(task, 1);
    let answers = stage.answers(&mut champion).expect("answers");
    let counts = answers.confusion();
    assert_eq!(counts.iter().flatten().sum::<usize>(), answers.len());
    let right: usize = (0..10).map(|class| counts[class][class]).sum();
    assert_eq!(right + answers.mistakes.len(), answers.len());
    let score = stage.score(&mut champion).expect("a score");
    assert!((score.score - right as f64 / answers.len() as f64).abs() < 1e-12);
    assert!(answers.mistakes.windows(2).all(|pair| pair[0].share >= pair[1].share));
    let svg = play::matrix(&answers).svg();
    assert!(svg.contains("held-out samples right") && svg.contains("surest mistakes"));
    assert!(stage.play(&mut champion, 0, &mut |_| ()).is_err_and(|error| error.is_input()));
}

/// A champion that a few generations have grown, on a task whose steps have an order.
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
        ..run::Request::of("double-pole-hidden")
    };
    let out = folder.path().join("run");
    let config = request.check().expect("a run").into_folder(&out);
    run::train(&config, &mut ()).expect("a summary");
    Champion::read(&out).expect("a champion")
}

/// Where the words of a drawing stand: left, upper, right and lower end of each.
fn boxes(scene: &play::Scene) -> Vec<(String, [f64; 4])> {
    let words = scene.shapes.iter().filter_map(|shape| match shape {
        play::Shape::Text { text, .. } => {
            let alone = play::Scene { size: scene.size, shapes: vec![shape.clone()] };
            Some((text.clone(), alone.bounds()))
        }
        _ => None,
    });
    words.collect()
}

#[test]
fn a_network_is_drawn_with_every_node_and_no_word_on_another_or_outside() {
    let mut champions = vec![grown()];
    for (task, spec) in [("cartpole", "16-16"), ("xor", "4:sigmoid"), ("digits", "24"), ("xor", "")]
    {
        let task = task::named(task).expect("a task");
        champions.push(champion(task.as_ref(), spec));
    }
    let pendulum = task::named("pendulum").expect("a task");
    champions.push(champion(pendulum.as_ref(), "5:elman-3"));
    for champion in &champions {
        let shape = champion.shape();
        let wiring = champion.wiring().expect("a wiring");
        let scene = play::network(champion).expect("a drawing");
        let words = boxes(&scene);
        for node in &wiring.nodes {
            for word in [&node.name, &node.function] {
                let said = words.iter().any(|(text, _)| text == word);
                assert!(word.is_empty() || said, "{shape}: '{word}' is not written");
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
        let recurrent = wiring.wires.iter().any(|wire| wire.recurrent);
        assert_eq!(svg.contains("brings what was given a step before"), recurrent, "{shape}");
    }
}

#[test]
fn wires_have_the_colour_of_their_sign_and_the_width_of_their_size() {
    let xor = task::named("xor").expect("a task");
    let network = Network::parse("", 2, 1, Activation::Tanh).expect("a spec");
    let origin = Origin { task: "xor".into(), strategy: "ga".into(), generation: 1, seed: 3 };
    let champion = Champion::new(origin, xor.as_ref(), network, vec![-2.0, 1.0, 0.25]);
    let scene = play::network(&champion).expect("a drawing");
    let lines = scene.shapes.iter().filter_map(|shape| match shape {
        play::Shape::Line { points, width, colour } if points.len() > 5 => Some((*width, *colour)),
        _ => None,
    });
    let lines: Vec<(f64, play::Colour)> = lines.collect();
    // The weaker one is drawn first, half as far from the thinnest, and paler.
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], (5.0, play::Colour::VERMILION));
    assert!((lines[0].0 - 3.0).abs() < 1e-9, "{lines:?}");
    assert_eq!(lines[0].1, play::Colour::BLUE.mix(play::Colour::PAPER, 0.3));
}

#[test]
fn a_network_that_cannot_be_read_is_refused_with_what_to_do() {
    let digits = task::named("digits").expect("a task");
    let large = play::network(&champion(digits.as_ref(), "120")).expect_err("120 in a column");
    assert!(large.to_string().contains("got 120 and 8880") && large.to_string().contains("--dot"));
    let pendulum = task::named("pendulum").expect("a task");
    let gated = play::network(&champion(pendulum.as_ref(), "4-3:gru")).expect_err("gates");
    assert!(gated.to_string().contains("layer 2 has gates"), "{gated}");
}

#[test]
fn dashes_are_as_long_as_they_are_said_to_be() {
    let mut scene = play::Scene::new([100, 20]);
    let points = [[0.0, 0.0], [4.0, 0.0], [4.0, 30.0]];
    scene.dashes(&points, 1.0, play::Colour::INK, [6.0, 5.0]);
    let length = |points: &[[f64; 2]]| -> f64 {
        points.windows(2).map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1])).sum()
    };
    let lengths: Vec<f64> = scene
        .shapes
        .iter()
        .map(|shape| match shape {
            play::Shape::Line { points, .. } => length(points),
            other => panic!("a dash is a line, and not {other:?}"),
        })
        .collect();
    // 6 and 5 by turns of 34 pixels: three whole strokes, and what is left of the fourth.
    assert_eq!(lengths, [6.0, 6.0, 6.0, 1.0]);
}
