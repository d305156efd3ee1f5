//! Lane rollouts: a lane's result depends only on its work item, whatever its neighbours do.

use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};
use deme::task::{self, Assignment, Kind, Outcome, Simulation, Span};

const FIRST: Counter = Counter { seed: 6, stream: Stream::Training, generation: 2, individual: 10 };

/// Spans that end by termination, by a limit, after one step, and after exact steps.
const SPANS: [Span; 7] = [
    Span::Episode(60),
    Span::Episode(1),
    Span::Episode(500),
    Span::Steps { count: 60, limit: 500 },
    Span::Steps { count: 97, limit: 13 },
    Span::Steps { count: 1, limit: 1 },
    Span::Steps { count: 20, limit: 1 },
];

/// Runs a check on every control task in Rust. Worlds have rollouts of their own.
fn each(check: impl Fn(&Stage<'_>)) {
    let mut count = 0;
    for task in task::all() {
        if let Kind::Control(simulation) = task.kind()
            && !simulation.is_world()
        {
            let shape = simulation.shape();
            let (inputs, outputs) = (shape.observations, shape.actions.outputs());
            // Single outputs, tiles of eight, four, two and one, and recurrent layers.
            for spec in ["3", "15:relu-9", "3:gru-2:elman"] {
                let network = Network::parse(spec, inputs, outputs, Activation::Tanh);
                let name = task.about().name.to_string();
                check(&Stage { name, simulation, network: network.expect("a good spec") });
            }
            count += 1;
        }
    }
    assert_eq!(count, 11, "control tasks");
}

/// A control task, and the network that plays on it.
struct Stage<'a> {
    name: String,
    simulation: &'a dyn Simulation,
    network: Network,
}

impl Stage<'_> {
    /// Individuals that end at different times.
    fn genome(&self, individual: usize) -> Vec<f32> {
        let weight = |gene: usize| ((gene * 7 + individual * 31) as f32).sin();
        (0..self.network.parameters()).map(weight).collect()
    }

    /// The outcomes of `count` individuals, with `episodes` of each.
    fn individuals(&self, from: usize, count: usize, episodes: u32, span: Span) -> Vec<Outcome> {
        let write = |item: usize, genome: &mut [f32]| {
            assert!(item < count, "there are {count} work items");
            genome.copy_from_slice(&self.genome(from + item));
        };
        // Previous contents must be overwritten.
        let mut outcomes =
            vec![Outcome { reward: f64::NAN, steps: u64::MAX, behaviour: [f64::NAN; 4] }; count];
        let assignment = Assignment::Individuals { genome: &write, episodes };
        self.simulation.rollout_lanes(&self.network, assignment, FIRST, span, &mut outcomes, None);
        outcomes
    }

    /// The outcomes of the episodes of one individual, side by side.
    fn side_by_side(&self, individual: usize, from: u32, count: usize, span: Span) -> Vec<Outcome> {
        let genome = self.genome(individual);
        let mut outcomes =
            vec![Outcome { reward: f64::NAN, steps: u64::MAX, behaviour: [f64::NAN; 4] }; count];
        let first = Counter { individual: FIRST.individual + from, ..FIRST };
        let assignment = Assignment::Episodes(&genome);
        self.simulation.rollout_lanes(&self.network, assignment, first, span, &mut outcomes, None);
        outcomes
    }

    /// One episode in double precision.
    fn alone(&self, individual: usize, episode: u32, span: Span) -> Outcome {
        let genome: Vec<f64> = self.genome(individual).into_iter().map(f64::from).collect();
        let first = Counter { individual: FIRST.individual + episode, ..FIRST };
        self.simulation.rollout(&self.network, &genome, first, span, None)
    }
}

/// Outcomes whose rewards have the same bits compare equal.
fn bits(outcomes: &[Outcome]) -> Vec<(u64, u64)> {
    outcomes.iter().map(|outcome| (outcome.reward.to_bits(), outcome.steps)).collect()
}

#[test]
fn an_individual_has_the_same_outcome_alone_and_in_any_batch() {
    const INDIVIDUALS: usize = 50;
    each(|stage| {
        for span in SPANS {
            for episodes in [1, 3] {
                let alone: Vec<Outcome> = (0..INDIVIDUALS)
                    .flat_map(|i| stage.individuals(i, 1, episodes, span))
                    .collect();
                for batch in [2, 15, 16, 17, 31, 33, INDIVIDUALS] {
                    let batches = (0..INDIVIDUALS).step_by(batch).flat_map(|from| {
                        stage.individuals(from, batch.min(INDIVIDUALS - from), episodes, span)
                    });
                    let found = bits(&batches.collect::<Vec<_>>());
                    let what = format!("{}, {span:?}, {episodes}, batches of {batch}", stage.name);
                    assert_eq!(found, bits(&alone), "{what}");
                }
            }
        }
    });
}

#[test]
fn episodes_side_by_side_equal_episodes_in_order() {
    each(|stage| {
        for span in SPANS {
            for individual in [0, 5] {
                for count in [1, 16, 37] {
                    let found = stage.side_by_side(individual, 0, count, span);
                    let one = |e: usize| stage.side_by_side(individual, e as u32, 1, span);
                    let expected: Vec<Outcome> = (0..count).flat_map(one).collect();
                    let what = format!("{}, {span:?}, {count} episodes", stage.name);
                    assert_eq!(bits(&found), bits(&expected), "{what}");
                    // An individual that plays them one after another adds them in order.
                    let mut sum = Outcome::default();
                    for outcome in &found {
                        sum.reward += outcome.reward;
                        sum.steps += outcome.steps;
                    }
                    let in_order = stage.individuals(individual, 1, count as u32, span);
                    assert_eq!(bits(&in_order), bits(&[sum]), "{what}");
                }
            }
        }
    });
}

