//! Episodes of worlds whose loops do not always end: the same in lanes and in double precision.

use std::path::Path;

use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};
use deme::task::{Assignment, Outcome, Simulation, Span, World};

const FIRST: Counter = Counter { seed: 3, stream: Stream::Training, generation: 0, individual: 0 };

/// A world in which a start below a half never leaves the loop of a function.
fn world(endless: &str) -> World {
    let text = "//! summary = \"s\"\n//! state = 1\n//! draws = 1\n//! step-limit = 9\n\
         //! [[observations]]\n//! name = \"o\"\n//! [[actions]]\n//! name = \"a\"\n\
         fn endless(x: f32) -> f32 { var y = x; while (y < 0.5) { y *= 0.5; } return y; }\n\
         fn task_start(draws: Draws) -> State { return State(draws[0]); }\n\
         fn task_observe(state: State) -> Observation { return Observation(state[0]); }\n\
         fn task_step(state: State, action: Action) -> Step { return Step(state, 1.0); }\n\
         fn task_terminated(state: State) -> bool { return state[0] < 0.0; }\n";
    let (plain, with_loop) = match endless {
        "task_step" => ("Step(state, 1.0)", "Step(state, 0.0 * endless(state[0]) + 1.0)"),
        "task_observe" => ("Observation(state[0])", "Observation(endless(state[0]))"),
        _ => ("return state[0] < 0.0", "return endless(state[0]) < 0.0"),
    };
    let text = text.replace(plain, with_loop);
    World::parse(&text, Path::new("endless.wgsl"), &[]).expect("a world")
}

#[test]
fn an_individual_whose_loops_do_not_end_fails_alone_and_on_every_path() {
    for endless in ["task_step", "task_observe", "task_terminated"] {
        let world = world(endless);
        let network = Network::parse("1", 1, 1, Activation::Tanh).expect("a network");
        let genome = vec![0.5; network.parameters()];
        let wide = vec![0.5; network.parameters()];
        let span = Span::Episode(9);
        let play = |from: u32, count: usize| {
            let mut outcomes = vec![Outcome::default(); count];
            let first = Counter { individual: from, ..FIRST };
            let episodes = Assignment::Episodes(&genome);
            world.rollout_lanes(&network, episodes, first, span, &mut outcomes, None);
            outcomes
        };
        let together = play(0, 40);
        let mut failed = 0;
        for (episode, outcome) in together.iter().enumerate() {
            let from = episode as u32;
            let alone = play(from, 1)[0];
            let counter = Counter { individual: from, ..FIRST };
            let reference = world.rollout(&network, &wide, counter, span, None);
            for other in [alone, reference] {
                assert_eq!(other.steps, outcome.steps, "{endless}, episode {episode}");
                let is_same = other.reward == outcome.reward
                    || other.reward.is_nan() && outcome.reward.is_nan();
                assert!(is_same, "{endless}, episode {episode}: {other:?}, not {outcome:?}");
            }
            match outcome.reward.is_nan() {
                // A start without an end goes on in NaN; a step without one ends its episode.
                true if endless == "task_observe" => assert_eq!(outcome.steps, 9),
                true => assert_eq!(outcome.steps, 1, "a failure ends its episode"),
                false => assert_eq!((outcome.reward, outcome.steps), (9.0, 9)),
            }
            failed += usize::from(outcome.reward.is_nan());
        }
        assert!((5..35).contains(&failed), "{failed} of 40");
    }
}