#[test]
fn exact_steps_are_counted_exactly_and_limits_kept() {
    each(|stage| {
        for (individuals, episodes) in [(1, 1), (16, 2), (40, 3)] {
            for (count, limit) in [(1, 1), (2, 1), (97, 13), (97, 97), (97, 500)] {
                let span = Span::Steps { count, limit };
                for outcome in stage.individuals(0, individuals, episodes, span) {
                    assert_eq!(outcome.steps, u64::from(count * episodes), "{}", stage.name);
                }
            }
            for limit in [1, 2, 9] {
                for outcome in stage.individuals(0, individuals, episodes, Span::Episode(limit)) {
                    assert!(outcome.steps <= u64::from(limit * episodes), "{}", stage.name);
                    assert!(outcome.steps >= u64::from(episodes), "{}", stage.name);
                }
            }
        }
    });
}

#[test]
fn no_work_items_have_no_outcomes() {
    each(|stage| {
        for span in SPANS {
            assert!(stage.individuals(0, 0, 3, span).is_empty());
            assert!(stage.side_by_side(0, 0, 0, span).is_empty());
        }
    });
}

#[test]
fn a_restart_begins_the_next_episode_however_many_there_are() {
    each(|stage| {
        // More starts than fill sixteen lanes twice, each for one step.
        let spans = [Span::Steps { count: 40, limit: 1 }, Span::Steps { count: 81, limit: 2 }];
        for span in spans {
            let Span::Steps { count, limit } = span else { unreachable!("see above") };
            let mut sum = Outcome::default();
            for episode in 0..count.div_ceil(limit) {
                let steps = limit.min(count - episode * limit);
                let one = stage.side_by_side(3, episode, 1, Span::Episode(steps))[0];
                assert_eq!(one.steps, u64::from(steps), "nothing is over so soon");
                sum.reward += one.reward;
                sum.steps += one.steps;
            }
            assert_eq!(bits(&stage.individuals(3, 1, 1, span)), bits(&[sum]), "{}", stage.name);
            assert_eq!(sum.steps, u64::from(count));
        }
    });
}

#[test]
fn episode_numbers_wrap_around() {
    const LAST: Counter = Counter { individual: u32::MAX - 2, ..FIRST };
    each(|stage| {
        let genome = stage.genome(2);
        let (count, span) = (20, Span::Episode(7));
        let mut found = vec![Outcome::default(); count];
        let assignment = Assignment::Episodes(&genome);
        stage.simulation.rollout_lanes(&stage.network, assignment, LAST, span, &mut found, None);
        for (episode, found) in found.iter().enumerate() {
            let individual = LAST.individual.wrapping_add(episode as u32);
            let (first, mut alone) = (Counter { individual, ..LAST }, [Outcome::default()]);
            stage.simulation.rollout_lanes(
                &stage.network,
                assignment,
                first,
                span,
                &mut alone,
                None,
            );
            assert_eq!(bits(&[*found]), bits(&alone), "{}, episode {episode}", stage.name);
        }
        // The rewards of pendulum depend on the state, so its starts can be distinguished.
        let same = found.iter().filter(|outcome| **outcome == found[0]).count();
        assert!(stage.name != "pendulum" || same == 1, "{same} episodes are the same");
    });
}

/// Lanes that end at different times agree with double precision.
#[test]
fn poles_fall_when_they_do_in_double_precision() {
    each(|stage| {
        if stage.name != "cartpole" {
            return;
        }
        for span in [Span::Episode(60), Span::Steps { count: 60, limit: 500 }] {
            let found = stage.individuals(0, 50, 1, span);
            for (individual, found) in found.iter().enumerate() {
                let expected = stage.alone(individual, 0, span);
                assert_eq!(*found, expected, "{span:?}, individual {individual}");
            }
            let mut steps: Vec<u64> = found.iter().map(|outcome| outcome.steps).collect();
            steps.dedup();
            assert_eq!(steps.len() > 1, matches!(span, Span::Episode(_)), "{steps:?}");
        }
        let span = Span::Episode(100);
        for (episode, found) in stage.side_by_side(1, 0, 40, span).iter().enumerate() {
            assert_eq!(*found, stage.alone(1, episode as u32, span), "episode {episode}");
        }
    });
}

#[test]
fn short_rollouts_agree_with_double_precision() {
    /// The rounding error over a few steps, relative to the return or to 1.
    const AGREEING: f64 = 1e-4;
    const INDIVIDUALS: usize = 40;
    each(|stage| {
        for span in [Span::Episode(12), Span::Steps { count: 12, limit: 5 }] {
            let found = stage.individuals(0, INDIVIDUALS, 1, span);
            let expected: Vec<Outcome> =
                (0..INDIVIDUALS).map(|i| stage.alone(i, 0, span)).collect();
            let (mut agreeing, mut differing) = (0, 0);
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.steps, expected.steps, "{}", stage.name);
                let error = (found.reward - expected.reward).abs();
                let agrees = error <= AGREEING * expected.reward.abs().max(1.0);
                agreeing += usize::from(agrees);
                differing += usize::from(!agrees);
            }
            // A policy near a decision boundary may choose another action.
            assert!(differing <= 1 && agreeing + differing == INDIVIDUALS, "{}", stage.name);
        }
    });
}
